// What a person sees and hears.
#pragma once

#include <stdint.h>

#include "bms/board.h"
#include "bms/names.h"

namespace bms {

struct Situation {
  State state = State::kUninitialised;
  uint32_t active = 0;
  uint32_t latched = 0;
  uint16_t warnings = 0;
  bool is_silenced = false;
};

// Sets lights and sound only.
void show(const Situation& situation, Outputs& outputs);

}  // namespace bms
