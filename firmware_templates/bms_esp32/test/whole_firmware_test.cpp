// The whole firmware over models of its chips and of the pack: what it does on good days, and that
// host and front end each protect without the other.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>

#include "sim/profile.h"
#include "test/whole_pack.h"

using bms::Command;
using bms::Diagnosis;
using sim::SimFault;
using sim::SimQuantity;

namespace {

// Contactor 12 ms and a step of the simulation.
constexpr double kSwitchMs = 12 + 10;

double since_ms(uint64_t at_us, uint64_t since_us) {
  return (static_cast<double>(at_us) - static_cast<double>(since_us)) / 1000;
}

// Host hung and without watchdog: from here on the front end is alone.
void silence_host(WholePack& whole) {
  whole.pack.inject(SimFault::kWatchdogOff);
  whole.pack.inject(SimFault::kHostHang);
}

}  // namespace

TEST_CASE("a day of driving, resting and charging trips nothing, whatever the cells' spread") {
  for (uint64_t seed = 1; seed <= (kIsSanitized ? 1 : 3); ++seed) {
    CAPTURE(seed);
    WholePack whole(seed);
    sim::Profile day;
    std::string reason;
    REQUIRE(day.load("day", whole.config, reason));
    whole.pack.follow(day);
    double least = 1;
    double most = 0;
    for (uint64_t minute = 0; minute < static_cast<uint64_t>(day.length_s()) / 60; ++minute) {
      whole.run_s(60);
      const double soc = whole.pack.plant().cells().mean_soc();
      least = std::min(least, soc);
      most = std::max(most, soc);
      REQUIRE(whole.pack.guard().snapshot().active == 0);
      REQUIRE(whole.pack.guard().snapshot().latched == 0);
    }
    CHECK(whole.state() == bms::State::kNormal);
    CHECK(whole.pack.guard().trip_log().size() == 0);
    // Else the day was none: charge went out and came in.
    CHECK(most - least > 0.3);
    const bms::Snapshot& last = whole.pack.guard().snapshot();
    // Full is when the highest cell is, so what is told lies between the cells, or its bound away.
    const double told = last.soc_permille / 1000.0;
    const double bound = last.soc_error_permille / 1000.0 + 0.01;
    CHECK(told >= std::min(whole.pack.plant().cells().min_soc(), 1.0) - bound);
    CHECK(told <= whole.pack.plant().cells().max_soc() + bound);
  }
}

TEST_CASE("a pack of MOSFETs with few cells closes and carries as well") {
  bms::PackConfig config;
  config.cell_count = 4;
  config.ntc_count = 2;
  config.switch_kind = bms::kSwitchKindMosfet;
  WholePack whole(5, config);
  REQUIRE(whole.close());
  whole.pack.set(SimQuantity::kLoadCurrentMa, 100000);
  whole.run_s(60);
  CHECK(whole.state() == bms::State::kNormal);
  CHECK(whole.pack.plant().current_a() < -99);
  CHECK(whole.pack.guard().snapshot().latched == 0);
}

TEST_CASE("charging goes on until cells are full, and is stopped before the datasheet's limit") {
  WholePack whole;
  REQUIRE(whole.close());
  whole.pack.set(SimQuantity::kSocPermille, 900);
  whole.pack.set(SimQuantity::kChargerCurrentMa, 100000);
  double highest_v = 0;
  for (int minute = 0; minute < 60; ++minute) {
    whole.run_s(60);
    highest_v = std::max(highest_v, whole.pack.plant().cell_max_v());
  }
  CHECK_FALSE(whole.pack.plant().is_charge_closed());
  // On a slow rise the front end is first, a step of 50.6 mV below the host's limit.
  CHECK(highest_v > whole.config.cell_ov_stop_mv / 1000.0);
  CHECK(highest_v <= whole.config.cell_max_mv / 1000.0);
}

