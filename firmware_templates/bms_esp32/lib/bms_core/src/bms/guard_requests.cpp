#include "bms/guard.h"

namespace bms {
namespace {

// The first diagnosis of a set that is not empty.
uint16_t first_of(uint32_t set) {
  uint16_t first = 0;
  while ((set & 1U) == 0) {
    set >>= 1U;
    ++first;
  }
  return first;
}

Answer refused_by(uint32_t set) { return {Result::kRefusedByDiagnosis, first_of(set)}; }

}  // namespace

Answer Guard::request(Command command) {
  now_ms_ = parts_.clock.now_ms();
  adopt_changed_settings();
  switch (command) {
    case Command::kClose:
      return close();
    case Command::kOpen:
      is_wanted_ = false;
      return {};
    case Command::kAcknowledge:
      return acknowledge();
    case Command::kSilence:
      is_silenced_ = true;
      return {};
    default:
      return {Result::kUnknown, 0};
  }
}

// With one path forbidden the other may still close: an empty pack must take charge, and a full one
// give it.
Answer Guard::close() {
  if (diagnoses_.latched() != 0) {
    return refused_by(diagnoses_.latched());
  }
  if (snapshot_.state != State::kIdle) {
    return {Result::kRefusedInThisState, 0};
  }
  if (is_discharge_stopped() && is_charge_stopped()) {
    return refused_by(diagnoses_.active());
  }
  is_wanted_ = true;
  if (may_close_discharge()) {
    precharge_.begin(now_ms_);
    enter(State::kPrecharge);
  } else {
    enter(State::kNormal);
  }
  return {};
}

Answer Guard::acknowledge() {
  for (const DiagnosisRow& row : kDiagnosisRows) {
    if (diagnoses_.acknowledge(row.id)) {
      tell(EventKind::kAcknowledged, row.id, {});
    }
  }
  if (snapshot_.state == State::kError && !must_open()) {
    enter(acquisition_.is_fresh() ? State::kIdle : State::kInit);
  }
  return diagnoses_.latched() == 0 ? Answer{} : refused_by(diagnoses_.latched());
}

}  // namespace bms
