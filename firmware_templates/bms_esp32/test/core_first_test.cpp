#include <doctest/doctest.h>

#include "test/core_bench.h"

using bench::Bench;
using bms::Command;
using bms::Diagnosis;
using bms::State;

TEST_CASE("the size of the guard is known") { MESSAGE("sizeof(Guard): " << sizeof(bms::Guard)); }

TEST_CASE("a pack is closed by precharge first") {
  Bench bench;
  bench.start();
  CHECK(bench.state() == State::kIdle);
  CHECK_FALSE(bench.board.shown.discharge_enable);
  CHECK(bench.ask(Command::kClose).result == bms::Result::kDone);
  bench.run(1);
  CHECK(bench.state() == State::kPrecharge);
  CHECK(bench.board.shown.precharge_enable);
  CHECK_FALSE(bench.board.shown.discharge_enable);
  bench.front_end.next.pack_mv = bench.front_end.next.stack_mv;
  bench.run(1);
  CHECK(bench.state() == State::kNormal);
  CHECK(bench.is_charge_closed());
  CHECK(bench.is_discharge_closed());
}
