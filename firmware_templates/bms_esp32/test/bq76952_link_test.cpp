#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <vector>

#include "bq76952/crc8.h"
#include "bq76952/link.h"
#include "front_end_bench.h"

using bench::FrontEndBench;
using bms::FrontEndReading;
using bms::FrontEndResult;
using bms::I2cResult;

namespace {

// A bus whose reads are whatever the test says.
class ScriptedBus final : public bms::I2cBus {
 public:
  std::function<I2cResult(uint8_t first_register, std::vector<uint8_t>& plain)> on_read;
  I2cResult write_result = I2cResult::kOk;
  int writes = 0;
  int reads = 0;

  I2cResult write(uint8_t, const uint8_t*, size_t) override {
    ++writes;
    return write_result;
  }
  I2cResult write_read(uint8_t, const uint8_t* sent, size_t, uint8_t* received,
                       size_t received_count) override {
    ++reads;
    std::vector<uint8_t> plain(received_count / 2, 0);
    const I2cResult result = on_read(sent[0], plain);
    for (size_t i = 0; i < plain.size(); ++i) {
      const uint8_t head[] = {0x10, sent[0], 0x11};
      const uint8_t start = i == 0 ? bq76952::crc8(head, sizeof(head)) : uint8_t{0};
      received[2 * i] = plain[i];
      received[2 * i + 1] = bq76952::crc8(&plain[i], 1, start);
    }
    return result;
  }
};

class IdleClock final : public bms::Clock {
 public:
  uint32_t now_ms() override { return 0; }
  void wait_us(uint32_t us) override { waited_us += us; }
  uint64_t waited_us = 0;
};

// An answer to a block read of `code`: window, data, checksum, length.
std::vector<uint8_t> window(uint16_t code, uint8_t length) {
  std::vector<uint8_t> plain(36, 0);
  plain[0] = static_cast<uint8_t>(code & 0xFF);
  plain[1] = static_cast<uint8_t>(code >> 8);
  plain[2] = 0xAB;
  plain[34] = bq76952::block_checksum(code, &plain[2], length - size_t{4});
  plain[35] = length;
  return plain;
}

}  // namespace

TEST_CASE("check bytes are those of TI's waveforms") {
  const uint8_t fet_enable[] = {0x10, 0x3E, 0x22};
  CHECK(bq76952::crc8(fet_enable, sizeof(fet_enable)) == 0x63);
  const uint8_t zero[] = {0x00};
  CHECK(bq76952::crc8(zero, 1) == 0x00);
  const uint8_t read_cell_1[] = {0x10, 0x14, 0x11, 0x68};
  CHECK(bq76952::crc8(read_cell_1, sizeof(read_cell_1)) == 0x33);
  const uint8_t second[] = {0x0B};
  CHECK(bq76952::crc8(second, 1) == 0x31);
  // Continuing is the same as doing it at once.
  CHECK(bq76952::crc8(&read_cell_1[2], 2, bq76952::crc8(read_cell_1, 2)) == 0x33);
}

TEST_CASE("the checksum of a data memory write is that of TI's manual") {
  const uint8_t cell_gain[] = {0x7A, 0x30};
  CHECK(bq76952::block_checksum(0x9180, cell_gain, sizeof(cell_gain)) == 0x44);
  // Enabled Protections A = 0x8C, TI's application note SLUAA11: complement of 0x61 + 0x92 + 0x8C.
  const uint8_t enables[] = {0x8C};
  CHECK(bq76952::block_checksum(0x9261, enables, sizeof(enables)) == 0x80);
}

TEST_CASE("a refused first transaction after a pause is survived") {
  FrontEndBench bench;
  bench.bring_up();
  bench.model.set_nack_after_idle_us(40000);
  FrontEndReading reading;
  for (int i = 0; i < 20; ++i) {
    bench.model.advance(50000);
    REQUIRE(bench.driver.read(reading) == FrontEndResult::kOk);
  }
  CHECK(reading.cell_mv[0] == 3300);
}

TEST_CASE("a refused first transaction at power-on is survived by configure") {
  FrontEndBench bench;
  bench.model.set_nack_after_idle_us(1000);
  bench.model.advance(1000000);
  CHECK(bench.driver.configure(bench.config) == FrontEndResult::kOk);
}

TEST_CASE("noise gives no reading or the right one, never a wrong one") {
  FrontEndBench bench;
  bench.bring_up();
  bench.model.inputs().cell_mv[3] = 3417;
  bench.set_current_ma(-88000);
  bench.run_ms(500);
  int good = 0;
  int failed = 0;
  for (const double probability : {1e-4, 5e-4, 2e-3}) {
    bench.bus.set_bit_flip_probability(probability);
    for (int i = 0; i < 400; ++i) {
      bench.model.advance(50000);
      FrontEndReading reading;
      reading.stack_mv = -1;
      const FrontEndResult result = bench.driver.read(reading);
      if (result == FrontEndResult::kBusFailed) {
        ++failed;
        CHECK(reading.stack_mv == -1);  // nothing of it was touched
        continue;
      }
      REQUIRE(result == FrontEndResult::kOk);
      ++good;
      REQUIRE(reading.cell_mv[3] == 3417);
      REQUIRE(reading.cell_mv[15] == 3300);
      REQUIRE(reading.stack_mv == 52800);
      REQUIRE(reading.current_ma == -88000);
      REQUIRE(reading.temp_ddegc[5] == 250);
      REQUIRE(reading.trips == 0);
    }
  }
  CHECK(bench.bus.flipped_bits() > 500);
  CHECK(good > 300);
  CHECK(failed > 50);
}

