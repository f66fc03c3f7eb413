// The bus that the drivers talk through: Wire on a board, models of the chips on a host.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace bms {

enum class I2cResult : uint8_t { kOk, kNack, kTimeout };

class I2cBus {
 public:
  // START, address (7 bits), bytes, STOP.
  virtual I2cResult write(uint8_t address, const uint8_t* bytes, size_t count) = 0;
  // START, address, sent bytes, repeated START, address, received bytes, STOP.
  virtual I2cResult write_read(uint8_t address, const uint8_t* sent, size_t sent_count,
                               uint8_t* received, size_t received_count) = 0;

 protected:
  ~I2cBus() = default;
};

}  // namespace bms
