// The INA228 as the core's second current sensor, at address 0x40. Its IN+ is on the side of the
// shunt that makes charging positive, its VBUS pin on the pack's positive end.
//
// Its bus has no check byte. So each value counts only if two reads in a row agree, and each
// reading asks whether the calibration is still there: a reset would scale the current wrongly.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/front_end.h"
#include "bms/i2c_bus.h"

namespace ina228 {

constexpr uint8_t kAddress = 0x40;

struct Scale {
  bool is_low_range = false;   // +-40.96 mV instead of +-163.84 mV
  int32_t current_lsb_na = 0;  // nanoampere in one count
  uint16_t shunt_cal = 0;      // 0: the shunt is too large for the current
};

// SHUNT_CAL = 13107.2e6 x CURRENT_LSB x R_SHUNT, four times that in the low range (datasheet
// SLYS021A, section 8.1.2).
uint16_t shunt_cal(int32_t current_lsb_na, int32_t shunt_uohm, bool is_low_range);

// The finer range if the highest limit fits it with a fifth to spare.
Scale scale_for(const bms::PackConfig& config);

class Driver final : public bms::CurrentSensor {
 public:
  explicit Driver(bms::I2cBus& bus) : bus_(bus) {}

  bool configure(const bms::PackConfig& config) override;
  // False also when the chip was reset, which the next call sets right, and when it has converted
  // nothing over several calls. `reading` is changed only with true.
  bool read(bms::CurrentReading& reading) override;

 private:
  bool set_up();
  bool is_sound();
  bool read_word(uint8_t address, uint16_t& word);
  bool read_value(uint8_t address, int32_t& value);
  bool read_bytes(uint8_t address, uint8_t* bytes, size_t count);
  bool write_word(uint8_t address, uint16_t word);

  bms::I2cBus& bus_;
  Scale scale_;
  int32_t stale_reads_ = 0;
  bool is_set_up_ = false;
};

}  // namespace ina228
