// Little-endian values in a row of bytes. Whoever uses them sizes the row by constants.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace bms {

class ByteWriter {
 public:
  explicit ByteWriter(uint8_t* bytes) : bytes_(bytes) {}

  void put(uint64_t value, size_t count) {
    for (size_t index = 0; index < count; ++index) {
      bytes_[index] = static_cast<uint8_t>(value >> (8U * index));
    }
    bytes_ += count;
  }
  void put_i32(int32_t value) { put(static_cast<uint32_t>(value), 4); }

 private:
  uint8_t* bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(const uint8_t* bytes) : bytes_(bytes) {}

  uint64_t take(size_t count) {
    uint64_t value = 0;
    for (size_t index = 0; index < count; ++index) {
      value |= static_cast<uint64_t>(bytes_[index]) << (8U * index);
    }
    bytes_ += count;
    return value;
  }
  uint8_t take_u8() { return static_cast<uint8_t>(take(1)); }
  uint16_t take_u16() { return static_cast<uint16_t>(take(2)); }
  uint32_t take_u32() { return static_cast<uint32_t>(take(4)); }
  int32_t take_i32() { return static_cast<int32_t>(take_u32()); }

 private:
  const uint8_t* bytes_;
};

}  // namespace bms
