// The data memory of the BQ76952 model: bytes with their power-on defaults.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sim {

class Bq76952Memory {
 public:
  Bq76952Memory() { reset(); }

  void reset();  // power-on defaults
  static bool holds(uint16_t address, size_t count);

  void read(uint16_t address, uint8_t* bytes, size_t count) const;
  void write(uint16_t address, const uint8_t* bytes, size_t count);

  uint32_t u1(uint16_t address) const { return value(address, 1); }
  uint32_t u2(uint16_t address) const { return value(address, 2); }
  int32_t i1(uint16_t address) const { return static_cast<int8_t>(u1(address)); }
  int32_t i2(uint16_t address) const { return static_cast<int16_t>(u2(address)); }
  float f4(uint16_t address) const;

 private:
  static constexpr uint16_t kBegin = 0x9180;
  static constexpr uint16_t kEnd = 0x9400;

  uint32_t value(uint16_t address, size_t size) const;

  std::array<uint8_t, kEnd - kBegin> bytes_ = {};
};

}  // namespace sim
