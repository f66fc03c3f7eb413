// Whether the switches do what they were told: welded, or not closed.
#pragma once

#include <stdint.h>

#include "bms/board.h"
#include "bms/diagnoses.h"
#include "bms/front_end.h"
#include "bms/measure.h"
#include "bms/pack_config.h"

namespace bms {

class SwitchCheck {
 public:
  // `closed` is what was asked for while the reading was taken. While the precharge resistor is
  // switched in, current flows past an open switch, so nothing is said.
  Finding find_welded(const Sample& sample, const SwitchRequest& closed, const Inputs& inputs,
                      bool is_precharging, const PackConfig& config);

 private:
  // The voltage behind an open switch stays near the pack's for long: a capacitor keeps it, a
  // charger gives it. It is a weld only if it goes along when the stack moves.
  bool is_following(const FrontEndReading& reading, const PackConfig& config);

  bool has_mark_ = false;
  int32_t stack_mark_mv_ = 0;
  int32_t pack_mark_mv_ = 0;
};

// A path that was asked for, that the front end has not tripped, and that does not carry: the front
// end shows it open, or pack and load differ.
Finding find_not_closed(const FrontEndReading& reading, const SwitchRequest& closed,
                        const PackConfig& config);

}  // namespace bms
