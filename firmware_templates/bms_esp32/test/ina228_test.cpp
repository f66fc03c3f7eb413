#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>
#include <vector>

#include "ina228/driver.h"
#include "sim/ina228_model.h"
#include "sim/model_bus.h"

using bms::CurrentReading;
using bms::PackConfig;

namespace {

struct Bench {
  explicit Bench(const PackConfig& pack = {}) : config(pack) { bus.attach(0x40, model); }
  void set_current_ma(double ma) { model.inputs().shunt_nv = ma * config.ina_shunt_uohm; }
  bool read_after(uint64_t us, CurrentReading& reading) {
    model.advance(us);
    return driver.read(reading);
  }

  PackConfig config;
  sim::Ina228Model model;
  sim::ModelBus bus;
  ina228::Driver driver{bus};
};

// Between driver and model: may change or lose what is read.
class Tap final : public bms::I2cBus {
 public:
  explicit Tap(bms::I2cBus& below) : below_(below) {}
  bms::I2cResult write(uint8_t address, const uint8_t* bytes, size_t count) override {
    return is_write_lost && bytes[0] == lost_register ? bms::I2cResult::kNack
                                                      : below_.write(address, bytes, count);
  }
  bms::I2cResult write_read(uint8_t address, const uint8_t* sent, size_t sent_count,
                            uint8_t* received, size_t received_count) override {
    const bms::I2cResult result =
        below_.write_read(address, sent, sent_count, received, received_count);
    return on_read ? on_read(sent[0], received, result) : result;
  }
  std::function<bms::I2cResult(uint8_t, uint8_t*, bms::I2cResult)> on_read;
  bool is_write_lost = false;
  uint8_t lost_register = 0;

 private:
  bms::I2cBus& below_;
};

}  // namespace

TEST_CASE("SHUNT_CAL is that of the datasheet's example") {
  // 10 A over 16.2 mOhm: CURRENT_LSB 19.073 uA, SHUNT_CAL 4050; four times that in the low range.
  CHECK(ina228::shunt_cal(19073, 16200, false) == 4050);
  CHECK(ina228::shunt_cal(19073, 16200, true) == 16200);
}

TEST_CASE("the scale fits shunt and limits") {
  PackConfig config;
  const ina228::Scale reference = ina228::scale_for(config);
  CHECK_FALSE(reference.is_low_range);  // 81 mV
  CHECK(reference.current_lsb_na == 1050000);
  CHECK(reference.shunt_cal == 4129);  // 13107.2 x 1050 x 300 / 1e6
  config.ina_shunt_uohm = 100;
  const ina228::Scale low = ina228::scale_for(config);
  CHECK(low.is_low_range);  // 27 mV
  CHECK(low.shunt_cal == ina228::shunt_cal(low.current_lsb_na, 100, true));
  config.ina_shunt_uohm = 10000;  // 2.7 V
  CHECK(ina228::scale_for(config).shunt_cal == 0);
  // A count, and so the calibration, is never the chip's default, by which a reset is seen.
  for (const int32_t uohm : {50, 75, 100, 125, 250, 300, 500, 1000, 10000}) {
    for (const int32_t trip_ma : {1000, 10000, 100000, 500000}) {
      config.ina_shunt_uohm = uohm;
      config.oc_fast_trip_ma = trip_ma;
      CHECK(ina228::scale_for(config).shunt_cal != 0x1000);
    }
  }
}

TEST_CASE("the second sensor reads what its pins see") {
  for (const int32_t uohm : {100, 300}) {
    PackConfig config;
    config.ina_shunt_uohm = uohm;
    Bench bench(config);
    REQUIRE(bench.driver.configure(config));
    bench.model.inputs().bus_mv = 53127;
    for (const double ma : {0.0, 1000.0, -1000.0, 140000.0, -270000.0}) {
      bench.set_current_ma(ma);
      CurrentReading reading;
      REQUIRE(bench.read_after(50000, reading));
      CHECK(std::abs(reading.current_ma - ma) <= 2 + std::abs(ma) * 2e-4);
      CHECK(std::abs(reading.bus_mv - 53127) <= 1);
    }
  }
}

TEST_CASE("a current beyond the range reads as its end, not as another sign") {
  Bench bench;
  REQUIRE(bench.driver.configure(bench.config));
  bench.set_current_ma(-1500000);
  CurrentReading reading;
  REQUIRE(bench.read_after(50000, reading));
  CHECK(reading.current_ma < -540000);
}

