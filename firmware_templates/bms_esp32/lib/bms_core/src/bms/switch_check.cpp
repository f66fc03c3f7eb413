#include "bms/switch_check.h"

namespace bms {
namespace {

// The stack must have moved by so much before following means anything, and the voltage behind the
// switch by the same within this. Both well above the 10 mV steps of the front end's readings.
constexpr int32_t kMovedMv = 200;
constexpr int32_t kAlongMv = 60;

// Charge current past an open charge path, or discharge current past an open discharge path.
bool is_current_flowing(const Sample& sample, const SwitchRequest& closed,
                        const PackConfig& config) {
  const bool is_charging = charge_current_ma(sample) >= config.idle_current_ma;
  const bool is_discharging = discharge_current_ma(sample) >= config.idle_current_ma;
  return (is_charging && !closed.charge) || (is_discharging && !closed.discharge);
}

}  // namespace

Finding SwitchCheck::find_welded(const Sample& sample, const SwitchRequest& closed,
                                 const Inputs& inputs, bool is_precharging,
                                 const PackConfig& config) {
  const bool is_open = !closed.charge && !closed.discharge;
  if (is_precharging || !is_open) {
    has_mark_ = false;
  }
  if (is_precharging) {
    return {false, false, 0, 0, 0};
  }
  bool is_welded = is_current_flowing(sample, closed, config);
  if (is_open) {
    const bool is_carried_along = is_following(sample.reading, config);
    is_welded = is_welded || is_carried_along || inputs.is_contactor_shown_closed;
  }
  return {is_welded, !is_welded, 0, current_magnitude_ma(sample), config.idle_current_ma};
}

bool SwitchCheck::is_following(const FrontEndReading& reading, const PackConfig& config) {
  const int32_t stack_moved_mv = has_mark_ ? reading.stack_mv - stack_mark_mv_ : 0;
  const int32_t pack_moved_mv = has_mark_ ? reading.pack_mv - pack_mark_mv_ : 0;
  const bool has_moved = magnitude(stack_moved_mv) >= kMovedMv;
  const bool is_along = has_moved && magnitude(pack_moved_mv - stack_moved_mv) <= kAlongMv &&
                        load_difference_mv(reading) < config.precharge_done_mv;
  if (!has_mark_ || (has_moved && !is_along)) {
    stack_mark_mv_ = reading.stack_mv;
    pack_mark_mv_ = reading.pack_mv;
    has_mark_ = true;
  }
  return is_along;
}

Finding find_not_closed(const FrontEndReading& reading, const SwitchRequest& closed,
                        const PackConfig& config) {
  const int32_t difference_mv = load_difference_mv(reading);
  const bool is_charge_missing = closed.charge && !reading.is_charge_switch_on;
  const bool is_discharge_missing = closed.discharge && (!reading.is_discharge_switch_on ||
                                                         difference_mv > config.precharge_done_mv);
  const bool is_missing = reading.trips == 0 && (is_charge_missing || is_discharge_missing);
  return {is_missing, !is_missing, 0, difference_mv, config.precharge_done_mv};
}

}  // namespace bms
