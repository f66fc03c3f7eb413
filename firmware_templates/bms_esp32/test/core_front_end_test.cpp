// What the guard does when the chips fail, forget their settings, or act by themselves.
#include <doctest/doctest.h>

#include <initializer_list>

#include "test/core_bench.h"

using bench::Bench;
using bms::Command;
using bms::Diagnosis;
using bms::EventKind;
using bms::FrontEndResult;
using bms::Result;
using bms::State;

namespace {

bool is_open(Bench& bench) {
  return !bench.board.shown.charge_enable && !bench.board.shown.discharge_enable;
}

}  // namespace

TEST_CASE("a pack without readings opens when they are older than stale_ms") {
  for (const FrontEndResult result : {FrontEndResult::kBusFailed, FrontEndResult::kFrozen}) {
    CAPTURE(static_cast<int>(result));
    Bench bench;
    bench.start_closed();
    bench.front_end.read_result = result;
    bench.run_ms(500);
    CHECK_FALSE(bench.is_active(Diagnosis::kFrontEndStale));
    CHECK_FALSE(is_open(bench));
    CHECK(bench.now().reading_age_ms == 500);
    bench.run(1);
    CHECK(bench.is_active(Diagnosis::kFrontEndStale));
    CHECK(is_open(bench));
    CHECK(bench.state() == State::kError);
    const auto event = bench.event(EventKind::kTripped, Diagnosis::kFrontEndStale);
    REQUIRE(event.has_value());
    CHECK(event->value == 550);
    CHECK(event->limit == 500);
  }
}

TEST_CASE("nothing is judged on an old reading") {
  Bench bench;
  bench.start_closed();
  bench.set_cell(1, 3601);
  bench.run(1);
  bench.front_end.read_result = FrontEndResult::kBusFailed;
  bench.run_ms(450);
  bench.front_end.read_result = FrontEndResult::kOk;
  bench.set_cell(1, 3300);
  bench.run_ms(2000);
  CHECK_FALSE(bench.is_active(Diagnosis::kCellOverVoltage));
}

TEST_CASE("time without a reading counts when the value is still bad after it") {
  Bench bench;
  bench.start_closed();
  bench.set_cell(1, 3601);
  bench.run(1);
  bench.run_ms(500);
  bench.front_end.read_result = FrontEndResult::kBusFailed;
  bench.run_ms(450);
  bench.front_end.read_result = FrontEndResult::kOk;
  bench.run(1);
  CHECK(bench.is_active(Diagnosis::kCellOverVoltage));
}

TEST_CASE("numbers that no chip measures are a failed reading") {
  Bench bench;
  bench.start_closed();
  const bms::FrontEndReading good = bench.front_end.next;
  SUBCASE("a cell too high") { bench.front_end.next.cell_mv[15] = 5501; }
  SUBCASE("a cell too low") { bench.front_end.next.cell_mv[0] = -501; }
  SUBCASE("a stack too high") { bench.front_end.next.stack_mv = 200001; }
  SUBCASE("a pack too low") { bench.front_end.next.pack_mv = -200001; }
  SUBCASE("a current too high") { bench.front_end.next.current_ma = 10000001; }
  SUBCASE("a current too low") { bench.front_end.next.current_ma = INT32_MIN; }
  bench.run(1);
  CHECK(bench.now().reading_age_ms == 50);
  CHECK(bench.now().reading.cell_mv[0] == good.cell_mv[0]);
  CHECK(bench.now().reading.cell_mv[15] == good.cell_mv[15]);
  bench.run_ms(500);
  CHECK(bench.is_active(Diagnosis::kFrontEndStale));
}

TEST_CASE("numbers that a chip can just measure are a reading") {
  Bench bench;
  bench.start();
  SUBCASE("the highest") {
    bench.front_end.next.cell_mv[0] = 5500;
    bench.front_end.next.stack_mv = 200000;
    bench.front_end.next.current_ma = 10000000;
  }
  SUBCASE("the lowest") {
    bench.front_end.next.cell_mv[0] = -500;
    bench.front_end.next.stack_mv = -200000;
    bench.front_end.next.current_ma = -10000000;
  }
  bench.does_current_stop = false;
  bench.run(1);
  CHECK(bench.now().reading_age_ms == 0);
}

