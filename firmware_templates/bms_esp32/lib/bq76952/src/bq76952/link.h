// How one talks to a BQ7695202: registers with a check byte after every byte, subcommands and data
// memory behind a window of registers. Knows nothing of what the registers mean.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/clock.h"
#include "bms/i2c_bus.h"

namespace bq76952 {

constexpr size_t kBufferSize = 32;
constexpr size_t kLongestRead = 40;  // registers in one transaction

// ~(low + high + every byte): guards subcommand data and data memory.
uint8_t block_checksum(uint16_t command, const uint8_t* bytes, size_t count);

class Link {
 public:
  Link(bms::I2cBus& bus, bms::Clock& clock) : bus_(bus), clock_(clock) {}

  // Reads consecutive registers. Fills `bytes` only if every check byte fits.
  bool read(uint8_t first_register, uint8_t* bytes, size_t count);
  bool write(uint8_t first_register, const uint8_t* bytes, size_t count);

  // Sends a subcommand and waits until the chip says that it is done.
  bool command(uint16_t code);
  // Subcommand or data memory address; 32 bytes from there. `count` of them must have come.
  bool read_block(uint16_t code, uint8_t* bytes, size_t count);
  bool write_block(uint16_t code, const uint8_t* bytes, size_t count);

 private:
  bool read_once(uint8_t first_register, uint8_t* bytes, size_t count, bool& is_worth_retrying);
  bool send(uint16_t code, const uint8_t* bytes, size_t count);

  bms::I2cBus& bus_;
  bms::Clock& clock_;
};

}  // namespace bq76952
