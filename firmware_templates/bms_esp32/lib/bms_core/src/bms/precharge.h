// Charges the load through the resistor until it is as high as the pack, with tries and pauses.
#pragma once

#include <stdint.h>

#include "bms/pack_config.h"

namespace bms {

enum class PrechargeStep : uint8_t { kGoingOn, kDone, kFailed };

class Precharge {
 public:
  void begin(uint32_t now_ms);
  // has_difference is false in a cycle without a valid reading: then only time counts.
  PrechargeStep step(uint32_t now_ms, bool has_difference, int32_t difference_mv,
                     const PackConfig& config);
  void stop() { is_on_ = false; }
  // Whether the resistor is switched in.
  bool is_on() const { return is_on_; }

 private:
  uint32_t since_ms_ = 0;  // of this try or pause
  int32_t tries_ = 0;
  bool is_on_ = false;
};

}  // namespace bms
