#include "bms/guard.h"

#include "bms/limits.h"

namespace bms {

Guard::Guard(const GuardParts& parts, const PackConfig& built_in)
    : parts_(parts), parameters_(parts.storage, built_in), trip_log_(parts.storage) {}

void Guard::start() {
  parts_.board.apply(snapshot_.outputs);
  parameters_.load();
  trip_log_.load();
  judged_ms_ = parts_.clock.now_ms();
}

void Guard::cycle() {
  const uint32_t now_ms = parts_.clock.now_ms();
  if (snapshot_.state == State::kUninitialised) {
    enter(State::kInit, now_ms);
  }
  read(now_ms);
  if (is_fresh_) {
    const CellSummary cells = summarise_cells(sample_.reading, config());
    judge(Diagnosis::kCellOverVoltage,
          find_above(Diagnosis::kCellOverVoltage, cells.highest, cells.highest_mv, config()),
          elapsed_ms(now_ms, judged_ms_), now_ms);
    judged_ms_ = now_ms;
  }
  step(now_ms);
  act();
  parts_.board.feed_watchdog();
}

void Guard::read(uint32_t now_ms) {
  if (afe_hash_ == 0 && parts_.front_end.configure(config()) == FrontEndResult::kOk) {
    afe_hash_ = parts_.front_end.readback_hash();
    parts_.current_sensor.configure(config());
  }
  is_fresh_ = parts_.front_end.read(sample_.reading) == FrontEndResult::kOk;
  parts_.current_sensor.read(snapshot_.second);
  sample_.second_ma = snapshot_.second.current_ma;
  if (is_fresh_) {
    trip_log_.note_reading(sample_, config());
    snapshot_.reading = sample_.reading;
    snapshot_.has_reading = true;
  }
  snapshot_.reading_age_ms = elapsed_ms(now_ms, judged_ms_);
}

void Guard::judge(Diagnosis diagnosis, const Finding& finding, uint32_t since_ms, uint32_t now_ms) {
  const Change change = diagnoses_.judge(diagnosis, finding, since_ms, now_ms, config());
  if (change == Change::kTripped) {
    tell(EventKind::kTripped, diagnosis, finding, now_ms);
  }
  if (change == Change::kReleased) {
    tell(EventKind::kReleased, diagnosis, finding, now_ms);
  }
}

void Guard::tell(EventKind kind, Diagnosis diagnosis, const Finding& finding, uint32_t now_ms) {
  EventRecord event;
  event.at_ms = now_ms;
  event.kind = kind;
  event.diagnosis = diagnosis;
  event.subject = finding.subject;
  event.value = finding.value;
  event.limit = finding.limit;
  event.limit_field = static_cast<uint16_t>(row_of(diagnosis).limit);
  event.state = snapshot_.state;
  event.config_hash = config_hash();
  events_.add(event);
  if (kind == EventKind::kTripped) {
    trip_log_.add(event, config());
  }
}

void Guard::enter(State state, uint32_t now_ms) {
  EventRecord event;
  event.at_ms = now_ms;
  event.kind = EventKind::kStateChanged;
  event.value = static_cast<int32_t>(snapshot_.state);
  event.limit = static_cast<int32_t>(state);
  event.state = state;
  event.config_hash = config_hash();
  events_.add(event);
  snapshot_.state = state;
  parameters_.allow_commit(state == State::kIdle || state == State::kInit);
}

void Guard::step(uint32_t now_ms) {
  if (snapshot_.state == State::kInit && is_fresh_) {
    enter(State::kIdle, now_ms);
  }
  const uint32_t standing = diagnoses_.standing();
  if (snapshot_.state == State::kNormal) {
    closed_.charge = (standing & kChargeStopSet) == 0;
    closed_.discharge = (standing & kDischargeStopSet) == 0;
  }
}

void Guard::act() {
  snapshot_.outputs.charge_enable = closed_.charge;
  snapshot_.outputs.discharge_enable = closed_.discharge;
  snapshot_.active = diagnoses_.active();
  snapshot_.latched = diagnoses_.latched();
  parts_.board.apply(snapshot_.outputs);
  parts_.front_end.switch_paths(closed_);
  trip_log_.save(parts_.clock.now_ms());
}

Answer Guard::request(Command command) {
  const uint32_t now_ms = parts_.clock.now_ms();
  if (command == Command::kClose && snapshot_.state == State::kIdle) {
    enter(State::kNormal, now_ms);
    return {};
  }
  if (command == Command::kOpen) {
    closed_ = SwitchRequest{};
    enter(State::kIdle, now_ms);
    return {};
  }
  return {Result::kRefusedInThisState, 0};
}

}  // namespace bms
