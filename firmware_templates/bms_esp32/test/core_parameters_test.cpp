// Settings: stage, read back, commit, and what survives.
#include <doctest/doctest.h>

#include <cstring>
#include <initializer_list>

#include "bms/bytes.h"
#include "bms/config_hash.h"
#include "bms/stored_record.h"
#include "test/core_bench.h"

using bench::Bench;
using bms::Answer;
using bms::Command;
using bms::Diagnosis;
using bms::FieldId;
using bms::ParameterValue;
using bms::Record;
using bms::Result;
using bms::State;

namespace {

constexpr uint16_t kWarn = static_cast<uint16_t>(FieldId::kCellOvWarnMv);
constexpr uint16_t kOcv = static_cast<uint16_t>(FieldId::kOcvMv);

uint64_t staged_hash(Bench& bench) {
  ParameterValue value;
  bench.guard().parameters().read(kWarn, 0, value);
  return value.staged_hash;
}

Answer stage_and_commit(Bench& bench, uint16_t field, int32_t value) {
  bench.guard().parameters().stage(field, 0, value);
  return bench.guard().parameters().commit(staged_hash(bench));
}

}  // namespace

TEST_CASE("what is staged changes nothing until it is committed by its hash") {
  Bench bench;
  bench.start();
  const uint64_t before = bench.guard().config_hash();
  CHECK(before == bench.guard().built_hash());
  CHECK(bench.guard().parameters().stage(kWarn, 0, 3490).result == Result::kDone);
  ParameterValue value;
  CHECK(bench.guard().parameters().read(kWarn, 0, value).result == Result::kDone);
  CHECK(value.value == 3500);
  CHECK(value.staged == 3490);
  CHECK(bench.guard().config().cell_ov_warn_mv == 3500);
  bms::PackConfig expected;
  expected.cell_ov_warn_mv = 3490;
  CHECK(value.staged_hash == bms::config_hash(expected));

  CHECK(bench.guard().parameters().commit(before).result == Result::kHashDiffers);
  CHECK(bench.guard().config().cell_ov_warn_mv == 3500);
  CHECK(bench.guard().parameters().commit(value.staged_hash).result == Result::kDone);
  CHECK(bench.guard().config().cell_ov_warn_mv == 3490);
  CHECK(bench.guard().config_hash() == value.staged_hash);
  CHECK(bench.guard().built_hash() == before);
}

TEST_CASE("what is discarded is forgotten") {
  Bench bench;
  bench.start();
  bench.guard().parameters().stage(kWarn, 0, 3490);
  bench.guard().parameters().discard();
  CHECK(staged_hash(bench) == bench.guard().config_hash());
}

TEST_CASE("a place that does not exist and a value out of range are not staged") {
  Bench bench;
  bench.start();
  bms::Parameters& parameters = bench.guard().parameters();
  ParameterValue value;
  CHECK(parameters.stage(bms::kFieldCount, 0, 1).result == Result::kUnknown);
  CHECK(parameters.stage(kWarn, 1, 3490).result == Result::kUnknown);
  CHECK(parameters.read(bms::kFieldCount, 0, value).result == Result::kUnknown);
  CHECK(parameters.read(kOcv, 13, value).result == Result::kUnknown);
  CHECK(parameters.read(kOcv, 12, value).result == Result::kDone);
  CHECK(value.value == 3392);
  CHECK(parameters.stage(kWarn, 0, 1999).result == Result::kOutOfRange);
  CHECK(parameters.stage(kWarn, 0, 4501).detail == kWarn);
  CHECK(staged_hash(bench) == bench.guard().config_hash());
}

TEST_CASE("a whole that breaks a rule is refused with its number") {
  Bench bench;
  bench.start();
  const Answer answer = stage_and_commit(bench, kWarn, 3550);
  CHECK(answer.result == Result::kRuleBroken);
  CHECK(std::strcmp(bms::kOrderRules[answer.detail].text, "cell_ov_warn_mv < cell_ov_stop_mv") ==
        0);
  CHECK(bench.guard().config().cell_ov_warn_mv == 3500);
}

