// FNV-1a with 64 bits: the hash that names a configuration and a front end's settings.
// Source: RFC 9923, offset basis and prime for 64 bits.
#pragma once

#include <stdint.h>

namespace bms {

constexpr uint64_t kFnvOffset = 0xCBF29CE484222325ULL;
constexpr uint64_t kFnvPrime = 0x00000100000001B3ULL;

constexpr uint64_t fnv1a64(uint64_t hash, uint8_t byte) { return (hash ^ byte) * kFnvPrime; }

// One word of 32 bits, its lowest byte first.
constexpr uint64_t fnv1a64_word(uint64_t hash, uint32_t word) {
  for (uint32_t shift = 0; shift < 32; shift += 8) {
    hash = fnv1a64(hash, static_cast<uint8_t>(word >> shift));
  }
  return hash;
}

static_assert(fnv1a64(kFnvOffset, 'a') == 0xAF63DC4C8601EC8CULL, "published test vector");

}  // namespace bms
