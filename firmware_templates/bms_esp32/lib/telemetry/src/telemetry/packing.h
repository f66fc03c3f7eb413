// Numbers to bytes and back, little-endian and without padding, whatever the processor's own order.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace telemetry {

class Writer {
 public:
  explicit Writer(uint8_t* bytes) : next_(bytes) {}

  void put(uint8_t value) { put_bytes(value, sizeof(value)); }
  void put(uint16_t value) { put_bytes(value, sizeof(value)); }
  void put(uint32_t value) { put_bytes(value, sizeof(value)); }
  void put(uint64_t value) { put_bytes(value, sizeof(value)); }
  void put(int16_t value) { put(static_cast<uint16_t>(value)); }
  void put(int32_t value) { put(static_cast<uint32_t>(value)); }
  void put(char value) { put(static_cast<uint8_t>(value)); }

 private:
  void put_bytes(uint64_t value, size_t count) {
    for (size_t i = 0; i < count; ++i) *next_++ = static_cast<uint8_t>(value >> (8 * i));
  }

  uint8_t* next_;
};

class Reader {
 public:
  explicit Reader(const uint8_t* bytes) : next_(bytes) {}

  void get(uint8_t& value) { value = static_cast<uint8_t>(get_bytes(sizeof(value))); }
  void get(uint16_t& value) { value = static_cast<uint16_t>(get_bytes(sizeof(value))); }
  void get(uint32_t& value) { value = static_cast<uint32_t>(get_bytes(sizeof(value))); }
  void get(uint64_t& value) { value = get_bytes(sizeof(value)); }
  void get(int16_t& value) { value = static_cast<int16_t>(get_bytes(sizeof(value))); }
  void get(int32_t& value) { value = static_cast<int32_t>(get_bytes(sizeof(value))); }
  void get(char& value) { value = static_cast<char>(get_bytes(sizeof(value))); }

 private:
  uint64_t get_bytes(size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; ++i) value |= static_cast<uint64_t>(*next_++) << (8 * i);
    return value;
  }

  const uint8_t* next_;
};

}  // namespace telemetry
