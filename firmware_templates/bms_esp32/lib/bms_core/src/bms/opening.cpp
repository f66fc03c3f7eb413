#include "bms/opening.h"

#include "bms/clock.h"

namespace bms {

void Opening::begin(uint32_t now_ms) {
  is_asking_ = true;
  asked_ms_ = now_ms;
}

bool Opening::may_open(uint32_t now_ms, bool is_urgent, const KnownCurrent& current,
                       const PackConfig& config) {
  if (config.switch_kind == kSwitchKindMosfet || !current.is_known) {
    return true;
  }
  if (is_asking_) {
    const bool is_time_up =
        elapsed_ms(now_ms, asked_ms_) >= static_cast<uint32_t>(config.open_request_ms);
    if (current.magnitude_ma < config.idle_current_ma) {
      return true;
    }
    if (!is_urgent && !is_time_up) {
      return false;
    }
    is_asking_ = false;
    waiting_ms_ = now_ms;
  }
  return current.magnitude_ma <= config.breaking_current_ma ||
         elapsed_ms(now_ms, waiting_ms_) >= static_cast<uint32_t>(config.breaking_wait_ms);
}

}  // namespace bms
