#include "bms/guard.h"

namespace bms {

void Guard::enter(State state) {
  EventRecord event;
  event.at_ms = now_ms_;
  event.kind = EventKind::kStateChanged;
  event.value = static_cast<int32_t>(snapshot_.state);
  event.limit = static_cast<int32_t>(state);
  event.state = state;
  event.config_hash = config_hash();
  events_.add(event);
  snapshot_.state = state;
  const bool is_resting = state == State::kInit || state == State::kIdle || state == State::kError;
  // Whoever opened it, only the operator's command closes it again.
  is_wanted_ = is_wanted_ && !is_resting;
  parameters_.allow_commit(is_resting);
}

void Guard::advance() {
  switch (snapshot_.state) {
    case State::kUninitialised:
      enter(State::kInit);
      break;
    case State::kInit:
      if (must_open()) {
        enter(State::kError);
      } else if (acquisition_.is_fresh()) {
        enter(State::kIdle);
      }
      break;
    case State::kIdle:
      if (must_open()) {
        enter(State::kError);
      }
      break;
    case State::kPrecharge:
      step_precharge();
      break;
    case State::kNormal:
      step_normal();
      break;
    case State::kOpening:
      step_opening();
      break;
    default:  // kError, which only the operator's request ends
      break;
  }
}

bool Guard::is_charge_stopped() const {
  return (diagnoses_.standing() & (kOpenSet | kChargeStopSet)) != 0;
}

bool Guard::is_discharge_stopped() const {
  return (diagnoses_.standing() & (kOpenSet | kDischargeStopSet)) != 0;
}

// A path that the front end holds open by itself is not closed by the host either: once the front
// end let go it would close without precharge.
bool Guard::may_close_charge() const {
  return !is_charge_stopped() && (afe_trips_.all() & kChargeTrips) == 0;
}

bool Guard::may_close_discharge() const {
  return !is_discharge_stopped() && (afe_trips_.all() & kDischargeTrips) == 0;
}

SwitchRequest Guard::due_to_open() const {
  return {closed_.charge && (!is_wanted_ || is_charge_stopped()),
          closed_.discharge && (!is_wanted_ || is_discharge_stopped())};
}

// Where it stands when no path is about to open or close.
State Guard::settled() const {
  if (!is_open()) {
    return State::kNormal;
  }
  if (must_open()) {
    return State::kError;
  }
  return is_wanted_ ? State::kNormal : State::kIdle;
}

KnownCurrent Guard::known_current() const {
  const uint32_t stale_ms = static_cast<uint32_t>(limits().stale_ms);
  if (acquisition_.age_ms() <= stale_ms) {
    return {true, current_magnitude_ma(acquisition_.sample())};
  }
  return {acquisition_.second_age_ms() <= stale_ms, magnitude(acquisition_.second().current_ma)};
}

void Guard::step_precharge() {
  if (!is_wanted_ || !may_close_discharge() || due_to_open().charge) {
    precharge_.stop();
    enter(settled());
    return;
  }
  const FrontEndReading& reading = acquisition_.sample().reading;
  const int32_t difference_mv = load_difference_mv(reading);
  const PrechargeStep step =
      precharge_.step(now_ms_, acquisition_.is_fresh(), difference_mv, limits());
  if (step == PrechargeStep::kDone) {
    closed_.discharge = true;
    enter(State::kNormal);
  } else if (step == PrechargeStep::kFailed) {
    raise(Diagnosis::kPrechargeFailed, difference_mv, limits().precharge_done_mv);
  }
}

// Both paths close again by themselves once nothing forbids it, since a pack that was emptied must
// come back when the sun has charged it. The discharge path does so through the precharge resistor
// only. What is latched stays open until the operator has looked.
void Guard::step_normal() {
  const SwitchRequest due = due_to_open();
  if (due.charge || due.discharge) {
    opening_.begin(now_ms_);
    enter(State::kOpening);
    return;
  }
  if (settled() != State::kNormal) {
    enter(settled());
    return;
  }
  if (may_close_discharge() && !closed_.discharge) {
    precharge_.begin(now_ms_);
    enter(State::kPrecharge);
  } else if (may_close_charge()) {
    closed_.charge = true;
  }
}

void Guard::step_opening() {
  const SwitchRequest due = due_to_open();
  const bool is_urgent = (diagnoses_.active() & kUrgentSet) != 0;
  const bool is_called_off = !due.charge && !due.discharge;
  if (!is_called_off && !opening_.may_open(now_ms_, is_urgent, known_current(), limits())) {
    return;
  }
  closed_.charge = closed_.charge && !due.charge;
  closed_.discharge = closed_.discharge && !due.discharge;
  enter(settled());
}

}  // namespace bms
