#include "ntc/ntc.h"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

using bms::SensorState;

namespace {
constexpr ntc::Thermistor k103At = {10000, 3435, 18000, 400000, 400};
}

TEST_CASE("temperatures are within 0.1 degC of the formula from -40 to 100") {
  for (const int32_t beta : {3380, 3435, 3950, 4250}) {
    ntc::Thermistor thermistor = k103At;
    thermistor.beta_k = beta;
    thermistor.open_ohm = 10000000;
    thermistor.short_ohm = 1;
    for (int ddegc = -400; ddegc <= 1000; ++ddegc) {
      const double kelvin = ddegc / 10.0 + 273.15;
      const double ohm = 10000 * std::exp(beta * (1 / kelvin - 1 / 298.15));
      const auto rounded = static_cast<int32_t>(std::lround(ohm));
      const double exact_degc = 1 / (1 / 298.15 + std::log(rounded / 10000.0) / beta) - 273.15;
      const ntc::Temperature temperature = ntc::decode(rounded, thermistor);
      REQUIRE(temperature.state == SensorState::kOk);
      REQUIRE(std::abs(temperature.ddegc / 10.0 - exact_degc) < 0.1);
      REQUIRE(std::abs(temperature.ddegc - ddegc) <= 1);
    }
  }
}

TEST_CASE("a thermistor at its R25 is at 25 degC, whatever its B value") {
  ntc::Thermistor thermistor = k103At;
  for (const int32_t beta : {2000, 3435, 6000}) {
    thermistor.beta_k = beta;
    CHECK(ntc::decode(10000, thermistor).ddegc == 250);
  }
}

TEST_CASE("the wrong B value is as far off as the safety concept says") {
  // B3950 read as B3435: 3.4 degC low at 0 degC, 3.2 degC high at 45 degC.
  const double cold = 10000 * std::exp(3950 * (1 / 273.15 - 1 / 298.15));
  CHECK(ntc::decode(static_cast<int32_t>(cold), k103At).ddegc ==
        doctest::Approx(-34).epsilon(0.04));
  const double warm = 10000 * std::exp(3950 * (1 / 318.15 - 1 / 298.15));
  CHECK(ntc::decode(static_cast<int32_t>(warm), k103At).ddegc ==
        doctest::Approx(482).epsilon(0.003));
}

TEST_CASE("open and short are told at their limits") {
  CHECK(ntc::decode(400000, k103At).state == SensorState::kOk);
  CHECK(ntc::decode(400001, k103At).state == SensorState::kOpen);
  CHECK(ntc::decode(INT32_MAX, k103At).state == SensorState::kOpen);
  CHECK(ntc::decode(400, k103At).state == SensorState::kOk);
  CHECK(ntc::decode(399, k103At).state == SensorState::kShort);
  CHECK(ntc::decode(0, k103At).state == SensorState::kShort);
  CHECK(ntc::decode(0, k103At).ddegc == 0);
}

TEST_CASE("resistance follows from the ratio of the divider") {
  CHECK(ntc::resistance_ohm(10000, 20000, 18000) == 18000);
  CHECK(ntc::resistance_ohm(5000, 20000, 18000) == 6000);
  CHECK(ntc::resistance_ohm(0, 20000, 18000) == 0);
  CHECK(ntc::resistance_ohm(-3, 20000, 18000) == 0);
  CHECK(ntc::resistance_ohm(20000, 20000, 18000) == INT32_MAX);
  CHECK(ntc::resistance_ohm(20001, 20000, 18000) == INT32_MAX);
  CHECK(ntc::resistance_ohm(19999, 20000, 200000) == INT32_MAX);  // 4 GOhm
  CHECK(ntc::resistance_ohm(19999, 20000, 18000) == 359982000);
}

TEST_CASE("a nonsensical thermistor is hot, not undefined") {
  const ntc::Thermistor thermistor = {200000, 2000, 18000, 400000, 1};
  CHECK(ntc::decode(1, thermistor).ddegc == 2500);
}

TEST_CASE("a configuration gives its thermistor") {
  bms::PackConfig config;
  config.ntc_beta_k = 3950;
  const ntc::Thermistor thermistor = ntc::from_config(config);
  CHECK(thermistor.r25_ohm == 10000);
  CHECK(thermistor.beta_k == 3950);
  CHECK(thermistor.pullup_ohm == 18000);
  CHECK(thermistor.open_ohm == 400000);
  CHECK(thermistor.short_ohm == 400);
}
