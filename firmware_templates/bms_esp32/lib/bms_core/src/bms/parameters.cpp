#include "bms/parameters.h"

#include "bms/bytes.h"
#include "bms/config_check.h"
#include "bms/config_hash.h"
#include "bms/config_words.h"

namespace bms {
namespace {

// built_hash, then every word.
constexpr RecordShape kShape = {0x424D5300U + static_cast<uint32_t>(kPackConfigVersion),
                                8 + 4 * kConfigWords};
constexpr size_t kSize = kShape.payload_size + kRecordOverhead;

bool is_place(uint16_t field, uint8_t index) {
  return field < kFieldCount && index < kFields[field].length;
}

}  // namespace

Parameters::Parameters(Storage& storage, const PackConfig& built_in)
    : in_use_(built_in),
      staged_(built_in),
      built_hash_(config_hash(built_in)),
      hash_(built_hash_),
      copies_(storage, Record::kSettingsA, Record::kSettingsB, kShape) {}

bool Parameters::load() {
  uint8_t record[kSize];
  const Found found = copies_.load(record);
  if (found != Found::kWhole) {
    return found == Found::kNothing;
  }
  ByteReader payload(record + kRecordHead);
  if (payload.take(8) != built_hash_) {
    return true;
  }
  PackConfig stored;
  for (size_t word = 0; word < kConfigWords; ++word) {
    set_config_word(stored, word, payload.take_i32());
  }
  if (check_config(stored).result != Result::kDone) {
    return false;
  }
  in_use_ = stored;
  staged_ = stored;
  hash_ = config_hash(stored);
  if (!copies_.is_in_step()) {
    // Best done at once: a later fault of the good copy would bring back older settings.
    copies_.write_again(record);
  }
  return true;
}

Answer Parameters::stage(uint16_t field, uint8_t index, int32_t value) {
  if (!is_place(field, index)) {
    return {Result::kUnknown, field};
  }
  if (!is_in_range(kFields[field], value)) {
    return {Result::kOutOfRange, field};
  }
  set_config_word(staged_, static_cast<size_t>(kFields[field].word) + index, value);
  return {};
}

Answer Parameters::read(uint16_t field, uint8_t index, ParameterValue& value) const {
  if (!is_place(field, index)) {
    return {Result::kUnknown, field};
  }
  const size_t word = static_cast<size_t>(kFields[field].word) + index;
  value.value = config_word(in_use_, word);
  value.staged = config_word(staged_, word);
  value.staged_hash = config_hash(staged_);
  return {};
}

Answer Parameters::commit(uint64_t staged_hash) {
  if (!is_commit_allowed_) {
    return {Result::kRefusedInThisState, 0};
  }
  if (config_hash(staged_) != staged_hash) {
    return {Result::kHashDiffers, 0};
  }
  const ConfigVerdict verdict = check_config(staged_);
  if (verdict.result != Result::kDone) {
    return {verdict.result, verdict.detail};
  }
  if (!store()) {
    return {Result::kNotStored, 0};
  }
  in_use_ = staged_;
  hash_ = staged_hash;
  is_changed_ = true;
  return {};
}

void Parameters::discard() { staged_ = in_use_; }

bool Parameters::take_change() {
  const bool was_changed = is_changed_;
  is_changed_ = false;
  return was_changed;
}

bool Parameters::store() {
  uint8_t record[kSize];
  ByteWriter payload(record + kRecordHead);
  payload.put(built_hash_, 8);
  for (size_t word = 0; word < kConfigWords; ++word) {
    payload.put_i32(config_word(staged_, word));
  }
  if (!copies_.write(record)) {
    return false;
  }
  // The settings are stored. Should the second copy fail, the next start writes it again.
  copies_.write_again(record);
  return true;
}

}  // namespace bms
