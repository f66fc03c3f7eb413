// Every state, the ways between them, and what is refused where.
#include <doctest/doctest.h>

#include <initializer_list>
#include <vector>

#include "test/core_bench.h"

using bench::Bench;
using bms::Command;
using bms::Diagnosis;
using bms::EventKind;
using bms::Result;
using bms::State;

namespace {

// The states entered since the last look, oldest first.
std::vector<State> states_entered(Bench& bench) {
  std::vector<State> states;
  bms::EventRecord event;
  while (bench.guard().next_event(event)) {
    if (event.kind == EventKind::kStateChanged) {
      states.push_back(static_cast<State>(event.limit));
    }
  }
  return states;
}

bool is_dark(const bms::Outputs& outputs) {
  return !outputs.charge_enable && !outputs.discharge_enable && !outputs.precharge_enable;
}

}  // namespace

TEST_CASE("the size of the guard is known") { MESSAGE("sizeof(Guard): " << sizeof(bms::Guard)); }

TEST_CASE("outputs are off from construction until all cells have been measured") {
  Bench bench;
  bench.board.shown.charge_enable = true;
  bench.board.shown.discharge_enable = true;
  bench.restart();
  CHECK(bench.state() == State::kUninitialised);
  CHECK(is_dark(bench.board.shown));
  CHECK(bench.front_end.configure_count == 0);
  CHECK(bench.ask(Command::kClose).result == Result::kRefusedInThisState);

  SUBCASE("which is idle when the first reading is whole") {
    CHECK_FALSE(bench.now().has_reading);
    bench.run(1);
    CHECK(bench.now().has_reading);
    CHECK(states_entered(bench) == std::vector<State>{State::kInit, State::kIdle});
  }
  SUBCASE("and init while a cell shows nothing") {
    bench.set_cell(16, 0);
    bench.run(9);
    CHECK(bench.state() == State::kInit);
    CHECK_FALSE(bench.now().has_reading);
    CHECK(bench.now().active == 0);
    CHECK(bench.ask(Command::kClose).result == Result::kRefusedInThisState);
    bench.set_cell(16, 3300);
    bench.run(1);
    CHECK(bench.state() == State::kIdle);
  }
  SUBCASE("and a cell that shows nothing for good is judged as it is") {
    bench.set_cell(16, 0);
    bench.run(10);
    CHECK_FALSE(bench.now().has_reading);
    bench.run(1);  // stale_ms after the front end was configured
    CHECK(bench.now().has_reading);
    bench.run_ms(3500);
    CHECK(bench.state() == State::kError);
    CHECK(bench.is_latched(Diagnosis::kCellDeepDischarge));
  }
  CHECK(is_dark(bench.board.shown));
}

TEST_CASE("a guard that was not started does nothing but stay open") {
  Bench bench;
  bms::Guard guard({bench.front_end, bench.sensor, bench.board, bench.storage, bench.clock},
                   bench.built_in);
  guard.cycle();
  CHECK(guard.snapshot().state == State::kUninitialised);
  CHECK(is_dark(bench.board.shown));
  CHECK(bench.front_end.configure_count == 0);
}

TEST_CASE("a pack closes through precharge, the charge path with the discharge path") {
  Bench bench;
  bench.start();
  states_entered(bench);
  CHECK(bench.ask(Command::kClose).result == Result::kDone);
  bench.run(1);
  CHECK(bench.state() == State::kPrecharge);
  CHECK(bench.board.shown.precharge_enable);
  CHECK_FALSE(bench.board.shown.charge_enable);
  CHECK_FALSE(bench.board.shown.discharge_enable);
  CHECK_FALSE(bench.front_end.asked.discharge);
  bench.front_end.next.pack_mv = bench.front_end.next.stack_mv;
  bench.run(1);
  CHECK_FALSE(bench.board.shown.precharge_enable);
  CHECK(bench.is_charge_closed());
  CHECK(bench.is_discharge_closed());
  CHECK(states_entered(bench) == std::vector<State>{State::kPrecharge, State::kNormal});
}

