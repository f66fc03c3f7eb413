// The front end protects by itself, with the settings that the driver gave it: at, just below and
// just above each limit, with its delay and its recovery.
#include <doctest/doctest.h>

#include "front_end_bench.h"

using bench::FrontEndBench;
using bms::FrontEndReading;
using bms::PackConfig;

namespace {

constexpr double kCovMv = 71 * 50.6;         // 3592.6, of 3600
constexpr double kCovReleaseMv = 67 * 50.6;  // 3390.2
constexpr double kCuvMv = 50 * 50.6;         // 2530, of 2510
constexpr double kCuvReleaseMv = 62 * 50.6;  // 3137.2
constexpr uint64_t kCovDelayUs = 606 * 3300;
constexpr uint64_t kCuvDelayUs = 909 * 3300;
constexpr double kOverCurrentNv = 80e6;
constexpr uint64_t kOverCurrentDelayUs = 60 * 3300;
constexpr double kShortCircuitNv = 100e6;
constexpr uint64_t kShortCircuitDelayUs = 195;

struct Bench : FrontEndBench {
  Bench() { bring_up(); }
  explicit Bench(const PackConfig& pack) : FrontEndBench(pack) { bring_up(); }
  double& cell(size_t index) { return model.inputs().cell_mv[index]; }
  double& shunt_nv() { return model.inputs().shunt_nv; }
};

}  // namespace

TEST_CASE("a cell above the over-voltage limit for its delay opens the charge path alone") {
  Bench bench;
  bench.cell(9) = kCovMv + 0.1;
  const uint64_t since_us = bench.model.now_us();
  bench.run_ms(1950);
  CHECK(bench.model.is_charge_on());
  const FrontEndReading reading = bench.run_ms(50);
  CHECK_FALSE(bench.model.is_charge_on());
  CHECK(bench.model.is_discharge_on());
  CHECK(bench.model.charge_opened_at_us() == since_us + kCovDelayUs);
  CHECK(reading.trips == bms::kAfeTripOverVoltage);
  CHECK_FALSE(reading.is_charge_switch_on);
  CHECK(reading.is_discharge_switch_on);
}

TEST_CASE("a cell at or below the over-voltage limit opens nothing") {
  Bench bench;
  for (const double mv : {kCovMv, kCovMv - 0.1}) {
    bench.cell(9) = mv;
    CHECK(bench.run_ms(10000).trips == 0);
    CHECK(bench.model.is_charge_on());
  }
}

TEST_CASE("an over-voltage shorter than its delay starts anew") {
  Bench bench;
  for (int i = 0; i < 4; ++i) {
    bench.cell(0) = kCovMv + 5;
    bench.run_ms(1950);
    bench.cell(0) = kCovMv - 5;
    bench.run_ms(50);
  }
  CHECK(bench.model.is_charge_on());
}

TEST_CASE("an over-voltage recovers at its release after the recovery time") {
  Bench bench;
  bench.cell(3) = 3700;
  bench.run_ms(2100);
  REQUIRE_FALSE(bench.model.is_charge_on());
  bench.cell(3) = kCovReleaseMv + 0.1;
  bench.run_ms(10000);
  CHECK_FALSE(bench.model.is_charge_on());
  bench.cell(3) = kCovReleaseMv - 0.1;
  bench.run_ms(2900);
  CHECK_FALSE(bench.model.is_charge_on());
  bench.run_ms(150);
  CHECK(bench.model.is_charge_on());
}

TEST_CASE("a cell below the under-voltage limit for its delay opens the discharge path alone") {
  Bench bench;
  bench.cell(0) = kCuvMv - 0.1;
  const uint64_t since_us = bench.model.now_us();
  bench.run_ms(2950);
  CHECK(bench.model.is_discharge_on());
  const FrontEndReading reading = bench.run_ms(50);
  CHECK_FALSE(bench.model.is_discharge_on());
  CHECK(bench.model.is_charge_on());
  CHECK(bench.model.discharge_opened_at_us() == since_us + kCuvDelayUs);
  CHECK(reading.trips == bms::kAfeTripUnderVoltage);
  bench.cell(0) = kCuvReleaseMv - 0.1;
  bench.run_ms(10000);
  CHECK_FALSE(bench.model.is_discharge_on());
  bench.cell(0) = kCuvReleaseMv + 0.1;
  bench.run_ms(3100);
  CHECK(bench.model.is_discharge_on());
}

TEST_CASE("a cell at or above the under-voltage limit opens nothing") {
  Bench bench;
  for (const double mv : {kCuvMv, kCuvMv + 0.1}) {
    bench.cell(15) = mv;
    CHECK(bench.run_ms(10000).trips == 0);
  }
}

