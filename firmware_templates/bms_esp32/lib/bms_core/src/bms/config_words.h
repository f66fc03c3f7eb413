// A configuration seen as its words: by number in schema order, or by field.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/pack_config.h"

namespace bms {

inline int32_t config_word(const PackConfig& config, size_t word) {
  int32_t value = 0;
  __builtin_memcpy(&value, reinterpret_cast<const uint8_t*>(&config) + word * sizeof value,
                   sizeof value);
  return value;
}

inline void set_config_word(PackConfig& config, size_t word, int32_t value) {
  __builtin_memcpy(reinterpret_cast<uint8_t*>(&config) + word * sizeof value, &value, sizeof value);
}

// The first value of a field, which is all of it unless it is a table.
inline int32_t field_value(const PackConfig& config, FieldId field) {
  return config_word(config, kFields[static_cast<size_t>(field)].word);
}

}  // namespace bms
