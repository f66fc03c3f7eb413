// Which cells are bled, and when none is.
#include <doctest/doctest.h>

#include "test/core_bench.h"

using bench::Bench;
using bms::Command;

namespace {

constexpr int32_t kPeriodMs = 5000;

// Cell 3 stands out by 20 mV at 3420 mV.
void start_unbalanced(Bench& bench) {
  bench.set_cells(3400);
  bench.set_cell(3, 3420);
  bench.start_closed();
  bench.run_ms(kPeriodMs);
}

}  // namespace

TEST_CASE("a cell is bled from its start above the lowest down to its stop") {
  Bench bench;
  bench.set_cells(3400);
  bench.start_closed();
  bench.set_cell(3, 3409);
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == 0);
  bench.set_cell(3, 3410);
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == 0x0004);
  CHECK(bench.now().balancing == 0x0004);
  bench.set_cell(3, 3406);
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == 0x0004);
  bench.set_cell(3, 3405);
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == 0);
}

TEST_CASE("a cell below balance_min_mv is not bled") {
  Bench bench;
  bench.set_cells(3300);
  bench.set_cell(3, 3399);
  bench.start_closed();
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == 0);
  bench.set_cell(3, 3400);
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == 0x0004);
}

TEST_CASE("of neighbours the higher is bled, and never both") {
  Bench bench;
  bench.set_cells(3400);
  bench.set_cell(1, 3430);
  bench.set_cell(2, 3440);
  bench.set_cell(3, 3435);
  bench.set_cell(4, 3420);
  bench.set_cell(15, 3411);
  bench.set_cell(16, 3410);
  bench.start_closed();
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == (0x0002 | 0x0008 | 0x4000));
}

TEST_CASE("of neighbours the first cell may be the higher one, and of equal ones it is taken") {
  Bench bench;
  bench.set_cells(3400);
  bench.start_closed();
  SUBCASE("higher") {
    bench.set_cell(1, 3440);
    bench.set_cell(2, 3430);
  }
  SUBCASE("equal") {
    bench.set_cell(1, 3430);
    bench.set_cell(2, 3430);
  }
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == 0x0001);
}

TEST_CASE("every second cell at most is bled when all but one stand out") {
  Bench bench;
  bench.set_cells(3440);
  bench.set_cell(8, 3400);
  bench.start_closed();
  bench.run_ms(kPeriodMs);
  const uint32_t cells = bench.front_end.balancing;
  CHECK(cells != 0);
  CHECK((cells & cells << 1U) == 0);
}

TEST_CASE("nothing is bled while discharging, at wrong temperatures, or with a diagnosis") {
  Bench bench;
  start_unbalanced(bench);
  REQUIRE(bench.front_end.balancing == 0x0004);
  SUBCASE("at a small discharge current") {
    bench.set_current(-1000);
    bench.run(1);
  }
  SUBCASE("too hot") {
    bench.set_temperatures(451);
    bench.run(1);
  }
  SUBCASE("the board too hot") {
    bench.front_end.next.die_temp_ddegc = 451;
    bench.run(1);
  }
  SUBCASE("too cold") {
    bench.set_temperatures(-1);
    bench.run(1);
  }
  SUBCASE("no sensor") {
    for (bms::SensorState& state : bench.front_end.next.sensor) state = bms::SensorState::kOpen;
    bench.run(1);
  }
  SUBCASE("with a diagnosis") {
    bench.set_cell(3, 3601);
    bench.run_ms(1100);
  }
  SUBCASE("without a reading") {
    bench.front_end.read_result = bms::FrontEndResult::kBusFailed;
    bench.run(1);
  }
  CHECK(bench.front_end.balancing == 0);
  CHECK(bench.now().balancing == 0);
}

TEST_CASE("cells are bled while charging and at rest, closed or open") {
  Bench bench;
  start_unbalanced(bench);
  bench.set_current(20000);
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == 0x0004);
  bench.set_current(-999);
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == 0x0004);
  bench.ask(Command::kOpen);
  bench.run_ms(kPeriodMs);
  CHECK(bench.state() == bms::State::kIdle);
  CHECK(bench.front_end.balancing == 0x0004);
  bench.set_temperatures(450);
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == 0x0004);
}

TEST_CASE("cells are bled down to the lowest temperature for it and no further") {
  bms::PackConfig config;
  config.balance_temp_min_ddegc = 100;
  Bench bench(config);
  start_unbalanced(bench);
  bench.set_temperatures(100);
  bench.run_ms(kPeriodMs);
  CHECK(bench.front_end.balancing == 0x0004);
  bench.set_temperatures(99);
  bench.run(1);
  CHECK(bench.front_end.balancing == 0);
}

TEST_CASE("a front end that was configured anew is told again what to bleed") {
  Bench bench;
  bench.start();
  const int before = bench.front_end.balance_count;
  bench.front_end.read_result = bms::FrontEndResult::kNotConfigured;
  bench.run(1);
  CHECK(bench.front_end.balance_count == before);
  bench.front_end.read_result = bms::FrontEndResult::kOk;
  bench.run(2);
  CHECK(bench.front_end.balance_count == before + 1);
}

TEST_CASE("nothing is bled in precharge") {
  Bench bench;
  bench.set_cells(3400);
  bench.set_cell(3, 3420);
  bench.start();
  bench.run_ms(kPeriodMs);
  REQUIRE(bench.front_end.balancing == 0x0004);
  bench.front_end.next.pack_mv = 0;
  bench.ask(Command::kClose);
  bench.run(1);
  CHECK(bench.front_end.balancing == 0);
}

TEST_CASE("a request is repeated while it lasts, and after the bus lost it") {
  Bench bench;
  start_unbalanced(bench);
  const int before = bench.front_end.balance_count;
  bench.run_ms(4 * kPeriodMs);
  CHECK(bench.front_end.balance_count == before + 4);
  bench.front_end.balance_result = bms::FrontEndResult::kBusFailed;
  bench.set_current(-50000);
  bench.run(3);
  CHECK(bench.front_end.balancing == 0x0004);
  bench.front_end.balance_result = bms::FrontEndResult::kOk;
  bench.run(1);
  CHECK(bench.front_end.balancing == 0);
}
