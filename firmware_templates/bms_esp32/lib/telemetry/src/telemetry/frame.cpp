#include "telemetry/frame.h"

#include "telemetry/crc16.h"
#include "telemetry/packing.h"

namespace telemetry {

size_t encode_frame(const Frame& frame, uint8_t* bytes) {
  uint8_t body[kMaxBody];
  Writer header(body);
  header.put(kProtocolVersion);
  header.put(frame.type);
  header.put(frame.seq);
  header.put(frame.t_ms);
  const size_t size = frame.size < kMaxPayload ? frame.size : kMaxPayload;
  __builtin_memcpy(body + kHeaderSize, frame.payload, size);
  Writer(body + kHeaderSize + size).put(crc16(body, kHeaderSize + size));
  bytes[0] = 0;
  const size_t encoded = cobs_encode(body, kHeaderSize + size + kCrcSize, bytes + 1);
  bytes[1 + encoded] = 0;
  return encoded + 2;
}

bool decode_frame(const uint8_t* bytes, size_t count, Frame& frame) {
  uint8_t body[kMaxBody];
  size_t size = 0;
  if (!cobs_decode(bytes, count, body, sizeof(body), size)) return false;
  if (size < kHeaderSize + kCrcSize) return false;
  uint16_t crc = 0;
  Reader(body + size - kCrcSize).get(crc);
  if (crc != crc16(body, size - kCrcSize)) return false;
  uint8_t version = 0;
  Reader header(body);
  header.get(version);
  header.get(frame.type);
  header.get(frame.seq);
  header.get(frame.t_ms);
  frame.size = size - kHeaderSize - kCrcSize;
  __builtin_memcpy(frame.payload, body + kHeaderSize, frame.size);
  return version == kProtocolVersion;
}

bool FrameReader::feed(uint8_t byte, Frame& frame) {
  if (byte != 0) {
    if (count_ == sizeof(pending_)) {
      is_too_long_ = true;
    } else {
      pending_[count_++] = byte;
    }
    return false;
  }
  const bool has_bytes = count_ > 0;
  const bool is_whole = has_bytes && !is_too_long_ && decode_frame(pending_, count_, frame);
  if (has_bytes && !is_whole) ++malformed_count_;
  count_ = 0;
  is_too_long_ = false;
  return is_whole;
}

}  // namespace telemetry
