// How often something happened within the last hour, across the wrap of time.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace bms {

class Attempts {
 public:
  static constexpr size_t kCapacity = 20;  // the most that oc_attempts may ask for
  static constexpr uint32_t kWindowMs = 3600000;

  void note(uint32_t now_ms);
  void age(uint32_t now_ms);
  void forget() { count_ = 0; }
  int32_t count() const { return static_cast<int32_t>(count_); }

 private:
  void drop_oldest();

  uint32_t at_ms_[kCapacity] = {};  // oldest first
  size_t count_ = 0;
};

}  // namespace bms
