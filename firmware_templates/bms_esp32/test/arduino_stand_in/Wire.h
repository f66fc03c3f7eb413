// Stand-in for Wire.h of the Arduino core: see Arduino.h beside it.
#pragma once
#include "Arduino.h"

class TwoWire {
 public:
  bool begin(int /*sda*/, int /*scl*/, uint32_t /*hz*/) { return true; }
  void setTimeOut(uint16_t /*ms*/) {}
  void beginTransmission(uint16_t /*address*/) { stand_in::machine().wire_sent.clear(); }
  size_t write(const uint8_t* bytes, size_t count) {
    stand_in::machine().wire_sent.assign(bytes, bytes + count);
    return count;
  }
  uint8_t endTransmission(bool is_stopped) {
    stand_in::machine().is_wire_stopped = is_stopped;
    return stand_in::machine().wire_code;
  }
  size_t requestFrom(uint16_t /*address*/, size_t count, bool /*is_stopped*/) {
    const size_t have = stand_in::machine().wire_answer.size();
    return have < count ? have : count;
  }
  size_t readBytes(uint8_t* bytes, size_t count) {
    const auto& answer = stand_in::machine().wire_answer;
    if (answer.size() < count) return 0;
    memcpy(bytes, answer.data(), count);
    return count;
  }
};
inline TwoWire Wire;
