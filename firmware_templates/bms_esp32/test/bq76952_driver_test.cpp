#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "bq76952/open_wire.h"
#include "front_end_bench.h"

using bench::FrontEndBench;
using bms::FrontEndReading;
using bms::FrontEndResult;
using bms::PackConfig;
using bms::SensorState;

namespace {

PackConfig pack_of(int32_t cells) {
  PackConfig config;
  config.cell_count = cells;
  return config;
}

}  // namespace

TEST_CASE("a configured front end reads what its pins see") {
  FrontEndBench bench;
  REQUIRE(bench.driver.configure(bench.config) == FrontEndResult::kOk);
  CHECK(bench.driver.readback_hash() != 0);
  bench.model.inputs().cell_mv[4] = 3412.4;
  bench.model.inputs().pack_mv = 51230;
  bench.model.inputs().die_degc = 31.5;
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
  CHECK(reading.sensor[7] == SensorState::kOk);
  CHECK(std::abs(reading.die_temp_ddegc - 315) <= 1);
  CHECK(reading.trips == 0);
  CHECK_FALSE(reading.is_charge_switch_on);
  CHECK_FALSE(reading.is_discharge_switch_on);
}

TEST_CASE("packs of any size are read in order from the negative end") {
  for (const int32_t cells : {3, 4, 8, 13, 15, 16}) {
    FrontEndBench bench(pack_of(cells));
    for (int32_t cell = 0; cell < cells; ++cell) {
      bench.model.inputs().cell_mv[static_cast<size_t>(cell)] = 3200 + cell;
    }
    bench.bring_up();
    const FrontEndReading reading = bench.run_ms(250);
    for (int32_t cell = 0; cell < cells; ++cell) CHECK(reading.cell_mv[cell] == 3200 + cell);
    for (int32_t cell = cells; cell < bms::kMaxCells; ++cell) CHECK(reading.cell_mv[cell] == 0);
    CHECK(reading.trips == 0);  // inputs that are shorted together are no cells in under-voltage
    CHECK(reading.is_charge_switch_on);
    CHECK(bench.driver.balance(static_cast<uint16_t>(1U << (cells - 1))) == FrontEndResult::kOk);
    CHECK(bench.model.balanced_cells() == 1U << (cells - 1));
  }
}

TEST_CASE("paths close and open one by one, as asked") {
  FrontEndBench bench;
  bench.bring_up();
  for (const bool charge : {false, true}) {
    for (const bool discharge : {false, true}) {
      REQUIRE(bench.driver.switch_paths({charge, discharge}) == FrontEndResult::kOk);
      CHECK(bench.model.is_charge_on() == charge);
      CHECK(bench.model.is_discharge_on() == discharge);
      const FrontEndReading reading = bench.run_ms(50);
      CHECK(reading.is_charge_switch_on == charge);
      CHECK(reading.is_discharge_switch_on == discharge);
    }
  }
}

TEST_CASE("nothing closes before the settings were read back") {
  FrontEndBench bench;
  FrontEndReading reading;
  CHECK(bench.driver.read(reading) == FrontEndResult::kNotConfigured);
  CHECK(bench.driver.readback_hash() == 0);
  CHECK(bench.driver.switch_paths({true, false}) == FrontEndResult::kNotConfigured);
  CHECK(bench.driver.switch_paths({false, true}) == FrontEndResult::kNotConfigured);
  CHECK(bench.driver.switch_paths({false, false}) == FrontEndResult::kOk);
  CHECK(bench.driver.balance(1) == FrontEndResult::kNotConfigured);
  CHECK(bench.driver.clear_trips() == FrontEndResult::kNotConfigured);
  CHECK_FALSE(bench.model.is_charge_on());
  CHECK_FALSE(bench.model.is_discharge_on());
}

TEST_CASE("settings open both paths before they are written") {
  FrontEndBench bench;
  bench.bring_up();
  REQUIRE(bench.model.is_charge_on());
  REQUIRE(bench.driver.configure(bench.config) == FrontEndResult::kOk);
  CHECK_FALSE(bench.model.is_charge_on());
  CHECK_FALSE(bench.model.is_discharge_on());
}

TEST_CASE("there is no reading until everything was measured once") {
  FrontEndBench bench;
  REQUIRE(bench.driver.configure(bench.config) == FrontEndResult::kOk);
  FrontEndReading reading;
  reading.stack_mv = -1;
  CHECK(bench.driver.read(reading) == FrontEndResult::kFrozen);
  bench.model.advance(100000);  // cells, but not yet every thermistor
  CHECK(bench.driver.read(reading) == FrontEndResult::kFrozen);
  CHECK(reading.stack_mv == -1);
  bench.model.advance(100000);
  CHECK(bench.driver.read(reading) == FrontEndResult::kOk);
}

