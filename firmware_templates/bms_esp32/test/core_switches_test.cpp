// Precharge, opening under load, welded switches and switches that do not close.
#include <doctest/doctest.h>

#include "test/core_bench.h"

using bench::Bench;
using bms::Command;
using bms::Diagnosis;
using bms::EventKind;
using bms::State;

namespace {

bms::PackConfig mosfets() {
  bms::PackConfig config;
  config.switch_kind = bms::kSwitchKindMosfet;
  return config;
}

}  // namespace

TEST_CASE("precharge is done below its difference and not at it") {
  Bench bench;
  bench.start();
  bench.ask(Command::kClose);
  bench.front_end.next.pack_mv = bench.front_end.next.stack_mv - 1000;
  bench.run(5);
  CHECK(bench.state() == State::kPrecharge);
  bench.front_end.next.pack_mv += 1;
  bench.run(1);
  CHECK(bench.state() == State::kNormal);
}

TEST_CASE("precharge tries three times with pauses, then is the operator's") {
  Bench bench;
  bench.start();
  bench.front_end.next.pack_mv = 20000;
  bench.ask(Command::kClose);
  bench.run_ms(1950);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    CHECK(bench.board.shown.precharge_enable);
    CHECK(bench.state() == State::kPrecharge);
    bench.run(1);
    CHECK_FALSE(bench.board.shown.precharge_enable);
    if (attempt < 3) {
      bench.run_ms(9950);
      CHECK_FALSE(bench.board.shown.precharge_enable);
      bench.run(1);
      bench.run_ms(1950);
    }
  }
  CHECK(bench.state() == State::kError);
  CHECK(bench.is_latched(Diagnosis::kPrechargeFailed));
  const auto event = bench.event(EventKind::kTripped, Diagnosis::kPrechargeFailed);
  REQUIRE(event.has_value());
  CHECK(event->value == bench.front_end.next.stack_mv - 20000);
  CHECK(event->limit == 1000);
  CHECK(bench.ask(Command::kAcknowledge).result == bms::Result::kDone);
  CHECK(bench.state() == State::kIdle);
}

TEST_CASE("precharge does not end on an old reading") {
  Bench bench;
  bench.start();
  bench.ask(Command::kClose);
  bench.run(1);
  bench.front_end.next.pack_mv = bench.front_end.next.stack_mv;
  bench.front_end.read_result = bms::FrontEndResult::kBusFailed;
  bench.run(2);
  CHECK(bench.state() == State::kPrecharge);
}

TEST_CASE("current through the precharge resistor is not taken for a weld") {
  Bench bench;
  bench.does_current_stop = false;
  bench.start();
  bench.ask(Command::kClose);
  bench.run(1);
  bench.set_current(-1450);
  bench.run_ms(1500);
  CHECK_FALSE(bench.is_active(Diagnosis::kSwitchWelded));
}

TEST_CASE("a contactor under load opens when charger and load have stopped") {
  Bench bench;
  bench.start_closed();
  bench.set_current(-50000);
  bench.ask(Command::kOpen);
  bench.run(1);
  CHECK(bench.state() == State::kOpening);
  CHECK(bench.board.shown.zero_current_request);
  CHECK(bench.is_discharge_closed());
  bench.set_current(-1000);
  bench.run(1);
  CHECK(bench.is_discharge_closed());
  bench.set_current(-999);
  bench.run(1);
  CHECK_FALSE(bench.is_discharge_closed());
  CHECK_FALSE(bench.board.shown.zero_current_request);
  CHECK(bench.state() == State::kIdle);
}

TEST_CASE("a contactor whose load does not stop opens after its time") {
  Bench bench;
  bench.start_closed();
  bench.set_current(-50000);
  bench.ask(Command::kOpen);
  bench.run(1);
  bench.run_ms(450);
  CHECK(bench.is_discharge_closed());
  bench.run(1);
  CHECK_FALSE(bench.is_discharge_closed());
}

TEST_CASE("beyond what the contactor breaks it waits for the fuse, and then opens all the same") {
  Bench bench;
  bench.start_closed();
  bench.set_current(-1000001);
  bench.run(1);
  bench.run_ms(100);  // the fast limit's delay
  CHECK(bench.is_active(Diagnosis::kDischargeOverCurrentFast));
  CHECK(bench.state() == State::kOpening);
  SUBCASE("when the fuse does not blow") {
    bench.run_ms(150);
    CHECK(bench.is_discharge_closed());
    bench.run(1);
    CHECK_FALSE(bench.is_discharge_closed());
  }
  SUBCASE("at once when the fuse has blown") {
    bench.run_ms(100);
    CHECK(bench.is_discharge_closed());
    bench.set_current(0);
    bench.run(1);
    CHECK_FALSE(bench.is_discharge_closed());
  }
  SUBCASE("at once at the current that it breaks") {
    bench.set_current(-1000000);
    bench.run(1);
    CHECK_FALSE(bench.is_discharge_closed());
  }
}

TEST_CASE("a fast over-current opens without asking") {
  Bench bench;
  bench.start_closed();
  bench.set_current(-270001);
  bench.run(3);
  CHECK_FALSE(bench.is_discharge_closed());
  CHECK(bench.is_charge_closed());
}

