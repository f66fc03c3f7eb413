// Every protection just at its limit, just beyond it, just before its delay and at it, and at its
// release. Each runs through the whole guard, on a closed pack.
#include <doctest/doctest.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "test/core_bench.h"

using bench::Bench;
using bms::Action;
using bms::Command;
using bms::Diagnosis;
using bms::EventKind;
using bms::State;

namespace {

struct LimitCase {
  Diagnosis diagnosis;
  std::function<void(Bench&, int32_t)> put;
  int32_t limit;
  int32_t beyond;  // +1 if above the limit is bad, -1 if below is
  int32_t delay_ms;
  int32_t release;
  int32_t release_delay_ms = 0;
  uint8_t subject = 0;
};

void put_cell(Bench& bench, int32_t mv) { bench.set_cell(7, mv); }
void put_sensor(Bench& bench, int32_t ddegc) { bench.front_end.next.temp_ddegc[2] = ddegc; }
void put_charge(Bench& bench, int32_t ma) { bench.set_current(ma); }
void put_discharge(Bench& bench, int32_t ma) { bench.set_current(-ma); }
void put_spread(Bench& bench, int32_t mv) {
  bench.set_cells(3590);
  bench.set_cell(7, 3590 - mv);
}
void put_stack_error(Bench& bench, int32_t mv) {
  bench.set_cells(3300);
  bench.front_end.next.stack_mv += mv;
}
void put_warm_charge(Bench& bench, int32_t ma) {
  bench.set_temperatures(120);  // between 10 °C, 84 A, and 15 °C, 140 A
  bench.set_current(ma);
}

// The reference pack but for one limit, which would else trip together with another.
bms::PackConfig limits_apart() {
  bms::PackConfig config;
  config.discharge_ot_trip_ddegc = 505;
  return config;
}

// From the reference pack's table of limits, written out: a wrong field would show.
const std::vector<LimitCase>& limit_cases() {
  static const std::vector<LimitCase> cases = {
      {Diagnosis::kCellOverVoltage, put_cell, 3580, 1, 1000, 3400, 0, 7},
      {Diagnosis::kCellOverVoltageDamage, put_cell, 3750, 1, 1000, 3750, 0, 7},
      {Diagnosis::kCellUnderVoltage, put_cell, 2600, -1, 2000, 3100, 0, 7},
      {Diagnosis::kCellDeepDischarge, put_cell, 2000, -1, 2000, 2000, 0, 7},
      {Diagnosis::kChargeOverCurrent, put_charge, 168000, 1, 10000, 999, 60000},
      {Diagnosis::kChargeOverCurrentFast, put_charge, 270000, 1, 100, 999, 60000},
      {Diagnosis::kDischargeOverCurrent, put_discharge, 168000, 1, 10000, 999, 60000},
      {Diagnosis::kDischargeOverCurrentFast, put_discharge, 270000, 1, 100, 999, 60000},
      {Diagnosis::kChargeCurrentDerated, put_warm_charge, 84000, 1, 10000, 999, 60000},
      {Diagnosis::kChargeOverTemperature, put_sensor, 500, 1, 2000, 450, 0, 3},
      {Diagnosis::kChargeUnderTemperature, put_sensor, 50, -1, 2000, 80, 0, 3},
      {Diagnosis::kDischargeOverTemperature, put_sensor, 505, 1, 2000, 450, 0, 3},
      {Diagnosis::kDischargeUnderTemperature, put_sensor, -150, -1, 2000, -100, 0, 3},
      {Diagnosis::kCellImbalance, put_spread, 1000, 1, 2000, 1000, 0, 7},
      {Diagnosis::kStackMismatch, put_stack_error, 400, 1, 1000, 400},
  };
  return cases;
}

bool is_opened(Bench& bench, Diagnosis diagnosis) {
  switch (bms::row_of(diagnosis).action) {
    case Action::kStopCharge:
      return !bench.is_charge_closed() && bench.is_discharge_closed();
    case Action::kStopDischarge:
      return bench.is_charge_closed() && !bench.is_discharge_closed();
    default:
      return !bench.is_charge_closed() && !bench.is_discharge_closed();
  }
}

}  // namespace