TEST_CASE("a chip that hangs is found frozen within 350 ms, though it answers") {
  FrontEndBench bench;
  bench.bring_up();
  bench.run_ms(500);
  bench.model.faults().hangs = true;
  FrontEndReading reading;
  int passed_ms = 0;
  FrontEndResult result = FrontEndResult::kOk;
  while (result == FrontEndResult::kOk && passed_ms < 2000) {
    bench.model.advance(50000);
    passed_ms += 50;
    result = bench.driver.read(reading);
  }
  CHECK(result == FrontEndResult::kFrozen);
  CHECK(passed_ms > 250);
  CHECK(passed_ms <= 350);
  // It obeys nothing either, and is not believed to.
  CHECK(bench.driver.configure(bench.config) == FrontEndResult::kBusFailed);
  CHECK(bench.driver.switch_paths({false, false}) == FrontEndResult::kBusFailed);
  CHECK(bench.model.is_discharge_on());
  bench.model.faults().hangs = false;
  CHECK(bench.driver.configure(bench.config) == FrontEndResult::kOk);
}

TEST_CASE("a chip that hangs is found wherever in its scan it stopped") {
  for (int stopped_ms = 0; stopped_ms < 70; ++stopped_ms) {
    FrontEndBench bench;
    bench.bring_up();
    bench.run_ms(500);
    bench.model.advance(static_cast<uint64_t>(stopped_ms) * 1000);
    bench.model.faults().hangs = true;
    FrontEndReading reading;
    for (int passed_ms = 0; passed_ms < 400; passed_ms += 50) {
      bench.model.advance(50000);
      bench.driver.read(reading);
    }
    CHECK(bench.driver.read(reading) == FrontEndResult::kFrozen);
  }
}

TEST_CASE("readings a second apart are no sign of a chip that hangs") {
  FrontEndBench bench;
  bench.bring_up();
  FrontEndReading reading;
  for (int i = 0; i < 5; ++i) {
    bench.model.advance(1000000);
    CHECK(bench.driver.read(reading) == FrontEndResult::kOk);
  }
}

TEST_CASE("a reset is noticed, and undone by configuring anew") {
  FrontEndBench bench;
  bench.bring_up();
  bench.model.reset();
  CHECK_FALSE(bench.model.is_charge_on());
  bench.model.advance(300000);
  FrontEndReading reading;
  CHECK(bench.driver.read(reading) == FrontEndResult::kNotConfigured);
  CHECK(bench.driver.readback_hash() == 0);
  CHECK(bench.driver.switch_paths({true, true}) == FrontEndResult::kNotConfigured);
  CHECK_FALSE(bench.model.is_discharge_on());
  CHECK(bench.driver.configure(bench.config) == FrontEndResult::kOk);
}

TEST_CASE("thermistors that are open or shorted are not temperatures") {
  FrontEndBench bench;
  bench.model.inputs().thermistor_ohm[0] = std::numeric_limits<double>::infinity();
  bench.model.inputs().thermistor_ohm[1] = 0;
  bench.model.inputs().thermistor_ohm[2] = 32650;  // about 0 degC of a 103AT
  bench.bring_up();
  const FrontEndReading reading = bench.run_ms(250);
  CHECK(reading.sensor[0] == SensorState::kOpen);
  CHECK(reading.sensor[1] == SensorState::kShort);
  CHECK(reading.sensor[2] == SensorState::kOk);
  // ln(3.265) / 3435 + 1 / 298.15 is 1 / 270.4 K.
  CHECK(std::abs(reading.temp_ddegc[2] - -27) <= 1);
}

TEST_CASE("temperatures through chip and driver keep within 0.2 degC from -40 to 100") {
  FrontEndBench bench;
  bench.bring_up();
  for (int degc = -40; degc <= 100; degc += 5) {
    const double ohm = 10000 * std::exp(3435 * (1 / (degc + 273.15) - 1 / 298.15));
    bench.model.inputs().thermistor_ohm.fill(ohm);
    const FrontEndReading reading = bench.run_ms(250);
    CHECK(std::abs(reading.temp_ddegc[3] - degc * 10) <= 2);
  }
}

TEST_CASE("a large current limit is read in the coarser unit") {
  PackConfig config;
  config.oc_fast_trip_ma = 500000;
  config.afe_shunt_uohm = 100;
  FrontEndBench bench(config);
  bench.bring_up();
  bench.set_current_ma(610000);
  CHECK(bench.run_ms(250).current_ma == 610000);
}

