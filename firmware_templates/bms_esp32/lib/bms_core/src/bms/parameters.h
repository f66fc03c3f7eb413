// The settings in use and those that are staged: stage, read back, commit by naming the hash of the
// staged whole. Kept in two equal copies.
#pragma once

#include <stdint.h>

#include "bms/answer.h"
#include "bms/pack_config.h"
#include "bms/stored_record.h"

namespace bms {

struct ParameterValue {
  int32_t value = 0;
  int32_t staged = 0;
  uint64_t staged_hash = 0;
};

class Parameters {
 public:
  Parameters(Storage& storage, const PackConfig& built_in);

  // Stored settings are used only if they are whole, keep every rule and were made from the same
  // built-in ones: after new firmware was flashed for another pack, the old pack's are of no use.
  // False if something is stored and none of it is whole.
  bool load();

  // Refuses an unknown place and a value outside its range. Changes nothing in use.
  Answer stage(uint16_t field, uint8_t index, int32_t value);
  Answer read(uint16_t field, uint8_t index, ParameterValue& value) const;
  // Only while the pack is open: the front end must be configured anew, which stops its protection.
  Answer commit(uint64_t staged_hash);
  void discard();

  const PackConfig& in_use() const { return in_use_; }
  uint64_t hash() const { return hash_; }
  uint64_t built_hash() const { return built_hash_; }

  void allow_commit(bool is_allowed) { is_commit_allowed_ = is_allowed; }
  // True once after settings came into use by a commit.
  bool take_change();

 private:
  bool store();

  PackConfig in_use_;
  PackConfig staged_;
  uint64_t built_hash_;
  uint64_t hash_;
  TwoCopies copies_;
  bool is_commit_allowed_ = false;
  bool is_changed_ = false;
};

}  // namespace bms
