// The trip log: what it keeps of a trip, and that it survives.
#include <doctest/doctest.h>

#include <initializer_list>

#include "test/core_bench.h"

using bench::Bench;
using bms::Diagnosis;
using bms::EventKind;
using bms::kNoSample;
using bms::Record;
using bms::TripLogEntry;

namespace {

void trip_over_voltage(Bench& bench) {
  bench.set_cell(5, 3601);
  bench.run_ms(1050);
  bench.set_cell(5, 3300);
  bench.run(1);
}

}  // namespace

TEST_CASE("a trip is kept with the four readings before it and the four after") {
  Bench bench;
  bench.start();
  bench.set_cell(5, 3601);
  bench.run_ms(800);
  for (const int32_t mv : {3610, 3611, 3612, 3613, 3614}) {
    bench.set_cell(5, mv);
    bench.run(1);
  }
  REQUIRE(bench.is_active(Diagnosis::kCellOverVoltage));
  REQUIRE(bench.guard().trip_log().size() == 1);
  const TripLogEntry& entry = bench.guard().trip_log().entry(0);
  CHECK(entry.event.kind == EventKind::kTripped);
  CHECK(entry.event.diagnosis == Diagnosis::kCellOverVoltage);
  CHECK(entry.event.subject == 5);
  CHECK(entry.event.value == 3614);
  CHECK(entry.event.limit == 3580);
  CHECK(entry.before[0] == 3610);
  CHECK(entry.before[3] == 3613);
  CHECK(entry.after[0] == kNoSample);
  for (const int32_t mv : {3620, 3621, 3622, 3623, 3624}) {
    bench.set_cell(5, mv);
    bench.run(1);
  }
  CHECK(entry.after[0] == 3620);
  CHECK(entry.after[3] == 3623);
}

TEST_CASE("a trip soon after the start has gaps where there was no reading") {
  Bench bench;
  bench.front_end.next.trips = bms::kAfeTripShortCircuit;
  bench.does_current_stop = false;
  bench.restart();
  bench.set_current(-5);
  bench.run(1);
  bench.set_current(-6);
  bench.run(1);
  const TripLogEntry& entry = bench.guard().trip_log().entry(0);
  CHECK(entry.event.diagnosis == Diagnosis::kShortCircuit);
  CHECK(entry.event.value == 5);
  for (const int32_t value : entry.before) CHECK(value == kNoSample);
  CHECK(entry.after[0] == 6);
  CHECK(entry.after[1] == kNoSample);
}

TEST_CASE("each trip is kept with the values that it is about") {
  Bench bench;
  bench.does_current_stop = false;
  const auto check = [&](Diagnosis diagnosis, int32_t before) {
    bool is_found = false;
    for (size_t index = 0; index < bench.guard().trip_log().size(); ++index) {
      const TripLogEntry& entry = bench.guard().trip_log().entry(index);
      if (entry.event.diagnosis == diagnosis) {
        is_found = true;
        CHECK(entry.before[3] == before);
      }
    }
    CAPTURE(static_cast<int>(diagnosis));
    CHECK(is_found);
  };
  bench.start_closed();
  SUBCASE("temperature") {
    bench.front_end.next.temp_ddegc[1] = 510;
    bench.run_ms(2100);
    check(Diagnosis::kChargeOverTemperature, 510);
  }
  SUBCASE("charge current") {
    bench.set_current(271000);
    bench.run_ms(200);
    check(Diagnosis::kChargeOverCurrentFast, 271000);
  }
  SUBCASE("discharge current") {
    bench.set_current(-271000);
    bench.run_ms(200);
    check(Diagnosis::kDischargeOverCurrentFast, 271000);
  }
  SUBCASE("current of a welded switch") {
    bench.ask(bms::Command::kOpen);
    bench.run(1);
    bench.set_current(-2000);
    bench.run_ms(400);
    check(Diagnosis::kSwitchWelded, 2000);
  }
  SUBCASE("spread") {
    bench.set_cells(3590);
    bench.set_cell(2, 2580);
    bench.run_ms(2100);
    check(Diagnosis::kCellImbalance, 1010);
  }
  SUBCASE("stack") {
    bench.front_end.next.stack_mv -= 450;
    bench.run_ms(1100);
    check(Diagnosis::kStackMismatch, 450);
  }
  SUBCASE("difference of the sensors") {
    bench.set_current(1000);
    bench.sensor.next.current_ma = 10000;
    bench.run_ms(2100);
    check(Diagnosis::kCurrentMismatch, 9000);
  }
  SUBCASE("difference to the load") {
    bench.front_end.next.pack_mv -= 2000;
    bench.run_ms(400);
    check(Diagnosis::kSwitchNotClosed, 2000);
  }
  SUBCASE("nothing, where there is no number") {
    bench.front_end.next.trips = bms::kAfeTripOpenWire;
    bench.run(1);
    check(Diagnosis::kSenseWireOpen, 0);
  }
  SUBCASE("nor for an age") {
    bench.sensor.can_read = false;
    bench.run_ms(600);
    check(Diagnosis::kCurrentSensorStale, 0);
  }
}

