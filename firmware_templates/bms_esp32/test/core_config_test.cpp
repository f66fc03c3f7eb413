// Which settings may be used, and what they are called.
#include <doctest/doctest.h>

#include <cstring>
#include <initializer_list>
#include <string>

#include "bms/config_check.h"
#include "bms/config_hash.h"
#include "bms/config_words.h"
#include "bms/crc.h"
#include "bms/fnv.h"

using bms::check_config;
using bms::FieldId;
using bms::PackConfig;
using bms::Result;

TEST_CASE("the reference pack keeps every range and every rule") {
  CHECK(check_config(PackConfig{}).result == Result::kDone);
}

TEST_CASE("every value one below its range or one above it is refused with its field") {
  for (size_t field = 0; field < bms::kFieldCount; ++field) {
    const bms::Field& row = bms::kFields[field];
    for (uint16_t index = 0; index < row.length; ++index) {
      for (const int32_t value : {row.min - 1, row.max + 1}) {
        PackConfig config;
        bms::set_config_word(config, static_cast<size_t>(row.word) + index, value);
        const bms::ConfigVerdict verdict = check_config(config);
        CAPTURE(std::string(row.name));
        CHECK(verdict.result == Result::kOutOfRange);
        CHECK(verdict.detail == field);
      }
    }
    CHECK(bms::is_in_range(row, row.min));
    CHECK(bms::is_in_range(row, row.max));
  }
}

TEST_CASE("a rule between fields is kept up to its edge and no further") {
  SUBCASE("where equal is allowed") {
    PackConfig config;  // cell_ov_trip_mv + cell_error_mv <= cell_max_mv
    config.cell_ov_trip_mv = 3640;
    config.cell_ov_damage_mv = 3750;
    CHECK(check_config(config).result == Result::kDone);
    config.cell_ov_trip_mv = 3641;
    const bms::ConfigVerdict verdict = check_config(config);
    CHECK(verdict.result == Result::kRuleBroken);
    CHECK(std::strcmp(bms::kOrderRules[verdict.detail].text,
                      "cell_ov_trip_mv + cell_error_mv <= cell_max_mv") == 0);
  }
  SUBCASE("where it is not") {
    PackConfig config;  // balance_stop_mv < balance_start_mv
    config.balance_stop_mv = 9;
    CHECK(check_config(config).result == Result::kDone);
    config.balance_stop_mv = 10;
    const bms::ConfigVerdict verdict = check_config(config);
    CHECK(verdict.result == Result::kRuleBroken);
    CHECK(std::strcmp(bms::kOrderRules[verdict.detail].text,
                      "balance_stop_mv < balance_start_mv") == 0);
  }
}

TEST_CASE("a table ends with its last value, whatever stands behind it") {
  PackConfig config;
  config.derating_current_ma[0] = 0;  // behind derating_temp_ddegc, and lower than its last value
  CHECK(check_config(config).result == Result::kDone);
}

TEST_CASE("a table that does not rise is refused with its number after the rules") {
  PackConfig config;
  config.ocv_mv[4] = config.ocv_mv[3];
  bms::ConfigVerdict verdict = check_config(config);
  CHECK(verdict.result == Result::kRuleBroken);
  REQUIRE(verdict.detail >= bms::kOrderRuleCount);
  CHECK(bms::kAscendingFields[verdict.detail - bms::kOrderRuleCount] == FieldId::kOcvMv);
  config = PackConfig{};
  config.derating_temp_ddegc[9] = 549;
  verdict = check_config(config);
  REQUIRE(verdict.detail >= bms::kOrderRuleCount);
  CHECK(bms::kAscendingFields[verdict.detail - bms::kOrderRuleCount] ==
        FieldId::kDeratingTempDdegc);
}

TEST_CASE("the hash is the one that other languages compute from the schema") {
  // Computed from pack_config.yaml by eight lines of Python.
  CHECK(bms::config_hash(PackConfig{}) == 0x4C4654DBCDA9ADECULL);
}

TEST_CASE("every word of the settings counts in the hash") {
  const uint64_t reference = bms::config_hash(PackConfig{});
  for (size_t word = 0; word < bms::kConfigWords; ++word) {
    PackConfig config;
    bms::set_config_word(config, word, bms::config_word(config, word) + 1);
    CHECK(bms::config_hash(config) != reference);
  }
}

TEST_CASE("FNV-1a and CRC-32 give their published values") {
  uint64_t hash = bms::kFnvOffset;
  for (const char letter : {'f', 'o', 'o', 'b', 'a', 'r'}) {
    hash = bms::fnv1a64(hash, static_cast<uint8_t>(letter));
  }
  CHECK(hash == 0x85944171F73967E8ULL);
  CHECK(bms::crc32(reinterpret_cast<const uint8_t*>("123456789"), 9) == 0xCBF43926U);
}