TEST_CASE("a second sensor without readings opens the pack after stale_ms") {
  Bench bench;
  bench.start_closed();
  SUBCASE("that does not answer") { bench.sensor.can_read = false; }
  SUBCASE("that says what can't be") { bench.sensor.next.current_ma = INT32_MAX; }
  bench.run_ms(500);
  CHECK_FALSE(bench.is_active(Diagnosis::kCurrentSensorStale));
  CHECK_FALSE(is_open(bench));
  bench.run(1);
  CHECK(bench.is_latched(Diagnosis::kCurrentSensorStale));
  CHECK(bench.is_active(Diagnosis::kCurrentSensorStale));
  CHECK(is_open(bench));
}

TEST_CASE("a second sensor that failed is configured again before it is believed") {
  Bench bench;
  bench.start_closed();
  CHECK(bench.sensor.configure_count == 1);
  bench.sensor.can_read = false;
  bench.run(1);
  bench.sensor.can_read = true;
  bench.sensor.can_configure = false;
  bench.sensor.next.current_ma = 60000;
  bench.run(2);
  CHECK(bench.sensor.configure_count == 3);
  CHECK(bench.now().second.current_ma == 0);
  bench.sensor.can_configure = true;
  bench.run(1);
  CHECK(bench.now().second.current_ma == 60000);
}

TEST_CASE("current sensors may differ by their limit and the gain error of both") {
  Bench bench;
  int32_t second_ma = 0;
  bench.start_closed();
  // |100 A| and |93.07 A| at 1 % are 1930 mA besides the 5000.
  SUBCASE("discharging") { second_ma = -93070; }
  SUBCASE("charging") { second_ma = 93070; }
  bench.front_end.next.current_ma = second_ma < 0 ? -100000 : 100000;
  bench.sensor.next.current_ma = second_ma;
  bench.run_ms(10000);
  CHECK_FALSE(bench.is_active(Diagnosis::kCurrentMismatch));
  bench.sensor.next.current_ma += second_ma < 0 ? 1 : -1;
  bench.run_ms(2000);
  CHECK_FALSE(bench.is_active(Diagnosis::kCurrentMismatch));
  bench.run(1);
  CHECK(bench.is_latched(Diagnosis::kCurrentMismatch));
  const auto event = bench.event(EventKind::kTripped, Diagnosis::kCurrentMismatch);
  REQUIRE(event.has_value());
  CHECK(event->value == 6931);
  CHECK(event->limit == 6930);
  bench.sensor.next.current_ma = second_ma;
  bench.run(1);
  CHECK_FALSE(bench.is_active(Diagnosis::kCurrentMismatch));
  bench.run_ms(500);
  CHECK(is_open(bench));
}

TEST_CASE("two sensors on one shunt are compared all the same") {
  bms::PackConfig config;
  config.is_shunt_shared = bms::kIsShuntSharedYes;
  Bench bench(config);
  bench.start_closed();
  bench.front_end.next.current_ma = -100000;
  bench.sensor.next.current_ma = 0;
  bench.run_ms(2100);
  CHECK(bench.is_latched(Diagnosis::kCurrentMismatch));
}

TEST_CASE("nothing closes before the front end holds its settings") {
  Bench bench;
  SUBCASE("as it read other values back") {
    bench.front_end.configure_result = FrontEndResult::kReadbackDiffers;
  }
  SUBCASE("as a limit can't be held") {
    bench.front_end.configure_result = FrontEndResult::kOutOfRange;
  }
  SUBCASE("as it has no hash of what it read back") { bench.front_end.hash_to_be = 0; }
  bench.restart();
  bench.run(1);
  CHECK(bench.state() == State::kError);
  CHECK(bench.is_active(Diagnosis::kFrontEndSettings));
  CHECK(bench.guard().afe_hash() == 0);
  CHECK(bench.ask(Command::kClose).result == Result::kRefusedByDiagnosis);
  CHECK(bench.ask(Command::kAcknowledge).detail ==
        static_cast<uint16_t>(Diagnosis::kFrontEndSettings));

  bench.front_end.configure_result = FrontEndResult::kOk;
  bench.front_end.hash_to_be = 77;
  bench.run(4);
  CHECK(bench.guard().afe_hash() == 77);
  CHECK_FALSE(bench.is_active(Diagnosis::kFrontEndSettings));
  CHECK(bench.ask(Command::kAcknowledge).result == Result::kDone);
  CHECK(bench.state() == State::kIdle);
}

