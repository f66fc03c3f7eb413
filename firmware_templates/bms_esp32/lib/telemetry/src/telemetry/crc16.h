// CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace telemetry {

// 0x29B1 for the nine characters "123456789", the check value that catalogues of CRCs give.
uint16_t crc16(const uint8_t* bytes, size_t count);

}  // namespace telemetry
