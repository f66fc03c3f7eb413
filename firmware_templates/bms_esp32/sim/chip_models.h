// The two chips on the board's bus, wired to what the plant has for them to measure.
#pragma once

#include "bms/front_end.h"
#include "bms/i2c_bus.h"
#include "bms/pack_config.h"
#include "sim/bq76952_model.h"
#include "sim/model_bus.h"
#include "sim/plant.h"

namespace sim {

class ChipModels : public Chips {
 public:
  static constexpr uint8_t kAfeAddress = 0x08;
  static constexpr uint8_t kInaAddress = 0x40;

  explicit ChipModels(const bms::PackConfig& config);

  ChipPins step(const Measurands& measurands, uint32_t us) override;
  ChipPins pins() const override;

  bms::I2cBus& bus() { return bus_; }
  Bq76952Model& afe() { return afe_; }
  bms::CurrentSensor& interim_sensor() { return interim_; }

 private:
  struct Interim : bms::CurrentSensor {
    double current_a = 0;
    double stack_v = 0;
    bool configure(const bms::PackConfig&) override { return true; }
    bool read(bms::CurrentReading& reading) override {
      reading.current_ma = static_cast<int32_t>(current_a * 1000);
      reading.bus_mv = static_cast<int32_t>(stack_v * 1000);
      return true;
    }
  };
  Interim interim_;
  bms::PackConfig config_;
  ModelBus bus_;
  Bq76952Model afe_;
};

}  // namespace sim
