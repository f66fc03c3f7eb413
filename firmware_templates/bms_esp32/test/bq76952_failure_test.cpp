// What the driver makes of a chip or a bus that fails at any point of what it does.
#include <doctest/doctest.h>

#include "bq76952/link.h"
#include "chip_tap.h"
#include "front_end_bench.h"

using bms::FrontEndReading;
using bms::FrontEndResult;

namespace {

struct Bench : bench::FrontEndBench {
  void bring_up_tapped() {
    REQUIRE(tapped.configure(config) == FrontEndResult::kOk);
    model.advance(200000);
    FrontEndReading reading;
    REQUIRE(tapped.read(reading) == FrontEndResult::kOk);
    REQUIRE(tapped.switch_paths({true, true}) == FrontEndResult::kOk);
  }
  bench::ChipTap tap{bus};
  bq76952::Driver tapped{tap, clock};
};

// Puts `value` at byte `at` of the answer to `code`, with a checksum that fits.
void replace(std::vector<uint8_t>& window, uint16_t code, size_t at, uint8_t value) {
  if (window.size() != 36 || (window[0] | window[1] << 8) != code) return;
  window[2 + at] = value;
  window[34] = bq76952::block_checksum(code, &window[2], window[35] - size_t{4});
}

}  // namespace

TEST_CASE("a bus that fails at any transaction of configure leaves nothing closed") {
  Bench counted;
  REQUIRE(counted.tapped.configure(counted.config) == FrontEndResult::kOk);
  const int all = counted.tap.transactions;
  CHECK(all > 150);
  for (int through = 0; through < all; ++through) {
    Bench bench;
    bench.tap.remaining = through;
    REQUIRE(bench.tapped.configure(bench.config) == FrontEndResult::kBusFailed);
    REQUIRE(bench.tapped.readback_hash() == 0);
    bench.tap.remaining = -1;
    REQUIRE(bench.tapped.switch_paths({true, true}) == FrontEndResult::kNotConfigured);
    REQUIRE_FALSE(bench.model.is_charge_on());
    REQUIRE_FALSE(bench.model.is_discharge_on());
    FrontEndReading reading;
    REQUIRE(bench.tapped.read(reading) == FrontEndResult::kNotConfigured);
    REQUIRE(bench.tapped.configure(bench.config) == FrontEndResult::kOk);
  }
}

TEST_CASE("a bus that fails at any transaction of a reading gives none of it") {
  Bench bench;
  bench.bring_up_tapped();
  REQUIRE(bench.tapped.balance(0x0101) == FrontEndResult::kOk);
  bench.model.advance(6000);
  int through = 0;
  FrontEndResult result = FrontEndResult::kBusFailed;
  for (; result == FrontEndResult::kBusFailed; ++through) {
    bench.model.advance(6000000);  // so that balancing is due for its repetition
    bench.model.advance(5000);
    FrontEndReading reading;
    reading.stack_mv = -1;
    bench.tap.remaining = through;
    result = bench.tapped.read(reading);
    CHECK((reading.stack_mv == -1) == (result != FrontEndResult::kOk));
    bench.tap.remaining = -1;
    if (result == FrontEndResult::kBusFailed) continue;
  }
  CHECK(result == FrontEndResult::kOk);
  CHECK(through == 8);  // three reads, two for the alarms, two of balancing: and then all of it
}

TEST_CASE("a bus that fails between the two halves of a request is told") {
  Bench bench;
  bench.bring_up_tapped();
  for (const int through : {0, 1}) {
    bench.tap.remaining = through;
    CHECK(bench.tapped.switch_paths({false, false}) == FrontEndResult::kBusFailed);
    CHECK(bench.model.is_charge_on());
    bench.tap.remaining = through;
    CHECK(bench.tapped.balance(1) == FrontEndResult::kBusFailed);
  }
  for (const int through : {0, 1, 2, 3}) {
    bench.tap.remaining = through;
    CHECK(bench.tapped.clear_trips() == FrontEndResult::kBusFailed);
  }
  bench.tap.remaining = 0;
  bench.model.reset();
  bq76952::Driver fresh(bench.tap, bench.clock);
  CHECK(fresh.switch_paths({false, false}) == FrontEndResult::kBusFailed);
}

TEST_CASE("a setting that does not take is found when it is read back") {
  for (const int address : {0x9278, 0x91AB, 0x9263, 0x92FD}) {
    Bench bench;
    bench.model.faults().stuck_setting = static_cast<uint16_t>(address);
    CHECK(bench.tapped.configure(bench.config) == FrontEndResult::kReadbackDiffers);
    CHECK(bench.tapped.readback_hash() == 0);
    CHECK(bench.tapped.switch_paths({true, true}) == FrontEndResult::kNotConfigured);
    CHECK_FALSE(bench.model.is_discharge_on());
  }
}

