// The two chips on the board's bus, wired to what the plant has for them to measure.
#pragma once

#include "bms/i2c_bus.h"
#include "bms/pack_config.h"
#include "sim/bq76952_model.h"
#include "sim/ina228_model.h"
#include "sim/model_bus.h"
#include "sim/plant.h"

namespace sim {

class ChipModels final : public Chips {
 public:
  static constexpr uint8_t kAfeAddress = 0x08;
  static constexpr uint8_t kInaAddress = 0x40;

  explicit ChipModels(const bms::PackConfig& config);

  ChipPins step(const Measurands& measurands, uint32_t us) override;
  ChipPins pins() const override;

  bms::I2cBus& bus() { return bus_; }
  Bq76952Model& afe() { return afe_; }

 private:
  bms::PackConfig config_;
  ModelBus bus_;
  Bq76952Model afe_;
  Ina228Model ina_;
};

}  // namespace sim