TEST_CASE("settings come into use only while the pack is open") {
  Bench bench;
  bench.restart();
  SUBCASE("before its first cycle") {
    CHECK(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  }
  SUBCASE("in init") {
    bench.set_cell(1, 0);
    bench.run(1);
    REQUIRE(bench.state() == State::kInit);
    CHECK(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  }
  SUBCASE("in idle") {
    bench.run(1);
    CHECK(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  }
  SUBCASE("in error") {
    bench.front_end.next.trips = bms::kAfeTripShortCircuit;
    bench.run(1);
    REQUIRE(bench.state() == State::kError);
    CHECK(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
    bench.run(1);
    CHECK(bench.state() == State::kError);
    CHECK(bench.front_end.configure_count == 2);
  }
  SUBCASE("not in precharge") {
    bench.run(1);
    bench.ask(Command::kClose);
    CHECK(stage_and_commit(bench, kWarn, 3490).result == Result::kRefusedInThisState);
  }
  SUBCASE("not closed") {
    bench.start_closed();
    CHECK(stage_and_commit(bench, kWarn, 3490).result == Result::kRefusedInThisState);
  }
  SUBCASE("not while opening") {
    bench.start_closed();
    bench.set_current(-50000);
    bench.ask(Command::kOpen);
    bench.run(1);
    REQUIRE(bench.state() == State::kOpening);
    CHECK(stage_and_commit(bench, kWarn, 3490).result == Result::kRefusedInThisState);
  }
}

TEST_CASE("after a commit the front end is configured anew before the pack may close") {
  Bench bench;
  bench.start();
  REQUIRE(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  CHECK(bench.ask(Command::kClose).result == Result::kRefusedInThisState);
  CHECK(bench.state() == State::kInit);
  CHECK(bench.guard().afe_hash() == 0);
  bench.run(1);
  CHECK(bench.front_end.configure_count == 2);
  CHECK(bench.sensor.configure_count == 2);
  CHECK(bench.state() == State::kIdle);
  CHECK(bench.now().latched == 0);
}

TEST_CASE("a limit that was committed is the limit that trips") {
  Bench bench;
  bench.start();
  const uint16_t trip = static_cast<uint16_t>(FieldId::kCellOvTripMv);
  REQUIRE(stage_and_commit(bench, trip, 3590).result == Result::kDone);
  bench.set_cell(1, 3591);
  bench.run_ms(1100);
  CHECK(bench.is_active(Diagnosis::kCellOverVoltage));
  const auto event = bench.event(bms::EventKind::kTripped, Diagnosis::kCellOverVoltage);
  CHECK(event->limit == 3590);
  CHECK(event->config_hash == bench.guard().config_hash());
}

TEST_CASE("committed settings survive a restart") {
  Bench bench;
  bench.start();
  REQUIRE(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  const uint64_t hash = bench.guard().config_hash();
  bench.restart();
  bench.run(1);
  CHECK(bench.guard().config_hash() == hash);
  CHECK(bench.now().latched == 0);
}

TEST_CASE("either copy alone brings the settings back, and is doubled at the start") {
  Bench bench;
  bench.start();
  REQUIRE(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  REQUIRE(bench.storage.records[Record::kSettingsA] == bench.storage.records[Record::kSettingsB]);
  SUBCASE("the first corrupt") { bench.storage.flip_a_bit(Record::kSettingsA); }
  SUBCASE("the second corrupt") { bench.storage.flip_a_bit(Record::kSettingsB); }
  SUBCASE("the first gone") { bench.storage.records.erase(Record::kSettingsA); }
  SUBCASE("the second gone") { bench.storage.records.erase(Record::kSettingsB); }
  bench.restart();
  bench.run(1);
  CHECK(bench.guard().config().cell_ov_warn_mv == 3490);
  CHECK(bench.now().latched == 0);
  CHECK(bench.storage.records[Record::kSettingsA] == bench.storage.records[Record::kSettingsB]);
}

TEST_CASE("a value of a table is staged in its place") {
  Bench bench;
  bench.start();
  CHECK(bench.guard().parameters().stage(kOcv, 3, 3214).result == Result::kDone);
  bms::PackConfig expected;
  expected.ocv_mv[3] = 3214;
  CHECK(staged_hash(bench) == bms::config_hash(expected));
}

TEST_CASE("the newer of two whole copies counts") {
  Bench bench;
  bench.start();
  REQUIRE(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  // The power fails after the first copy.
  bench.storage.writes_left = 1;
  bench.run(1);
  REQUIRE(stage_and_commit(bench, kWarn, 3480).result == Result::kDone);
  bench.storage.writes_left.reset();
  bench.restart();
  CHECK(bench.guard().config().cell_ov_warn_mv == 3480);
  CHECK(bench.storage.records[Record::kSettingsA] == bench.storage.records[Record::kSettingsB]);
  bench.storage.writes_left = 1;
  bench.run(1);
  REQUIRE(stage_and_commit(bench, kWarn, 3470).result == Result::kDone);
  bench.storage.writes_left.reset();
  bench.restart();
  CHECK(bench.guard().config().cell_ov_warn_mv == 3470);
}

TEST_CASE("a write that memory only claims is found out by reading back") {
  Bench bench;
  bench.start();
  REQUIRE(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  bench.run(1);
  bench.storage.does_forget = true;
  CHECK(stage_and_commit(bench, kWarn, 3480).result == Result::kNotStored);
  CHECK(bench.guard().config().cell_ov_warn_mv == 3490);
}

TEST_CASE("stored settings that break a rule are as good as corrupt") {
  Bench bench;
  bench.start();
  REQUIRE(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  for (const Record record : {Record::kSettingsA, Record::kSettingsB}) {
    std::vector<uint8_t>& bytes = bench.storage.records[record];
    const size_t word = bms::kFields[kWarn].word;
    bms::ByteWriter(bytes.data() + bms::kRecordHead + 8 + 4 * word).put_i32(3560);
    const uint32_t kind = bms::ByteReader(bytes.data()).take_u32();
    bms::seal_record(bytes.data(), {kind, bytes.size() - bms::kRecordOverhead}, 7);
  }
  bench.restart();
  CHECK(bench.guard().config_hash() == bench.guard().built_hash());
  bench.run(1);
  CHECK(bench.is_latched(Diagnosis::kSettingsCorrupt));
}

TEST_CASE("memory that refuses leaves the settings as they were") {
  Bench bench;
  bench.start();
  SUBCASE("refusing the write") { bench.storage.can_write = false; }
  SUBCASE("writing half of it") { bench.storage.is_torn = true; }
  SUBCASE("reading nothing back") { bench.storage.reads_left = 0; }
  CHECK(stage_and_commit(bench, kWarn, 3490).result == Result::kNotStored);
  CHECK(bench.guard().config().cell_ov_warn_mv == 3500);
  CHECK(bench.guard().config_hash() == bench.guard().built_hash());
}

TEST_CASE("corrupt settings fall back to the built-in ones and wait for the operator") {
  Bench bench;
  bench.start();
  REQUIRE(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  SUBCASE("bits flipped in both copies") {
    bench.storage.flip_a_bit(Record::kSettingsA);
    bench.storage.flip_a_bit(Record::kSettingsB);
  }
  SUBCASE("both cut short") {
    bench.storage.records[Record::kSettingsA].resize(100);
    bench.storage.records[Record::kSettingsB].resize(0);
  }
  SUBCASE("the good copy can't be read a second time") { bench.storage.reads_left = 2; }
  SUBCASE("of another kind") {
    for (const Record record : {Record::kSettingsA, Record::kSettingsB}) {
      bench.storage.records[record] = bench.storage.records[Record::kChargeA];
      bench.storage.records[record].resize(568);
    }
  }
  bench.restart();
  bench.run(1);
  CHECK(bench.guard().config_hash() == bench.guard().built_hash());
  CHECK(bench.is_latched(Diagnosis::kSettingsCorrupt));
  CHECK(bench.state() == State::kIdle);
  const Answer answer = bench.ask(Command::kClose);
  CHECK(answer.result == Result::kRefusedByDiagnosis);
  CHECK(answer.detail == static_cast<uint16_t>(Diagnosis::kSettingsCorrupt));
  CHECK(bench.ask(Command::kAcknowledge).result == Result::kDone);
  CHECK(bench.ask(Command::kClose).result == Result::kDone);
}

TEST_CASE("a first start without any record is not corrupt") {
  Bench bench;
  bench.start();
  CHECK(bench.now().latched == 0);
  CHECK(bench.ask(Command::kClose).result == Result::kDone);
}

TEST_CASE("settings that were stored for other built-in ones are not used") {
  Bench bench;
  bench.start();
  REQUIRE(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  bench.built_in.cell_count = 8;
  bench.restart();
  bench.run(1);
  CHECK(bench.guard().config().cell_ov_warn_mv == 3500);
  CHECK(bench.guard().config().cell_count == 8);
  CHECK(bench.now().latched == 0);
}

TEST_CASE("built-in settings that break a rule keep the pack open for good") {
  Bench bench;
  bench.built_in.cell_count = 1000;
  bench.restart();
  bench.run(10);
  CHECK(bench.state() == State::kUninitialised);
  CHECK(bench.is_latched(Diagnosis::kSettingsCorrupt));
  CHECK(bench.front_end.configure_count == 0);
  CHECK(bench.board.feed_count == 10);
  CHECK(bench.ask(Command::kAcknowledge).result == Result::kDone);
  CHECK(bench.ask(Command::kClose).result == Result::kRefusedInThisState);
  CHECK_FALSE(bench.board.shown.discharge_enable);

  SUBCASE("until others are committed") {
    const uint16_t cells = static_cast<uint16_t>(FieldId::kCellCount);
    CHECK(stage_and_commit(bench, cells, 16).result == Result::kDone);
    bench.run(1);
    CHECK(bench.state() == State::kIdle);
  }
}

TEST_CASE("a count of charge does not outlive a change of capacity") {
  Bench bench;
  bench.start();
  bench.set_cells(3132);
  bench.run_ms(3600100);
  REQUIRE(bench.now().soc_error_permille < 20);
  REQUIRE(stage_and_commit(bench, kWarn, 3490).result == Result::kDone);
  bench.run(1);
  CHECK(bench.now().soc_error_permille < 20);
  const uint16_t capacity = static_cast<uint16_t>(FieldId::kCapacityMah);
  REQUIRE(stage_and_commit(bench, capacity, 250000).result == Result::kDone);
  bench.clock.time_ms += 1;
  bench.set_current(0);
  bench.set_cells(3270);
  bench.run(1);
  CHECK(bench.now().soc_error_permille == 1000);
}
