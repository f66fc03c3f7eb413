// What became of a request.
#pragma once

#include <stdint.h>

#include "bms/names.h"

namespace bms {

struct Answer {
  Result result = Result::kDone;
  uint16_t detail = 0;
};

}  // namespace bms