TEST_CASE("a configuration whose limit the shunt can't show is refused") {
  PackConfig config;
  config.ina_shunt_uohm = 1000;
  Bench bench(config);
  CHECK_FALSE(bench.driver.configure(config));
  CurrentReading reading;
  CHECK_FALSE(bench.read_after(50000, reading));
}

TEST_CASE("a sensor that was reset gives no reading until it is set up again") {
  Bench bench;
  REQUIRE(bench.driver.configure(bench.config));
  bench.set_current_ma(10000);
  CurrentReading reading;
  REQUIRE(bench.read_after(50000, reading));
  bench.model.reset();
  reading.current_ma = -1;
  CHECK_FALSE(bench.read_after(50000, reading));
  CHECK_FALSE(bench.read_after(50000, reading));
  CHECK(reading.current_ma == -1);
  REQUIRE(bench.read_after(50000, reading));
  CHECK(std::abs(reading.current_ma - 10000) <= 4);
}

TEST_CASE("a sensor that converts nothing any more is found out") {
  Bench bench;
  REQUIRE(bench.driver.configure(bench.config));
  CurrentReading reading;
  REQUIRE(bench.read_after(50000, reading));
  bench.model.faults().hangs = true;
  int good = 0;
  while (bench.read_after(50000, reading) && good < 20) ++good;
  CHECK(good == 7);
  CHECK_FALSE(bench.read_after(50000, reading));
}

TEST_CASE("a sensor that does not answer, or says that it is broken, is not read") {
  Bench bench;
  bench.model.faults().is_dead = true;
  CHECK_FALSE(bench.driver.configure(bench.config));
  bench.model.faults().is_dead = false;
  REQUIRE(bench.driver.configure(bench.config));
  bench.model.faults().is_memory_bad = true;
  CurrentReading reading;
  CHECK_FALSE(bench.read_after(50000, reading));
  bench.model.faults().is_memory_bad = false;
  CHECK(bench.read_after(50000, reading));
  bench.model.faults().is_dead = true;
  CHECK_FALSE(bench.read_after(50000, reading));
  const uint8_t none = 0;
  CHECK(bench.bus.write(0x40, &none, 0) == bms::I2cResult::kNack);
}

TEST_CASE("another chip at its address is not taken for it") {
  Bench bench;
  Tap tap(bench.bus);
  ina228::Driver driver(tap);
  uint8_t changed = 0x3E;
  tap.on_read = [&](uint8_t address, uint8_t* bytes, bms::I2cResult result) {
    if (address == changed) bytes[0] = 0x77;
    return result;
  };
  CHECK_FALSE(driver.configure(bench.config));
  changed = 0x3F;
  CHECK_FALSE(driver.configure(bench.config));
  // Settings that do not read back as written.
  for (const uint8_t address : std::vector<uint8_t>{0x00, 0x01, 0x02}) {
    changed = address;
    CHECK_FALSE(driver.configure(bench.config));
  }
  changed = 0xFF;
  CHECK(driver.configure(bench.config));
}

TEST_CASE("each transaction of the set-up counts") {
  Bench bench;
  Tap tap(bench.bus);
  ina228::Driver driver(tap);
  uint8_t lost = 0xFF;
  tap.on_read = [&](uint8_t address, uint8_t*, bms::I2cResult result) {
    return address == lost ? bms::I2cResult::kNack : result;
  };
  for (const uint8_t address : std::vector<uint8_t>{0x3E, 0x3F, 0x00, 0x01, 0x02}) {
    lost = address;
    CHECK_FALSE(driver.configure(bench.config));
  }
  lost = 0xFF;
  tap.is_write_lost = true;
  for (const uint8_t address : std::vector<uint8_t>{0x00, 0x01, 0x02}) {
    tap.lost_register = address;
    CHECK_FALSE(driver.configure(bench.config));
  }
  tap.is_write_lost = false;
  REQUIRE(driver.configure(bench.config));
  CurrentReading reading;
  for (const uint8_t address : std::vector<uint8_t>{0x02, 0x0B, 0x07, 0x05}) {
    lost = address;
    bench.model.advance(50000);
    CHECK_FALSE(driver.read(reading));
  }
  lost = 0xFF;
  bench.model.advance(50000);
  CHECK(driver.read(reading));
}

