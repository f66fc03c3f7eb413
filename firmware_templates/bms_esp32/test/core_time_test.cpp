// Everything that takes time, while the count of milliseconds starts anew.
#include <doctest/doctest.h>

#include "bms/attempts.h"
#include "test/core_bench.h"

using bench::Bench;
using bms::Command;
using bms::Diagnosis;
using bms::State;

namespace {

// A bench whose clock wraps `before_ms` after its start.
void start_before_wrap(Bench& bench, uint32_t before_ms) { bench.clock.time_ms = 0U - before_ms; }

}  // namespace

TEST_CASE("a delay that spans the wrap is as long as any other") {
  Bench bench;
  start_before_wrap(bench, 650);
  bench.start_closed();  // 150 ms
  bench.set_cell(1, 3601);
  bench.run(1);
  bench.run_ms(950);
  CHECK(bench.clock.time_ms == 500);
  CHECK_FALSE(bench.is_active(Diagnosis::kCellOverVoltage));
  bench.run(1);
  CHECK(bench.is_active(Diagnosis::kCellOverVoltage));
}

TEST_CASE("a reading gets stale across the wrap after the same time") {
  Bench bench;
  start_before_wrap(bench, 400);
  bench.start_closed();
  bench.front_end.read_result = bms::FrontEndResult::kBusFailed;
  bench.run_ms(500);
  CHECK(bench.clock.time_ms < 1000);
  CHECK_FALSE(bench.is_active(Diagnosis::kFrontEndStale));
  bench.run(1);
  CHECK(bench.is_active(Diagnosis::kFrontEndStale));
}

TEST_CASE("a front end that is silent for longer than the count lasts stays stale") {
  bms::PackConfig config;
  config.afe_period_ms = 50;
  Bench bench(config);
  bench.start();
  bench.front_end.read_result = bms::FrontEndResult::kBusFailed;
  bench.run_ms(1000);
  for (int day = 0; day < 60; ++day) {
    bench.clock.time_ms += 86400000U;
    bench.run(1);
    CHECK(bench.is_active(Diagnosis::kFrontEndStale));
  }
  CHECK(bench.now().reading_age_ms == UINT32_MAX);
}

TEST_CASE("precharge, opening and an over-current's release span the wrap") {
  Bench bench;
  start_before_wrap(bench, 1000);
  bench.start();
  bench.ask(Command::kClose);
  bench.run_ms(1950);
  CHECK(bench.board.shown.precharge_enable);
  bench.run(1);
  CHECK_FALSE(bench.board.shown.precharge_enable);

  Bench opening;
  start_before_wrap(opening, 350);
  opening.start_closed();
  opening.set_current(-50000);
  opening.ask(Command::kOpen);
  opening.run(1);
  opening.run_ms(450);
  CHECK(opening.state() == State::kOpening);
  opening.run(1);
  CHECK(opening.state() == State::kIdle);

  Bench release;
  start_before_wrap(release, 30000);
  release.start_closed();
  release.set_current(-270001);
  release.run(3);
  release.set_current(0);
  release.run_ms(60000);
  CHECK(release.is_active(Diagnosis::kDischargeOverCurrentFast));
  release.run(1);
  CHECK_FALSE(release.is_active(Diagnosis::kDischargeOverCurrentFast));
}

TEST_CASE("attempts are counted across the wrap and forgotten after an hour") {
  bms::Attempts attempts;
  attempts.note(0U - 1000U);
  attempts.note(1000);
  attempts.age(3598999);
  CHECK(attempts.count() == 2);
  attempts.age(3599000);
  CHECK(attempts.count() == 1);
  attempts.age(3601000);
  CHECK(attempts.count() == 0);
}

TEST_CASE("more attempts than there is room for push out the oldest") {
  bms::Attempts attempts;
  for (uint32_t at_ms = 0; at_ms < 25; ++at_ms) attempts.note(at_ms);
  CHECK(attempts.count() == 20);
  attempts.age(3600004);  // would forget the first five
  CHECK(attempts.count() == 20);
  attempts.age(3600005);
  CHECK(attempts.count() == 19);
}

TEST_CASE("spans that are added up stay at their largest") {
  CHECK(bms::add_saturated(UINT32_MAX - 1, 1) == UINT32_MAX);
  CHECK(bms::add_saturated(UINT32_MAX - 1, 2) == UINT32_MAX);
  CHECK(bms::add_saturated(3, 4) == 7);
}