TEST_CASE("a value at its limit trips nothing, however long it lasts") {
  for (const LimitCase& limit : limit_cases()) {
    CAPTURE(std::string(bms::row_of(limit.diagnosis).name));
    Bench bench(limits_apart());
    bench.start_closed();
    limit.put(bench, limit.limit);
    bench.run_ms(3 * limit.delay_ms + 1000);
    CHECK_FALSE(bench.is_active(limit.diagnosis));
  }
}

TEST_CASE("a value just beyond its limit trips at its delay and not before") {
  for (const LimitCase& limit : limit_cases()) {
    CAPTURE(std::string(bms::row_of(limit.diagnosis).name));
    Bench bench(limits_apart());
    bench.start_closed();
    const int32_t value = limit.limit + limit.beyond;
    limit.put(bench, value);
    bench.run(1);
    bench.run_ms(limit.delay_ms - 50);
    CHECK_FALSE(bench.is_active(limit.diagnosis));
    bench.run(1);
    CHECK(bench.is_active(limit.diagnosis));
    const bool is_latching = (bms::row_of(limit.diagnosis).traits & bms::kLatched) != 0;
    CHECK(bench.is_latched(limit.diagnosis) == is_latching);
    const auto event = bench.event(EventKind::kTripped, limit.diagnosis);
    REQUIRE(event.has_value());
    CHECK(event->value == value);
    CHECK(event->limit == limit.limit);
    CHECK(event->subject == limit.subject);
    CHECK(event->limit_field == static_cast<uint16_t>(bms::row_of(limit.diagnosis).limit));
    CHECK(event->at_ms == bench.clock.time_ms);
    CHECK(event->config_hash == bench.guard().config_hash());
  }
}

TEST_CASE("what trips opens its path and leaves the other") {
  for (const LimitCase& limit : limit_cases()) {
    CAPTURE(std::string(bms::row_of(limit.diagnosis).name));
    Bench bench(limits_apart());
    bench.start_closed();
    limit.put(bench, limit.limit + limit.beyond);
    bench.run_ms(limit.delay_ms + 50);
    // Half a second for charger and load to stop, where it is not urgent.
    bench.run_ms(500);
    if (limit.diagnosis != Diagnosis::kCellImbalance) {  // which comes with an empty cell
      CHECK(is_opened(bench, limit.diagnosis));
    }
    const bool is_error = bms::row_of(limit.diagnosis).action == Action::kOpen;
    CHECK((bench.state() == State::kError) == is_error);
  }
}

TEST_CASE("a tripped value is released at its release and not one short of it") {
  for (const LimitCase& limit : limit_cases()) {
    CAPTURE(std::string(bms::row_of(limit.diagnosis).name));
    Bench bench(limits_apart());
    bench.start_closed();
    limit.put(bench, limit.limit + limit.beyond);
    bench.run_ms(limit.delay_ms + 1000);
    REQUIRE(bench.is_active(limit.diagnosis));
    bench.does_current_stop = false;
    limit.put(bench, limit.release + limit.beyond);
    bench.run_ms(limit.release_delay_ms + 1000);
    CHECK(bench.is_active(limit.diagnosis));
    limit.put(bench, limit.release);
    bench.run(1);
    if (limit.release_delay_ms > 0) {
      bench.run_ms(limit.release_delay_ms - 50);
      CHECK(bench.is_active(limit.diagnosis));
      bench.run(1);
    }
    CHECK_FALSE(bench.is_active(limit.diagnosis));
    CHECK(bench.event(EventKind::kReleased, limit.diagnosis).has_value());
  }
}

