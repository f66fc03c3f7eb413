#include "bms/attempts.h"

#include "bms/clock.h"

namespace bms {

void Attempts::note(uint32_t now_ms) {
  if (count_ == kCapacity) {
    drop_oldest();
  }
  at_ms_[count_] = now_ms;
  ++count_;
}

void Attempts::age(uint32_t now_ms) {
  while (count_ > 0 && elapsed_ms(now_ms, at_ms_[0]) >= kWindowMs) {
    drop_oldest();
  }
}

void Attempts::drop_oldest() {
  --count_;
  for (size_t index = 0; index < count_; ++index) {
    at_ms_[index] = at_ms_[index + 1];
  }
}

}  // namespace bms
