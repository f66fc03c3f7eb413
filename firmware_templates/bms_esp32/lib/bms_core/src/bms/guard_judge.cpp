#include "bms/guard.h"
#include "bms/limits.h"
#include "bms/plausibility.h"

namespace bms {
namespace {

using D = Diagnosis;

// An age as the value of a finding.
int32_t as_value(uint32_t age_ms) {
  return age_ms > static_cast<uint32_t>(INT32_MAX) ? INT32_MAX : static_cast<int32_t>(age_ms);
}

Finding find_flag(bool is_bad, int32_t value) { return {is_bad, !is_bad, 0, value, 0}; }

}  // namespace

void Guard::judge() {
  diagnoses_.age(now_ms_);
  if (acquisition_.is_fresh()) {
    since_ms_ = elapsed_ms(now_ms_, judged_ms_);
    judged_ms_ = now_ms_;
    trip_log_.note_reading(acquisition_.sample(), limits());
    judge_cells();
    judge_currents();
    judge_temperatures();
    judge_switches();
    judge_front_end_trips();
  }
  judge_sources();
}

void Guard::judge_cells() {
  const FrontEndReading& reading = acquisition_.sample().reading;
  const CellSummary cells = summarise_cells(reading, limits());
  judge_above(D::kCellOverVoltage, cells.highest, cells.highest_mv);
  judge_above(D::kCellOverVoltageDamage, cells.highest, cells.highest_mv);
  judge_below(D::kCellUnderVoltage, cells.lowest, cells.lowest_mv);
  judge_below(D::kCellDeepDischarge, cells.lowest, cells.lowest_mv);
  // The spread names the lowest cell: it is the one that ends a discharge.
  judge_above(D::kCellImbalance, cells.lowest, cells.highest_mv - cells.lowest_mv);
  judge(D::kStackMismatch, find_stack_mismatch(reading, cells, limits()));
}

void Guard::judge_currents() {
  const Sample& sample = acquisition_.sample();
  const PackConfig& config = limits();
  const int32_t charge_ma = charge_current_ma(sample);
  const int32_t discharge_ma = discharge_current_ma(sample);
  judge(D::kChargeOverCurrent, find_over_current(charge_ma, config.oc_slow_trip_ma, config));
  judge(D::kChargeOverCurrentFast, find_over_current(charge_ma, config.oc_fast_trip_ma, config));
  judge(D::kDischargeOverCurrent, find_over_current(discharge_ma, config.oc_slow_trip_ma, config));
  judge(D::kDischargeOverCurrentFast,
        find_over_current(discharge_ma, config.oc_fast_trip_ma, config));
  judge(D::kChargeCurrentDerated,
        find_over_current(charge_ma, charge_limit_ma(sample.reading, config), config));
  if (acquisition_.has_second()) {
    judge(D::kCurrentMismatch, find_current_mismatch(sample, config));
  }
}

void Guard::judge_temperatures() {
  const FrontEndReading& reading = acquisition_.sample().reading;
  judge(D::kSensorOpen, find_sensor_fault(SensorState::kOpen, reading, limits()));
  judge(D::kSensorShort, find_sensor_fault(SensorState::kShort, reading, limits()));
  const SensorSummary sensors = summarise_sensors(reading, limits());
  if (sensors.hottest == 0) {
    return;
  }
  judge_above(D::kChargeOverTemperature, sensors.hottest, sensors.hottest_ddegc);
  judge_below(D::kChargeUnderTemperature, sensors.coldest, sensors.coldest_ddegc);
  judge_above(D::kDischargeOverTemperature, sensors.hottest, sensors.hottest_ddegc);
  judge_below(D::kDischargeUnderTemperature, sensors.coldest, sensors.coldest_ddegc);
}

void Guard::judge_switches() {
  const Sample& sample = acquisition_.sample();
  judge(D::kSwitchWelded,
        switch_check_.find_welded(sample, closed_, snapshot_.inputs, precharge_.is_on(), limits()));
  judge(D::kSwitchNotClosed, find_not_closed(sample.reading, closed_, limits()));
}

void Guard::judge_front_end_trips() {
  const Sample& sample = acquisition_.sample();
  const uint8_t trips = sample.reading.trips;
  Finding shorted = find_flag((trips & kAfeTripShortCircuit) != 0, discharge_current_ma(sample));
  shorted.limit = limits().scd_trip_ma;
  judge(D::kShortCircuit, shorted);
  judge(D::kSenseWireOpen, find_flag((trips & kAfeTripOpenWire) != 0, trips));
  afe_trips_.update(trips, diagnoses_.active());
  judge(D::kFrontEndTrip, find_flag(afe_trips_.surprising() != 0, afe_trips_.surprising()));
}

void Guard::judge_sources() {
  judge_above(D::kFrontEndStale, 0, as_value(acquisition_.age_ms()));
  judge_above(D::kCurrentSensorStale, 0, as_value(acquisition_.second_age_ms()));
  judge(D::kFrontEndSettings, find_flag(acquisition_.is_settings_lost(), 0));
}

void Guard::judge_above(Diagnosis diagnosis, uint8_t subject, int32_t value) {
  judge(diagnosis, find_above(diagnosis, subject, value, limits()));
}

void Guard::judge_below(Diagnosis diagnosis, uint8_t subject, int32_t value) {
  judge(diagnosis, find_below(diagnosis, subject, value, limits()));
}

void Guard::judge(Diagnosis diagnosis, const Finding& finding) {
  const Change change = diagnoses_.judge(diagnosis, finding, since_ms_, now_ms_, limits());
  if (change != Change::kNothing) {
    tell(change == Change::kTripped ? EventKind::kTripped : EventKind::kReleased, diagnosis,
         finding);
  }
}

void Guard::raise(Diagnosis diagnosis, int32_t value, int32_t limit) {
  diagnoses_.latch(diagnosis);
  tell(EventKind::kTripped, diagnosis, {true, false, 0, value, limit});
}

void Guard::tell(EventKind kind, Diagnosis diagnosis, const Finding& finding) {
  EventRecord event;
  event.at_ms = now_ms_;
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
    trip_log_.add(event, limits());
    is_silenced_ = false;
  }
}

}  // namespace bms
