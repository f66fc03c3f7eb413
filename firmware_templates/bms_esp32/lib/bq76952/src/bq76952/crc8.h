// The check byte of the BQ7695202 on I2C: polynomial x^8 + x^2 + x + 1, started at 0.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace bq76952 {

// Continues from `crc`, so that what is in several places can be checked as one.
uint8_t crc8(const uint8_t* bytes, size_t count, uint8_t crc = 0);

}  // namespace bq76952
