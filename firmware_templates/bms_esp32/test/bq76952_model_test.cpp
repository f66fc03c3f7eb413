// The model alone, spoken to without the driver: what a chip does that was not configured.
#include <doctest/doctest.h>

#include <vector>

#include "bq76952/crc8.h"
#include "bq76952/link.h"
#include "front_end_bench.h"

using bms::I2cResult;

namespace {

struct Bare {
  Bare() {
    bus.attach(0x08, model);
    bench::set_healthy(model.inputs(), 16);
  }
  void set(uint16_t address, std::vector<uint8_t> bytes) {
    REQUIRE(link.command(0x0090));
    REQUIRE(link.write_block(address, bytes.data(), bytes.size()));
    REQUIRE(link.command(0x0092));
  }
  void close() {
    REQUIRE(link.command(0x0022));
    REQUIRE(link.command(0x0096));
  }
  uint32_t word(uint8_t first_register) {
    uint8_t bytes[2];
    REQUIRE(link.read(first_register, bytes, 2));
    return bytes[0] | static_cast<uint32_t>(bytes[1]) << 8U;
  }
  sim::Bq76952Model model;
  sim::ModelBus bus;
  bench::ModelClock clock{model};
  bq76952::Link link{bus, clock};
};

}  // namespace

TEST_CASE("after power-on both paths are off and most protections too") {
  Bare bare;
  CHECK_FALSE(bare.model.is_charge_on());
  CHECK_FALSE(bare.model.is_discharge_on());
  CHECK((bare.word(0x12) & 0x0008) != 0);  // power-on reset
  CHECK((bare.word(0x12) & 0x0004) != 0);  // sleep allowed
  uint8_t enables[3];
  REQUIRE(bare.link.read_block(0x9261, enables, sizeof(enables)));
  CHECK(enables[0] == 0x88);
  CHECK(enables[1] == 0x00);
  CHECK(enables[2] == 0x00);
  uint8_t number[2];
  REQUIRE(bare.link.read_block(0x0001, number, sizeof(number)));
  CHECK(number[0] == 0x95);
  CHECK(number[1] == 0x76);
}

TEST_CASE("with power-on defaults an empty cell, a load and a silent host open nothing") {
  Bare bare;
  bare.close();
  REQUIRE(bare.model.is_discharge_on());
  bare.model.inputs().cell_mv[0] = 1000;
  bare.model.inputs().shunt_nv = 9e6;  // above OCC's default of 4 mV
  bare.model.inputs().thermistor_ohm[0] = 800;
  bare.model.advance(120000000);
  CHECK(bare.model.is_discharge_on());
  CHECK(bare.model.is_charge_on());
  // Over-voltage is on by default, at 4352 mV, far above what LiFePO4 stands.
  bare.model.inputs().cell_mv[0] = 4300;
  bare.model.advance(10000000);
  CHECK(bare.model.is_charge_on());
  bare.model.inputs().cell_mv[0] = 4353;
  bare.model.advance(10000000);
  CHECK_FALSE(bare.model.is_charge_on());
}

TEST_CASE("CONFIG_UPDATE opens the paths, measures nothing and protects nothing") {
  Bare bare;
  bare.close();
  bare.model.advance(300000);
  CHECK(bare.word(0x14) == 3300);
  REQUIRE(bare.link.command(0x0090));
  CHECK_FALSE(bare.model.is_discharge_on());
  CHECK((bare.word(0x12) & 1) == 1);
  bare.model.inputs().cell_mv[0] = 4400;
  bare.model.advance(10000000);
  CHECK(bare.word(0x14) == 3300);
  CHECK(bare.model.safety_a() == 0);
  REQUIRE(bare.link.command(0x0092));
  CHECK((bare.word(0x12) & 9) == 0);  // out of it, and the power-on flag is gone
  bare.model.advance(10000000);
  CHECK(bare.word(0x14) == 4400);
  CHECK(bare.model.safety_a() == 0x08);
}

TEST_CASE("data memory changes in CONFIG_UPDATE only, with checksum and length") {
  Bare bare;
  const uint8_t value = 0x33;
  REQUIRE(bare.link.write_block(0x9275, &value, 1));
  CHECK(bare.model.memory().u1(0x9275) == 50);
  REQUIRE(bare.link.command(0x0090));

  const uint8_t window[] = {0x75, 0x92, 0x33};
  REQUIRE(bare.link.write(0x3E, window, sizeof(window)));
  const uint8_t wrong[] = {0x00, 0x05};
  REQUIRE(bare.link.write(0x60, wrong, sizeof(wrong)));
  CHECK(bare.model.memory().u1(0x9275) == 50);
  const uint8_t checksum[] = {bq76952::block_checksum(0x9275, &value, 1)};
  const uint8_t length[] = {0x05};
  REQUIRE(bare.link.write(0x60, checksum, 1));
  REQUIRE(bare.link.write(0x61, length, 1));  // not in one transaction: not taken
  CHECK(bare.model.memory().u1(0x9275) == 50);
  REQUIRE(bare.link.write_block(0x9275, &value, 1));
  CHECK(bare.model.memory().u1(0x9275) == 0x33);
}