TEST_CASE("one good reading within the delay costs two readings and not the whole delay") {
  Bench bench;
  bench.start_closed();
  bench.set_cell(1, 3601);
  bench.run(1);
  bench.run_ms(900);
  bench.set_cell(1, 3580);
  bench.run(1);
  bench.set_cell(1, 3601);
  bench.run(1);
  CHECK_FALSE(bench.is_active(Diagnosis::kCellOverVoltage));
  bench.run(2);
  CHECK_FALSE(bench.is_active(Diagnosis::kCellOverVoltage));
  bench.run(1);
  CHECK(bench.is_active(Diagnosis::kCellOverVoltage));
}

TEST_CASE("a delay shorter than the time between two readings is no delay") {
  bms::PackConfig config;
  config.afe_period_ms = 200;
  config.oc_fast_delay_ms = 199;
  Bench bench(config);
  bench.start_closed();
  bench.set_current(-270001);
  bench.run(1);
  CHECK(bench.is_active(Diagnosis::kDischargeOverCurrentFast));
}

TEST_CASE("a delay of one period takes two readings") {
  bms::PackConfig config;
  config.afe_period_ms = 200;
  config.oc_fast_delay_ms = 200;
  Bench bench(config);
  bench.start_closed();
  bench.set_current(-270001);
  bench.run(1);
  CHECK_FALSE(bench.is_active(Diagnosis::kDischargeOverCurrentFast));
  bench.run(1);
  CHECK(bench.is_active(Diagnosis::kDischargeOverCurrentFast));
}

TEST_CASE("a release by time starts anew when current flows again") {
  Bench bench;
  bench.start_closed();
  bench.set_current(-270001);
  bench.run(3);
  bench.does_current_stop = false;
  bench.set_current(0);
  bench.run_ms(59000);
  bench.set_current(-1000);
  bench.run(1);
  bench.set_current(0);
  bench.run_ms(59000);
  CHECK(bench.is_active(Diagnosis::kDischargeOverCurrentFast));
  bench.run_ms(1050);
  CHECK_FALSE(bench.is_active(Diagnosis::kDischargeOverCurrentFast));
}

TEST_CASE("the sensor that shows more current counts, whichever it is") {
  Bench bench;
  bench.start_closed();
  bench.set_current(-268000);
  bench.sensor.next.current_ma = -270001;
  bench.run(3);
  CHECK(bench.is_active(Diagnosis::kDischargeOverCurrentFast));
  CHECK_FALSE(bench.is_active(Diagnosis::kChargeOverCurrentFast));
}

TEST_CASE("over-currents release three times within an hour, then wait for the operator") {
  Bench bench;
  bench.start_closed();
  for (int attempt = 0; attempt < 3; ++attempt) {
    bench.set_current(-270001);
    bench.run(3);
    CHECK_FALSE(bench.is_latched(Diagnosis::kDischargeOverCurrentFast));
    bench.set_current(0);
    bench.run_ms(60100);
    CHECK(bench.is_discharge_closed());
  }
  bench.set_current(-270001);
  bench.run(3);
  CHECK(bench.is_latched(Diagnosis::kDischargeOverCurrentFast));
  bench.set_current(0);
  bench.run_ms(60100);
  CHECK_FALSE(bench.is_active(Diagnosis::kDischargeOverCurrentFast));
  CHECK(bench.is_latched(Diagnosis::kDischargeOverCurrentFast));
  CHECK_FALSE(bench.is_discharge_closed());

  SUBCASE("who lets go of it and gives three more") {
    CHECK(bench.ask(Command::kAcknowledge).result == bms::Result::kDone);
    bench.run(2);
    CHECK(bench.is_discharge_closed());
    bench.set_current(-270001);
    bench.run(3);
    CHECK_FALSE(bench.is_latched(Diagnosis::kDischargeOverCurrentFast));
  }
}