TEST_CASE("a front end that does not answer at the start is stale, not wrong") {
  Bench bench;
  bench.front_end.configure_result = FrontEndResult::kBusFailed;
  bench.restart();
  bench.run_ms(500);
  CHECK(bench.state() == State::kInit);
  bench.run(1);
  CHECK(bench.state() == State::kError);
  CHECK(bench.is_active(Diagnosis::kFrontEndStale));
  CHECK_FALSE(bench.is_active(Diagnosis::kFrontEndSettings));
  CHECK(bench.front_end.read_count == 0);

  // When it comes, it is given its settings; that takes a while.
  bench.front_end.configure_result = FrontEndResult::kOk;
  bench.front_end.configure_takes_ms = 250;
  bench.run_ms(200);
  CHECK(bench.ask(Command::kAcknowledge).result == Result::kDone);
  bench.run(1);
  CHECK(bench.state() == State::kIdle);
}

TEST_CASE("a front end that does not take its settings is asked five times a second") {
  Bench bench;
  bench.front_end.configure_result = FrontEndResult::kBusFailed;
  bench.restart();
  bench.run_ms(2000);
  CHECK(bench.front_end.configure_count == 10);
}

TEST_CASE(
    "a front end that lost its settings opens the pack and is configured anew once it is open") {
  for (const FrontEndResult result :
       {FrontEndResult::kNotConfigured, FrontEndResult::kReadbackDiffers, FrontEndResult::kOk}) {
    CAPTURE(static_cast<int>(result));
    Bench bench;
    bench.start_closed();
    REQUIRE(bench.front_end.configure_count == 1);
    bench.front_end.read_result = result;
    if (result == FrontEndResult::kOk) bench.front_end.hash = 0x9999;
    bench.run(1);
    CHECK(is_open(bench));
    CHECK(bench.state() == State::kError);
    CHECK(bench.is_latched(Diagnosis::kFrontEndSettings));
    CHECK(bench.front_end.configure_count == 1);
    bench.front_end.read_result = FrontEndResult::kOk;
    bench.run(1);
    CHECK(bench.front_end.configure_count == 2);
    CHECK(bench.front_end.was_open_when_configured);
    CHECK_FALSE(bench.is_active(Diagnosis::kFrontEndSettings));
    CHECK(bench.state() == State::kError);
  }
}

TEST_CASE("settings that were lost stay lost while the bus fails") {
  Bench bench;
  bench.start();
  bench.front_end.read_result = FrontEndResult::kNotConfigured;
  bench.run(1);
  bench.front_end.configure_result = FrontEndResult::kBusFailed;
  bench.run(1);
  CHECK(bench.is_active(Diagnosis::kFrontEndSettings));
  CHECK(bench.ask(Command::kAcknowledge).result == Result::kRefusedByDiagnosis);
}

TEST_CASE("a front end is not configured while a contactor still waits to open") {
  Bench bench;
  bench.start_closed();
  bench.set_current(-1500000);
  bench.run(1);
  bench.front_end.read_result = FrontEndResult::kNotConfigured;
  bench.run(3);
  CHECK(bench.state() == State::kOpening);
  CHECK(bench.front_end.configure_count == 1);
  bench.run(5);
  CHECK(bench.state() == State::kError);
  CHECK(bench.front_end.configure_count > 1);
  CHECK(bench.front_end.was_open_when_configured);
}

TEST_CASE("an operator who acknowledges before the cells are measured again is led to init") {
  Bench bench;
  bench.start();
  bench.front_end.read_result = FrontEndResult::kNotConfigured;
  bench.run(1);
  bench.front_end.read_result = FrontEndResult::kFrozen;
  bench.run(1);
  REQUIRE(bench.state() == State::kError);
  CHECK(bench.ask(Command::kAcknowledge).result == Result::kDone);
  CHECK(bench.state() == State::kInit);
  bench.front_end.read_result = FrontEndResult::kOk;
  bench.run(1);
  CHECK(bench.state() == State::kIdle);
}

TEST_CASE("a front end that opened before the host did opens the pack, whatever its cause") {
  for (const uint8_t trip :
       {bms::kAfeTripOverVoltage, bms::kAfeTripUnderVoltage, bms::kAfeTripChargeCurrent,
        bms::kAfeTripDischargeCurrent, bms::kAfeTripTemperature, bms::kAfeTripWatchdog}) {
    CAPTURE(static_cast<int>(trip));
    Bench bench;
    bench.start_closed();
    bench.front_end.next.trips = trip;
    bench.front_end.held_trips = trip;
    bench.run(1);
    CHECK(bench.is_latched(Diagnosis::kFrontEndTrip));
    CHECK(bench.state() == State::kError);
    CHECK(is_open(bench));
    CHECK(bench.event(EventKind::kTripped, Diagnosis::kFrontEndTrip)->value == trip);
    CHECK(bench.front_end.clear_count == 1);
    bench.run_ms(950);
    CHECK(bench.front_end.clear_count == 1);
    bench.run(1);
    CHECK(bench.front_end.clear_count == 2);
    CHECK(bench.is_active(Diagnosis::kFrontEndTrip));
    CHECK(bench.ask(Command::kAcknowledge).result == Result::kRefusedByDiagnosis);
    bench.front_end.held_trips = 0;
    bench.run_ms(1100);
    CHECK_FALSE(bench.is_active(Diagnosis::kFrontEndTrip));
    CHECK(bench.ask(Command::kAcknowledge).result == Result::kDone);
  }
}