TEST_CASE("neighbours and cells that do not exist are not balanced") {
  FrontEndBench bench(pack_of(8));
  bench.bring_up();
  CHECK(bench.driver.balance(0b10100101) == FrontEndResult::kOk);
  CHECK(bench.model.balanced_cells() == 0b10100101);
  CHECK(bench.driver.balance(0b00000110) == FrontEndResult::kOk);
  CHECK(bench.model.balanced_cells() == 0);
  // The two topmost cells are neighbours, though their inputs are not.
  CHECK(bench.driver.balance(0b11000000) == FrontEndResult::kOk);
  CHECK(bench.model.balanced_cells() == 0);
  CHECK(bench.driver.balance(0b1'00000001) == FrontEndResult::kOk);
  CHECK(bench.model.balanced_cells() == 0);
}

TEST_CASE("balancing lasts while the host reads and ends without it") {
  FrontEndBench bench;
  bench.bring_up();
  REQUIRE(bench.driver.balance(0x0101) == FrontEndResult::kOk);
  for (int passed_ms = 0; passed_ms < 60000; passed_ms += 50) {
    bench.run_ms(50);
    REQUIRE(bench.model.balanced_cells() == 0x0101);
  }
  // Without a word: 20 s after the last request, which was 0 to 5 s ago.
  bench.model.advance(14900000);
  CHECK(bench.model.balanced_cells() == 0x0101);
  bench.model.advance(20000000);
  CHECK(bench.model.balanced_cells() == 0);
}

TEST_CASE("balancing ends when it is told to, and in a hot chip") {
  FrontEndBench bench;
  bench.bring_up();
  REQUIRE(bench.driver.balance(0x0101) == FrontEndResult::kOk);
  REQUIRE(bench.driver.balance(0) == FrontEndResult::kOk);
  bench.run_ms(6000);
  CHECK(bench.model.balanced_cells() == 0);
  REQUIRE(bench.driver.balance(0x0101) == FrontEndResult::kOk);
  bench.model.inputs().die_degc = 71;
  bench.model.advance(10000);
  CHECK(bench.model.balanced_cells() == 0);
}

TEST_CASE("an open sense wire is named, wherever it is between two cells") {
  for (const int32_t cells : {3, 8, 16}) {
    for (int wire = 1; wire < cells; ++wire) {
      FrontEndBench bench(pack_of(cells));
      bench.bring_up();
      CHECK((bench.run_ms(1000).trips & bms::kAfeTripOpenWire) == 0);
      bench.model.inputs().is_wire_open[static_cast<size_t>(wire)] = true;
      const FrontEndReading reading = bench.run_ms(1200);
      CHECK((reading.trips & bms::kAfeTripOpenWire) != 0);
      CHECK(reading.cell_mv[wire - 1] == 2550);
      CHECK(reading.cell_mv[wire] == 4050);
    }
  }
}

TEST_CASE("the outermost wires open look like a cell that sinks") {
  FrontEndBench bench;
  bench.bring_up();
  bench.model.inputs().is_wire_open[16] = true;
  const FrontEndReading top = bench.run_ms(2200);
  CHECK(top.cell_mv[15] == 1800);
  CHECK(top.stack_mv == 51300);
  bench.model.inputs().is_wire_open[16] = false;
  bench.model.inputs().is_wire_open[0] = true;
  const FrontEndReading bottom = bench.run_ms(2200);
  CHECK(bottom.cell_mv[15] == 3300);
  CHECK(bottom.cell_mv[0] == 1800);
}

TEST_CASE("cells that are only unequal are no open wire") {
  const int32_t high_above_low[] = {3300, 2600, 3300, 3300};  // its neighbours are not high
  CHECK_FALSE(bq76952::is_wire_open(high_above_low, 4));
  const int32_t full_beside_rest[] = {3000, 3650, 3000, 3000};
  CHECK_FALSE(bq76952::is_wire_open(full_beside_rest, 4));
  const int32_t sinking_above_rising[] = {3300, 3700, 2900, 3300};  // the other way round
  CHECK_FALSE(bq76952::is_wire_open(sinking_above_rising, 4));
  const int32_t open[] = {3300, 2900, 3700, 3300};
  CHECK(bq76952::is_wire_open(open, 4));
  const int32_t just_below[] = {3300, 3001, 3600, 3300};
  CHECK_FALSE(bq76952::is_wire_open(just_below, 4));
  const int32_t low_pair[] = {3300, 2700, 3500, 3300};  // mean 200 mV below
  CHECK_FALSE(bq76952::is_wire_open(low_pair, 4));
  const int32_t high_pair[] = {3300, 3100, 3900, 3300};  // mean 200 mV above
  CHECK_FALSE(bq76952::is_wire_open(high_pair, 4));
}