TEST_CASE("too much charge current opens the charge path alone") {
  Bench bench;
  bench.shunt_nv() = kOverCurrentNv;
  CHECK(bench.run_ms(5000).trips == 0);
  bench.shunt_nv() = kOverCurrentNv + 1;
  const uint64_t since_us = bench.model.now_us();
  const FrontEndReading reading = bench.run_ms(200);
  CHECK(bench.model.charge_opened_at_us() == since_us + kOverCurrentDelayUs);
  CHECK(bench.model.is_discharge_on());
  CHECK(reading.trips == bms::kAfeTripChargeCurrent);
  // It recovers without current, after the recovery time.
  bench.set_current_ma(1100);  // above the idle current of 1 A
  bench.run_ms(5000);
  CHECK_FALSE(bench.model.is_charge_on());
  bench.set_current_ma(0);
  bench.run_ms(3100);
  CHECK(bench.model.is_charge_on());
}

TEST_CASE("a charge over-current also recovers when the charger is taken away") {
  Bench bench;
  bench.shunt_nv() = kOverCurrentNv + 1;
  bench.run_ms(300);
  bench.set_current_ma(5000);
  bench.model.inputs().pack_mv = bench.model.inputs().stack_mv - 2000;
  bench.run_ms(3100);
  CHECK(bench.model.is_charge_on());
}

TEST_CASE("too much discharge current opens the discharge path alone") {
  Bench bench;
  bench.shunt_nv() = -kOverCurrentNv;
  CHECK(bench.run_ms(5000).trips == 0);
  bench.shunt_nv() = -kOverCurrentNv - 1;
  const uint64_t since_us = bench.model.now_us();
  const FrontEndReading reading = bench.run_ms(200);
  CHECK(bench.model.discharge_opened_at_us() == since_us + kOverCurrentDelayUs);
  CHECK(bench.model.is_charge_on());
  CHECK(reading.trips == bms::kAfeTripDischargeCurrent);
  bench.set_current_ma(-1100);
  bench.run_ms(5000);
  CHECK_FALSE(bench.model.is_discharge_on());
  bench.set_current_ma(0);
  bench.run_ms(3100);
  CHECK(bench.model.is_discharge_on());
}

TEST_CASE("a short circuit opens both paths within microseconds, however coarse the step") {
  for (const uint64_t step_us : {10U, 200U, 5000U, 50000U}) {
    Bench bench;
    bench.shunt_nv() = -kShortCircuitNv;
    bench.model.advance(100000);
    CHECK((bench.model.safety_a() & 0x80) == 0);
    bench.shunt_nv() = -kShortCircuitNv - 1;
    const uint64_t since_us = bench.model.now_us();
    while (bench.model.now_us() < since_us + 300) bench.model.advance(step_us);
    CHECK(bench.model.discharge_opened_at_us() == since_us + kShortCircuitDelayUs);
    CHECK(bench.model.charge_opened_at_us() == since_us + kShortCircuitDelayUs);
    CHECK_FALSE(bench.model.is_charge_on());
    CHECK_FALSE(bench.model.is_discharge_on());
  }
}

TEST_CASE("a short circuit that is gone too soon opens nothing") {
  Bench bench;
  for (int i = 0; i < 5; ++i) {
    bench.shunt_nv() = -150e6;
    bench.model.advance(190);
    bench.shunt_nv() = 0;
    bench.model.advance(10);
  }
  CHECK(bench.model.is_discharge_on());
}

TEST_CASE("a short circuit stays latched in the front end until the host lets go") {
  Bench bench;
  bench.shunt_nv() = -150e6;
  bench.model.advance(1000);
  bench.shunt_nv() = 0;
  const FrontEndReading reading = bench.run_ms(60000);
  CHECK(reading.trips == bms::kAfeTripShortCircuit);
  CHECK_FALSE(bench.model.is_discharge_on());
  REQUIRE(bench.driver.clear_trips() == bms::FrontEndResult::kOk);
  CHECK(bench.run_ms(50).trips == 0);
  CHECK(bench.model.is_discharge_on());
}

