#include "telemetry/snapshot_message.h"

namespace telemetry {
namespace {

// A value beyond what its field can say becomes the nearest that it can.
uint16_t to_u16(int32_t value) {
  if (value < 0) return 0;
  return value > 0xFFFF ? uint16_t{0xFFFF} : static_cast<uint16_t>(value);
}

int16_t to_i16(int32_t value) {
  if (value < INT16_MIN) return INT16_MIN;
  return value > INT16_MAX ? int16_t{INT16_MAX} : static_cast<int16_t>(value);
}

uint32_t to_u32(int32_t value) { return value < 0 ? 0U : static_cast<uint32_t>(value); }

uint8_t flag(bool is_set, uint8_t bit) { return is_set ? bit : uint8_t{0}; }

uint8_t output_bits(const bms::Snapshot& snapshot) {
  const bms::Outputs& outputs = snapshot.outputs;
  const uint32_t bits =
      flag(outputs.charge_enable, Telemetry::kOutputsHostCharge) |
      flag(outputs.discharge_enable, Telemetry::kOutputsHostDischarge) |
      flag(outputs.precharge_enable, Telemetry::kOutputsPrecharge) |
      flag(snapshot.reading.is_charge_switch_on, Telemetry::kOutputsAfeCharge) |
      flag(snapshot.reading.is_discharge_switch_on, Telemetry::kOutputsAfeDischarge) |
      flag(outputs.zero_current_request, Telemetry::kOutputsZeroCurrentRequest) |
      flag(snapshot.inputs.is_contactor_shown_closed, Telemetry::kOutputsContactorShownClosed);
  return static_cast<uint8_t>(bits);
}

uint8_t light_bits(const bms::Outputs& outputs) {
  return static_cast<uint8_t>(static_cast<uint32_t>(outputs.status_light) |
                              static_cast<uint32_t>(outputs.fault_light) << 2U |
                              static_cast<uint32_t>(outputs.sound) << 4U);
}

void put_reading(const bms::FrontEndReading& reading, Telemetry& message) {
  for (int32_t i = 0; i < bms::kMaxCells; ++i) message.cell_mv[i] = to_u16(reading.cell_mv[i]);
  message.stack_mv = to_u32(reading.stack_mv);
  message.pack_mv = to_u32(reading.pack_mv);
  message.afe_current_ma = reading.current_ma;
  for (int32_t i = 0; i < bms::kMaxSensors; ++i) {
    const bool is_valid = reading.sensor[i] == bms::SensorState::kOk;
    message.temp_ddegc[i] = is_valid ? to_i16(reading.temp_ddegc[i]) : kNoTemperature;
  }
  message.die_temp_ddegc = to_i16(reading.die_temp_ddegc);
}

}  // namespace

Telemetry to_message(const bms::Snapshot& snapshot) {
  Telemetry message;
  message.state = static_cast<uint8_t>(snapshot.state);
  message.outputs = output_bits(snapshot);
  message.lights = light_bits(snapshot.outputs);
  message.warnings = snapshot.warnings;
  message.active = snapshot.active;
  message.latched = snapshot.latched;
  const uint32_t age_ms = snapshot.reading_age_ms;
  message.reading_age_ms = snapshot.has_reading && age_ms < kNoReadingAge
                               ? static_cast<uint16_t>(age_ms)
                               : kNoReadingAge;
  put_reading(snapshot.reading, message);
  message.ina_current_ma = snapshot.second.current_ma;
  message.soc_permille = to_u16(snapshot.soc_permille);
  message.soc_error_permille = to_u16(snapshot.soc_error_permille);
  message.charge_limit_ma = snapshot.charge_limit_ma;
  message.balancing = snapshot.balancing;
  return message;
}

Event to_message(const bms::EventRecord& record) {
  Event message;
  message.number = record.number;
  message.at_ms = record.at_ms;
  message.kind = static_cast<uint8_t>(record.kind);
  message.diagnosis = static_cast<uint8_t>(record.diagnosis);
  message.subject = record.subject;
  message.value = record.value;
  message.limit = record.limit;
  message.limit_field = record.limit_field;
  message.state = static_cast<uint8_t>(record.state);
  message.config_hash = record.config_hash;
  return message;
}

}  // namespace telemetry
