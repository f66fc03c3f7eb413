// A driver on the model of its chip, with a clock that both share: what the driver tests work on.
#pragma once

#include <cmath>

#include "bms/pack_config.h"
#include "bq76952/driver.h"
#include "sim/bq76952_model.h"
#include "sim/model_bus.h"

namespace bench {

class ModelClock final : public bms::Clock {
 public:
  explicit ModelClock(sim::Bq76952Model& model) : model_(model) {}
  uint32_t now_ms() override { return static_cast<uint32_t>(model_.now_us() / 1000); }
  void wait_us(uint32_t us) override { model_.advance(us); }

 private:
  sim::Bq76952Model& model_;
};

// A healthy pack at rest, at 25 degC, 3300 mV a cell.
inline void set_healthy(sim::Bq76952Inputs& inputs, int cell_count) {
  inputs.cell_count = cell_count;
  inputs.cell_mv.fill(0);
  for (int cell = 0; cell < cell_count; ++cell) inputs.cell_mv[static_cast<size_t>(cell)] = 3300;
  inputs.stack_mv = 3300.0 * cell_count;
  inputs.pack_mv = inputs.stack_mv;
  inputs.thermistor_ohm.fill(10000);
}

struct FrontEndBench {
  explicit FrontEndBench(const bms::PackConfig& pack = {}) : config(pack) {
    bus.attach(0x08, model);
    set_healthy(model.inputs(), config.cell_count);
  }

  // Configured, everything measured once, both paths asked for.
  void bring_up() {
    driver.configure(config);
    model.advance(200000);
    bms::FrontEndReading reading;
    driver.read(reading);
    driver.switch_paths({true, true});
  }

  void set_current_ma(double ma) { model.inputs().shunt_nv = ma * config.afe_shunt_uohm; }

  // Lets time pass while the host reads every 50 ms.
  bms::FrontEndReading run_ms(int ms) {
    bms::FrontEndReading reading;
    for (int passed = 0; passed < ms; passed += 50) {
      model.advance(50000);
      driver.read(reading);
    }
    return reading;
  }

  bms::PackConfig config;
  sim::Bq76952Model model;
  sim::ModelBus bus;
  ModelClock clock{model};
  bq76952::Driver driver{bus, clock};
};

}  // namespace bench
