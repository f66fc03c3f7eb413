// The bus between the firmware and the models of its chips: takes its time and can fail.
//
// A byte takes nine bits at 400 kHz. A bus that is held low ends each transfer after 10 ms.
#pragma once

#include <cstdint>
#include <random>

#include "bms/i2c_bus.h"

namespace sim {

class FaultyBus final : public bms::I2cBus {
 public:
  FaultyBus(bms::I2cBus& chips, uint64_t seed) : chips_(chips), random_(seed) {}

  bms::I2cResult write(uint8_t address, const uint8_t* bytes, size_t count) override;
  bms::I2cResult write_read(uint8_t address, const uint8_t* sent, size_t sent_count,
                            uint8_t* received, size_t received_count) override;

  void set_stuck(bool is_stuck) { is_stuck_ = is_stuck; }
  void set_noisy(bool is_noisy) { is_noisy_ = is_noisy; }
  // Transfers with this address are never acknowledged; 0 is none.
  void set_dead_address(uint8_t address) { dead_address_ = address; }
  // Time that transfers took since the last call.
  uint64_t take_spent_us();

 private:
  void flip_bit(uint8_t* bytes, size_t count);
  bool is_flip_due();

  bms::I2cBus& chips_;
  std::minstd_rand random_;
  bool is_stuck_ = false;
  bool is_noisy_ = false;
  uint8_t dead_address_ = 0;
  uint64_t spent_ns_ = 0;
};

}  // namespace sim
