// Generated from schema/telemetry.yaml by schema/generate.py: change it there.
// clang-format off
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "telemetry/packing.h"

namespace telemetry {

constexpr uint8_t kProtocolVersion = 1;
// Room for the payload of any message, a simulation's too.
constexpr size_t kMaxPayload = 93;

// What is measured and decided, every 100 ms.
struct Telemetry {
  static constexpr uint8_t kType = 1;
  static constexpr size_t kSize = 93;

  uint8_t state = 0;  // State
  uint8_t outputs = 0;  // A path is closed if host and front end both enable it.
  uint8_t lights = 0;  // Status light in bits 0 to 1, fault light in 2 to 3, sound in 4 to 5.
  uint16_t warnings = 0;  // Warning, as a set
  uint32_t active = 0;  // Diagnosis, as a set. Tripped and not released.
  uint32_t latched = 0;  // Diagnosis, as a set. Waiting for the operator.
  uint16_t reading_age_ms = 0;  // ms. Age of what follows; 65535 if there was none.
  uint16_t cell_mv[16] = {};  // mV
  uint32_t stack_mv = 0;  // mV
  uint32_t pack_mv = 0;  // mV
  int32_t afe_current_ma = 0;  // mA. Charging is positive.
  int32_t ina_current_ma = 0;  // mA
  int16_t temp_ddegc[8] = {};  // 0.1 °C. -32768: no valid value.
  int16_t die_temp_ddegc = 0;  // 0.1 °C
  uint16_t soc_permille = 0;  // 0.1 %
  uint16_t soc_error_permille = 0;  // 0.1 %. Bound of its error, growing since the last anchor.
  int32_t charge_limit_ma = 0;  // mA. What the temperature allows.
  uint16_t balancing = 0;  // Cells being balanced; bit 0 is cell 1.
  uint16_t cycle_us = 0;  // µs. Longest cycle since the last frame.

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(state);
    writer.put(outputs);
    writer.put(lights);
    writer.put(warnings);
    writer.put(active);
    writer.put(latched);
    writer.put(reading_age_ms);
    for (const uint16_t& item : cell_mv) writer.put(item);
    writer.put(stack_mv);
    writer.put(pack_mv);
    writer.put(afe_current_ma);
    writer.put(ina_current_ma);
    for (const int16_t& item : temp_ddegc) writer.put(item);
    writer.put(die_temp_ddegc);
    writer.put(soc_permille);
    writer.put(soc_error_permille);
    writer.put(charge_limit_ma);
    writer.put(balancing);
    writer.put(cycle_us);
  }

  static Telemetry decode(const uint8_t* bytes) {
    Telemetry message;
    telemetry::Reader reader(bytes);
    reader.get(message.state);
    reader.get(message.outputs);
    reader.get(message.lights);
    reader.get(message.warnings);
    reader.get(message.active);
    reader.get(message.latched);
    reader.get(message.reading_age_ms);
    for (uint16_t& item : message.cell_mv) reader.get(item);
    reader.get(message.stack_mv);
    reader.get(message.pack_mv);
    reader.get(message.afe_current_ma);
    reader.get(message.ina_current_ma);
    for (int16_t& item : message.temp_ddegc) reader.get(item);
    reader.get(message.die_temp_ddegc);
    reader.get(message.soc_permille);
    reader.get(message.soc_error_permille);
    reader.get(message.charge_limit_ma);
    reader.get(message.balancing);
    reader.get(message.cycle_us);
    return message;
  }
  static constexpr uint8_t kOutputsHostCharge = 1U << 0U;
  static constexpr uint8_t kOutputsHostDischarge = 1U << 1U;
  static constexpr uint8_t kOutputsPrecharge = 1U << 2U;
  static constexpr uint8_t kOutputsAfeCharge = 1U << 3U;
  static constexpr uint8_t kOutputsAfeDischarge = 1U << 4U;
  static constexpr uint8_t kOutputsZeroCurrentRequest = 1U << 5U;
  static constexpr uint8_t kOutputsContactorShownClosed = 1U << 6U;
};

