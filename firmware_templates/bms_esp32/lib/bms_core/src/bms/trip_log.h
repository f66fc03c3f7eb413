// The last trips with the subject's values around them. Survives a restart.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/board.h"
#include "bms/event.h"
#include "bms/measure.h"
#include "bms/pack_config.h"
#include "bms/stored_record.h"

namespace bms {

constexpr size_t kTripSamples = 4;
// Stands where there was no reading: before the first, or after the last.
constexpr int32_t kNoSample = INT32_MIN;

struct TripLogEntry {
  EventRecord event;
  int32_t before[kTripSamples] = {kNoSample, kNoSample, kNoSample, kNoSample};  // oldest first
  int32_t after[kTripSamples] = {kNoSample, kNoSample, kNoSample, kNoSample};
};

class TripLog {
 public:
  static constexpr size_t kCapacity = 32;

  explicit TripLog(Storage& storage) : storage_(storage) {}

  // A record that is not whole counts as none.
  void load();
  // Before a reading is judged: gives the open entries their next value, and keeps the reading for
  // those that follow.
  void note_reading(const Sample& sample, const PackConfig& config);
  void add(const EventRecord& event, const PackConfig& config);
  // Writes what changed, at most once in kSavePauseMs, for the sake of the memory's life.
  void save(uint32_t now_ms);

  size_t size() const { return count_; }
  // 0 is the oldest.
  const TripLogEntry& entry(size_t index) const { return entries_[(first_ + index) % kCapacity]; }

 private:
  static constexpr uint32_t kSavePauseMs = 1000;
  // Number of entries, then each: the event in 28 bytes and its samples.
  static constexpr size_t kEntryBytes = 28 + 4 * 2 * kTripSamples;
  static constexpr RecordShape kShape = {0x424D5401U, 4 + kCapacity * kEntryBytes};

  bool write();

  Storage& storage_;
  TripLogEntry entries_[kCapacity] = {};
  uint8_t awaited_[kCapacity] = {};  // values after that an entry still waits for
  size_t first_ = 0;
  size_t count_ = 0;
  Sample history_[kTripSamples + 1] = {};  // a ring with the reading that is judged as its newest
  size_t newest_ = 0;
  size_t reading_count_ = 0;  // up to the size of the ring
  uint8_t record_[kShape.payload_size + kRecordOverhead] = {};
  uint32_t saved_ms_ = 0;
  bool is_changed_ = false;
  bool was_saved_ = false;
};

}  // namespace bms