TEST_CASE("with the host hung and no watchdog the front end opens alone at its own voltage limit") {
  // A watchdog of the front end that is far away: what opens is the limit.
  bms::PackConfig config;
  config.afe_watchdog_ms = 60000;
  WholePack whole(2, config);
  REQUIRE(whole.close());
  silence_host(whole);
  const uint64_t began_us = whole.pack.now_us();
  whole.pack.set(SimQuantity::kCellMv, config.afe_cov_mv, 9);
  whole.run_s(4);
  CHECK_FALSE(whole.pack.plant().is_charge_closed());
  CHECK(whole.pack.plant().is_discharge_closed());
  const double taken_ms = since_ms(whole.pack.plant().charge_opened_us(), began_us);
  CHECK(taken_ms >= config.afe_cov_delay_ms - 20);
  CHECK(taken_ms <= config.afe_cov_delay_ms + kSwitchMs);
}

TEST_CASE("with the host hung and no watchdog the front end opens alone on over-current") {
  bms::PackConfig config;
  config.afe_watchdog_ms = 60000;
  WholePack whole(2, config);
  REQUIRE(whole.close());
  silence_host(whole);
  const uint64_t began_us = whole.pack.now_us();
  whole.pack.set(SimQuantity::kLoadCurrentMa, config.afe_oc_ma + 5000);
  whole.run_s(1);
  CHECK_FALSE(whole.pack.plant().is_discharge_closed());
  const double taken_ms = since_ms(whole.pack.plant().discharge_opened_us(), began_us);
  CHECK(taken_ms >= config.afe_oc_delay_ms - 5);
  CHECK(taken_ms <= config.afe_oc_delay_ms + kSwitchMs);
}

TEST_CASE("with the host hung and no watchdog the front end opens both paths for its silence") {
  WholePack whole;
  REQUIRE(whole.close());
  silence_host(whole);
  whole.run_ms(static_cast<uint64_t>(whole.config.afe_watchdog_ms) + 30);
  CHECK(whole.is_open());
}

TEST_CASE("with the front end blind the host opens for a cell above its limit") {
  WholePack whole;
  REQUIRE(whole.close());
  whole.pack.inject(SimFault::kAfeBlind);
  const uint64_t began_us = whole.pack.now_us();
  whole.pack.set(SimQuantity::kCellMv, whole.config.cell_ov_trip_mv + 20, 0);
  whole.run_s(3);
  CHECK_FALSE(whole.pack.plant().is_charge_closed());
  CHECK(whole.is_active(Diagnosis::kCellOverVoltage));
  const double taken_ms = since_ms(whole.pack.plant().charge_opened_us(), began_us);
  CHECK(taken_ms >= whole.config.cell_ov_delay_ms);
  CHECK(taken_ms <=
        whole.config.cell_ov_delay_ms + 2 * whole.config.afe_period_ms + 63 + kSwitchMs);
}

TEST_CASE("with the front end blind the host opens for a fast over-current") {
  WholePack whole;
  REQUIRE(whole.close());
  whole.pack.inject(SimFault::kAfeBlind);
  const uint64_t began_us = whole.pack.now_us();
  whole.pack.set(SimQuantity::kLoadCurrentMa, whole.config.oc_fast_trip_ma + 5000);
  whole.run_s(1);
  CHECK_FALSE(whole.pack.plant().is_discharge_closed());
  const double taken_ms = since_ms(whole.pack.plant().discharge_opened_us(), began_us);
  CHECK(taken_ms <= whole.config.oc_fast_delay_ms + 2 * whole.config.afe_period_ms + kSwitchMs);
}

TEST_CASE("neither host nor front end closes a path without the other") {
  WholePack whole;
  REQUIRE(whole.close());
  // The front end alone: reset, it holds its paths off while the host still enables both.
  whole.pack.inject(SimFault::kHostHang);
  whole.pack.inject(SimFault::kAfeReset);
  whole.run_ms(30);
  CHECK(whole.is_open());
  CHECK(whole.pack.guard().snapshot().outputs.discharge_enable);

  // The host alone: down, its pins are off while the front end still has both on.
  WholePack other;
  REQUIRE(other.close());
  other.pack.inject(SimFault::kBrownOut);
  other.run_ms(30);
  CHECK(other.is_open());
  CHECK(other.pack.afe().is_discharge_on());
}