TEST_CASE("a pack opens at the operator's command") {
  Bench bench;
  SUBCASE("when closed") { bench.start_closed(); }
  SUBCASE("in precharge") {
    bench.start();
    bench.ask(Command::kClose);
    bench.run(1);
  }
  SUBCASE("in precharge with the charge path closed") {
    bench.start();
    bench.set_cell(3, 2599);
    bench.run_ms(2100);
    REQUIRE(bench.ask(Command::kClose).result == Result::kDone);
    bench.run(1);
    CHECK(bench.is_charge_closed());
    bench.set_cell(3, 3300);
    bench.run(1);
    REQUIRE(bench.state() == State::kPrecharge);
  }
  CHECK(bench.ask(Command::kOpen).result == Result::kDone);
  bench.run(1);
  CHECK(bench.state() == State::kIdle);
  CHECK(is_dark(bench.board.shown));
  CHECK_FALSE(bench.front_end.next.is_charge_switch_on);
  bench.run_ms(1000);
  CHECK(bench.state() == State::kIdle);
}

TEST_CASE("opening an open pack is done already") {
  Bench bench;
  bench.start();
  CHECK(bench.ask(Command::kOpen).result == Result::kDone);
  bench.run(1);
  CHECK(bench.state() == State::kIdle);
}

TEST_CASE("a closed pack is not closed again") {
  Bench bench;
  bench.start_closed();
  CHECK(bench.ask(Command::kClose).result == Result::kRefusedInThisState);
  CHECK(bench.state() == State::kNormal);
}

TEST_CASE("commands of the line are not the guard's") {
  Bench bench;
  bench.start();
  for (const Command command : {Command::kIdentify, Command::kReadTripLog, Command::kTextOn,
                                Command::kTextOff, Command::kDiscardParameters}) {
    CHECK(bench.ask(command).result == Result::kUnknown);
  }
}

TEST_CASE("an empty pack takes charge but gives none") {
  Bench bench;
  bench.start_closed();
  bench.set_cell(9, 2599);
  bench.run_ms(2100);
  CHECK(bench.state() == State::kNormal);
  CHECK(bench.is_charge_closed());
  CHECK_FALSE(bench.is_discharge_closed());

  SUBCASE("until it has recovered, and then through the resistor") {
    bench.front_end.next.pack_mv = 0;
    bench.set_cell(9, 3100);
    states_entered(bench);
    bench.run(1);
    CHECK(bench.state() == State::kPrecharge);
    CHECK(bench.is_charge_closed());
    CHECK_FALSE(bench.is_discharge_closed());
    CHECK(bench.board.shown.precharge_enable);
    bench.front_end.next.pack_mv = bench.front_end.next.stack_mv;
    bench.run(1);
    CHECK(bench.state() == State::kNormal);
    CHECK(bench.is_discharge_closed());
  }
  SUBCASE("also when it is closed anew") {
    bench.ask(Command::kOpen);
    bench.run(1);
    REQUIRE(bench.state() == State::kIdle);
    CHECK(bench.ask(Command::kClose).result == Result::kDone);
    bench.run(1);
    CHECK(bench.state() == State::kNormal);
    CHECK(bench.is_charge_closed());
    CHECK_FALSE(bench.is_discharge_closed());
  }
}

TEST_CASE("a full pack gives charge but takes none until it is released") {
  Bench bench;
  bench.start_closed();
  bench.set_cell(9, 3601);
  bench.run_ms(1100);
  CHECK(bench.state() == State::kNormal);
  CHECK_FALSE(bench.is_charge_closed());
  CHECK(bench.is_discharge_closed());
  bench.set_cell(9, 3400);
  bench.run(1);
  CHECK(bench.is_charge_closed());
}

TEST_CASE("a full pack that is closed anew gives charge only") {
  Bench bench;
  bench.start();
  bench.set_cell(9, 3601);
  bench.run_ms(1100);
  CHECK(bench.ask(Command::kClose).result == Result::kDone);
  bench.front_end.next.pack_mv = bench.front_end.next.stack_mv;
  bench.run(1);
  CHECK_FALSE(bench.is_charge_closed());
  CHECK(bench.is_discharge_closed());
}