TEST_CASE("another chip is not configured") {
  for (const size_t at : {size_t{0}, size_t{1}}) {
    Bench bench;
    bench.tap.on_read = [at](uint8_t, std::vector<uint8_t>& bytes) {
      replace(bytes, 0x0001, at, 0x42);
    };
    CHECK(bench.tapped.configure(bench.config) == FrontEndResult::kReadbackDiffers);
    CHECK(bench.model.memory().u1(0x9275) == 50);
    CHECK_FALSE(bench.model.is_config_update());
  }
}

TEST_CASE("a chip that does not enter, or does not leave, CONFIG_UPDATE is given up") {
  for (const uint8_t stays : {uint8_t{0}, uint8_t{1}}) {
    Bench bench;
    bench.tap.on_read = [stays](uint8_t first_register, std::vector<uint8_t>& bytes) {
      if (first_register == 0x12) bytes[0] = static_cast<uint8_t>((bytes[0] & 0xFE) | stays);
    };
    CHECK(bench.tapped.configure(bench.config) == FrontEndResult::kBusFailed);
  }
}

TEST_CASE("switches that can't be enabled are told") {
  Bench bench;
  bench.tap.on_read = [](uint8_t, std::vector<uint8_t>& bytes) { replace(bytes, 0x0057, 0, 0); };
  CHECK(bench.tapped.configure(bench.config) == FrontEndResult::kBusFailed);
}

TEST_CASE("switches that were enabled before are not toggled off") {
  Bench bench;
  bench.bring_up_tapped();
  REQUIRE(bench.tapped.configure(bench.config) == FrontEndResult::kOk);
  REQUIRE(bench.tapped.switch_paths({true, true}) == FrontEndResult::kOk);
  CHECK(bench.model.is_charge_on());
}

TEST_CASE("every sign of a lost configuration is enough") {
  for (const int bit : {0, 2, 3, 4, 15}) {
    Bench bench;
    bench.bring_up_tapped();
    bench.tap.on_read = [bit](uint8_t first_register, std::vector<uint8_t>& bytes) {
      if (first_register != 0x02) return;
      uint8_t& byte = bytes[bit < 8 ? 0x10 : 0x11];
      byte = static_cast<uint8_t>(byte | 1U << (bit % 8));
    };
    FrontEndReading reading;
    CHECK(bench.tapped.read(reading) == FrontEndResult::kNotConfigured);
    bench.tap.on_read = nullptr;
    CHECK(bench.tapped.read(reading) == FrontEndResult::kNotConfigured);
    CHECK(bench.tapped.readback_hash() == 0);
  }
}

TEST_CASE("a watchdog reset of long ago is no reason to refuse") {
  Bench bench;
  bench.tap.on_read = [](uint8_t first_register, std::vector<uint8_t>& bytes) {
    if (first_register == 0x12) bytes[0] |= 0x10;
    if (first_register == 0x02) bytes[0x10] |= 0x10;
  };
  bench.bring_up_tapped();
}

TEST_CASE("every fault that the chip can name is reported as what it is") {
  struct Fault {
    size_t status;  // register
    uint8_t bit;
    uint8_t trip;
  };
  const Fault faults[] = {
      {0x03, 0x04, bms::kAfeTripUnderVoltage},     {0x03, 0x08, bms::kAfeTripOverVoltage},
      {0x03, 0x10, bms::kAfeTripChargeCurrent},    {0x03, 0x20, bms::kAfeTripDischargeCurrent},
      {0x03, 0x40, bms::kAfeTripDischargeCurrent}, {0x03, 0x80, bms::kAfeTripShortCircuit},
      {0x05, 0x01, bms::kAfeTripTemperature},      {0x05, 0x02, bms::kAfeTripTemperature},
      {0x05, 0x10, bms::kAfeTripTemperature},      {0x05, 0x20, bms::kAfeTripTemperature},
      {0x05, 0x40, bms::kAfeTripTemperature},      {0x07, 0x02, bms::kAfeTripWatchdog},
      {0x07, 0x10, bms::kAfeTripOverVoltage},      {0x07, 0x20, bms::kAfeTripDischargeCurrent},
      {0x07, 0x40, bms::kAfeTripShortCircuit},     {0x07, 0x80, bms::kAfeTripDischargeCurrent}};
  for (const Fault& fault : faults) {
    Bench bench;
    bench.bring_up_tapped();
    bench.tap.on_read = [&fault](uint8_t first_register, std::vector<uint8_t>& bytes) {
      if (first_register == 0x02) bytes[fault.status - 2] = fault.bit;
      if (first_register == 0x62 && fault.status != 0x03) bytes[1] |= 0x80;  // its alarm
    };
    FrontEndReading reading;
    REQUIRE(bench.tapped.read(reading) == FrontEndResult::kOk);
    CHECK(reading.trips == fault.trip);
  }
}
