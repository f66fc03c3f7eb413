// The guard: reads, judges, acts, once a cycle. The one class that glue code talks to.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/acquisition.h"
#include "bms/afe_trips.h"
#include "bms/answer.h"
#include "bms/board.h"
#include "bms/charge_count.h"
#include "bms/clock.h"
#include "bms/diagnoses.h"
#include "bms/event.h"
#include "bms/front_end.h"
#include "bms/measure.h"
#include "bms/names.h"
#include "bms/opening.h"
#include "bms/pack_config.h"
#include "bms/parameters.h"
#include "bms/precharge.h"
#include "bms/switch_check.h"
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
  uint64_t afe_hash() const { return acquisition_.afe_hash(); }
  ResetCause reset_cause() const { return parts_.board.reset_cause(); }
  Parameters& parameters() { return parameters_; }
  const TripLog& trip_log() const { return trip_log_; }

 private:
  // guard.cpp: the cycle, and what it leaves behind.
  void adopt_changed_settings();
  void act();
  void balance();
  void count_charge(bool was_closed);
  void keep(bool was_closed);
  void show_all();

  // guard_judge.cpp: findings become diagnoses and events.
  void judge();
  void judge_cells();
  void judge_currents();
  void judge_temperatures();
  void judge_switches();
  void judge_front_end_trips();
  void judge_sources();
  void judge_above(Diagnosis diagnosis, uint8_t subject, int32_t value);
  void judge_below(Diagnosis diagnosis, uint8_t subject, int32_t value);
  void judge(Diagnosis diagnosis, const Finding& finding);
  // Waits for the operator from now on; its cause is an event and not a state.
  void raise(Diagnosis diagnosis, int32_t value, int32_t limit);
  void tell(EventKind kind, Diagnosis diagnosis, const Finding& finding);

  // guard_states.cpp: what may be closed, and the way there and back.
  void enter(State state);
  void advance();
  void step_precharge();
  void step_normal();
  void step_opening();
  bool is_open() const { return !closed_.charge && !closed_.discharge; }
  bool must_open() const { return (diagnoses_.standing() & kOpenSet) != 0; }
  bool is_charge_stopped() const;     // by a diagnosis
  bool is_discharge_stopped() const;  // by a diagnosis
  bool may_close_charge() const;
  bool may_close_discharge() const;
  SwitchRequest due_to_open() const;
  State settled() const;
  KnownCurrent known_current() const;

  // guard_requests.cpp
  Answer close();
  Answer acknowledge();

  const PackConfig& limits() const { return parameters_.in_use(); }

  GuardParts parts_;
  Parameters parameters_;
  Acquisition acquisition_;
  Diagnoses diagnoses_;
  AfeTrips afe_trips_;
  SwitchCheck switch_check_;
  Precharge precharge_;
  Opening opening_;
  ChargeCount charge_;
  TripLog trip_log_;
  EventQueue events_;
  Snapshot snapshot_;

  SwitchRequest closed_;    // the host's half of each path
  bool is_wanted_ = false;  // the operator asked for a closed pack
  bool is_usable_ = false;  // the settings keep every rule
  bool is_silenced_ = false;
  bool is_balance_sent_ = false;
  uint32_t now_ms_ = 0;     // of this cycle
  uint32_t cycled_ms_ = 0;  // of the cycle before
  uint32_t judged_ms_ = 0;  // of the last judgement of a reading
  uint32_t since_ms_ = 0;   // between the last two judgements
  uint32_t balanced_ms_ = 0;
  uint32_t cleared_ms_ = 0;
};

}  // namespace bms
