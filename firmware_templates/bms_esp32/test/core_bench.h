// A pack on a bench: small honest parts behind every interface of the core, all of them scripted.
// They remember what they were told and can fail, and nothing in them judges.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "bms/guard.h"

namespace bench {

class BenchClock : public bms::Clock {
 public:
  uint32_t now_ms() override { return time_ms; }
  void wait_us(uint32_t us) override { time_ms += us / 1000; }

  uint32_t time_ms = 0;
};

// Answers with `next` and does what it is asked unless a result says otherwise.
class BenchFrontEnd : public bms::FrontEnd {
 public:
  explicit BenchFrontEnd(BenchClock& clock) : clock_(clock) {}

  bms::FrontEndResult configure(const bms::PackConfig& config) override {
    ++configure_count;
    was_open_when_configured = !next.is_charge_switch_on && !next.is_discharge_switch_on;
    configured_cells = config.cell_count;
    clock_.time_ms += configure_takes_ms;
    hash = configure_result == bms::FrontEndResult::kOk ? hash_to_be : 0;
    return configure_result;
  }
  uint64_t readback_hash() const override { return hash; }
  bms::FrontEndResult read(bms::FrontEndReading& reading) override {
    ++read_count;
    if (read_result == bms::FrontEndResult::kOk) reading = next;
    return read_result;
  }
  bms::FrontEndResult switch_paths(const bms::SwitchRequest& request) override {
    ++switch_count;
    if (switch_result == bms::FrontEndResult::kOk) {
      asked = request;
      next.is_charge_switch_on = request.charge && can_switch;
      next.is_discharge_switch_on = request.discharge && can_switch;
    }
    return switch_result;
  }
  bms::FrontEndResult balance(uint16_t cells) override {
    ++balance_count;
    if (balance_result == bms::FrontEndResult::kOk) balancing = cells;
    return balance_result;
  }
  bms::FrontEndResult clear_trips() override {
    ++clear_count;
    next.trips = static_cast<uint8_t>(next.trips & held_trips);
    return bms::FrontEndResult::kOk;
  }

  bms::FrontEndReading next;
  bms::FrontEndResult configure_result = bms::FrontEndResult::kOk;
  bms::FrontEndResult read_result = bms::FrontEndResult::kOk;
  bms::FrontEndResult switch_result = bms::FrontEndResult::kOk;
  bms::FrontEndResult balance_result = bms::FrontEndResult::kOk;
  uint64_t hash_to_be = 0x1234;
  uint64_t hash = 0;
  uint32_t configure_takes_ms = 0;
  uint8_t held_trips = 0;  // trips whose cause is still there
  bool can_switch = true;
  bms::SwitchRequest asked;
  uint16_t balancing = 0;
  int configure_count = 0;
  int configured_cells = 0;
  int read_count = 0;
  int switch_count = 0;
  int balance_count = 0;
  int clear_count = 0;
  bool was_open_when_configured = false;

 private:
  BenchClock& clock_;
};

class BenchSensor : public bms::CurrentSensor {
 public:
  bool configure(const bms::PackConfig&) override {
    ++configure_count;
    return can_configure;
  }
  bool read(bms::CurrentReading& reading) override {
    if (can_read) reading = next;
    return can_read;
  }

  bms::CurrentReading next;
  bool can_configure = true;
  bool can_read = true;
  int configure_count = 0;
};

class BenchBoard : public bms::Board {
 public:
  void apply(const bms::Outputs& outputs) override {
    shown = outputs;
    ++apply_count;
  }
  bms::Inputs inputs() override { return contact; }
  void feed_watchdog() override { ++feed_count; }
  bms::ResetCause reset_cause() const override { return cause; }

  bms::Outputs shown;
  bms::Inputs contact;
  bms::ResetCause cause = bms::ResetCause::kPowerOn;
  int apply_count = 0;
  int feed_count = 0;
};

// Keeps records over restarts of the guard, as flash does.
class BenchStorage : public bms::Storage {
 public:
  size_t read(bms::Record record, uint8_t* bytes, size_t capacity) override {
    if (reads_left && (*reads_left)-- == 0) return 0;
    const auto found = records.find(record);
    if (found == records.end() || found->second.size() > capacity) return 0;
    std::copy(found->second.begin(), found->second.end(), bytes);
    return found->second.size();
  }
  bool write(bms::Record record, const uint8_t* bytes, size_t count) override {
    ++write_count;
    if (!can_write || (writes_left && (*writes_left)-- <= 0)) return false;
    // A power loss in the middle leaves what was written so far.
    if (does_forget) return true;
    const size_t kept = is_torn ? count / 2 : count;
    records[record].assign(bytes, bytes + kept);
    return !is_torn;
  }
  void flip_a_bit(bms::Record record) { records.at(record).at(20) ^= 0x10; }

