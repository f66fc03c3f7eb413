#include "bq76952/crc8.h"

namespace bq76952 {

namespace {
constexpr unsigned kPolynomial = 0x07;
}

uint8_t crc8(const uint8_t* bytes, size_t count, uint8_t crc) {
  unsigned remainder = crc;
  for (size_t i = 0; i < count; ++i) {
    remainder ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) {
      const bool carry = (remainder & 0x80U) != 0;
      remainder = (remainder << 1U) & 0xFFU;
      if (carry) remainder ^= kPolynomial;
    }
  }
  return static_cast<uint8_t>(remainder);
}

}  // namespace bq76952