TEST_CASE("releases more than an hour old no longer count") {
  bms::PackConfig config;
  config.oc_attempts = 1;
  Bench bench(config);
  bench.start_closed();
  bench.set_current(-270001);
  bench.run(3);
  bench.set_current(0);
  bench.run_ms(60100 + 3600000);
  bench.set_current(-270001);
  bench.run(3);
  CHECK_FALSE(bench.is_latched(Diagnosis::kDischargeOverCurrentFast));
}

TEST_CASE("without attempts the first over-current is the operator's") {
  bms::PackConfig config;
  config.oc_attempts = 0;
  Bench bench(config);
  bench.start_closed();
  bench.set_current(270001);
  bench.run(3);
  CHECK(bench.is_latched(Diagnosis::kChargeOverCurrentFast));
}

TEST_CASE("a thermistor that stays open or shorted opens the pack after its delay") {
  struct Row {
    bms::SensorState state;
    Diagnosis diagnosis;
  };
  for (const Row& row : {Row{bms::SensorState::kOpen, Diagnosis::kSensorOpen},
                         Row{bms::SensorState::kShort, Diagnosis::kSensorShort}}) {
    Bench bench;
    bench.start_closed();
    bench.front_end.next.sensor[7] = row.state;
    bench.front_end.next.temp_ddegc[7] = 2000;  // what it shows then is no temperature
    bench.run(1);
    bench.run_ms(1950);
    CHECK_FALSE(bench.is_active(row.diagnosis));
    bench.run(1);
    CHECK(bench.is_active(row.diagnosis));
    CHECK(bench.state() == State::kError);
    CHECK(bench.event(EventKind::kTripped, row.diagnosis)->subject == 8);
    CHECK_FALSE(bench.is_active(Diagnosis::kChargeOverTemperature));
    bench.front_end.next.sensor[7] = bms::SensorState::kOk;
    bench.front_end.next.temp_ddegc[7] = 250;
    bench.run(1);
    CHECK_FALSE(bench.is_active(row.diagnosis));
    CHECK(bench.is_latched(row.diagnosis));
  }
}

TEST_CASE("a sensor beyond the number in use is not looked at") {
  bms::PackConfig config;
  config.ntc_count = 4;
  Bench bench(config);
  SUBCASE("open") { bench.front_end.next.sensor[4] = bms::SensorState::kOpen; }
  SUBCASE("hot") { bench.front_end.next.temp_ddegc[4] = 900; }
  SUBCASE("cool, where less charge current would be allowed") {
    bench.front_end.next.temp_ddegc[4] = 60;
  }
  bench.start_closed();
  bench.run_ms(5000);
  CHECK(bench.now().active == 0);
  CHECK(bench.now().charge_limit_ma == 280000);
}

TEST_CASE("of equal cells and equal sensors the first is named") {
  const bms::PackConfig config;
  const Bench bench;
  const bms::CellSummary cells = bms::summarise_cells(bench.front_end.next, config);
  CHECK(cells.highest == 1);
  CHECK(cells.lowest == 1);
  const bms::SensorSummary sensors = bms::summarise_sensors(bench.front_end.next, config);
  CHECK(sensors.hottest == 1);
  CHECK(sensors.coldest == 1);
}

TEST_CASE("without any whole sensor no charge current is allowed and no temperature is judged") {
  Bench bench;
  bench.start();
  for (bms::SensorState& state : bench.front_end.next.sensor) state = bms::SensorState::kShort;
  bench.run_ms(5000);
  CHECK(bench.now().charge_limit_ma == 0);
  CHECK(bench.now().active == bms::bit_of(Diagnosis::kSensorShort));
}

TEST_CASE("cells beyond the number in use are not looked at") {
  bms::PackConfig config;
  config.cell_count = 3;
  Bench bench(config);
  bench.front_end.next.cell_mv[3] = 0;
  bench.front_end.next.cell_mv[15] = 5000;
  bench.start_closed();
  bench.run_ms(5000);
  CHECK(bench.now().active == 0);
  CHECK(bench.state() == State::kNormal);
}