TEST_CASE("a pack that may neither take nor give charge is not closed") {
  Bench bench;
  bench.start();
  bench.set_temperatures(-151);
  bench.run_ms(2100);
  const bms::Answer answer = bench.ask(Command::kClose);
  CHECK(answer.result == Result::kRefusedByDiagnosis);
  CHECK(answer.detail == static_cast<uint16_t>(Diagnosis::kChargeUnderTemperature));
  CHECK(bench.state() == State::kIdle);
  bench.set_temperatures(250);
  bench.run(1);
  CHECK(bench.state() == State::kIdle);
}

TEST_CASE("a pack that got too cold closes again by itself, through the resistor") {
  Bench bench;
  bench.start_closed();
  bench.set_temperatures(-151);
  bench.run_ms(2100);
  CHECK(bench.state() == State::kNormal);
  CHECK(is_dark(bench.board.shown));
  bench.front_end.next.pack_mv = 0;
  bench.set_temperatures(100);
  bench.run(1);
  CHECK(bench.state() == State::kPrecharge);
  bench.front_end.next.pack_mv = bench.front_end.next.stack_mv;
  bench.run(1);
  CHECK(bench.is_charge_closed());
  CHECK(bench.is_discharge_closed());
}

TEST_CASE("a pack whose paths are both open for a while is still opened or in error") {
  Bench bench;
  bench.start_closed();
  bench.set_temperatures(-151);
  bench.run_ms(2100);
  REQUIRE(bench.state() == State::kNormal);
  SUBCASE("by the operator") {
    bench.ask(Command::kOpen);
    bench.run(1);
    CHECK(bench.state() == State::kIdle);
    bench.set_temperatures(250);
    bench.run(10);
    CHECK(bench.state() == State::kIdle);
  }
  SUBCASE("by what opens the pack") {
    bench.front_end.next.trips = bms::kAfeTripShortCircuit;
    bench.run(1);
    CHECK(bench.state() == State::kError);
  }
  CHECK(is_dark(bench.board.shown));
}

TEST_CASE("the charge path that must open in precharge opens, and precharge begins anew") {
  Bench bench;
  bench.start();
  bench.set_cell(3, 2599);
  bench.run_ms(2100);
  bench.ask(Command::kClose);
  bench.run(1);
  bench.set_cell(3, 3300);
  bench.front_end.next.pack_mv = 0;
  bench.run(1);
  REQUIRE(bench.state() == State::kPrecharge);
  REQUIRE(bench.is_charge_closed());
  bench.set_cell(3, 3601);
  bench.set_cell(4, 3601);
  bench.run_ms(1000);
  REQUIRE(bench.is_charge_closed());
  bench.run(1);
  CHECK_FALSE(bench.is_charge_closed());
  bench.run(1);
  CHECK(bench.state() == State::kPrecharge);
  CHECK(bench.board.shown.precharge_enable);
}

TEST_CASE("an error is left only when its cause is gone and the operator has looked") {
  Bench bench;
  bench.start_closed();
  bench.front_end.next.stack_mv += 401;
  bench.run_ms(1100);
  REQUIRE(bench.state() == State::kError);
  CHECK(is_dark(bench.board.shown));

  bms::Answer answer = bench.ask(Command::kAcknowledge);
  CHECK(answer.result == Result::kRefusedByDiagnosis);
  CHECK(answer.detail == static_cast<uint16_t>(Diagnosis::kStackMismatch));
  answer = bench.ask(Command::kClose);
  CHECK(answer.result == Result::kRefusedByDiagnosis);
  CHECK(answer.detail == static_cast<uint16_t>(Diagnosis::kStackMismatch));
  CHECK(bench.ask(Command::kOpen).result == Result::kDone);

  bench.front_end.next.stack_mv -= 401;
  bench.run(10);
  CHECK(bench.state() == State::kError);
  CHECK(bench.now().active == 0);
  CHECK(bench.ask(Command::kAcknowledge).result == Result::kDone);
  bms::EventRecord event;
  int acknowledged_count = 0;
  while (bench.guard().next_event(event)) {
    if (event.kind == EventKind::kAcknowledged) {
      ++acknowledged_count;
      CHECK(event.diagnosis == Diagnosis::kStackMismatch);
    }
  }
  CHECK(acknowledged_count == 1);
  CHECK(bench.state() == State::kIdle);
  bench.run(10);
  CHECK(bench.state() == State::kIdle);
  CHECK(is_dark(bench.board.shown));
}

