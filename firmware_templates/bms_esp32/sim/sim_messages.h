// Generated from schema/telemetry.yaml by schema/generate.py: change it there.
// clang-format off
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "telemetry/packing.h"

// What only a simulated pack understands; no board includes this.
namespace sim {

// What a simulation can be told. Only a simulated pack knows these.
enum class SimQuantity : uint8_t {
  kLoadCurrentMa,  // Current that the load draws when the discharge path is closed, at least 0.
  kChargerCurrentMa,  // Current that the charger gives when the charge path is closed, at least 0.
  kAmbientDdegc,  // Temperature around the pack.
  kCellMv,  // Holds the terminal voltage of cell `index` (from 0); -1 gives it back to physics.
  kSensorDdegc,  // Holds the temperature at sensor `index`; -32768 gives it back to physics.
  kSocPermille,  // Sets the charge of every cell, keeping their spread.
  kSpeedPermille,  // Pace against real time in 0.1 %; 0 stops, and only SimAdvance moves time.
  kForcedCurrentMa,  // Holds the pack current whatever the switches do; INT32_MIN gives it back.
  kNoisePermille,  // Measurement noise against its normal amount.
};
constexpr size_t kSimQuantityCount = 9;
constexpr const char* kSimQuantityNames[] = {
    "load_current_ma",
    "charger_current_ma",
    "ambient_ddegc",
    "cell_mv",
    "sensor_ddegc",
    "soc_permille",
    "speed_permille",
    "forced_current_ma",
    "noise_permille",
};

// Faults that a simulated pack can have.
enum class SimFault : uint8_t {
  kTapOpen,  // Sense wire `index` is open: the cells beside it share their voltage wrongly.
  kNtcOpen,  // Thermistor `index` is open.
  kNtcShort,  // Thermistor `index` is shorted.
  kAfeHang,  // The front end's measuring stops: the bus answers with old values, protections sleep.
  kAfeReset,  // The front end restarts with its defaults, once.
  kAfeBlind,  // The front end's own protections never act; it measures on.
  kI2cStuck,  // The bus is held low: every transfer times out.
  kI2cNoise,  // Every transfer has a bit flipped with 1 % probability.
  kHostHang,  // The host stops; its watchdog would restart it after 2 s unless watchdog_off.
  kWatchdogOff,  // The host's watchdog is not there, to show the front end acting alone.
  kInaDead,  // The second current sensor does not answer.
  kShuntOpen,  // The front end's shunt reads 0.
  kContactorWeld,  // The discharge switch stays closed.
  kPrechargeOpen,  // The precharge resistor is open.
  kBrownOut,  // The host's supply fails for 50 ms, once.
  kSettingsCorrupt,  // Bits of both stored settings flip, then the host restarts, once.
  kStorageFails,  // Memory refuses every write.
  kShortCircuit,  // The load is a short of 5 mOhm.
  kCellsUnmeasured,  // The front end gives invalid checksums for every reading.
};
constexpr size_t kSimFaultCount = 19;
constexpr const char* kSimFaultNames[] = {
    "tap_open",
    "ntc_open",
    "ntc_short",
    "afe_hang",
    "afe_reset",
    "afe_blind",
    "i2c_stuck",
    "i2c_noise",
    "host_hang",
    "watchdog_off",
    "ina_dead",
    "shunt_open",
    "contactor_weld",
    "precharge_open",
    "brown_out",
    "settings_corrupt",
    "storage_fails",
    "short_circuit",
    "cells_unmeasured",
};

// A simulation came to the end of a SimAdvance. What is true, not what is measured.
struct SimReached {
  static constexpr uint8_t kType = 7;
  static constexpr size_t kSize = 42;

  uint64_t time_us = 0;  // µs
  uint8_t is_charge_closed = 0;
  uint8_t is_discharge_closed = 0;
  uint64_t charge_opened_us = 0;  // µs. When the charge path last opened; 0 if never.
  uint64_t discharge_opened_us = 0;  // µs
  int32_t current_ma = 0;  // mA
  int32_t cell_min_mv = 0;  // mV
  int32_t cell_max_mv = 0;  // mV
  int16_t temp_max_ddegc = 0;  // 0.1 °C
  uint16_t soc_permille = 0;  // 0.1 %

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(time_us);
    writer.put(is_charge_closed);
    writer.put(is_discharge_closed);
    writer.put(charge_opened_us);
    writer.put(discharge_opened_us);
    writer.put(current_ma);
    writer.put(cell_min_mv);
    writer.put(cell_max_mv);
    writer.put(temp_max_ddegc);
    writer.put(soc_permille);
  }

  static SimReached decode(const uint8_t* bytes) {
    SimReached message;
    telemetry::Reader reader(bytes);
    reader.get(message.time_us);
    reader.get(message.is_charge_closed);
    reader.get(message.is_discharge_closed);
    reader.get(message.charge_opened_us);
    reader.get(message.discharge_opened_us);
    reader.get(message.current_ma);
    reader.get(message.cell_min_mv);
    reader.get(message.cell_max_mv);
    reader.get(message.temp_max_ddegc);
    reader.get(message.soc_permille);
    return message;
  }
};

// Simulation only.
struct SimSet {
  static constexpr uint8_t kType = 48;
  static constexpr size_t kSize = 6;

  uint8_t quantity = 0;  // SimQuantity
  uint8_t index = 0;
  int32_t value = 0;

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(quantity);
    writer.put(index);
    writer.put(value);
  }

  static SimSet decode(const uint8_t* bytes) {
    SimSet message;
    telemetry::Reader reader(bytes);
    reader.get(message.quantity);
    reader.get(message.index);
    reader.get(message.value);
    return message;
  }
};

// Simulation only; a fault begins or ends.
struct SimInject {
  static constexpr uint8_t kType = 49;
  static constexpr size_t kSize = 3;

  uint8_t fault = 0;  // SimFault
  uint8_t index = 0;
  uint8_t is_on = 0;

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(fault);
    writer.put(index);
    writer.put(is_on);
  }

  static SimInject decode(const uint8_t* bytes) {
    SimInject message;
    telemetry::Reader reader(bytes);
    reader.get(message.fault);
    reader.get(message.index);
    reader.get(message.is_on);
    return message;
  }
};

// Simulation only; run on for this long at full speed, then answer SimReached.
struct SimAdvance {
  static constexpr uint8_t kType = 50;
  static constexpr size_t kSize = 5;

  uint32_t duration_us = 0;  // µs
  uint8_t stop_when_opened = 0;  // Stop early when this path opens.

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(duration_us);
    writer.put(stop_when_opened);
  }

  static SimAdvance decode(const uint8_t* bytes) {
    SimAdvance message;
    telemetry::Reader reader(bytes);
    reader.get(message.duration_us);
    reader.get(message.stop_when_opened);
    return message;
  }
  static constexpr uint8_t kStopWhenOpenedCharge = 1U << 0U;
  static constexpr uint8_t kStopWhenOpenedDischarge = 1U << 1U;
};

}  // namespace sim
