#include "bms/config_hash.h"

#include "bms/config_words.h"
#include "bms/fnv.h"

namespace bms {

uint64_t config_hash(const PackConfig& config) {
  uint64_t hash = kFnvOffset;
  for (size_t word = 0; word < kConfigWords; ++word) {
    hash = fnv1a64_word(hash, static_cast<uint32_t>(config_word(config, word)));
  }
  return hash;
}

}  // namespace bms
