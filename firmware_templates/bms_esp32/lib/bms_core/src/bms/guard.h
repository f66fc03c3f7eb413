// The guard: reads, judges, acts, once a cycle. The one class that glue code talks to.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/board.h"
#include "bms/clock.h"
#include "bms/front_end.h"
#include "bms/names.h"
#include "bms/pack_config.h"

namespace bms {

constexpr uint16_t kNoField = 0xFFFF;

// Something that tripped, released or changed. Units are those of its diagnosis.
struct EventRecord {
  uint16_t number = 0;
  uint32_t at_ms = 0;
  EventKind kind = EventKind::kTripped;
  Diagnosis diagnosis = Diagnosis::kCellOverVoltage;
  uint8_t subject = 0;  // cell or sensor from 1; 0 for the pack
  int32_t value = 0;
  int32_t limit = 0;
  uint16_t limit_field = kNoField;
  State state = State::kUninitialised;
  uint64_t config_hash = 0;
};

struct Answer {
  Result result = Result::kDone;
  uint16_t detail = 0;
};

// All that a telemetry frame tells.
struct Snapshot {
  State state = State::kUninitialised;
  Outputs outputs;
  Inputs inputs;
  uint16_t warnings = 0;
  uint32_t active = 0;
  uint32_t latched = 0;
  bool has_reading = false;
  uint32_t reading_age_ms = 0;
  FrontEndReading reading;
  CurrentReading second;
  int32_t soc_permille = 0;
  int32_t soc_error_permille = 1000;
  int32_t charge_limit_ma = 0;
  uint16_t balancing = 0;
};

struct GuardParts {
  FrontEnd& front_end;
  CurrentSensor& current_sensor;
  Board& board;
  Storage& storage;
  Clock& clock;
};

}  // namespace bms

// Intended public shape (class Guard):
//   Guard(const GuardParts& parts, const PackConfig& built_in);
//   void start();                        settings from storage or built in; nothing closes
//   void cycle();                        one reading, one judgement; call every config().afe_period_ms
//   const Snapshot& snapshot() const;
//   Answer request(Command command);     kClose, kOpen, kAcknowledge, kSilence
//   bool next_event(EventRecord& event); drains the queue of events, oldest first
//   const PackConfig& config() const;  uint64_t config_hash() const;  uint64_t built_hash() const;
//   uint64_t afe_hash() const;  ResetCause reset_cause() const;
//   Parameters& parameters();            stage, read, commit (refused unless open), discard
//   const TripLog& trip_log() const;     size(), entry(i) with before[4], after[4]
