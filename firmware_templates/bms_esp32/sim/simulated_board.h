// The host's board: its pins, its clock, its watchdog, and the ways in which it can restart.
#pragma once

#include <cstdint>

#include "bms/board.h"
#include "bms/clock.h"
#include "sim/faulty_bus.h"
#include "sim/plant.h"

namespace sim {

class SimulatedBoard final : public bms::Board, public bms::Clock {
 public:
  static constexpr uint64_t kWatchdogUs = 2000000;
  // From reset to the first line of the firmware. Assumption.
  static constexpr uint64_t kBootUs = 300000;
  static constexpr uint64_t kBrownOutUs = 50000;

  SimulatedBoard(Plant& plant, FaultyBus& bus, uint32_t clock_start_ms)
      : plant_(plant), bus_(bus), clock_start_ms_(clock_start_ms) {}

  void apply(const bms::Outputs& outputs) override { plant_.set_outputs(outputs); }
  bms::Inputs inputs() override { return {plant_.is_contact_shown_closed()}; }
  void feed_watchdog() override { fed_at_us_ = plant_.now_us(); }
  bms::ResetCause reset_cause() const override { return cause_; }

  uint32_t now_ms() override;
  void wait_us(uint32_t us) override;

  // Pins off; the firmware may start again at up_at_us().
  void reset(bms::ResetCause cause);
  uint64_t up_at_us() const { return up_at_us_; }
  void start();

  void set_watchdog(bool is_there) { has_watchdog_ = is_there; }
  bool is_watchdog_due() const;
  // When it would bite if it is not fed.
  uint64_t watchdog_at_us() const { return fed_at_us_ + kWatchdogUs; }
  bool has_watchdog() const { return has_watchdog_; }

  // Lets the world go on for as long as the bus was busy.
  void settle();

 private:
  Plant& plant_;
  FaultyBus& bus_;
  uint32_t clock_start_ms_;
  bms::ResetCause cause_ = bms::ResetCause::kPowerOn;
  uint64_t booted_at_us_ = 0;
  uint64_t up_at_us_ = 0;
  uint64_t fed_at_us_ = 0;
  bool has_watchdog_ = true;
};

}  // namespace sim
