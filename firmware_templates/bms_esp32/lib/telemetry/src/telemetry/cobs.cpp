#include "telemetry/cobs.h"

namespace telemetry {

size_t cobs_encode(const uint8_t* bytes, size_t count, uint8_t* encoded) {
  size_t code_at = 0;  // where the length of the current block will stand
  size_t size = 1;
  uint8_t code = 1;
  for (size_t i = 0; i < count; ++i) {
    if (bytes[i] != 0) {
      encoded[size++] = bytes[i];
      ++code;
    }
    const bool is_block_full = code == 0xFF && i + 1 < count;
    if (bytes[i] == 0 || is_block_full) {
      encoded[code_at] = code;
      code_at = size++;
      code = 1;
    }
  }
  encoded[code_at] = code;
  return size;
}

bool cobs_decode(const uint8_t* encoded, size_t count, uint8_t* bytes, size_t capacity,
                 size_t& decoded) {
  decoded = 0;
  size_t at = 0;
  while (at < count) {
    const uint8_t code = encoded[at++];
    if (code == 0 || at + code - 1 > count) return false;
    for (uint8_t i = 1; i < code; ++i) {
      if (encoded[at] == 0 || decoded == capacity) return false;
      bytes[decoded++] = encoded[at++];
    }
    if (code == 0xFF || at == count) continue;
    if (decoded == capacity) return false;
    bytes[decoded++] = 0;
  }
  return count > 0;
}

}  // namespace telemetry