TEST_CASE("of two causes the one that is gone is let go and the other stays") {
  Bench bench;
  bench.start();
  bench.front_end.next.stack_mv += 401;
  bench.front_end.next.sensor[0] = bms::SensorState::kOpen;
  bench.run_ms(3000);
  bench.front_end.next.stack_mv -= 401;
  bench.run(1);
  const bms::Answer answer = bench.ask(Command::kAcknowledge);
  CHECK(answer.result == Result::kRefusedByDiagnosis);
  CHECK(answer.detail == static_cast<uint16_t>(Diagnosis::kSensorOpen));
  bench.run(1);
  CHECK_FALSE(bench.is_latched(Diagnosis::kStackMismatch));
  CHECK(bench.state() == State::kError);
}

TEST_CASE("an error in init, idle and precharge leads to the error state as well") {
  Bench bench;
  bench.start();
  SUBCASE("idle") {}
  SUBCASE("precharge") {
    bench.ask(Command::kClose);
    bench.run(1);
  }
  bench.front_end.next.stack_mv += 401;
  bench.run_ms(1100);
  CHECK(bench.state() == State::kError);
  CHECK(is_dark(bench.board.shown));
}

TEST_CASE("a restart by watchdog or brown-out waits for the operator, other starts do not") {
  struct Row {
    bms::ResetCause cause;
    uint32_t latched;
  };
  for (const Row& row :
       {Row{bms::ResetCause::kPowerOn, 0}, Row{bms::ResetCause::kSoftware, 0},
        Row{bms::ResetCause::kWatchdog, bms::bit_of(Diagnosis::kRestartedByWatchdog)},
        Row{bms::ResetCause::kBrownOut, bms::bit_of(Diagnosis::kRestartedByBrownOut)}}) {
    Bench bench;
    bench.restart(row.cause);
    bench.run(1);
    CHECK(bench.guard().reset_cause() == row.cause);
    CHECK(bench.state() == State::kIdle);
    CHECK(bench.now().latched == row.latched);
    CHECK((bench.ask(Command::kClose).result == Result::kDone) == (row.latched == 0));
    CHECK(bench.ask(Command::kAcknowledge).result == Result::kDone);
    bench.run(1);
    CHECK(bench.now().latched == 0);
  }
}

TEST_CASE("every completed cycle feeds the watchdog, also one without a reading") {
  Bench bench;
  bench.start_closed();
  const int before = bench.board.feed_count;
  bench.run(3);
  bench.front_end.read_result = bms::FrontEndResult::kBusFailed;
  bench.run(4);
  CHECK(bench.board.feed_count == before + 7);
}

TEST_CASE("events that nobody takes are lost oldest first, and the gap shows") {
  Bench bench;
  bench.start();
  bms::EventRecord event;
  while (bench.guard().next_event(event)) {
  }
  const uint16_t last = event.number;
  for (int change = 0; change < 50; ++change) {  // two changes of state each
    bench.ask(Command::kClose);
    bench.run(1);
    bench.ask(Command::kOpen);
    bench.run(1);
  }
  REQUIRE(bench.guard().next_event(event));
  CHECK(event.number == last + 1 + 100 - bms::EventQueue::kCapacity);
  uint16_t expected = event.number;
  while (bench.guard().next_event(event)) CHECK(event.number == ++expected);
  CHECK(expected == last + 100);
}
