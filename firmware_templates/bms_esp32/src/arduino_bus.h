// The I2C bus and the clock of an Arduino board.
#pragma once

#include <Arduino.h>
#include <Wire.h>

#include "bms/clock.h"
#include "bms/i2c_bus.h"

class ArduinoClock final : public bms::Clock {
 public:
  uint32_t now_ms() override { return millis(); }
  void wait_us(uint32_t us) override { delayMicroseconds(us); }
};

class ArduinoBus final : public bms::I2cBus {
 public:
  explicit ArduinoBus(TwoWire& wire) : wire_(wire) {}

  // 100 kHz leaves room for the capacitance of an isolator; a held bus ends after 20 ms.
  bool begin(int sda, int scl) {
    const bool is_begun = wire_.begin(sda, scl, 100000U);
    wire_.setTimeOut(20);
    return is_begun;
  }

  bms::I2cResult write(uint8_t address, const uint8_t* bytes, size_t count) override {
    wire_.beginTransmission(address);
    wire_.write(bytes, count);
    return result_of(wire_.endTransmission(true));
  }

  bms::I2cResult write_read(uint8_t address, const uint8_t* sent, size_t sent_count,
                            uint8_t* received, size_t received_count) override {
    wire_.beginTransmission(address);
    wire_.write(sent, sent_count);
    const bms::I2cResult result = result_of(wire_.endTransmission(false));
    if (result != bms::I2cResult::kOk) return result;
    if (wire_.requestFrom(address, received_count, true) != received_count) {
      return bms::I2cResult::kTimeout;
    }
    return wire_.readBytes(received, received_count) == received_count ? bms::I2cResult::kOk
                                                                       : bms::I2cResult::kTimeout;
  }

 private:
  // 2 and 3: address or data not acknowledged. Source: Wire.cpp of the Arduino core 2.0.17.
  static bms::I2cResult result_of(uint8_t code) {
    if (code == 0) return bms::I2cResult::kOk;
    return code == 2 || code == 3 ? bms::I2cResult::kNack : bms::I2cResult::kTimeout;
  }

  TwoWire& wire_;
};
