// What the guard tells about things that happened, and the queue they wait in until they are sent.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/diagnosis.h"
#include "bms/names.h"

namespace bms {

// Something that tripped, released or changed. Units are those of its diagnosis.
struct EventRecord {
  uint16_t number = 0;
  uint32_t at_ms = 0;
  EventKind kind = EventKind::kTripped;
  Diagnosis diagnosis = Diagnosis::kCellOverVoltage;
  uint8_t subject = 0;  // cell or sensor from 1; 0 for the pack
  int32_t value = 0;
  int32_t limit = 0;
  uint16_t limit_field = kNoField;
  State state = State::kUninitialised;
  uint64_t config_hash = 0;
};

// Numbers events and keeps the last kCapacity of them. When nobody drains it the oldest are lost,
// which the gap in the numbers shows.
class EventQueue {
 public:
  static constexpr size_t kCapacity = 64;

  // Gives the event its number.
  void add(EventRecord& event);
  // The oldest; false when there is none.
  bool take(EventRecord& event);

 private:
  EventRecord events_[kCapacity] = {};
  size_t first_ = 0;
  size_t count_ = 0;
  uint16_t next_number_ = 0;
};

}  // namespace bms
