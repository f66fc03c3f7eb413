#include "sim/chip_models.h"

namespace sim {
namespace {

// After this long without a word the model does not acknowledge the next one. TI: the first
// transfer after a pause may be refused. The length of the pause is an assumption.
constexpr uint64_t kIdleNackUs = 500000;

}  // namespace

ChipModels::ChipModels(const bms::PackConfig& config) : config_(config) {
  bus_.attach(kAfeAddress, afe_);
  bus_.attach(kInaAddress, ina_);
  afe_.set_nack_after_idle_us(kIdleNackUs);
}

ChipPins ChipModels::pins() const {
  return {afe_.is_charge_on(), afe_.is_discharge_on(), afe_.charge_opened_at_us(),
          afe_.discharge_opened_at_us(), afe_.balanced_cells()};
}

ChipPins ChipModels::step(const Measurands& measurands, uint32_t us) {
  Bq76952Inputs& inputs = afe_.inputs();
  inputs.cell_count = config_.cell_count;
  for (size_t i = 0; i < inputs.cell_mv.size(); ++i) inputs.cell_mv[i] = measurands.cell_v[i] * 1e3;
  inputs.is_wire_open = measurands.is_tap_open;
  inputs.stack_mv = measurands.stack_v * 1e3;
  inputs.pack_mv = measurands.load_v * 1e3;
  inputs.load_mv = measurands.load_v * 1e3;
  // A milliampere in a microohm is a nanovolt.
  inputs.shunt_nv = measurands.afe_current_a * 1e3 * config_.afe_shunt_uohm;
  inputs.thermistor_ohm = measurands.ntc_ohm;
  inputs.die_degc = measurands.board_c;
  afe_.advance(us);
  ina_.inputs() = {measurands.current_a * 1e3 * config_.ina_shunt_uohm, measurands.stack_v * 1e3,
                   measurands.board_c};
  ina_.advance(us);
  return pins();
}

}  // namespace sim
