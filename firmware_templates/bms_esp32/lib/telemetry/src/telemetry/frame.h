// A frame on the wire:  00 | COBS(version u8, type u8, seq u16, t_ms u32, payload, CRC-16) | 00
// Zeros on both sides let other text stand between frames, such as a boot message.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "telemetry/cobs.h"
#include "telemetry/messages.h"

namespace telemetry {

constexpr size_t kHeaderSize = 8;
constexpr size_t kCrcSize = 2;
constexpr size_t kMaxBody = kHeaderSize + kMaxPayload + kCrcSize;
constexpr size_t kMaxFrame = cobs_capacity(kMaxBody) + 2;

struct Frame {
  uint8_t type = 0;
  uint16_t seq = 0;
  uint32_t t_ms = 0;
  uint8_t payload[kMaxPayload] = {};
  size_t size = 0;  // of the payload
};

// Gives the number of bytes written, zeros included; `bytes` has room for kMaxFrame.
size_t encode_frame(const Frame& frame, uint8_t* bytes);

// `bytes` is what stood between two zeros. False if that is no whole frame of this version.
bool decode_frame(const uint8_t* bytes, size_t count, Frame& frame);

// Cuts a stream of bytes into frames.
class FrameReader {
 public:
  // True when this byte ended a frame, which is then in `frame`.
  bool feed(uint8_t byte, Frame& frame);

  // Stretches between zeros that were no frame: noise, text, or an unknown version.
  uint32_t malformed_count() const { return malformed_count_; }

 private:
  uint8_t pending_[cobs_capacity(kMaxBody)] = {};
  size_t count_ = 0;
  bool is_too_long_ = false;
  uint32_t malformed_count_ = 0;
};

}  // namespace telemetry
