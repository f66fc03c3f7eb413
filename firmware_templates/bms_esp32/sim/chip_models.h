// Interim: chips without registers, until the models are merged.
#pragma once

#include <cmath>

#include "bms/front_end.h"
#include "bms/i2c_bus.h"
#include "sim/plant.h"

namespace sim {

class ChipModels : public Chips, public bms::FrontEnd, public bms::I2cBus {
 public:
  static constexpr uint8_t kAfeAddress = 0x08;
  static constexpr uint8_t kInaAddress = 0x40;
  explicit ChipModels(const bms::PackConfig& config) : config_(config) {}
  class Ina : public bms::CurrentSensor {
   public:
    explicit Ina(ChipModels& chips) : chips_(chips) {}
    bool configure(const bms::PackConfig&) override { return true; }
    bool read(bms::CurrentReading& r) override {
      r.current_ma = static_cast<int32_t>(chips_.now_.current_a * 1000);
      r.bus_mv = static_cast<int32_t>(chips_.now_.stack_v * 1000);
      return true;
    }

   private:
    ChipModels& chips_;
  };
  Ina ina{*this};
  bms::I2cBus& bus() { return *this; }
  void set_afe_hung(bool on) { is_hung_ = on; }
  void set_afe_blind(bool) {}
  void reset_afe() { is_configured_ = false; pins_ = {}; }

  ChipPins step(const Measurands& measurands, uint32_t) override {
    if (!is_hung_) now_ = measurands;
    return pins_;
  }
  ChipPins pins() const override { return pins_; }

  bms::FrontEndResult configure(const bms::PackConfig&) override {
    is_configured_ = true;
    return bms::FrontEndResult::kOk;
  }
  uint64_t readback_hash() const override { return is_configured_ ? 0x1234 : 0; }
  bms::FrontEndResult read(bms::FrontEndReading& r) override {
    if (!is_configured_) return bms::FrontEndResult::kNotConfigured;
    for (int i = 0; i < config_.cell_count; ++i) r.cell_mv[i] = static_cast<int32_t>(std::lround(now_.cell_v[static_cast<size_t>(i)] * 1000));
    r.stack_mv = static_cast<int32_t>(now_.stack_v * 1000);
    r.pack_mv = static_cast<int32_t>(now_.load_v * 1000);
    r.current_ma = static_cast<int32_t>(now_.afe_current_a * 1000);
    for (int i = 0; i < config_.ntc_count; ++i) {
      const double ohm = now_.ntc_ohm[static_cast<size_t>(i)];
      r.sensor[i] = ohm > config_.ntc_open_ohm ? bms::SensorState::kOpen : ohm < config_.ntc_short_ohm ? bms::SensorState::kShort : bms::SensorState::kOk;
      r.temp_ddegc[i] = static_cast<int32_t>((1 / (1 / 298.15 + std::log(ohm / config_.ntc_r25_ohm) / config_.ntc_beta_k) - 273.15) * 10);
    }
    r.die_temp_ddegc = 250;
    r.is_charge_switch_on = pins_.charge;
    r.is_discharge_switch_on = pins_.discharge;
    return bms::FrontEndResult::kOk;
  }
  bms::FrontEndResult switch_paths(const bms::SwitchRequest& request) override {
    pins_.charge = request.charge;
    pins_.discharge = request.discharge;
    return bms::FrontEndResult::kOk;
  }
  bms::FrontEndResult balance(uint16_t cells) override {
    pins_.balancing = cells;
    return bms::FrontEndResult::kOk;
  }
  bms::FrontEndResult clear_trips() override { return bms::FrontEndResult::kOk; }
  bms::I2cResult write(uint8_t, const uint8_t*, size_t) override { return bms::I2cResult::kOk; }
  bms::I2cResult write_read(uint8_t, const uint8_t*, size_t, uint8_t*, size_t) override { return bms::I2cResult::kOk; }

 private:
  bms::PackConfig config_;
  Measurands now_;
  ChipPins pins_;
  bool is_hung_ = false;
  bool is_configured_ = false;
};

}  // namespace sim
