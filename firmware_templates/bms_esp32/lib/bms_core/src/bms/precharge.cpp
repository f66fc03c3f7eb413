#include "bms/precharge.h"

#include "bms/clock.h"

namespace bms {

void Precharge::begin(uint32_t now_ms) {
  since_ms_ = now_ms;
  tries_ = 1;
  is_on_ = true;
}

PrechargeStep Precharge::step(uint32_t now_ms, bool has_difference, int32_t difference_mv,
                              const PackConfig& config) {
  const uint32_t spent_ms = elapsed_ms(now_ms, since_ms_);
  if (!is_on_) {
    if (spent_ms >= static_cast<uint32_t>(config.precharge_pause_ms)) {
      since_ms_ = now_ms;
      ++tries_;
      is_on_ = true;
    }
    return PrechargeStep::kGoingOn;
  }
  if (has_difference && difference_mv < config.precharge_done_mv) {
    is_on_ = false;
    return PrechargeStep::kDone;
  }
  if (spent_ms < static_cast<uint32_t>(config.precharge_timeout_ms)) {
    return PrechargeStep::kGoingOn;
  }
  is_on_ = false;
  since_ms_ = now_ms;
  return tries_ < config.precharge_attempts ? PrechargeStep::kGoingOn : PrechargeStep::kFailed;
}

}  // namespace bms
