// The outputs, inputs, watchdog and lasting memory of an ESP32 board.
#pragma once

#include <Arduino.h>
#include <Preferences.h>

#include "bms/board.h"

class EspBoard final : public bms::Board {
 public:
  // Drives every enable low before it becomes an output, then starts the watchdog.
  void begin();
  void apply(const bms::Outputs& outputs) override;
  bms::Inputs inputs() override;
  void feed_watchdog() override;
  bms::ResetCause reset_cause() const override;
  // Blinks and beeps; call it often.
  void show(uint32_t now_ms);

 private:
  bms::Outputs outputs_;
};

// Records in the flash's key-value store, each under a key of its own.
class NvsStorage final : public bms::Storage {
 public:
  bool begin() { return preferences_.begin("bms", false); }
  size_t read(bms::Record record, uint8_t* bytes, size_t capacity) override;
  bool write(bms::Record record, const uint8_t* bytes, size_t count) override;

 private:
  Preferences preferences_;
};
