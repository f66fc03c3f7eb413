#include "bms/stored_record.h"

#include "bms/bytes.h"
#include "bms/crc.h"

namespace bms {

void seal_record(uint8_t* record, const RecordShape& shape, uint32_t sequence) {
  ByteWriter head(record);
  head.put(shape.kind, 4);
  head.put(sequence, 4);
  const size_t covered = kRecordHead + shape.payload_size;
  ByteWriter(record + covered).put(crc32(record, covered), 4);
}

uint32_t record_sequence(const uint8_t* record) { return ByteReader(record + 4).take_u32(); }

uint32_t record_crc(const uint8_t* record, const RecordShape& shape) {
  return ByteReader(record + kRecordHead + shape.payload_size).take_u32();
}

bool is_whole_record(const uint8_t* record, size_t count, const RecordShape& shape) {
  return count == shape.payload_size + kRecordOverhead &&
         ByteReader(record).take_u32() == shape.kind &&
         crc32(record, kRecordHead + shape.payload_size) == record_crc(record, shape);
}

Found TwoCopies::load(uint8_t* record) {
  const size_t capacity = shape_.payload_size + kRecordOverhead;
  bool is_whole[2] = {};
  bool is_anything = false;
  uint32_t sequence[2] = {};
  uint32_t crc[2] = {};
  for (size_t place = 0; place < 2; ++place) {
    const size_t count = storage_.read(places_[place], record, capacity);
    is_anything = is_anything || count > 0;
    is_whole[place] = is_whole_record(record, count, shape_);
    if (is_whole[place]) {
      sequence[place] = record_sequence(record);
      crc[place] = record_crc(record, shape_);
    }
  }
  if (!is_whole[0] && !is_whole[1]) {
    return is_anything ? Found::kCorrupt : Found::kNothing;
  }
  is_in_step_ = is_whole[0] && is_whole[1] && crc[0] == crc[1];
  // The difference as a signed number: right when the sequence wraps.
  const bool is_second_newer =
      is_whole[1] && (!is_whole[0] || static_cast<int32_t>(sequence[1] - sequence[0]) > 0);
  newest_ = is_second_newer ? 1 : 0;
  sequence_ = sequence[newest_];
  const size_t count = storage_.read(places_[newest_], record, capacity);
  return is_whole_record(record, count, shape_) ? Found::kWhole : Found::kCorrupt;
}

bool TwoCopies::write(uint8_t* record) {
  seal_record(record, shape_, sequence_ + 1);
  if (!write_to(1 - newest_, record)) {
    return false;
  }
  ++sequence_;
  newest_ = 1 - newest_;
  return true;
}

bool TwoCopies::write_again(uint8_t* record) {
  seal_record(record, shape_, sequence_);
  return write_to(1 - newest_, record);
}

bool TwoCopies::write_to(size_t place, uint8_t* record) {
  const size_t size = shape_.payload_size + kRecordOverhead;
  const uint32_t crc = record_crc(record, shape_);
  if (!storage_.write(places_[place], record, size)) {
    return false;
  }
  const size_t count = storage_.read(places_[place], record, size);
  return is_whole_record(record, count, shape_) && record_crc(record, shape_) == crc;
}

}  // namespace bms
