#include "sim/simulated_board.h"

namespace sim {

void SimulatedBoard::settle() { plant_.advance(bus_.take_spent_us()); }

uint32_t SimulatedBoard::now_ms() {
  settle();
  return clock_start_ms_ + static_cast<uint32_t>((plant_.now_us() - booted_at_us_) / 1000);
}

void SimulatedBoard::wait_us(uint32_t us) {
  settle();
  plant_.advance(us);
}

void SimulatedBoard::reset(bms::ResetCause cause) {
  cause_ = cause;
  const uint64_t dark_us = cause == bms::ResetCause::kBrownOut ? kBrownOutUs : 0;
  up_at_us_ = plant_.now_us() + dark_us + kBootUs;
  plant_.set_outputs({});
}

void SimulatedBoard::start() {
  // A restart begins its own count of time; only the first may begin elsewhere, for tests.
  if (up_at_us_ > 0) clock_start_ms_ = 0;
  booted_at_us_ = plant_.now_us();
  feed_watchdog();
}

bool SimulatedBoard::is_watchdog_due() const {
  return has_watchdog_ && plant_.now_us() >= watchdog_at_us();
}

}  // namespace sim
