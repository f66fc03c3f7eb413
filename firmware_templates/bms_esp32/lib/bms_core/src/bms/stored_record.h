// Records as they lie in memory: kind, sequence number, payload, CRC-32 over all before it. And two
// copies of one record, so that a power loss while one is written leaves the other.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/board.h"

namespace bms {

constexpr size_t kRecordHead = 8;
constexpr size_t kRecordOverhead = kRecordHead + 4;

// kind also tells the version of the payload's layout. payload_size is without the overhead.
struct RecordShape {
  uint32_t kind;
  size_t payload_size;
};

// Writes head and CRC around a payload that starts at record + kRecordHead.
void seal_record(uint8_t* record, const RecordShape& shape, uint32_t sequence);
bool is_whole_record(const uint8_t* record, size_t count, const RecordShape& shape);
uint32_t record_sequence(const uint8_t* record);
uint32_t record_crc(const uint8_t* record, const RecordShape& shape);

enum class Found : uint8_t { kNothing, kCorrupt, kWhole };

// `record` is always room for payload_size + kRecordOverhead bytes.
class TwoCopies {
 public:
  TwoCopies(Storage& storage, Record first, Record second, const RecordShape& shape)
      : storage_(storage), places_{first, second}, shape_(shape) {}

  // The newest whole copy. kCorrupt: something is there, but nothing whole.
  Found load(uint8_t* record);
  // Over the older copy, with the next sequence number; read back and compared.
  bool write(uint8_t* record);
  // The same once more, over the other copy.
  bool write_again(uint8_t* record);
  // Whether load() found two whole copies that are equal.
  bool is_in_step() const { return is_in_step_; }

 private:
  bool write_to(size_t place, uint8_t* record);

  Storage& storage_;
  Record places_[2];
  RecordShape shape_;
  uint32_t sequence_ = 0;
  size_t newest_ = 1;
  bool is_in_step_ = false;
};

}  // namespace bms
