#include "sim/config_file.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <vector>

#include "bms/config_check.h"
#include "bms/config_words.h"

namespace sim {
namespace {

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

const bms::Field* find_field(const std::string& name) {
  for (const bms::Field& field : bms::kFields) {
    if (name == field.name) return &field;
  }
  return nullptr;
}

bool parse_values(const std::string& text, std::vector<int32_t>& values) {
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    const std::string word = trimmed(text.substr(at, comma - at));
    int32_t value = 0;
    const char* const end = word.data() + word.size();
    const auto parsed = std::from_chars(word.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) return false;
    values.push_back(value);
    at = comma + 1;
  }
  return true;
}

// The sentence for a verdict of the firmware's own check.
std::string verdict_text(const bms::ConfigVerdict& verdict, const bms::PackConfig& config) {
  if (verdict.result == bms::Result::kOutOfRange) {
    const bms::Field& field = bms::kFields[verdict.detail];
    std::string text = std::string(field.name) + " has a value outside " +
                       std::to_string(field.min) + " to " + std::to_string(field.max);
    if (field.length == 1) {
      text += ": " + std::to_string(bms::config_word(config, field.word));
    }
    return text;
  }
  if (verdict.detail < bms::kOrderRuleCount) {
    return std::string("the rule '") + bms::kOrderRules[verdict.detail].text + "' does not hold";
  }
  const bms::FieldId field = bms::kAscendingFields[verdict.detail - bms::kOrderRuleCount];
  return std::string(bms::kFields[static_cast<size_t>(field)].name) + " does not rise";
}

}  // namespace

bool set_field(const std::string& line, bms::PackConfig& config, std::string& reason) {
  const size_t equals = line.find('=');
  if (equals == std::string::npos) {
    reason = "'" + line + "' is not name=value";
    return false;
  }
  const std::string name = trimmed(line.substr(0, equals));
  const bms::Field* const field = find_field(name);
  if (field == nullptr) {
    reason = "there is no field '" + name + "'";
    return false;
  }
  std::vector<int32_t> values;
  if (!parse_values(line.substr(equals + 1), values) || values.size() != field->length) {
    reason = name + " needs " + std::to_string(field->length) +
             (field->length == 1 ? " whole number" : " whole numbers, with commas between them");
    return false;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    bms::set_config_word(config, field->word + i, values[i]);
  }
  return true;
}

bool load_config(const std::string& path, bms::PackConfig& config, std::string& reason) {
  std::ifstream file(path);
  if (!file) {
    reason = "'" + path + "' can't be read";
    return false;
  }
  size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const std::string text = trimmed(line);
    if (text.empty() || text[0] == '#') continue;
    if (!set_field(text, config, reason)) {
      reason = path + " line " + std::to_string(number) + ": " + reason;
      return false;
    }
  }
  const bms::ConfigVerdict verdict = bms::check_config(config);
  if (verdict.result == bms::Result::kDone) return true;
  reason = path + ": " + verdict_text(verdict, config);
  return false;
}

}  // namespace sim
