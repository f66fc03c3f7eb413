// An INA228 at the level of its registers, at address 0x40 of sim::ModelBus. Physics set what its
// pins see; a conversion is done whenever its time has passed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/model_bus.h"

namespace sim {

class Ina228Model final : public I2cDevice {
 public:
  struct Inputs {
    double shunt_nv = 0;  // positive while charging
    double bus_mv = 0;
    double die_degc = 25;
  };
  struct Faults {
    bool hangs = false;    // answers with what it converted last
    bool is_dead = false;  // no answer
    bool is_memory_bad = false;
  };

  Ina228Model() { reset(); }

  Inputs& inputs() { return inputs_; }
  Faults& faults() { return faults_; }
  void reset();
  void advance(uint64_t us);

  bms::I2cResult on_write(const uint8_t* bytes, size_t count) override;
  bms::I2cResult on_read(uint8_t* bytes, size_t count) override;

 private:
  void convert();
  uint64_t conversion_us() const;
  uint32_t value_of(uint8_t address, size_t& size);

  Inputs inputs_;
  Faults faults_;
  uint64_t since_conversion_us_ = 0;
  int32_t shunt_counts_ = 0;
  int32_t bus_counts_ = 0;
  int32_t current_counts_ = 0;
  int32_t die_counts_ = 0;
  uint16_t config_ = 0;
  uint16_t adc_config_ = 0;
  uint16_t shunt_cal_ = 0;
  uint8_t pointer_ = 0;
  bool has_converted_ = false;
  bool has_overflowed_ = false;
};

}  // namespace sim
