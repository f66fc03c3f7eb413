// The state of charge: counting, its error, its anchors, and how it survives.
#include <doctest/doctest.h>

#include "bms/charge_count.h"
#include "bms/limits.h"
#include "test/core_bench.h"

using bench::Bench;
using bms::Command;
using bms::Record;
using bms::Warning;

namespace {

constexpr int32_t kHourMs = 3600000;

// Full by its anchor, error 2 %.
void charge_full(Bench& bench) {
  bench.set_cells(3450);
  bench.set_current(14000);
  bench.run_ms(10100);
  bench.set_current(0);
  bench.set_cells(3300);
  bench.run(1);
}

// In steps of a minute: the count does not care how long a cycle is.
void run_hours(Bench& bench, int32_t hours) {
  for (int32_t minute = 0; minute < 60 * hours; ++minute) {
    bench.clock.time_ms += 60000 - 50;
    bench.run(1);
  }
}

}  // namespace

TEST_CASE("without a record nothing is known") {
  Bench bench;
  bench.start();
  CHECK(bench.now().soc_permille == 0);
  CHECK(bench.now().soc_error_permille == 1000);
}

TEST_CASE("full is the top voltage at the tail current, for ten seconds") {
  Bench bench;
  bench.start_closed();
  SUBCASE("at both") {
    bench.set_cell(4, 3450);
    bench.set_current(14000);
    bench.run(1);
    bench.run_ms(9900);
    CHECK(bench.now().soc_error_permille == 1000);
    bench.run(1);
    CHECK(bench.now().soc_permille == 1000);
    CHECK(bench.now().soc_error_permille == 20);
  }
  SUBCASE("not a millivolt below") {
    bench.set_cell(4, 3449);
    bench.set_current(14000);
    bench.run_ms(20000);
    CHECK(bench.now().soc_error_permille == 1000);
  }
  SUBCASE("not above the tail current") {
    bench.set_cell(4, 3450);
    bench.set_current(14001);
    bench.run_ms(20000);
    CHECK(bench.now().soc_error_permille == 1000);
  }
  SUBCASE("not without charge current") {
    bench.set_cell(4, 3450);
    bench.set_current(0);
    bench.run_ms(20000);
    CHECK(bench.now().soc_error_permille == 1000);
  }
}

TEST_CASE("current is counted, and its error with it") {
  Bench bench;
  bench.start_closed();
  charge_full(bench);
  bench.set_current(-28000);  // a tenth of the capacity in an hour
  run_hours(bench, 3);
  // 280 Ah less 84 Ah; the error is 2 % and 1 % of 84 Ah and 3 h of 50 mA.
  CHECK(bench.now().soc_permille == 700);
  CHECK(bench.now().soc_error_permille == 24);
  bench.set_current(28000);
  run_hours(bench, 1);
  CHECK(bench.now().soc_permille == 800);
  bench.set_current(0);
  run_hours(bench, 20);
  CHECK(bench.now().soc_permille == 800);
  CHECK(bench.now().soc_error_permille == 29);
}

TEST_CASE("the count does not go beyond full or empty") {
  Bench bench;
  bench.start_closed();
  charge_full(bench);
  bench.set_current(28000);
  run_hours(bench, 1);
  CHECK(bench.now().soc_permille == 1000);
  bench.set_current(-28000);
  run_hours(bench, 12);
  CHECK(bench.now().soc_permille == 0);
}

TEST_CASE("without the front end the second sensor is counted, without both the error grows") {
  Bench bench;
  bench.start_closed();
  charge_full(bench);
  bench.front_end.read_result = bms::FrontEndResult::kBusFailed;
  bench.sensor.next.current_ma = -280000;
  bench.clock.time_ms += 400;  // 450 ms of 280 A is 0.0125 %
  bench.run(1);
  CHECK(bench.now().soc_permille == 999);
  const int32_t before = bench.now().soc_error_permille;
  bench.sensor.can_read = false;
  bench.clock.time_ms += 36000;  // 36 s of all that the cells may carry is 1 %
  bench.run(1);
  CHECK(bench.now().soc_permille == 999);
  CHECK(bench.now().soc_error_permille >= before + 10);
  CHECK(bench.now().soc_error_permille <= before + 11);
  // Open by now: only the offset is left.
  const int32_t open = bench.now().soc_error_permille;
  bench.clock.time_ms += 3600000;
  bench.run(1);
  CHECK(bench.now().soc_error_permille <= open + 1);
}

