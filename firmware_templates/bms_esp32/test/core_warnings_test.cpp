// The tiers that open nothing, the derating table, lights and sound.
#include <doctest/doctest.h>

#include <initializer_list>

#include "bms/limits.h"
#include "test/core_bench.h"

using bench::Bench;
using bms::Command;
using bms::Light;
using bms::Sound;
using bms::State;
using bms::Warning;

namespace {

bool is_warned(Bench& bench, Warning warning) {
  return (bench.now().warnings & bms::bit_of(warning)) != 0;
}

}  // namespace

TEST_CASE("warnings come just beyond their limit and open nothing") {
  Bench bench;
  bench.start_closed();
  const auto check = [&](Warning warning, auto put, int32_t limit, int32_t beyond) {
    CAPTURE(static_cast<int>(warning));
    put(limit);
    bench.run(1);
    CHECK_FALSE(is_warned(bench, warning));
    put(limit + beyond);
    bench.run(1);
    CHECK(is_warned(bench, warning));
    CHECK(bench.is_charge_closed());
    CHECK(bench.is_discharge_closed());
    CHECK(bench.now().active == 0);
  };
  const auto put_cells = [&](int32_t mv) { bench.set_cells(mv); };
  check(Warning::kCellHigh, put_cells, 3500, 1);
  check(Warning::kChargeStop, put_cells, 3550, 1);
  check(Warning::kCellLow, put_cells, 3000, -1);
  check(Warning::kDischargeStop, put_cells, 2800, -1);
  bench.set_cells(3300);
  check(Warning::kImbalance, [&](int32_t mv) { bench.set_cell(5, 3300 + mv); }, 30, 1);
  bench.set_cells(3300);
  check(Warning::kCurrentHigh, [&](int32_t ma) { bench.set_current(ma); }, 140000, 1);
  check(Warning::kCurrentHigh, [&](int32_t ma) { bench.set_current(ma); }, -140000, -1);
  bench.set_current(0);
  // 15 °C allows 140 A, which is the warning's current; a tenth below it is 84 A.
  check(Warning::kChargeDerated, [&](int32_t d) { bench.set_temperatures(d); }, 150, -1);
}

TEST_CASE("the derating table gives a point its own current and the lower one between two") {
  const bms::PackConfig config;
  struct Row {
    int32_t ddegc;
    int32_t ma;
  };
  for (const Row& row :
       {Row{-1, 0}, Row{0, 8400}, Row{1, 8400}, Row{49, 8400}, Row{50, 33600}, Row{199, 140000},
        Row{250, 280000}, Row{251, 224000}, Row{449, 224000}, Row{450, 224000}, Row{451, 140000},
        Row{550, 70000}, Row{551, 0}, Row{600, 0}, Row{601, 0}}) {
    CAPTURE(row.ddegc);
    CHECK(bms::derated_current_ma(row.ddegc, config) == row.ma);
  }
}

TEST_CASE("the sensor that allows least sets the charge limit") {
  Bench bench;
  bench.start();
  CHECK(bench.now().charge_limit_ma == 280000);
  bench.front_end.next.temp_ddegc[4] = 480;
  bench.run(1);
  CHECK(bench.now().charge_limit_ma == 140000);
  bench.front_end.next.temp_ddegc[5] = 99;
  bench.run(1);
  CHECK(bench.now().charge_limit_ma == 33600);
}

TEST_CASE("where the table allows nothing, the noise of a sensor is no charge current") {
  bms::PackConfig config;
  config.charge_ut_trip_ddegc = 45;
  config.derating_temp_ddegc[0] = 48;
  Bench bench(config);
  bench.start_closed();
  bench.set_temperatures(46);
  bench.set_current(999);
  bench.run_ms(11000);
  CHECK(bench.now().charge_limit_ma == 0);
  CHECK(bench.now().active == 0);
  bench.set_current(1000);
  bench.run_ms(11000);
  CHECK(bench.is_active(bms::Diagnosis::kChargeCurrentDerated));
}

TEST_CASE("lights tell the state and what is wrong") {
  Bench bench;
  bench.set_cell(16, 0);
  bench.start();
  CHECK(bench.state() == State::kInit);
  CHECK(bench.board.shown.status_light == Light::kFastBlink);
  CHECK(bench.board.shown.fault_light == Light::kOff);
  bench.set_cell(16, 3300);
  bench.run(1);
  CHECK(bench.board.shown.status_light == Light::kSlowBlink);
  bench.ask(Command::kClose);
  bench.run(1);
  CHECK(bench.board.shown.status_light == Light::kFastBlink);
  bench.front_end.next.pack_mv = bench.front_end.next.stack_mv;
  bench.run(1);
  CHECK(bench.board.shown.status_light == Light::kOn);
  bench.set_cell(1, 3501);
  bench.run(1);
  CHECK(bench.board.shown.fault_light == Light::kSlowBlink);
  CHECK(bench.board.shown.sound == Sound::kSilent);
  bench.set_cell(1, 3601);
  bench.run_ms(1100);
  CHECK(bench.board.shown.fault_light == Light::kFastBlink);
  CHECK(bench.board.shown.sound == Sound::kBeep);
  bench.front_end.next.trips = bms::kAfeTripShortCircuit;
  bench.run(1);
  CHECK(bench.board.shown.status_light == Light::kOff);
  CHECK(bench.board.shown.fault_light == Light::kOn);
  CHECK(bench.board.shown.sound == Sound::kAlarm);
}

TEST_CASE("the sound is silent until something new trips") {
  Bench bench;
  bench.start();
  bench.set_cell(1, 3601);
  bench.run_ms(1100);
  CHECK(bench.board.shown.sound == Sound::kBeep);
  CHECK(bench.ask(Command::kSilence).result == bms::Result::kDone);
  bench.run(100);
  CHECK(bench.board.shown.sound == Sound::kSilent);
  CHECK(bench.board.shown.fault_light == Light::kFastBlink);
  bench.front_end.next.stack_mv += 500;
  bench.run_ms(1100);
  CHECK(bench.board.shown.sound == Sound::kAlarm);
}