TEST_CASE("what becomes urgent while it asks opens at once") {
  Bench bench;
  bench.start_closed();
  bench.set_current(-100000);
  bench.ask(Command::kOpen);
  bench.run(1);
  REQUIRE(bench.state() == State::kOpening);
  bench.front_end.next.trips = bms::kAfeTripShortCircuit;
  bench.run(1);
  CHECK_FALSE(bench.is_discharge_closed());
  CHECK(bench.state() == State::kError);
}

TEST_CASE("MOSFETs open at once, whatever flows") {
  Bench bench(mosfets());
  bench.start_closed();
  bench.set_current(-150000);
  bench.ask(Command::kOpen);
  bench.run(1);
  CHECK_FALSE(bench.is_discharge_closed());
  CHECK(bench.state() == State::kIdle);
}

TEST_CASE("an opening whose cause is gone while it asks is called off") {
  Bench bench;
  bench.start_closed();
  bench.set_current(20000);
  bench.set_cells(3601);
  bench.run_ms(1050);
  REQUIRE(bench.state() == State::kOpening);
  bench.set_cells(3400);
  bench.run(1);
  CHECK(bench.state() == State::kNormal);
  CHECK(bench.is_charge_closed());
  CHECK(bench.is_discharge_closed());
}

TEST_CASE("without any reading of the current a contactor opens at once") {
  Bench bench;
  bench.start_closed();
  bench.set_current(-100000);
  bench.run(1);
  bench.front_end.read_result = bms::FrontEndResult::kBusFailed;
  bench.sensor.can_read = false;
  bench.run_ms(500);
  CHECK(bench.is_discharge_closed());
  bench.run(1);
  CHECK_FALSE(bench.board.shown.discharge_enable);
  CHECK_FALSE(bench.board.shown.charge_enable);
}

TEST_CASE("a current is known while either reading is no older than stale_ms") {
  bms::PackConfig config;
  config.open_request_ms = 2000;
  Bench bench(config);
  bench.start_closed();
  bench.set_current(-100000);
  bench.ask(Command::kOpen);
  bench.run(1);
  REQUIRE(bench.state() == State::kOpening);
  SUBCASE("the front end's") {
    bench.sensor.can_read = false;
    bench.run(1);
    bench.front_end.read_result = bms::FrontEndResult::kBusFailed;
    bench.run_ms(500);
    CHECK(bench.state() == State::kOpening);
    bench.run(1);
    CHECK(bench.state() == State::kError);
  }
  SUBCASE("the second sensor's") {
    bench.set_current(-1500000);
    bench.front_end.read_result = bms::FrontEndResult::kBusFailed;
    bench.run_ms(100);
    bench.sensor.can_read = false;
    bench.run_ms(500);  // urgent since 450 ms, but beyond what the contactor breaks
    CHECK(bench.state() == State::kOpening);
    bench.run(1);
    CHECK(bench.state() == State::kError);
  }
}

TEST_CASE("with the second sensor alone, a contactor still waits for the fuse") {
  Bench bench;
  bench.start_closed();
  bench.set_current(-100000);
  bench.run(1);
  bench.front_end.read_result = bms::FrontEndResult::kBusFailed;
  bench.sensor.next.current_ma = -2000000;
  bench.run_ms(550);
  CHECK(bench.is_active(Diagnosis::kFrontEndStale));
  CHECK(bench.board.shown.discharge_enable);
  bench.run_ms(200);
  CHECK_FALSE(bench.board.shown.discharge_enable);
}

TEST_CASE("a switch that carries current though it is open is welded") {
  Bench bench;
  bench.does_current_stop = false;
  int32_t current_ma = 0;
  SUBCASE("both paths open, charging") {
    bench.start();
    current_ma = 1000;
  }
  SUBCASE("both paths open, discharging") {
    bench.start();
    current_ma = -1000;
  }
  SUBCASE("charge path open, charging") {
    bench.start_closed();
    bench.set_cell(1, 3601);
    bench.run_ms(1100);
    REQUIRE_FALSE(bench.is_charge_closed());
    current_ma = 1000;
  }
  SUBCASE("discharge path open, discharging") {
    bench.start_closed();
    bench.set_cell(1, 2599);
    bench.run_ms(2100);
    REQUIRE_FALSE(bench.is_discharge_closed());
    current_ma = -1000;
  }
  bench.set_current(current_ma > 0 ? 999 : -999);
  bench.run_ms(1000);
  CHECK_FALSE(bench.is_active(Diagnosis::kSwitchWelded));
  bench.set_current(current_ma);
  bench.run_ms(300);
  CHECK_FALSE(bench.is_active(Diagnosis::kSwitchWelded));
  bench.run(1);
  CHECK(bench.is_active(Diagnosis::kSwitchWelded));
  CHECK(bench.is_latched(Diagnosis::kSwitchWelded));
  CHECK(bench.board.shown.sound == bms::Sound::kAlarm);
  CHECK(bench.state() == State::kError);
  CHECK_FALSE(bench.is_charge_closed());
  CHECK_FALSE(bench.is_discharge_closed());
  CHECK(bench.event(EventKind::kTripped, Diagnosis::kSwitchWelded)->value == 1000);
}

