// Stand-in for Preferences.h of the Arduino core: see Arduino.h beside it.
#pragma once
#include "Arduino.h"

class Preferences {
 public:
  bool begin(const char* /*name*/, bool /*is_read_only*/) { return true; }
  size_t getBytesLength(const char* key) { return stand_in::machine().records[key].size(); }
  size_t getBytes(const char* key, void* bytes, size_t capacity) {
    const auto& record = stand_in::machine().records[key];
    if (record.size() > capacity) return 0;
    memcpy(bytes, record.data(), record.size());
    return record.size();
  }
  size_t putBytes(const char* key, const void* bytes, size_t count) {
    if (count > stand_in::machine().storage_capacity) return 0;
    const auto* first = static_cast<const uint8_t*>(bytes);
    stand_in::machine().records[key].assign(first, first + count);
    return count;
  }
};
