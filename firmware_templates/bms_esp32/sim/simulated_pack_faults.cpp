// What a simulated pack can be told: its quantities and its faults.
#include <algorithm>

#include "sim/chip_models.h"
#include "sim/simulated_pack.h"

namespace sim {
namespace {

constexpr bms::Answer kDone = {bms::Result::kDone, 0};
constexpr bms::Answer kUnknown = {bms::Result::kUnknown, 0};
constexpr bms::Answer kOutOfRange = {bms::Result::kOutOfRange, 0};

constexpr int32_t kMaxCellMv = 6000;  // what the front end's inputs measure at most, about
constexpr int32_t kMinDdegc = -600;
constexpr int32_t kMaxDdegc = 1500;
constexpr int32_t kMaxSpeedPermille = 1000000;
constexpr int32_t kMaxNoisePermille = 100000;

bool is_within(int32_t value, int32_t least, int32_t most) {
  return value >= least && value <= most;
}

}  // namespace

bms::Answer SimulatedPack::set(uint8_t quantity, uint8_t index, int32_t value) {
  if (quantity >= kSimQuantityCount) return kUnknown;
  const bms::Answer answer = set_checked(static_cast<SimQuantity>(quantity), index, value);
  plant_->disturb();
  return answer;
}

bms::Answer SimulatedPack::set_checked(SimQuantity quantity, uint8_t index, int32_t value) {
  Demand& demand = plant_->demand();
  switch (quantity) {
    case SimQuantity::kLoadCurrentMa:
      if (value < 0) return kOutOfRange;
      demand.load_a = value / 1000.0;
      return kDone;
    case SimQuantity::kChargerCurrentMa:
      if (value < 0) return kOutOfRange;
      demand.charger_a = value / 1000.0;
      return kDone;
    case SimQuantity::kAmbientDdegc:
      if (!is_within(value, kMinDdegc, kMaxDdegc)) return kOutOfRange;
      plant_->cells().set_ambient_c(value / 10.0);
      return kDone;
    case SimQuantity::kCellMv:
      if (index >= plant_->cells().count()) return kUnknown;
      if (!is_within(value, -1, kMaxCellMv)) return kOutOfRange;
      plant_->cells().hold_terminal_v(index, value / 1000.0);
      return kDone;
    case SimQuantity::kSensorDdegc:
      if (index >= plant_->sensor_count()) return kUnknown;
      if (value != INT16_MIN && !is_within(value, kMinDdegc, kMaxDdegc)) return kOutOfRange;
      plant_->hold_sensor_c(index, value == INT16_MIN ? Plant::kNotHeld : value / 10.0);
      return kDone;
    case SimQuantity::kSocPermille:
      if (!is_within(value, 0, 1000)) return kOutOfRange;
      plant_->cells().set_soc(value / 1000.0);
      return kDone;
    case SimQuantity::kSpeedPermille:
      if (!is_within(value, 0, kMaxSpeedPermille)) return kOutOfRange;
      speed_permille_ = value;
      return kDone;
    case SimQuantity::kForcedCurrentMa:
      demand.forced_a.reset();
      if (value != INT32_MIN) demand.forced_a = value / 1000.0;
      return kDone;
    case SimQuantity::kNoisePermille:
      if (!is_within(value, 0, kMaxNoisePermille)) return kOutOfRange;
      plant_->set_noise(value / 1000.0);
      return kDone;
  }
  return kUnknown;
}

bms::Answer SimulatedPack::inject(uint8_t fault, uint8_t index, bool is_on) {
  if (fault >= kSimFaultCount) return kUnknown;
  const bms::Answer answer = inject_at_index(static_cast<SimFault>(fault), index, is_on);
  plant_->disturb();
  return answer;
}

bms::Answer SimulatedPack::inject_at_index(SimFault fault, uint8_t index, bool is_on) {
  switch (fault) {
    case SimFault::kTapOpen:
      if (index > plant_->cells().count()) return kUnknown;
      plant_->set_tap_open(index, is_on);
      return kDone;
    case SimFault::kNtcOpen:
      if (index >= plant_->sensor_count()) return kUnknown;
      plant_->set_ntc_open(index, is_on);
      return kDone;
    case SimFault::kNtcShort:
      if (index >= plant_->sensor_count()) return kUnknown;
      plant_->set_ntc_short(index, is_on);
      return kDone;
    default:
      inject_anywhere(fault, is_on);
      return kDone;
  }
}

void SimulatedPack::inject_anywhere(SimFault fault, bool is_on) {
  switch (fault) {
    case SimFault::kAfeHang:
      chips_->afe().faults().hangs = is_on;
      return;
    case SimFault::kAfeReset:
      if (is_on) chips_->afe().reset();
      return;
    case SimFault::kAfeBlind:
      chips_->afe().faults().is_blind = is_on;
      return;
    case SimFault::kI2cStuck:
      return bus_->set_stuck(is_on);
    case SimFault::kI2cNoise:
      return bus_->set_noisy(is_on);
    case SimFault::kHostHang:
      is_hung_ = is_on;
      return;
    case SimFault::kWatchdogOff:
      return board_->set_watchdog(!is_on);
    case SimFault::kInaDead:
      return bus_->set_dead_address(is_on ? ChipModels::kInaAddress : 0);
    case SimFault::kShuntOpen:
      return plant_->set_shunt_open(is_on);
    case SimFault::kContactorWeld:
      return plant_->set_welded(is_on);
    case SimFault::kPrechargeOpen:
      return plant_->set_precharge_open(is_on);
    case SimFault::kBrownOut:
      if (is_on) restart(bms::ResetCause::kBrownOut);
      return;
    case SimFault::kSettingsCorrupt:
      if (!is_on) return;
      storage_.corrupt_settings();
      return restart(bms::ResetCause::kSoftware);
    case SimFault::kStorageFails:
      return storage_.set_failing(is_on);
    case SimFault::kShortCircuit:
      plant_->demand().is_shorted = is_on;
      return;
    case SimFault::kCellsUnmeasured:
      chips_->afe().faults().has_wrong_crc = is_on;
      return;
    case SimFault::kTapOpen:
    case SimFault::kNtcOpen:
    case SimFault::kNtcShort:
      return;
  }
}

}  // namespace sim
