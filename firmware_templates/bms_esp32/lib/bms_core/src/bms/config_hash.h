// The one name of a configuration: equal for equal values on every side that knows the schema.
#pragma once

#include <stdint.h>

#include "bms/pack_config.h"

namespace bms {

// FNV-1a over all words in schema order, each as four bytes, lowest first.
uint64_t config_hash(const PackConfig& config);

}  // namespace bms