TEST_CASE("current the other way through the path that is closed is no weld") {
  Bench bench;
  bench.start_closed();
  bench.set_cell(1, 3601);
  bench.run_ms(1100);
  bench.set_current(-50000);
  bench.run_ms(1000);
  CHECK(bench.is_discharge_closed());
  CHECK_FALSE(bench.is_active(Diagnosis::kSwitchWelded));
}

TEST_CASE("a contactor whose contact shows closed though it is open is welded") {
  Bench bench;
  bench.start_closed();
  bench.board.contact.is_contactor_shown_closed = true;
  bench.run_ms(1000);
  CHECK_FALSE(bench.is_active(Diagnosis::kSwitchWelded));
  bench.ask(Command::kOpen);
  bench.run_ms(350);
  CHECK_FALSE(bench.is_active(Diagnosis::kSwitchWelded));
  bench.run(1);
  CHECK(bench.is_active(Diagnosis::kSwitchWelded));
  CHECK(bench.now().inputs.is_contactor_shown_closed);
}

TEST_CASE("what lies behind an open switch is welded to the stack only if it goes along with it") {
  Bench bench;
  bench.start_closed();
  bench.ask(Command::kOpen);
  bench.run_ms(1000);
  const int32_t stack_mv = bench.front_end.next.stack_mv;
  const int32_t pack_mv = bench.front_end.next.pack_mv;
  const auto move = [&](int32_t cell_mv, int32_t pack_moved_mv) {
    bench.set_cells(cell_mv);
    bench.front_end.next.pack_mv = pack_mv + pack_moved_mv;
    bench.run_ms(1000);
  };
  REQUIRE(stack_mv == pack_mv);
  SUBCASE("a capacitor that keeps its voltage") {
    move(3313, 0);
    CHECK_FALSE(bench.is_active(Diagnosis::kSwitchWelded));
  }
  SUBCASE("a little less than the stack") {
    move(3313, 208 - 61);
    CHECK_FALSE(bench.is_active(Diagnosis::kSwitchWelded));
  }
  SUBCASE("along, but too little moved to tell") {
    move(3312, 192);
    CHECK_FALSE(bench.is_active(Diagnosis::kSwitchWelded));
  }
  SUBCASE("along") {
    move(3313, 208 - 60);
    CHECK(bench.is_active(Diagnosis::kSwitchWelded));
  }
  SUBCASE("along, by just enough to tell") {
    bench.set_cells(3312);
    bench.front_end.next.stack_mv = stack_mv + 200;
    bench.front_end.next.pack_mv = pack_mv + 200;
    bench.run_ms(1000);
    CHECK(bench.is_active(Diagnosis::kSwitchWelded));
  }
  SUBCASE("along, but far from the stack") {
    bench.front_end.next.pack_mv = pack_mv - 1000;
    bench.run(1);
    move(3313, -1000);
    move(3326, -1000 + 208);
    CHECK_FALSE(bench.is_active(Diagnosis::kSwitchWelded));
  }
}

TEST_CASE("a path that was asked for and does not carry opens the pack") {
  Bench bench;
  bench.start_closed();
  SUBCASE("pack and load differ") {
    bench.front_end.next.pack_mv = bench.front_end.next.stack_mv - 1000;
    bench.run_ms(1000);
    CHECK_FALSE(bench.is_latched(Diagnosis::kSwitchNotClosed));
    bench.front_end.next.pack_mv -= 1;
  }
  SUBCASE("the front end shows the charge switch open") {
    bench.front_end.can_switch = false;
    bench.front_end.next.is_charge_switch_on = false;
  }
  SUBCASE("the front end shows the discharge switch open") {
    bench.front_end.can_switch = false;
    bench.front_end.next.is_discharge_switch_on = false;
  }
  bench.run_ms(300);
  CHECK_FALSE(bench.is_latched(Diagnosis::kSwitchNotClosed));
  bench.run(1);
  CHECK(bench.is_active(Diagnosis::kSwitchNotClosed));
  CHECK(bench.is_latched(Diagnosis::kSwitchNotClosed));
  CHECK(bench.state() == State::kError);
  bench.run(1);
  CHECK_FALSE(bench.is_active(Diagnosis::kSwitchNotClosed));
}

TEST_CASE("a switch request that the bus lost is repeated") {
  Bench bench;
  bench.start();
  bench.ask(Command::kClose);
  bench.front_end.next.pack_mv = bench.front_end.next.stack_mv;
  bench.front_end.switch_result = bms::FrontEndResult::kBusFailed;
  bench.run(2);
  CHECK_FALSE(bench.is_discharge_closed());
  bench.front_end.switch_result = bms::FrontEndResult::kOk;
  bench.run(1);
  CHECK(bench.is_charge_closed());
  CHECK(bench.is_discharge_closed());
  const int sent = bench.front_end.switch_count;
  bench.run(10);
  CHECK(bench.front_end.switch_count == sent);
}
