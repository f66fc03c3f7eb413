// A stand-in for headers of the Arduino core 2.0.17: what src/ uses of it, to run on a host.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <map>
#include <string>
#include <vector>

constexpr uint8_t LOW = 0, HIGH = 1;
constexpr uint8_t INPUT = 1, OUTPUT = 3, INPUT_PULLUP = 5;

namespace stand_in {
struct PinAction {
  uint8_t pin;
  bool is_mode;  // else a level
  uint8_t value;
};
struct Machine {
  std::vector<PinAction> pin_actions;
  std::map<uint8_t, uint8_t> levels;
  std::map<std::string, std::vector<uint8_t>> records;
  std::vector<uint8_t> serial_in, serial_out;
  uint32_t now_ms = 0;
  uint32_t watchdog_s = 0;
  int watchdog_resets = 0;
  int reset_reason = 1;
  size_t storage_capacity = 4096;  // of one record
  uint8_t wire_code = 2;           // what endTransmission gives: nobody answers
  std::vector<uint8_t> wire_sent, wire_answer;
  bool is_wire_stopped = false;
};
inline Machine& machine() {
  static Machine instance;
  return instance;
}
}  // namespace stand_in

inline void pinMode(uint8_t pin, uint8_t mode) {
  stand_in::machine().pin_actions.push_back({pin, true, mode});
}
inline void digitalWrite(uint8_t pin, uint8_t level) {
  stand_in::machine().pin_actions.push_back({pin, false, level});
  stand_in::machine().levels[pin] = level;
}
inline int digitalRead(uint8_t pin) {
  const auto found = stand_in::machine().levels.find(pin);
  return found == stand_in::machine().levels.end() ? HIGH : found->second;
}
inline uint32_t millis() { return stand_in::machine().now_ms; }
inline void delayMicroseconds(uint32_t us) { stand_in::machine().now_ms += (us + 999U) / 1000U; }

class HardwareSerial {
 public:
  void begin(unsigned long /*baud*/) {}
  size_t setTxBufferSize(size_t count) { return count; }
  int available() { return static_cast<int>(stand_in::machine().serial_in.size()); }
  int read() {
    auto& bytes = stand_in::machine().serial_in;
    if (bytes.empty()) return -1;
    const uint8_t first = bytes.front();
    bytes.erase(bytes.begin());
    return first;
  }
  size_t write(const uint8_t* bytes, size_t count) {
    auto& out = stand_in::machine().serial_out;
    out.insert(out.end(), bytes, bytes + count);
    return count;
  }
};
inline HardwareSerial Serial;
