// The guard: reads, judges, acts, once a cycle. The one class that glue code talks to.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/answer.h"
#include "bms/board.h"
#include "bms/clock.h"
#include "bms/diagnoses.h"
#include "bms/event.h"
#include "bms/front_end.h"
#include "bms/measure.h"
#include "bms/names.h"
#include "bms/pack_config.h"
#include "bms/parameters.h"
#include "bms/trip_log.h"

namespace bms {

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

class Guard {
 public:
  Guard(const GuardParts& parts, const PackConfig& built_in);

  // Settings from storage or built in; nothing closes.
  void start();
  // One reading, one judgement. Call it every config().afe_period_ms.
  void cycle();

  const Snapshot& snapshot() const { return snapshot_; }
  // kClose, kOpen, kAcknowledge and kSilence; the others belong to whoever talks to a person.
  Answer request(Command command);
  // Oldest first; false when there is none.
  bool next_event(EventRecord& event) { return events_.take(event); }

  const PackConfig& config() const { return parameters_.in_use(); }
  uint64_t config_hash() const { return parameters_.hash(); }
  uint64_t built_hash() const { return parameters_.built_hash(); }
  // Of the front end's settings as read back; 0 before.
  uint64_t afe_hash() const { return afe_hash_; }
  ResetCause reset_cause() const { return parts_.board.reset_cause(); }
  Parameters& parameters() { return parameters_; }
  const TripLog& trip_log() const { return trip_log_; }

 private:
  bool is_open() const { return !closed_.charge && !closed_.discharge; }
  void read(uint32_t now_ms);
  void judge(Diagnosis diagnosis, const Finding& finding, uint32_t since_ms, uint32_t now_ms);
  void tell(EventKind kind, Diagnosis diagnosis, const Finding& finding, uint32_t now_ms);
  void enter(State state, uint32_t now_ms);
  void step(uint32_t now_ms);
  void act();

  GuardParts parts_;
  Parameters parameters_;
  TripLog trip_log_;
  EventQueue events_;
  Diagnoses diagnoses_;
  Snapshot snapshot_;
  Sample sample_;
  SwitchRequest closed_;
  uint64_t afe_hash_ = 0;
  uint32_t judged_ms_ = 0;
  bool is_fresh_ = false;
};

}  // namespace bms