TEST_CASE("after a restart by the watchdog nothing closes until the operator has seen it") {
  WholePack whole;
  REQUIRE(whole.close());
  whole.pack.inject(SimFault::kHostHang);
  whole.run_s(6);
  CHECK(whole.is_open());
  CHECK(whole.is_latched(Diagnosis::kRestartedByWatchdog));
  whole.pack.request(Command::kClose);
  whole.run_s(5);
  CHECK(whole.is_open());
  whole.pack.request(Command::kAcknowledge);
  CHECK(whole.close());
}

TEST_CASE("time that wraps between two readings changes no delay") {
  // The host's clock passes 2^32 ms four seconds after the cell went above its limit was due to be
  // seen; every start lies a little differently to the wrap.
  for (uint32_t before_ms = 8200; before_ms < 10200; before_ms += 130) {
    CAPTURE(before_ms);
    WholePack whole(3, {}, UINT32_MAX - before_ms);
    REQUIRE(whole.close());
    const uint64_t began_us = whole.pack.now_us();
    whole.pack.set(SimQuantity::kCellMv, whole.config.cell_ov_trip_mv + 20, 0);
    whole.run_s(3);
    CHECK_FALSE(whole.pack.plant().is_charge_closed());
    const double taken_ms = since_ms(whole.pack.plant().charge_opened_us(), began_us);
    CHECK(taken_ms >= whole.config.cell_ov_delay_ms);
    CHECK(taken_ms <=
          whole.config.cell_ov_delay_ms + 2 * whole.config.afe_period_ms + 63 + kSwitchMs);
  }
}

TEST_CASE("a pack at work carries on over the wrap of time") {
  WholePack whole(3, {}, UINT32_MAX - 60000);
  REQUIRE(whole.close());
  whole.pack.set(SimQuantity::kLoadCurrentMa, 80000);
  whole.run_s(120);
  CHECK(whole.state() == bms::State::kNormal);
  CHECK(whole.pack.plant().current_a() < -79);
  CHECK(whole.pack.guard().snapshot().active == 0);
}

TEST_CASE("what the firmware keeps in a file is there for the next process") {
  const std::string path = "whole_firmware_test.storage";
  std::remove(path.c_str());
  const uint16_t field = static_cast<uint16_t>(bms::FieldId::kCellOvWarnMv);
  for (int process = 0; process < 2; ++process) {
    sim::SimulatedStorage storage;
    REQUIRE(storage.keep_in(path));
    sim::SilentSink sink;
    sim::SimulatedPack pack({}, storage, sink);
    pack.advance(3 * kSecondUs);
    CHECK(pack.guard().config().cell_ov_warn_mv == (process == 0 ? 3500 : 3480));
    bms::Parameters& parameters = pack.guard().parameters();
    bms::ParameterValue value;
    REQUIRE(parameters.stage(field, 0, 3480).result == bms::Result::kDone);
    REQUIRE(parameters.read(field, 0, value).result == bms::Result::kDone);
    REQUIRE(parameters.commit(value.staged_hash).result == bms::Result::kDone);
    pack.advance(kSecondUs);
  }
  std::remove(path.c_str());
}

TEST_CASE("a file that can't be made is refused before anything runs") {
  sim::SimulatedStorage storage;
  CHECK_FALSE(storage.keep_in("no_such_folder/whole_firmware_test.storage"));
}

TEST_CASE("a file that holds no records is refused") {
  const std::string path = "whole_firmware_test.noise";
  std::ofstream(path) << "this is no storage file";
  sim::SimulatedStorage storage;
  CHECK_FALSE(storage.keep_in(path));
  std::remove(path.c_str());
}