TEST_CASE("a hot chip opens both paths") {
  Bench bench;
  bench.model.inputs().die_degc = 84.9;
  CHECK(bench.run_ms(5000).trips == 0);
  bench.model.inputs().die_degc = 85;
  const uint64_t since_us = bench.model.now_us();
  const FrontEndReading reading = bench.run_ms(2000);
  CHECK(reading.trips == bms::kAfeTripTemperature);
  CHECK(bench.model.charge_opened_at_us() == since_us + 2000000);
  CHECK(bench.model.discharge_opened_at_us() == since_us + 2000000);
  bench.model.inputs().die_degc = 81;
  bench.run_ms(10000);
  CHECK_FALSE(bench.model.is_charge_on());
  bench.model.inputs().die_degc = 80;
  for (int passed_ms = 0; passed_ms < 3200; passed_ms += 50) {
    REQUIRE((bench.run_ms(50).trips & bms::kAfeTripWatchdog) == 0);  // its alarm is another's
  }
  CHECK(bench.model.is_charge_on());
  CHECK(bench.run_ms(50).trips == 0);
}

TEST_CASE("a silent host opens both paths, and is told so when it speaks again") {
  Bench bench;
  bench.run_ms(100);
  bench.model.advance(1990000);
  CHECK(bench.model.is_discharge_on());
  bench.model.advance(10000);
  CHECK_FALSE(bench.model.is_charge_on());
  CHECK_FALSE(bench.model.is_discharge_on());
  bench.model.advance(30000000);
  FrontEndReading reading;
  REQUIRE(bench.driver.read(reading) == bms::FrontEndResult::kOk);
  CHECK(reading.trips == bms::kAfeTripWatchdog);
  bench.run_ms(50);
  CHECK(bench.run_ms(50).trips == 0);
  CHECK(bench.model.is_charge_on());
}

TEST_CASE("a watchdog that let go before its status was read is still told") {
  Bench bench;
  bench.run_ms(100);
  bench.model.advance(2100000);
  REQUIRE_FALSE(bench.model.is_charge_on());
  REQUIRE(bench.driver.switch_paths({false, false}) == bms::FrontEndResult::kOk);
  bench.model.advance(70000);
  REQUIRE(bench.model.safety_c() == 0);
  FrontEndReading reading;
  REQUIRE(bench.driver.read(reading) == bms::FrontEndResult::kOk);
  CHECK(reading.trips == bms::kAfeTripWatchdog);
  CHECK(bench.run_ms(50).trips == 0);
}

TEST_CASE("several protections act side by side") {
  Bench bench;
  bench.cell(2) = 3700;
  bench.cell(7) = 2400;
  const FrontEndReading reading = bench.run_ms(3100);
  CHECK(reading.trips == (bms::kAfeTripOverVoltage | bms::kAfeTripUnderVoltage));
  CHECK_FALSE(bench.model.is_charge_on());
  CHECK_FALSE(bench.model.is_discharge_on());
}

TEST_CASE("a path that a protection opened stays open though the host asks for it") {
  Bench bench;
  bench.cell(2) = 3700;
  bench.run_ms(2100);
  REQUIRE(bench.driver.switch_paths({true, true}) == bms::FrontEndResult::kOk);
  CHECK_FALSE(bench.model.is_charge_on());
}

TEST_CASE("a blind front end protects nothing, but measures") {
  Bench bench;
  bench.model.faults().is_blind = true;
  bench.cell(2) = 3900;
  bench.shunt_nv() = -150e6;
  const FrontEndReading reading = bench.run_ms(10000);
  CHECK(reading.trips == 0);
  CHECK(reading.cell_mv[2] == 3900);
  CHECK(bench.model.is_charge_on());
}

TEST_CASE("an open sense wire ends in under-voltage and over-voltage of its neighbours") {
  Bench bench;
  bench.model.inputs().is_wire_open[5] = true;
  const FrontEndReading reading = bench.run_ms(6000);
  CHECK((reading.trips & bms::kAfeTripOverVoltage) != 0);
  CHECK((reading.trips & bms::kAfeTripUnderVoltage) != 0);
  CHECK_FALSE(bench.model.is_charge_on());
  CHECK_FALSE(bench.model.is_discharge_on());
}

TEST_CASE("MOSFETs in series conduct for each other, so that no body diode carries the pack") {
  PackConfig config;
  config.switch_kind = 0;
  Bench bench(config);
  REQUIRE(bench.driver.switch_paths({false, true}) == bms::FrontEndResult::kOk);
  CHECK_FALSE(bench.model.is_charge_on());
  bench.set_current_ma(-1000);
  bench.run_ms(50);
  CHECK(bench.model.is_charge_on());
  REQUIRE(bench.driver.switch_paths({true, false}) == bms::FrontEndResult::kOk);
  bench.set_current_ma(1000);
  bench.run_ms(50);
  CHECK(bench.model.is_discharge_on());
  bench.set_current_ma(0);
  bench.run_ms(50);
  CHECK_FALSE(bench.model.is_discharge_on());
}