TEST_CASE("a short circuit and an open sense wire are named as such") {
  struct Row {
    uint8_t trip;
    Diagnosis diagnosis;
  };
  for (const Row& row : {Row{bms::kAfeTripShortCircuit, Diagnosis::kShortCircuit},
                         Row{bms::kAfeTripOpenWire, Diagnosis::kSenseWireOpen}}) {
    Bench bench;
    bench.start_closed();
    bench.front_end.next.trips = row.trip;
    bench.run(1);
    CHECK(bench.now().latched == bms::bit_of(row.diagnosis));
    CHECK(bench.state() == State::kError);
    CHECK(is_open(bench));
    bench.run(1);
    CHECK(bench.front_end.clear_count == 1);
    bench.run(1);
    CHECK(bench.now().active == 0);
    CHECK(bench.ask(Command::kAcknowledge).result == Result::kDone);
  }
}

TEST_CASE(
    "a front end that follows the host is no surprise, and is let go after the host released") {
  Bench bench;
  bench.start_closed();
  bench.set_cell(1, 3601);
  bench.run_ms(1100);
  bench.front_end.next.trips = bms::kAfeTripOverVoltage;
  bench.front_end.held_trips = bms::kAfeTripOverVoltage;
  bench.run_ms(5000);
  CHECK_FALSE(bench.is_active(Diagnosis::kFrontEndTrip));
  CHECK(bench.front_end.clear_count == 0);
  CHECK(bench.is_discharge_closed());

  // The host releases, the front end takes its time: the path stays open until it has let go.
  bench.set_cell(1, 3400);
  bench.run_ms(2000);
  CHECK_FALSE(bench.is_active(Diagnosis::kCellOverVoltage));
  CHECK_FALSE(bench.is_active(Diagnosis::kFrontEndTrip));
  CHECK(bench.front_end.clear_count >= 2);
  CHECK_FALSE(bench.is_charge_closed());
  bench.front_end.held_trips = 0;
  bench.run_ms(1100);
  CHECK(bench.front_end.next.trips == 0);
  CHECK(bench.is_charge_closed());
  CHECK(bench.state() == State::kNormal);
}

TEST_CASE("the discharge path waits for the front end in the same way") {
  Bench bench;
  bench.start_closed();
  bench.set_cell(1, 2599);
  bench.run_ms(2100);
  bench.front_end.next.trips = bms::kAfeTripUnderVoltage;
  bench.front_end.held_trips = bms::kAfeTripUnderVoltage;
  bench.run_ms(1000);
  bench.set_cell(1, 3100);
  bench.run_ms(1000);
  CHECK(bench.state() == State::kNormal);
  CHECK_FALSE(bench.is_discharge_closed());
  bench.front_end.held_trips = 0;
  bench.run_ms(1200);
  CHECK(bench.is_discharge_closed());
}

TEST_CASE("a pack is not precharged while the front end holds the path open") {
  Bench bench;
  bench.start();
  bench.set_cell(1, 2599);
  bench.run_ms(2100);
  bench.front_end.next.trips = bms::kAfeTripUnderVoltage;
  bench.front_end.held_trips = bms::kAfeTripUnderVoltage;
  bench.run(1);
  bench.set_cell(1, 3100);
  bench.run(1);
  REQUIRE(bench.now().active == 0);
  CHECK(bench.ask(Command::kClose).result == Result::kDone);
  bench.run(1);
  CHECK(bench.state() == State::kNormal);
  CHECK(bench.is_charge_closed());
  CHECK_FALSE(bench.board.shown.precharge_enable);
  bench.front_end.held_trips = 0;
  bench.run_ms(1100);
  CHECK(bench.state() == State::kPrecharge);
}

TEST_CASE("trips are not cleared while a contactor waits to open") {
  Bench bench;
  bench.start_closed();
  bench.set_current(-1500000);
  bench.run(2);
  bench.front_end.next.trips = bms::kAfeTripShortCircuit;
  bench.run(1);
  REQUIRE(bench.state() == State::kOpening);
  CHECK(bench.front_end.clear_count == 0);
}
