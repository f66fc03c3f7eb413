#include "telemetry/crc16.h"

namespace telemetry {
namespace {

struct Table {
  uint16_t entries[256] = {};

  constexpr Table() {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      uint32_t value = byte << 8U;
      for (int bit = 0; bit < 8; ++bit) {
        value = (value << 1U) ^ ((value & 0x8000U) != 0 ? 0x1021U : 0U);
      }
      entries[byte] = static_cast<uint16_t>(value);
    }
  }
};

constexpr Table kTable;

}  // namespace

uint16_t crc16(const uint8_t* bytes, size_t count) {
  uint32_t crc = 0xFFFF;
  for (size_t i = 0; i < count; ++i) {
    crc = ((crc << 8U) ^ kTable.entries[((crc >> 8U) ^ bytes[i]) & 0xFFU]) & 0xFFFFU;
  }
  return static_cast<uint16_t>(crc);
}

}  // namespace telemetry
