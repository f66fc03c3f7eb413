// Noise that follows from a seed, the same on every system.
#pragma once

#include <cstdint>

namespace sim {

class Noise {
 public:
  explicit Noise(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}

  // Near enough to a normal distribution of sigma 1, cut at 3.5: the sum of four even ones.
  double next() {
    // Source: Marsaglia, "Xorshift RNGs", 2003, with the shifts 13, 7, 17.
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    const uint64_t sum = (state_ & 0xFFFFU) + (state_ >> 16U & 0xFFFFU) +
                         (state_ >> 32U & 0xFFFFU) + (state_ >> 48U);
    return (static_cast<double>(sum) / 65536 - 2) * kSigma;
  }

 private:
  static constexpr double kSigma = 1.732;  // sqrt(12 / 4)

  uint64_t state_;
};

}  // namespace sim
