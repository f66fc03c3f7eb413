// The bus of the simulated board: hands transactions to models of chips by their address, and can
// be stuck or noisy. Used wherever the firmware expects a bms::I2cBus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "bms/i2c_bus.h"

namespace sim {

// A chip on the bus. Its answer depends on what it received, not on what was sent: noise is
// between.
class I2cDevice {
 public:
  virtual bms::I2cResult on_write(const uint8_t* bytes, size_t count) = 0;
  // A read after a repeated START; what was sent before it came through on_write().
  virtual bms::I2cResult on_read(uint8_t* bytes, size_t count) = 0;

 protected:
  ~I2cDevice() = default;
};

class ModelBus final : public bms::I2cBus {
 public:
  explicit ModelBus(uint64_t seed = 1) : random_(seed) {}

  void attach(uint8_t address, I2cDevice& device) { devices_[address] = &device; }

  // A line is held low: nothing gets through.
  void set_stuck(bool is_stuck) { is_stuck_ = is_stuck; }
  // Each bit of each byte, in both directions, flips with this probability.
  void set_bit_flip_probability(double probability) { flip_probability_ = probability; }
  uint64_t transactions() const { return transactions_; }
  uint64_t flipped_bits() const { return flipped_bits_; }

  bms::I2cResult write(uint8_t address, const uint8_t* bytes, size_t count) override;
  bms::I2cResult write_read(uint8_t address, const uint8_t* sent, size_t sent_count,
                            uint8_t* received, size_t received_count) override;

 private:
  I2cDevice* find(uint8_t address) const;
  void disturb(uint8_t* bytes, size_t count);

  std::map<uint8_t, I2cDevice*> devices_;
  std::mt19937_64 random_;
  double flip_probability_ = 0;
  uint64_t transactions_ = 0;
  uint64_t flipped_bits_ = 0;
  bool is_stuck_ = false;
};

}  // namespace sim