TEST_CASE("the log keeps the last thirty-two") {
  Bench bench;
  bench.start();
  for (int trip = 0; trip < 40; ++trip) trip_over_voltage(bench);
  const bms::TripLog& log = bench.guard().trip_log();
  CHECK(log.size() == 32);
  const uint32_t period_ms = log.entry(1).event.at_ms - log.entry(0).event.at_ms;
  CHECK(log.entry(31).event.at_ms - log.entry(0).event.at_ms == 31 * period_ms);

  // All of them are there after a restart, in their order.
  const uint32_t first_ms = log.entry(0).event.at_ms;
  bench.run_ms(2000);
  bench.restart();
  REQUIRE(bench.guard().trip_log().size() == 32);
  CHECK(bench.guard().trip_log().entry(0).event.at_ms == first_ms);
  CHECK(bench.guard().trip_log().entry(31).event.at_ms == first_ms + 31 * period_ms);
}

TEST_CASE("the log survives a restart, and goes on") {
  Bench bench;
  bench.start();
  trip_over_voltage(bench);
  bench.run_ms(2000);
  bench.restart();
  REQUIRE(bench.guard().trip_log().size() == 1);
  const TripLogEntry& entry = bench.guard().trip_log().entry(0);
  CHECK(entry.event.diagnosis == Diagnosis::kCellOverVoltage);
  CHECK(entry.event.subject == 5);
  CHECK(entry.event.value == 3601);
  CHECK(entry.event.limit == 3580);
  CHECK(entry.event.limit_field == static_cast<uint16_t>(bms::FieldId::kCellOvTripMv));
  CHECK(entry.event.config_hash == bench.guard().config_hash());
  CHECK(entry.before[3] == 3601);
  CHECK(entry.after[3] == 3300);
  bench.run(1);
  trip_over_voltage(bench);
  CHECK(bench.guard().trip_log().size() == 2);
}

TEST_CASE("values that come after the log was written are written when all are there") {
  bms::PackConfig config;
  config.afe_period_ms = 400;
  config.stale_ms = 1000;
  Bench bench(config);
  bench.start();
  bench.set_cell(5, 3601);
  bench.run(4);
  REQUIRE(bench.is_active(Diagnosis::kCellOverVoltage));
  bench.run(6);
  bench.restart();
  CHECK(bench.guard().trip_log().entry(0).after[3] == 3601);
}

TEST_CASE("a log that is not whole counts as none") {
  Bench bench;
  bench.start();
  trip_over_voltage(bench);
  bench.run_ms(2000);
  bench.storage.flip_a_bit(Record::kTripLog);
  bench.restart();
  CHECK(bench.guard().trip_log().size() == 0);
}

TEST_CASE("the log is written at once, then at most once a second, until memory took it") {
  Bench bench;
  bench.start();
  bench.set_cell(5, 3601);
  bench.run_ms(1050);
  CHECK(bench.storage.records.count(Record::kTripLog) == 1);
  const int before = bench.storage.write_count;
  bench.run_ms(950);
  CHECK(bench.storage.write_count == before);
  bench.run(1);  // the values after
  CHECK(bench.storage.write_count == before + 1);
  bench.run_ms(20000);
  CHECK(bench.storage.write_count == before + 1);

  bench.storage.can_write = false;
  bench.front_end.next.stack_mv += 1000;
  bench.run_ms(5000);
  const int refused = bench.storage.write_count;
  CHECK(refused >= before + 4);
  bench.storage.can_write = true;
  bench.run_ms(1000);
  const int written = bench.storage.write_count;
  bench.run_ms(10000);
  CHECK(bench.storage.write_count == written);
}