TEST_CASE("after a gap of more than an hour the current now is not counted for the time between") {
  Bench bench;
  bench.start_closed();
  charge_full(bench);
  bench.set_current(-28000);
  bench.clock.time_ms += 3600000 - 50;
  bench.run(1);
  CHECK(bench.now().soc_permille == 900);
  bench.clock.time_ms += 3600001 - 50;
  bench.run(1);
  CHECK(bench.now().soc_permille == 900);
  CHECK(bench.now().soc_error_permille == 1000);
}

TEST_CASE("open-circuit voltage becomes charge straight between the points of its table") {
  const bms::PackConfig config;
  CHECK(bms::ocv_permille(0, config) == 0);
  CHECK(bms::ocv_permille(2833, config) == 0);
  CHECK(bms::ocv_permille(2834, config) == 0);
  CHECK(bms::ocv_permille(3132, config) == 50);
  CHECK(bms::ocv_permille(3195, config) == 150);
  CHECK(bms::ocv_permille(3392, config) == 1000);
  CHECK(bms::ocv_permille(3393, config) == 1000);
}

TEST_CASE("rested cells tell the charge outside the plateau, as well as they are measured") {
  Bench bench;
  bench.start();
  SUBCASE("below it") {
    bench.set_cells(3132);
    bench.run(1);
    bench.run_ms(kHourMs - 150);
    CHECK(bench.now().soc_error_permille == 1000);
    bench.run(1);
    // 3122 mV is 4.8 %, 3142 mV is 6.1 %.
    CHECK(bench.now().soc_permille == 54);
    CHECK(bench.now().soc_error_permille == 7);
  }
  SUBCASE("above it") {
    bench.set_cells(3380);
    bench.run_ms(kHourMs + 100);
    CHECK(bench.now().soc_permille >= 985);
    CHECK(bench.now().soc_error_permille <= 10);
  }
  SUBCASE("up to the lower edge of the plateau") {
    bench.set_cells(3185);  // 3195 mV with its error: 15 %
    bench.run_ms(kHourMs + 100);
    CHECK(bench.now().soc_error_permille < 40);
  }
  SUBCASE("and from its upper edge") {
    bench.set_cells(3356);  // 3346 mV with its error: 97 %
    bench.run_ms(kHourMs + 100);
    CHECK(bench.now().soc_error_permille < 20);
  }
  SUBCASE("a millivolt into it they tell nothing") {
    bench.set_cells(3355);
    bench.run_ms(kHourMs + 100);
    CHECK(bench.now().soc_error_permille == 1000);
  }
  SUBCASE("in the plateau they tell nothing") {
    bench.set_cells(3280);
    bench.run_ms(kHourMs + 100);
    CHECK(bench.now().soc_error_permille == 1000);
  }
  SUBCASE("nor at its lower edge, with one cell in it") {
    bench.set_cells(3180);
    bench.set_cell(2, 3190);  // 3200 mV with its error: 16.3 %
    bench.run_ms(kHourMs + 100);
    CHECK(bench.now().soc_error_permille == 1000);
  }
  SUBCASE("nor when current flowed within the hour") {
    bench.set_cells(3132);
    bench.run_ms(kHourMs - 1000);
    bench.does_current_stop = false;
    bench.set_current(1000);
    bench.run(1);
    bench.set_current(0);
    bench.run_ms(kHourMs - 1000);
    CHECK(bench.now().soc_error_permille == 1000);
  }
}

