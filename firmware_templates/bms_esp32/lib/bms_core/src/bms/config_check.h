// Whether a configuration may be used at all: every value in its range, every rule between fields
// kept, every table rising.
#pragma once

#include <stdint.h>

#include "bms/names.h"
#include "bms/pack_config.h"

namespace bms {

// result is kDone, kOutOfRange (detail is the field) or kRuleBroken (detail is the rule: its place
// in kOrderRules, or kOrderRuleCount and more for the tables in kAscendingFields).
struct ConfigVerdict {
  Result result = Result::kDone;
  uint16_t detail = 0;
};

bool is_in_range(const Field& field, int32_t value);
ConfigVerdict check_config(const PackConfig& config);

}  // namespace bms