TEST_CASE("a reset takes every setting and the switches with it") {
  Bare bare;
  bare.set(0x9275, {60});
  bare.close();
  REQUIRE(bare.model.memory().u1(0x9275) == 60);
  REQUIRE_FALSE(bare.link.command(0x0012));  // what would echo it has started anew
  CHECK(bare.model.memory().u1(0x9275) == 50);
  CHECK_FALSE(bare.model.is_discharge_on());
  CHECK((bare.word(0x12) & 8) != 0);
}

TEST_CASE("a write with a wrong check byte is refused and changes nothing") {
  Bare bare;
  const uint8_t bad[] = {0x3E, 0x22, 0x00, 0x00, 0x00};
  CHECK(bare.bus.write(0x08, bad, sizeof(bad)) == I2cResult::kNack);
  const uint8_t half[] = {0x3E, 0x22};
  CHECK(bare.bus.write(0x08, half, sizeof(half)) == I2cResult::kNack);
  CHECK(bare.bus.write(0x08, half, 0) == I2cResult::kNack);
  const uint8_t good[] = {0x3E, 0x22, 0x63, 0x00, 0x00};
  CHECK(bare.bus.write(0x08, good, sizeof(good)) == I2cResult::kOk);
  uint8_t status[2];
  REQUIRE(bare.link.read_block(0x0057, status, sizeof(status)));
  CHECK(status[0] == 0x10);
}

TEST_CASE("switch commands act on their side, and only if the host is to be heard") {
  Bare bare;
  bare.close();
  REQUIRE(bare.link.command(0x0093));
  CHECK(bare.model.is_charge_on());
  CHECK_FALSE(bare.model.is_discharge_on());
  REQUIRE(bare.link.command(0x0096));
  REQUIRE(bare.link.command(0x0094));
  CHECK_FALSE(bare.model.is_charge_on());
  CHECK(bare.model.is_discharge_on());
  REQUIRE(bare.link.command(0x0095));
  CHECK_FALSE(bare.model.is_discharge_on());
  bare.set(0x9308, {0x09});  // HOST_FET_EN off
  for (const int code : {0x0093, 0x0094, 0x0095}) {
    REQUIRE(bare.link.command(static_cast<uint16_t>(code)));
    CHECK(bare.model.is_charge_on());
    CHECK(bare.model.is_discharge_on());
  }
  const uint8_t off = 0x0F;
  REQUIRE(bare.link.write_block(0x0097, &off, 1));
  CHECK(bare.model.is_charge_on());
  bare.set(0x9308, {0x05});  // FET_CTRL_EN off
  CHECK_FALSE(bare.model.is_charge_on());
}

TEST_CASE("temperature protections act on thermistors that count as cells") {
  Bare bare;
  bare.set(0x9262, {0x33});
  bare.close();
  struct Step {
    double ohm;
    uint8_t status;
    bool charge;
    bool discharge;
  };
  // Of a 103AT: 3600 ohm is about 53 degC, 3000 59, 2700 62, 33000 -3.
  for (const Step& step : {Step{3600, 0x00, true, true}, Step{3000, 0x10, false, true},
                           Step{2700, 0x30, false, false}, Step{10000, 0x00, true, true},
                           Step{33000, 0x03, false, false}, Step{10000, 0x00, true, true}}) {
    bare.model.inputs().thermistor_ohm[0] = step.ohm;
    bare.model.advance(8000000);
    CHECK(bare.model.safety_b() == step.status);
    CHECK(bare.model.is_charge_on() == step.charge);
    CHECK(bare.model.is_discharge_on() == step.discharge);
  }
  // The pin reads in 0.1 K then: 298.15.
  CHECK(bare.word(0x70) >= 2980);
  CHECK(bare.word(0x70) <= 2983);
  CHECK(bare.word(0x72) == 0);
}

TEST_CASE("balancing commands can be blocked, and read back") {
  Bare bare;
  const uint8_t cells[] = {0x05, 0x00};
  REQUIRE(bare.link.write_block(0x0083, cells, sizeof(cells)));
  CHECK(bare.model.balanced_cells() == 5);
  uint8_t back[2];
  REQUIRE(bare.link.read_block(0x0083, back, sizeof(back)));
  CHECK(back[0] == 5);
  bare.set(0x9335, {0x10});
  REQUIRE(bare.link.write_block(0x0083, cells, sizeof(cells)));
  CHECK(bare.model.balanced_cells() == 0);
}

TEST_CASE("alarms latch what the mask names and clear by a 1") {
  Bare bare;
  CHECK(bare.word(0x66) == 0xF800);
  bare.model.advance(300000);
  CHECK(bare.word(0x62) == 0);
  bare.set(0x926D, {0x82, 0xF8});
  bare.model.advance(70000);
  CHECK(bare.word(0x62) == 0x0002);
  bare.model.advance(130000);
  CHECK(bare.word(0x62) == 0x0082);
  const uint8_t clear[] = {0x80, 0x00};
  REQUIRE(bare.link.write(0x62, clear, sizeof(clear)));
  CHECK(bare.word(0x62) == 0x0002);
}
