// Consistent Overhead Byte Stuffing: bytes without a zero, so that zeros can part frames.
// Source: S. Cheshire, M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on
// Networking 7(2), 1999.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace telemetry {

// Bytes that `count` bytes need at most when encoded: one in front, one more for each full 254.
constexpr size_t cobs_capacity(size_t count) { return count + count / 254 + 1; }

// Gives the number of bytes written; `encoded` has room for cobs_capacity(count).
size_t cobs_encode(const uint8_t* bytes, size_t count, uint8_t* encoded);

// False if it is no COBS or does not fit into `capacity`.
bool cobs_decode(const uint8_t* encoded, size_t count, uint8_t* bytes, size_t capacity,
                 size_t& decoded);

}  // namespace telemetry
