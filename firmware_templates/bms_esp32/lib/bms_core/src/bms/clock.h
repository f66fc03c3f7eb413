// Time that wraps: a 32-bit count of milliseconds starts anew after 49.7 days.
#pragma once

#include <stdint.h>

namespace bms {

// Milliseconds from `since` to `now`, right across the wrap for spans below 49.7 days.
constexpr uint32_t elapsed_ms(uint32_t now_ms, uint32_t since_ms) { return now_ms - since_ms; }

// For spans that are added up: stays at its largest instead of starting anew.
constexpr uint32_t add_saturated(uint32_t left, uint32_t right) {
  return right > UINT32_MAX - left ? UINT32_MAX : left + right;
}

class Clock {
 public:
  virtual uint32_t now_ms() = 0;
  // Waits at least this long. For the drivers' settling times, never longer than 20 ms.
  virtual void wait_us(uint32_t us) = 0;

 protected:
  ~Clock() = default;
};

}  // namespace bms