// Something tripped, released, was acknowledged, or the state changed.
struct Event {
  static constexpr uint8_t kType = 2;
  static constexpr size_t kSize = 28;

  uint16_t number = 0;  // Counts up; a gap is a lost event.
  uint32_t at_ms = 0;  // ms
  uint8_t kind = 0;  // EventKind
  uint8_t diagnosis = 0;  // Diagnosis
  uint8_t subject = 0;  // Number of the cell or sensor, from 1; 0 if it is about the pack.
  int32_t value = 0;  // In the unit of its diagnosis.
  int32_t limit = 0;  // In the unit of its diagnosis.
  uint16_t limit_field = 0;  // Number of the field that the limit comes from; 65535 if none.
  uint8_t state = 0;  // State. When it happened.
  uint64_t config_hash = 0;

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(number);
    writer.put(at_ms);
    writer.put(kind);
    writer.put(diagnosis);
    writer.put(subject);
    writer.put(value);
    writer.put(limit);
    writer.put(limit_field);
    writer.put(state);
    writer.put(config_hash);
  }

  static Event decode(const uint8_t* bytes) {
    Event message;
    telemetry::Reader reader(bytes);
    reader.get(message.number);
    reader.get(message.at_ms);
    reader.get(message.kind);
    reader.get(message.diagnosis);
    reader.get(message.subject);
    reader.get(message.value);
    reader.get(message.limit);
    reader.get(message.limit_field);
    reader.get(message.state);
    reader.get(message.config_hash);
    return message;
  }
};

// Who speaks. Sent at start and when asked.
struct Identity {
  static constexpr uint8_t kType = 3;
  static constexpr size_t kSize = 68;

  uint8_t is_simulated = 0;  // 1 from a simulated pack, always shown.
  char firmware[16] = {};
  char board[24] = {};
  uint64_t config_hash = 0;  // Of the settings in use.
  uint64_t built_hash = 0;  // Of the settings the firmware was built with.
  uint64_t afe_hash = 0;  // Of the front end's settings as read back; 0 before.
  uint8_t cell_count = 0;
  uint8_t reset_cause = 0;
  uint8_t schema_version = 0;  // Of pack_config.yaml.

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(is_simulated);
    for (const char& item : firmware) writer.put(item);
    for (const char& item : board) writer.put(item);
    writer.put(config_hash);
    writer.put(built_hash);
    writer.put(afe_hash);
    writer.put(cell_count);
    writer.put(reset_cause);
    writer.put(schema_version);
  }

  static Identity decode(const uint8_t* bytes) {
    Identity message;
    telemetry::Reader reader(bytes);
    reader.get(message.is_simulated);
    for (char& item : message.firmware) reader.get(item);
    for (char& item : message.board) reader.get(item);
    reader.get(message.config_hash);
    reader.get(message.built_hash);
    reader.get(message.afe_hash);
    reader.get(message.cell_count);
    reader.get(message.reset_cause);
    reader.get(message.schema_version);
    return message;
  }
};

// One value, as in use and as staged.
struct ParameterValue {
  static constexpr uint8_t kType = 4;
  static constexpr size_t kSize = 19;

  uint16_t field = 0;
  uint8_t index = 0;
  int32_t value = 0;
  int32_t staged = 0;
  uint64_t staged_hash = 0;  // Of all that is staged: what a commit must name.

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(field);
    writer.put(index);
    writer.put(value);
    writer.put(staged);
    writer.put(staged_hash);
  }

  static ParameterValue decode(const uint8_t* bytes) {
    ParameterValue message;
    telemetry::Reader reader(bytes);
    reader.get(message.field);
    reader.get(message.index);
    reader.get(message.value);
    reader.get(message.staged);
    reader.get(message.staged_hash);
    return message;
  }
};

// What became of a request, by its seq.
struct Answer {
  static constexpr uint8_t kType = 5;
  static constexpr size_t kSize = 6;

  uint16_t request_seq = 0;
  uint8_t request_type = 0;
  uint8_t result = 0;  // Result
  uint16_t detail = 0;

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(request_seq);
    writer.put(request_type);
    writer.put(result);
    writer.put(detail);
  }

  static Answer decode(const uint8_t* bytes) {
    Answer message;
    telemetry::Reader reader(bytes);
    reader.get(message.request_seq);
    reader.get(message.request_type);
    reader.get(message.result);
    reader.get(message.detail);
    return message;
  }
};

