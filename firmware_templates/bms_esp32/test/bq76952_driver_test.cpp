#include <doctest/doctest.h>

#include "front_end_bench.h"

using bench::FrontEndBench;
using bms::FrontEndReading;
using bms::FrontEndResult;

TEST_CASE("a configured front end reads what its pins see") {
  FrontEndBench bench;
  REQUIRE(bench.driver.configure(bench.config) == FrontEndResult::kOk);
  CHECK(bench.driver.readback_hash() != 0);
  bench.model.inputs().cell_mv[4] = 3412.4;
  bench.model.inputs().pack_mv = 51230;
  bench.set_current_ma(-42000);
  bench.model.advance(200000);
  FrontEndReading reading;
  REQUIRE(bench.driver.read(reading) == FrontEndResult::kOk);
  CHECK(reading.cell_mv[0] == 3300);
  CHECK(reading.cell_mv[4] == 3412);
  CHECK(reading.cell_mv[15] == 3300);
  CHECK(reading.stack_mv == 52800);
  CHECK(reading.pack_mv == 51230);
  CHECK(reading.current_ma == -42000);
  CHECK(reading.temp_ddegc[0] == 250);
  CHECK(reading.temp_ddegc[7] == 250);
  CHECK(reading.sensor[7] == bms::SensorState::kOk);
  CHECK(reading.die_temp_ddegc == 251);
  CHECK(reading.trips == 0);
  CHECK_FALSE(reading.is_charge_switch_on);
  REQUIRE(bench.driver.switch_paths({true, true}) == FrontEndResult::kOk);
  CHECK(bench.model.is_charge_on());
  CHECK(bench.model.is_discharge_on());
  REQUIRE(bench.driver.switch_paths({false, true}) == FrontEndResult::kOk);
  CHECK_FALSE(bench.model.is_charge_on());
  CHECK(bench.model.is_discharge_on());
}
