#include "bms/trip_log.h"

#include "bms/bytes.h"
#include "bms/clock.h"

namespace bms {
namespace {

constexpr size_t kHistory = kTripSamples + 1;

void put_event(ByteWriter& bytes, const EventRecord& event) {
  bytes.put(event.number, 2);
  bytes.put(event.at_ms, 4);
  bytes.put(static_cast<uint8_t>(event.kind), 1);
  bytes.put(static_cast<uint8_t>(event.diagnosis), 1);
  bytes.put(event.subject, 1);
  bytes.put_i32(event.value);
  bytes.put_i32(event.limit);
  bytes.put(event.limit_field, 2);
  bytes.put(static_cast<uint8_t>(event.state), 1);
  bytes.put(event.config_hash, 8);
}

EventRecord take_event(ByteReader& bytes) {
  EventRecord event;
  event.number = bytes.take_u16();
  event.at_ms = bytes.take_u32();
  event.kind = static_cast<EventKind>(bytes.take_u8());
  event.diagnosis = static_cast<Diagnosis>(bytes.take_u8());
  event.subject = bytes.take_u8();
  event.value = bytes.take_i32();
  event.limit = bytes.take_i32();
  event.limit_field = bytes.take_u16();
  event.state = static_cast<State>(bytes.take_u8());
  event.config_hash = bytes.take(8);
  return event;
}

int32_t value_for(const EventRecord& event, const Sample& sample, const PackConfig& config) {
  return measured(row_of(event.diagnosis).measure, event.subject, sample, config);
}

}  // namespace

void TripLog::load() {
  const size_t count = storage_.read(Record::kTripLog, record_, sizeof record_);
  if (!is_whole_record(record_, count, kShape)) {
    return;
  }
  ByteReader payload(record_ + kRecordHead);
  // The remainder keeps what is read within the ring, whatever was stored.
  count_ = payload.take_u32() % (kCapacity + 1);
  for (size_t index = 0; index < count_; ++index) {
    TripLogEntry& entry = entries_[index];
    entry.event = take_event(payload);
    for (int32_t& value : entry.before) {
      value = payload.take_i32();
    }
    for (int32_t& value : entry.after) {
      value = payload.take_i32();
    }
  }
}

void TripLog::note_reading(const Sample& sample, const PackConfig& config) {
  newest_ = (newest_ + 1) % kHistory;
  history_[newest_] = sample;
  if (reading_count_ < kHistory) {
    ++reading_count_;
  }
  for (size_t place = 0; place < kCapacity; ++place) {
    if (awaited_[place] > 0) {
      TripLogEntry& entry = entries_[place];
      entry.after[kTripSamples - awaited_[place]] = value_for(entry.event, sample, config);
      --awaited_[place];
      is_changed_ = is_changed_ || awaited_[place] == 0;
    }
  }
}

void TripLog::add(const EventRecord& event, const PackConfig& config) {
  if (count_ == kCapacity) {
    first_ = (first_ + 1) % kCapacity;
    --count_;
  }
  const size_t place = (first_ + count_) % kCapacity;
  ++count_;
  TripLogEntry& entry = entries_[place];
  entry = TripLogEntry{};
  entry.event = event;
  for (size_t back = 1; back < reading_count_; ++back) {
    const Sample& sample = history_[(newest_ + kHistory - back) % kHistory];
    entry.before[kTripSamples - back] = value_for(event, sample, config);
  }
  awaited_[place] = kTripSamples;
  is_changed_ = true;
}

void TripLog::save(uint32_t now_ms) {
  const bool is_too_soon = was_saved_ && elapsed_ms(now_ms, saved_ms_) < kSavePauseMs;
  if (!is_changed_ || is_too_soon) {
    return;
  }
  // A failed write is tried again after the pause, as a changed log is.
  is_changed_ = !write();
  was_saved_ = true;
  saved_ms_ = now_ms;
}

bool TripLog::write() {
  ByteWriter payload(record_ + kRecordHead);
  payload.put(count_, 4);
  for (size_t index = 0; index < count_; ++index) {
    const TripLogEntry& stored = entry(index);
    put_event(payload, stored.event);
    for (const int32_t value : stored.before) {
      payload.put_i32(value);
    }
    for (const int32_t value : stored.after) {
      payload.put_i32(value);
    }
  }
  seal_record(record_, kShape, 0);
  return storage_.write(Record::kTripLog, record_, sizeof record_);
}

}  // namespace bms