TEST_CASE("a better count is not given up for a worse anchor") {
  Bench bench;
  bench.start();
  bench.set_cells(3132);
  bench.run_ms(kHourMs);
  REQUIRE(bench.now().soc_error_permille == 7);
  bench.set_cell(1, 2900);  // 0.9 % to 6.1 %, with the error of the measurement
  bench.run(1);
  CHECK(bench.now().soc_permille == 54);
  CHECK(bench.now().soc_error_permille == 7);
}

TEST_CASE("the count survives a restart, with what may have been missed") {
  Bench bench;
  bench.start_closed();
  charge_full(bench);
  bench.set_current(-28000);
  run_hours(bench, 1);
  SUBCASE("open when it was kept") {
    bench.ask(Command::kOpen);
    bench.set_current(0);
    bench.run_ms(1100);
    bench.restart();
    bench.run(1);
    CHECK(bench.now().soc_permille == 900);
    CHECK(bench.now().soc_error_permille == 42);  // 22 and 20 for the time without power
  }
  SUBCASE("closed when it was kept") {
    bench.restart();
    bench.run(1);
    CHECK(bench.now().soc_permille >= 900);
    CHECK(bench.now().soc_permille <= 909);
    // Besides, soc_save_ms of 280 A, which is 8.3 %.
    CHECK(bench.now().soc_error_permille >= 124);
    CHECK(bench.now().soc_error_permille <= 126);
  }
}

TEST_CASE("the count is kept in two copies in turn, and a torn one is ignored") {
  Bench bench;
  bench.start_closed();
  charge_full(bench);
  bench.ask(Command::kOpen);
  bench.run_ms(300000);
  REQUIRE(bench.storage.records.count(Record::kChargeA) == 1);
  REQUIRE(bench.storage.records.count(Record::kChargeB) == 1);
  const auto first = bench.storage.records[Record::kChargeA];
  const auto second = bench.storage.records[Record::kChargeB];
  CHECK(first != second);

  bench.storage.is_torn = true;
  bench.run_ms(301000);
  const bool is_first_kept = bench.storage.records[Record::kChargeA] == first;
  const bool is_second_kept = bench.storage.records[Record::kChargeB] == second;
  CHECK(is_first_kept != is_second_kept);
  bench.storage.is_torn = false;
  bench.restart();
  bench.run(1);
  CHECK(bench.now().soc_permille == 1000);
  CHECK(bench.now().soc_error_permille < 60);
}

TEST_CASE("with both copies torn nothing is known") {
  Bench bench;
  bench.start_closed();
  charge_full(bench);
  bench.ask(Command::kOpen);
  bench.run_ms(601000);
  bench.storage.flip_a_bit(Record::kChargeA);
  bench.storage.flip_a_bit(Record::kChargeB);
  bench.restart();
  bench.run(1);
  CHECK(bench.now().soc_error_permille == 1000);
}

TEST_CASE("a count for another capacity is worth nothing") {
  Bench bench;
  bench.start_closed();
  charge_full(bench);
  bench.ask(Command::kOpen);
  bench.run_ms(2000);
  bench.built_in.capacity_mah = 100000;
  bench.restart();
  bench.run(1);
  CHECK(bench.now().soc_error_permille == 1000);
}

TEST_CASE("a count that can't be kept warns, and is tried again every second") {
  Bench bench;
  bench.start_closed();
  charge_full(bench);
  bench.storage.can_write = false;
  bench.ask(Command::kOpen);
  bench.run_ms(1100);
  CHECK((bench.now().warnings & bms::bit_of(Warning::kChargeUnsaved)) != 0);
  const int before = bench.storage.write_count;
  bench.run_ms(10000);
  CHECK(bench.storage.write_count == before + 10);
  bench.storage.can_write = true;
  bench.run_ms(1100);
  CHECK((bench.now().warnings & bms::bit_of(Warning::kChargeUnsaved)) == 0);
}
