#include "bms/event.h"

namespace bms {

void EventQueue::add(EventRecord& event) {
  event.number = next_number_++;
  if (count_ == kCapacity) {
    first_ = (first_ + 1) % kCapacity;
    --count_;
  }
  events_[(first_ + count_) % kCapacity] = event;
  ++count_;
}

bool EventQueue::take(EventRecord& event) {
  if (count_ == 0) {
    return false;
  }
  event = events_[first_];
  first_ = (first_ + 1) % kCapacity;
  --count_;
  return true;
}

}  // namespace bms