TEST_CASE("a value counts only if two reads in a row agree") {
  Bench bench;
  Tap tap(bench.bus);
  ina228::Driver driver(tap);
  REQUIRE(driver.configure(bench.config));
  bench.set_current_ma(10000);
  int reads = 0;
  int disturbed = 1;  // of reads of the current
  uint8_t where = 0x07;
  int fail_at = -1;
  tap.on_read = [&](uint8_t address, uint8_t* bytes, bms::I2cResult result) {
    if (address != where) return result;
    if (reads == fail_at) result = bms::I2cResult::kNack;
    if (reads++ < disturbed) bytes[1] = static_cast<uint8_t>(bytes[1] ^ (reads << 3));
    return result;
  };
  CurrentReading reading;
  bench.model.advance(50000);
  REQUIRE(driver.read(reading));
  CHECK(std::abs(reading.current_ma - 10000) <= 4);
  CHECK(reads == 4);
  reads = 0;
  disturbed = 1000;  // never twice the same
  CHECK_FALSE(driver.read(reading));
  reads = 0;
  disturbed = 0;
  fail_at = 1;  // the second of a pair
  CHECK_FALSE(driver.read(reading));
  where = 0x02;
  reads = 0;
  CHECK_FALSE(driver.read(reading));
  reads = 0;
  fail_at = -1;
  disturbed = 1000;
  CHECK_FALSE(driver.read(reading));
}

TEST_CASE("noise gives the second sensor no wrong reading, though its bus has no check byte") {
  Bench bench;
  REQUIRE(bench.driver.configure(bench.config));
  bench.set_current_ma(-73000);
  bench.model.inputs().bus_mv = 52000;
  bench.model.advance(50000);
  bench.bus.set_bit_flip_probability(3e-4);
  int good = 0;
  int failed = 0;
  for (int i = 0; i < 3000; ++i) {
    CurrentReading reading;
    if (!bench.read_after(50000, reading)) {
      ++failed;
      continue;
    }
    ++good;
    REQUIRE(std::abs(reading.current_ma + 73000) <= 16);
    REQUIRE(std::abs(reading.bus_mv - 52000) <= 1);
  }
  CHECK(bench.bus.flipped_bits() > 150);
  CHECK(good > 2000);
  CHECK(failed > 20);
}

TEST_CASE("an overflow of the chip's arithmetic is no current") {
  Bench bench;
  Tap tap(bench.bus);
  ina228::Driver driver(tap);
  REQUIRE(driver.configure(bench.config));
  tap.on_read = [](uint8_t address, uint8_t* bytes, bms::I2cResult result) {
    if (address == 0x0B) bytes[0] = 0x02;
    return result;
  };
  bench.model.advance(50000);
  CurrentReading reading;
  CHECK_FALSE(driver.read(reading));
}

TEST_CASE("a model with its power-on settings converts as the datasheet says") {
  sim::Ina228Model model;
  sim::ModelBus bus;
  bus.attach(0x40, model);
  model.inputs().shunt_nv = 312500;
  model.inputs().die_degc = 25;
  model.advance(3200);  // 3 x 1052 us
  const auto read = [&bus](uint8_t address, size_t count) {
    uint8_t bytes[3] = {};
    REQUIRE(bus.write_read(0x40, &address, 1, bytes, count) == bms::I2cResult::kOk);
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) value = value << 8U | bytes[i];
    return value;
  };
  CHECK(read(0x04, 3) == 1000U << 4U);  // 312.5 nV a count
  CHECK(read(0x07, 3) == 1000U << 4U);  // SHUNT_CAL 4096: one to one
  CHECK(read(0x06, 2) == 3200);         // 7.8125 m degC
  CHECK(read(0x0B, 2) == 3);
  CHECK(read(0x0B, 2) == 1);  // reading clears that a conversion is ready
  CHECK(read(0x20, 2) == 0);
  const uint8_t reset[] = {0x00, 0x80, 0x00};
  REQUIRE(bus.write(0x40, reset, sizeof(reset)) == bms::I2cResult::kOk);
  CHECK(read(0x04, 3) == 0);
  CHECK(read(0x01, 2) == 0xFB68);
  const uint8_t shutdown[] = {0x01, 0x00, 0x00};
  REQUIRE(bus.write(0x40, shutdown, sizeof(shutdown)) == bms::I2cResult::kOk);
  model.advance(100000);
  CHECK(read(0x04, 3) == 0);
}