  std::map<bms::Record, std::vector<uint8_t>> records;
  std::optional<int> reads_left;   // the read after so many gives nothing
  std::optional<int> writes_left;  // writes after so many are refused
  bool can_write = true;
  bool is_torn = false;
  bool does_forget = false;  // says that it wrote, and did not
  int write_count = 0;
};

class Bench {
 public:
  explicit Bench(const bms::PackConfig& config = {}) : built_in(config) {
    set_cells(3300);
    set_temperatures(250);
    set_current(0);
    front_end.next.pack_mv = 0;
  }

  // A new guard over the same parts, as after a reset of the host.
  void restart(bms::ResetCause cause = bms::ResetCause::kPowerOn) {
    board.cause = cause;
    board.shown = {};
    guard_ = std::make_unique<bms::Guard>(bms::GuardParts{front_end, sensor, board, storage, clock},
                                          built_in);
    guard_->start();
  }
  void start() {
    restart();
    run(1);
  }
  // To the closed pack: the load is charged at once.
  void start_closed() {
    start();
    guard().request(bms::Command::kClose);
    front_end.next.pack_mv = front_end.next.stack_mv;
    run(2);
  }
  // One cycle after one period, as often as asked.
  void run(int cycles) {
    for (int cycle = 0; cycle < cycles; ++cycle) {
      clock.time_ms += static_cast<uint32_t>(built_in.afe_period_ms);
      if (does_current_stop) stop_current();
      guard_->cycle();
    }
  }
  void run_ms(int32_t ms) { run(ms / built_in.afe_period_ms); }

  void set_cells(int32_t mv) {
    for (int32_t& cell : front_end.next.cell_mv) cell = mv;
    settle_stack();
  }
  void set_cell(int32_t number, int32_t mv) {
    front_end.next.cell_mv[number - 1] = mv;
    settle_stack();
  }
  void set_temperatures(int32_t ddegc) {
    for (int32_t& temp : front_end.next.temp_ddegc) temp = ddegc;
    front_end.next.die_temp_ddegc = ddegc;
  }
  void set_current(int32_t ma) {
    front_end.next.current_ma = ma;
    sensor.next.current_ma = ma;
  }

  bms::Guard& guard() { return *guard_; }
  const bms::Snapshot& now() { return guard_->snapshot(); }
  bms::State state() { return now().state; }
  bool is_active(bms::Diagnosis diagnosis) { return (now().active & bms::bit_of(diagnosis)) != 0; }
  bool is_latched(bms::Diagnosis diagnosis) {
    return (now().latched & bms::bit_of(diagnosis)) != 0;
  }
  // The newest event of this kind about this diagnosis; drains the queue.
  std::optional<bms::EventRecord> event(bms::EventKind kind, bms::Diagnosis diagnosis) {
    std::optional<bms::EventRecord> found;
    bms::EventRecord event;
    while (guard_->next_event(event)) {
      if (event.kind == kind && event.diagnosis == diagnosis) found = event;
    }
    return found;
  }
  // A path is closed if host and front end both enable it.
  bool is_charge_closed() {
    return board.shown.charge_enable && front_end.next.is_charge_switch_on;
  }
  bool is_discharge_closed() {
    return board.shown.discharge_enable && front_end.next.is_discharge_switch_on;
  }
  bms::Answer ask(bms::Command command) { return guard_->request(command); }

  // Whether an open path carries nothing, as an honest one does.
  bool does_current_stop = true;
  bms::PackConfig built_in;
  BenchClock clock;
  BenchFrontEnd front_end{clock};
  BenchSensor sensor;
  BenchBoard board;
  BenchStorage storage;

 private:
  // The stack is what its cells make, and a closed load follows it.
  void settle_stack() {
    const bool was_following = front_end.next.pack_mv == front_end.next.stack_mv;
    int32_t sum_mv = 0;
    for (int32_t cell = 0; cell < built_in.cell_count; ++cell) {
      sum_mv += front_end.next.cell_mv[cell];
    }
    front_end.next.stack_mv = sum_mv;
    if (was_following) front_end.next.pack_mv = sum_mv;
  }

  void stop_current() {
    const int32_t ma = front_end.next.current_ma;
    if ((ma > 0 && !is_charge_closed()) || (ma < 0 && !is_discharge_closed())) set_current(0);
  }

  std::unique_ptr<bms::Guard> guard_;
};

}  // namespace bench
