#include "bms/config_check.h"

#include "bms/config_words.h"

namespace bms {
namespace {

bool is_field_in_range(const PackConfig& config, const Field& field) {
  for (size_t index = 0; index < field.length; ++index) {
    if (!is_in_range(field, config_word(config, field.word + index))) {
      return false;
    }
  }
  return true;
}

// 64 bits, so that no sum of values in range can overflow.
int64_t sum(const PackConfig& config, const FieldId* fields, uint8_t count) {
  int64_t total = 0;
  for (uint8_t index = 0; index < count; ++index) {
    total += field_value(config, fields[index]);
  }
  return total;
}

bool is_kept(const PackConfig& config, const OrderRule& rule) {
  const int64_t left = sum(config, rule.left, rule.left_count);
  const int64_t right = sum(config, rule.right, rule.right_count);
  return rule.is_equal_allowed ? left <= right : left < right;
}

bool is_rising(const PackConfig& config, const Field& field) {
  for (size_t index = 1; index < field.length; ++index) {
    if (config_word(config, field.word + index - 1) >= config_word(config, field.word + index)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool is_in_range(const Field& field, int32_t value) {
  return value >= field.min && value <= field.max;
}

ConfigVerdict check_config(const PackConfig& config) {
  for (size_t field = 0; field < kFieldCount; ++field) {
    if (!is_field_in_range(config, kFields[field])) {
      return {Result::kOutOfRange, static_cast<uint16_t>(field)};
    }
  }
  for (size_t rule = 0; rule < kOrderRuleCount; ++rule) {
    if (!is_kept(config, kOrderRules[rule])) {
      return {Result::kRuleBroken, static_cast<uint16_t>(rule)};
    }
  }
  for (size_t table = 0; table < kAscendingFieldCount; ++table) {
    if (!is_rising(config, kFields[static_cast<size_t>(kAscendingFields[table])])) {
      return {Result::kRuleBroken, static_cast<uint16_t>(kOrderRuleCount + table)};
    }
  }
  return {};
}

}  // namespace bms