TEST_CASE("settings that were read back through noise are those that are in the chip") {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    FrontEndBench bench;
    bench.bus = sim::ModelBus(seed);
    bench.bus.attach(0x08, bench.model);
    bench.bus.set_bit_flip_probability(2e-4);
    const FrontEndResult result = bench.driver.configure(bench.config);
    if (result != FrontEndResult::kOk) {
      CHECK(bench.driver.readback_hash() == 0);
      continue;
    }
    bq76952::SettingList list;
    REQUIRE(bq76952::build_settings(bench.config, list));
    for (size_t i = 0; i < list.count; ++i) {
      uint8_t bytes[4] = {};
      bench.model.memory().read(list.items[i].address, bytes, list.items[i].size);
      uint32_t value = 0;
      std::memcpy(&value, bytes, sizeof(value));
      REQUIRE(value == list.items[i].value);
    }
  }
}

TEST_CASE("a stuck bus fails at once, without tries") {
  FrontEndBench bench;
  bench.bring_up();
  bench.bus.set_stuck(true);
  const uint64_t before = bench.bus.transactions();
  FrontEndReading reading;
  CHECK(bench.driver.read(reading) == FrontEndResult::kBusFailed);
  CHECK(bench.bus.transactions() == before + 1);
  CHECK(bench.driver.switch_paths({false, false}) == FrontEndResult::kBusFailed);
  CHECK(bench.bus.transactions() == before + 2);
  CHECK(bench.driver.balance(1) == FrontEndResult::kBusFailed);
  CHECK(bench.driver.clear_trips() == FrontEndResult::kBusFailed);
  CHECK(bench.driver.configure(bench.config) == FrontEndResult::kBusFailed);
  bench.bus.set_stuck(false);
  CHECK(bench.driver.configure(bench.config) == FrontEndResult::kOk);
}

TEST_CASE("answers with wrong check bytes are never taken") {
  FrontEndBench bench;
  bench.bring_up();
  bench.model.faults().has_wrong_crc = true;
  FrontEndReading reading;
  CHECK(bench.driver.read(reading) == FrontEndResult::kBusFailed);
  CHECK(bench.driver.configure(bench.config) == FrontEndResult::kBusFailed);
}

TEST_CASE("a chip without supply answers nothing") {
  FrontEndBench bench;
  bench.bring_up();
  bench.model.faults().is_dead = true;
  CHECK_FALSE(bench.model.is_charge_on());
  FrontEndReading reading;
  CHECK(bench.driver.read(reading) == FrontEndResult::kBusFailed);
}

TEST_CASE("an address without a chip is not acknowledged") {
  sim::ModelBus bus;
  const uint8_t byte = 0;
  uint8_t answer[2];
  CHECK(bus.write(0x50, &byte, 1) == I2cResult::kNack);
  CHECK(bus.write_read(0x50, &byte, 1, answer, sizeof(answer)) == I2cResult::kNack);
}

TEST_CASE("a subcommand that never ends is given up") {
  ScriptedBus bus;
  IdleClock clock;
  bq76952::Link link(bus, clock);
  bus.on_read = [](uint8_t, std::vector<uint8_t>& plain) {
    plain.assign(plain.size(), 0xFF);
    return I2cResult::kOk;
  };
  CHECK_FALSE(link.command(0x0090));
  CHECK(clock.waited_us < 20000);
  // The low byte alone is not the echo.
  bus.on_read = [](uint8_t, std::vector<uint8_t>& plain) {
    plain = {0x90, 0xFF};
    return I2cResult::kOk;
  };
  CHECK_FALSE(link.command(0x0090));
}

TEST_CASE("a write that is never acknowledged is given up after some tries") {
  ScriptedBus bus;
  IdleClock clock;
  bq76952::Link link(bus, clock);
  bus.write_result = I2cResult::kNack;
  const uint8_t byte = 1;
  CHECK_FALSE(link.write(0x62, &byte, 1));
  CHECK(bus.writes == 4);
  CHECK_FALSE(link.write_block(0x0097, &byte, 1));
  CHECK_FALSE(link.command(0x0095));
}

TEST_CASE("a block counts only if code, length and checksum fit") {
  ScriptedBus bus;
  IdleClock clock;
  bq76952::Link link(bus, clock);
  constexpr uint16_t kCode = 0x9261;
  std::vector<uint8_t> answer = window(kCode, 36);
  I2cResult window_result = I2cResult::kOk;
  bus.on_read = [&](uint8_t, std::vector<uint8_t>& plain) {
    if (plain.size() == 2) {
      plain = {kCode & 0xFF, kCode >> 8};
      return I2cResult::kOk;
    }
    plain = answer;
    return window_result;
  };
  uint8_t bytes[32];
  REQUIRE(link.read_block(kCode, bytes, sizeof(bytes)));
  CHECK(bytes[0] == 0xAB);

  SUBCASE("another code, low byte") { answer[0] = 0x62; }
  SUBCASE("another code, high byte") { answer[1] = 0x93; }
  SUBCASE("too short") { answer = window(kCode, 35); }
  SUBCASE("longer than the buffer") { answer[35] = 37; }
  SUBCASE("another checksum") { answer[34] ^= 0x10; }
  SUBCASE("no answer") { window_result = I2cResult::kNack; }
  CHECK_FALSE(link.read_block(kCode, bytes, sizeof(bytes)));
}
