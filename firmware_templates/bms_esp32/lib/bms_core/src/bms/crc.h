// CRC-32 of stored records (IEEE 802.3, reflected): check value 0xCBF43926 for "123456789".
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace bms {

uint32_t crc32(const uint8_t* bytes, size_t count);

}  // namespace bms
