// The glue in src/, run over the stand-in for the Arduino core.
#include <Arduino.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>

#include "arduino_bus.h"
#include "bms/config_hash.h"
#include "esp_board.h"
#include "generated/configured_pack.h"
#include "pins.h"

void setup();
void loop();

namespace {

using stand_in::machine;
using stand_in::PinAction;

constexpr uint8_t kEnables[] = {pins::kChargeEnable, pins::kDischargeEnable,
                                pins::kPrechargeEnable};

bool was_ever_high(uint8_t pin) {
  const auto& actions = machine().pin_actions;
  return std::any_of(actions.begin(), actions.end(), [pin](const PinAction& action) {
    return !action.is_mode && action.pin == pin && action.value == HIGH;
  });
}

// What was done first with the pin: its level, before its mode.
bool is_low_before_output(uint8_t pin) {
  for (const PinAction& action : machine().pin_actions) {
    if (action.pin == pin) return !action.is_mode && action.value == LOW;
  }
  return false;
}

void run_ms(int ms) {
  for (int i = 0; i < ms; ++i) {
    ++machine().now_ms;
    loop();
  }
}

}  // namespace

TEST_CASE("every enable is low before it is an output") {
  machine() = {};
  EspBoard board;
  board.begin();
  for (const uint8_t pin : kEnables) CHECK(is_low_before_output(pin));
  CHECK(machine().watchdog_s == 2);
}

TEST_CASE("outputs reach their pins, and only those that are asked for") {
  machine() = {};
  EspBoard board;
  bms::Outputs outputs;
  outputs.charge_enable = true;
  outputs.sound = bms::Sound::kAlarm;
  outputs.fault_light = bms::Light::kFastBlink;
  board.apply(outputs);
  CHECK(machine().levels[pins::kChargeEnable] == HIGH);
  CHECK(machine().levels[pins::kDischargeEnable] == LOW);
  CHECK(machine().levels[pins::kPrechargeEnable] == LOW);
  board.show(100);
  CHECK(machine().levels[pins::kBuzzer] == HIGH);
  CHECK(machine().levels[pins::kFaultLight] == HIGH);
  board.show(700);
  CHECK(machine().levels[pins::kBuzzer] == LOW);
  CHECK(machine().levels[pins::kFaultLight] == LOW);
}

TEST_CASE("the auxiliary contact is closed when it pulls its pin down") {
  machine() = {};
  EspBoard board;
  CHECK_FALSE(board.inputs().is_contactor_shown_closed);
  machine().levels[pins::kContactorAux] = LOW;
  CHECK(board.inputs().is_contactor_shown_closed);
}

TEST_CASE("a crash counts as a watchdog's restart, a failed supply as its own") {
  EspBoard board;
  const auto cause_of = [&board](int reason) {
    machine().reset_reason = reason;
    return board.reset_cause();
  };
  CHECK(cause_of(1) == bms::ResetCause::kPowerOn);
  CHECK(cause_of(3) == bms::ResetCause::kSoftware);
  for (const int reason : {4, 5, 6, 7}) CHECK(cause_of(reason) == bms::ResetCause::kWatchdog);
  CHECK(cause_of(9) == bms::ResetCause::kBrownOut);
}

TEST_CASE("a record comes back whole, and a refused write is told") {
  machine() = {};
  NvsStorage storage;
  storage.begin();
  uint8_t bytes[4] = {};
  CHECK(storage.read(bms::Record::kChargeA, bytes, sizeof(bytes)) == 0);
  const uint8_t kept[4] = {1, 2, 3, 4};
  CHECK(storage.write(bms::Record::kChargeA, kept, sizeof(kept)));
  CHECK(storage.read(bms::Record::kChargeA, bytes, sizeof(bytes)) == sizeof(kept));
  CHECK(bytes[3] == 4);
  CHECK(storage.read(bms::Record::kChargeA, bytes, 3) == 0);
  CHECK(storage.read(bms::Record::kChargeB, bytes, sizeof(bytes)) == 0);
  machine().storage_capacity = 2;
  CHECK_FALSE(storage.write(bms::Record::kChargeB, kept, sizeof(kept)));
}

TEST_CASE("the bus tells silence from refusal") {
  machine() = {};
  ArduinoBus bus(Wire);
  const uint8_t sent[1] = {0x14};
  uint8_t received[2] = {};
  CHECK(bus.write(8, sent, 1) == bms::I2cResult::kNack);
  CHECK(machine().is_wire_stopped);
  machine().wire_code = 5;
  CHECK(bus.write(8, sent, 1) == bms::I2cResult::kTimeout);
  CHECK(bus.write_read(8, sent, 1, received, 2) == bms::I2cResult::kTimeout);
  machine().wire_code = 0;
  CHECK(bus.write_read(8, sent, 1, received, 2) == bms::I2cResult::kTimeout);  // no answer
  machine().wire_answer = {0x34, 0x12};
  CHECK(bus.write_read(8, sent, 1, received, 2) == bms::I2cResult::kOk);
  CHECK_FALSE(machine().is_wire_stopped);
  CHECK(received[1] == 0x12);
}

TEST_CASE("the settings that are built in are those of their hash") {
  CHECK(bms::config_hash(bms::kConfiguredPack) == bms::kConfiguredHash);
}

TEST_CASE(
    "a board whose chips don't answer says who it is, stays open, and keeps its watchdog fed") {
  machine() = {};
  machine().now_ms = 0xFFFFF000U;  // the clock wraps on the way
  setup();
  const uint32_t started_ms = machine().now_ms;
  machine().watchdog_resets = 0;
  CHECK_FALSE(machine().serial_out.empty());
  for (const uint8_t pin : kEnables) CHECK(is_low_before_output(pin));
  const size_t said = machine().serial_out.size();
  run_ms(5000);
  for (const uint8_t pin : kEnables) CHECK_FALSE(was_ever_high(pin));
  CHECK(machine().serial_out.size() > said);
  CHECK(machine().watchdog_resets > 0);
  // No more often than cycles are due: a loop that turns without completing one feeds nothing.
  const uint32_t ran_ms = machine().now_ms - started_ms;
  const auto period_ms = static_cast<uint32_t>(bms::kConfiguredPack.afe_period_ms);
  CHECK(static_cast<uint32_t>(machine().watchdog_resets) <= ran_ms / period_ms + 1);
}

TEST_CASE("nothing that comes over the serial line closes a board whose chips don't answer") {
  machine() = {};
  setup();
  for (int i = 0; i < 2000; ++i) {
    machine().serial_in.push_back(static_cast<uint8_t>(i * 37));
    run_ms(1);
  }
  for (const uint8_t pin : kEnables) CHECK_FALSE(was_ever_high(pin));
}
