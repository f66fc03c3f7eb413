#include <doctest/doctest.h>

#include <cstring>

#include "bq76952/cell_map.h"
#include "bq76952/registers.h"
#include "bq76952/settings.h"
#include "front_end_bench.h"

using bench::FrontEndBench;
using bms::FrontEndResult;
using bms::PackConfig;
using namespace bq76952;

namespace {

uint32_t value_of(const PackConfig& config, uint16_t address) {
  SettingList list;
  REQUIRE(build_settings(config, list));
  for (size_t i = 0; i < list.count; ++i) {
    if (list.items[i].address == address) return list.items[i].value;
  }
  FAIL("no such setting");
  return 0;
}

float float_of(const PackConfig& config, uint16_t address) {
  const uint32_t bits = value_of(config, address);
  float value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

double steps_mv(int32_t steps) { return steps * 50.6; }

}  // namespace

TEST_CASE("cell limits go to the safe step") {
  PackConfig config;
  config.afe_cuv_mv = 2500;
  CHECK(cuv_threshold(config) == 50);  // 2530 mV
  CHECK(steps_mv(cuv_threshold(config)) == doctest::Approx(2530));
  config.afe_cov_mv = 3650;
  CHECK(cov_threshold(config) == 72);  // 3643 mV
  CHECK(steps_mv(cov_threshold(config)) == doctest::Approx(3643.2));
  config.afe_cov_mv = 3600;
  CHECK(cov_threshold(config) == 71);  // 3593 mV
  CHECK(steps_mv(cov_threshold(config)) == doctest::Approx(3592.6));
  for (int32_t mv = 1000; mv <= 4500; ++mv) {
    config.afe_cuv_mv = mv;
    config.afe_cov_mv = mv;
    REQUIRE(steps_mv(cuv_threshold(config)) >= mv);
    REQUIRE(steps_mv(cuv_threshold(config)) < mv + 50.6 + (mv < 1012 ? 12 : 0));
    if (mv < 1012) continue;
    REQUIRE(steps_mv(cov_threshold(config)) <= mv);
    REQUIRE(steps_mv(cov_threshold(config)) > mv - 50.6);
  }
}

TEST_CASE("a limit that no step is on the safe side of is refused") {
  PackConfig config;
  SettingList list;
  SUBCASE("over-voltage below the lowest threshold") { config.afe_cov_mv = 1000; }
  SUBCASE("under-voltage above the highest threshold") { config.afe_cuv_mv = 4600; }
  SUBCASE("a shunt too small for the over-current") {
    config.afe_oc_ma = 10000;
    config.afe_shunt_uohm = 100;
  }
  SUBCASE("a shunt too small for the short circuit") {
    config.afe_oc_ma = 100000;
    config.scd_trip_ma = 150000;
    config.afe_shunt_uohm = 50;
  }
  CHECK_FALSE(build_settings(config, list));
  FrontEndBench bench(config);
  const uint64_t before = bench.bus.transactions();
  CHECK(bench.driver.configure(config) == FrontEndResult::kOutOfRange);
  CHECK(bench.bus.transactions() == before);
}

TEST_CASE("limits beyond the range are held at its safe end") {
  PackConfig config;
  config.afe_cuv_mv = 900;
  CHECK(cuv_threshold(config) == 20);
  config.afe_cov_mv = 6000;
  CHECK(cov_threshold(config) == 110);
  config.afe_shunt_uohm = 1000;  // 270 mV
  CHECK(occ_threshold(config) == 62);
  CHECK(ocd_threshold(config) == 100);
  config.scd_trip_ma = 2000000;
  CHECK(scd_threshold(config) == 15);
}

TEST_CASE("currents go to the step below") {
  const PackConfig config;
  CHECK(ocd_threshold(config) == 40);  // 80 mV over 0.3 mOhm: 266.7 A
  CHECK(occ_threshold(config) == 40);
  CHECK(kScdThresholdsMv[scd_threshold(config)] == 100);  // 333 A, of 400 A
  PackConfig exact;
  exact.scd_trip_ma = 500000;
  exact.afe_shunt_uohm = 250;
  CHECK(kScdThresholdsMv[scd_threshold(exact)] == 125);
}

TEST_CASE("delays are never longer than asked for") {
  PackConfig config;
  for (const int32_t ms : {10, 11, 200, 426, 2000, 3000, 6000}) {
    config.afe_cov_delay_ms = ms;
    const double delay_ms = 3.3 * (2 + value_of(config, memory::kCovDelay));
    CHECK(delay_ms <= ms);
    CHECK(delay_ms > ms - 3.3);
    if (ms > 426) continue;
    config.afe_oc_delay_ms = ms;
    CHECK(3.3 * (2 + value_of(config, memory::kOcd1Delay)) <= ms);
    CHECK(value_of(config, memory::kOcd1Delay) == value_of(config, memory::kOccDelay));
  }
  config.afe_oc_delay_ms = 1000;  // beyond what any setting does
  CHECK(value_of(config, memory::kOcd1Delay) == 127);
  CHECK(value_of(config, memory::kScdDelay) == 14);  // 195 us of 200
  config.scd_delay_us = 15;
  CHECK(value_of(config, memory::kScdDelay) == 2);
  config.scd_delay_us = 450;
  CHECK(value_of(config, memory::kScdDelay) == 31);
  config.scd_delay_us = 1000;
  CHECK(value_of(config, memory::kScdDelay) == 31);
}

TEST_CASE("releases go to the safe step within the chip's range") {
  PackConfig config;
  CHECK(value_of(config, memory::kCovHysteresis) == 4);   // 3592.6 - 202.4 = 3390 <= 3400
  CHECK(value_of(config, memory::kCuvHysteresis) == 12);  // 2530 + 607 = 3137 >= 3100
  config.cell_ov_release_mv = 3599;
  CHECK(value_of(config, memory::kCovHysteresis) == 2);
  config.cell_ov_release_mv = 2100;
  CHECK(value_of(config, memory::kCovHysteresis) == 20);
  config.cell_uv_release_mv = 2500;
  CHECK(value_of(config, memory::kCuvHysteresis) == 2);
  config.cell_uv_release_mv = 3900;
  CHECK(value_of(config, memory::kCuvHysteresis) == 20);
}

TEST_CASE("the cell inputs are the lowest ones and the topmost") {
  PackConfig config;
  CHECK(value_of(config, memory::kVcellMode) == 0xFFFF);
  config.cell_count = 13;
  CHECK(value_of(config, memory::kVcellMode) == 0x8FFF);
  config.cell_count = 8;
  CHECK(value_of(config, memory::kVcellMode) == 0x807F);
  config.cell_count = 3;
  CHECK(value_of(config, memory::kVcellMode) == 0x8003);
  CHECK(inputs_of_cells(0x4, 3) == 0x8000);
  CHECK(inputs_of_cells(0x8, 3) == 0);
}

TEST_CASE("gains follow from the shunt") {
  PackConfig config;
  config.afe_shunt_uohm = 1000;
  CHECK(float_of(config, memory::kCcGain) == doctest::Approx(7.5684));
  config.afe_shunt_uohm = 8000;
  CHECK(float_of(config, memory::kCcGain) == doctest::Approx(0.94605));
  // TI's support forum gives these bits for 8 mOhm: 0x3F723055, 0x4889C74D.
  CHECK(float_of(config, memory::kCapacityGain) == doctest::Approx(282170.40).epsilon(1e-6));
}

TEST_CASE("the current unit holds the highest limit") {
  PackConfig config;
  CHECK(current_unit_ma(config) == 10);
  CHECK(value_of(config, memory::kDaConfiguration) == 0x06);
  config.oc_fast_trip_ma = 320000;
  CHECK(current_unit_ma(config) == 10);
  config.oc_fast_trip_ma = 320001;
  CHECK(current_unit_ma(config) == 100);
  CHECK(value_of(config, memory::kDaConfiguration) == 0x07);
}

TEST_CASE("only the pins of sensors that exist measure") {
  PackConfig config;
  CHECK(value_of(config, memory::kTs1Pin) == 0x3B);
  CHECK(value_of(config, memory::kDchgPin) == 0x3B);
  CHECK(value_of(config, memory::kDdsgPin) == 0x00);
  config.ntc_count = 2;
  CHECK(value_of(config, memory::kTs1Pin) == 0x3B);
  CHECK(value_of(config, memory::kTs2Pin) == 0x3B);
  CHECK(value_of(config, memory::kTs3Pin) == 0x00);
  CHECK(value_of(config, memory::kCfetoffPin) == 0x00);
}

TEST_CASE("the body diodes of MOSFETs are spared, a contactor has none") {
  PackConfig config;
  CHECK(value_of(config, memory::kFetOptions) == 0x2C);
  config.switch_kind = 0;
  CHECK(value_of(config, memory::kFetOptions) == 0x2D);
}

TEST_CASE("a front end without its host does not close again before it misses it") {
  PackConfig config;
  for (const int32_t ms : {1000, 2000, 2900, 65000}) {
    config.afe_watchdog_ms = ms;
    const uint32_t watchdog_s = value_of(config, memory::kHostWatchdogDelay);
    CHECK(watchdog_s * 1000 <= static_cast<uint32_t>(ms));
    CHECK(value_of(config, memory::kRecoveryTime) > watchdog_s);
    CHECK(value_of(config, memory::kScdRecoveryTime) > watchdog_s);
  }
}

TEST_CASE("settings are in ascending order, fit their size and the list") {
  SettingList list;
  REQUIRE(build_settings(PackConfig{}, list));
  CHECK(list.count < kSettingsCapacity);
  for (size_t i = 0; i < list.count; ++i) {
    const Setting& setting = list.items[i];
    if (setting.size < 4) REQUIRE(setting.value < 1U << (8U * setting.size));
    if (i == 0) continue;
    REQUIRE(setting.address >= list.items[i - 1].address + list.items[i - 1].size);
  }
}

TEST_CASE("every setting arrives in the chip, and only there") {
  FrontEndBench bench;
  REQUIRE(bench.driver.configure(bench.config) == FrontEndResult::kOk);
  SettingList list;
  REQUIRE(build_settings(bench.config, list));
  for (size_t i = 0; i < list.count; ++i) {
    uint8_t bytes[4] = {};
    bench.model.memory().read(list.items[i].address, bytes, list.items[i].size);
    uint32_t value = 0;
    std::memcpy(&value, bytes, sizeof(value));
    CHECK(value == list.items[i].value);
  }
  CHECK(bench.driver.readback_hash() == settings_hash(list));
  CHECK(bench.model.memory().u1(0x9336) == 0xEC);  // a neighbour that is none of ours
}

TEST_CASE("the hash is FNV-1a and tells every bit apart") {
  SettingList list;
  CHECK(settings_hash(list) == 0xCBF29CE484222325U);
  list.items[0] = {0x9275, 1, 50};
  list.count = 1;
  // Computed apart, over the bytes 75 92 32 00 00 00.
  CHECK(settings_hash(list) == 0x9B30B9761CD49BF4U);
  const uint64_t before = settings_hash(list);
  for (uint32_t bit = 0; bit < 32; ++bit) {
    list.items[0].value = 50U ^ (1U << bit);
    CHECK(settings_hash(list) != before);
  }
  list.items[0] = {0x9276, 1, 50};
  CHECK(settings_hash(list) != before);
}
