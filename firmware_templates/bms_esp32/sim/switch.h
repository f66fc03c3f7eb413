// One switch of the pack with its own inertia, and a contact that may weld.
//
// Assumption for a contactor: 25 ms to close and 12 ms to open, of the class that breaks 200 A; a
// MOSFET is taken as immediate. Welded means that it no longer opens once it was closed.
#pragma once

#include <cstdint>

namespace sim {

class Switch {
 public:
  explicit Switch(bool is_contactor) : is_contactor_(is_contactor) {}

  void command(bool is_on, uint64_t now_us) {
    if (is_on == is_commanded_) return;
    is_commanded_ = is_on;
    changes_at_us_ = now_us + (!is_contactor_ ? 0 : is_on ? kCloseUs : kOpenUs);
  }

  // True when it changed at this time.
  bool update(uint64_t now_us) {
    if (is_closed_ == is_commanded_ || now_us < changes_at_us_) return false;
    if (is_closed_ && is_welded_) return false;
    is_closed_ = is_commanded_;
    return true;
  }

  void set_welded(bool is_welded) { is_welded_ = is_welded; }
  bool is_closed() const { return is_closed_; }
  bool is_moving() const { return is_closed_ != is_commanded_ && !(is_closed_ && is_welded_); }
  uint64_t changes_at_us() const { return changes_at_us_; }

 private:
  static constexpr uint64_t kCloseUs = 25000;
  static constexpr uint64_t kOpenUs = 12000;

  bool is_contactor_;
  bool is_commanded_ = false;
  bool is_closed_ = false;
  bool is_welded_ = false;
  uint64_t changes_at_us_ = 0;
};

}  // namespace sim