// One entry of the trip log, with the subject's values around it.
struct TripLogEntry {
  static constexpr uint8_t kType = 6;
  static constexpr size_t kSize = 62;

  uint16_t remaining = 0;  // Entries that follow.
  uint16_t number = 0;  // Counts up; a gap is a lost event.
  uint32_t at_ms = 0;  // ms
  uint8_t kind = 0;  // EventKind
  uint8_t diagnosis = 0;  // Diagnosis
  uint8_t subject = 0;  // Number of the cell or sensor, from 1; 0 if it is about the pack.
  int32_t value = 0;  // In the unit of its diagnosis.
  int32_t limit = 0;  // In the unit of its diagnosis.
  uint16_t limit_field = 0;  // Number of the field that the limit comes from; 65535 if none.
  uint8_t state = 0;  // State. When it happened.
  uint64_t config_hash = 0;
  int32_t before[4] = {};  // The four readings before, oldest first.
  int32_t after[4] = {};  // The four readings after.

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(remaining);
    writer.put(number);
    writer.put(at_ms);
    writer.put(kind);
    writer.put(diagnosis);
    writer.put(subject);
    writer.put(value);
    writer.put(limit);
    writer.put(limit_field);
    writer.put(state);
    writer.put(config_hash);
    for (const int32_t& item : before) writer.put(item);
    for (const int32_t& item : after) writer.put(item);
  }

  static TripLogEntry decode(const uint8_t* bytes) {
    TripLogEntry message;
    telemetry::Reader reader(bytes);
    reader.get(message.remaining);
    reader.get(message.number);
    reader.get(message.at_ms);
    reader.get(message.kind);
    reader.get(message.diagnosis);
    reader.get(message.subject);
    reader.get(message.value);
    reader.get(message.limit);
    reader.get(message.limit_field);
    reader.get(message.state);
    reader.get(message.config_hash);
    for (int32_t& item : message.before) reader.get(item);
    for (int32_t& item : message.after) reader.get(item);
    return message;
  }
};

// A command.
struct Request {
  static constexpr uint8_t kType = 16;
  static constexpr size_t kSize = 1;

  uint8_t command = 0;  // Command

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(command);
  }

  static Request decode(const uint8_t* bytes) {
    Request message;
    telemetry::Reader reader(bytes);
    reader.get(message.command);
    return message;
  }
};

// Ask for one value.
struct ParameterRead {
  static constexpr uint8_t kType = 17;
  static constexpr size_t kSize = 3;

  uint16_t field = 0;
  uint8_t index = 0;

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(field);
    writer.put(index);
  }

  static ParameterRead decode(const uint8_t* bytes) {
    ParameterRead message;
    telemetry::Reader reader(bytes);
    reader.get(message.field);
    reader.get(message.index);
    return message;
  }
};

// Stage one value; nothing changes until a commit.
struct ParameterStage {
  static constexpr uint8_t kType = 18;
  static constexpr size_t kSize = 7;

  uint16_t field = 0;
  uint8_t index = 0;
  int32_t value = 0;

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(field);
    writer.put(index);
    writer.put(value);
  }

  static ParameterStage decode(const uint8_t* bytes) {
    ParameterStage message;
    telemetry::Reader reader(bytes);
    reader.get(message.field);
    reader.get(message.index);
    reader.get(message.value);
    return message;
  }
};

// Put what is staged into use and into memory, if its hash is the one that the sender read back.
struct ParameterCommit {
  static constexpr uint8_t kType = 19;
  static constexpr size_t kSize = 8;

  uint64_t config_hash = 0;

  void encode(uint8_t* bytes) const {
    telemetry::Writer writer(bytes);
    writer.put(config_hash);
  }

  static ParameterCommit decode(const uint8_t* bytes) {
    ParameterCommit message;
    telemetry::Reader reader(bytes);
    reader.get(message.config_hash);
    return message;
  }
};

}  // namespace telemetry
