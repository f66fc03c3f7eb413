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

int32_t least_of(SimQuantity quantity) {
  return quantity == SimQuantity::kAmbientDdegc ? kMinDdegc : 0;
}

int32_t most_of(SimQuantity quantity) {
  switch (quantity) {
    case SimQuantity::kAmbientDdegc:
      return kMaxDdegc;
    case SimQuantity::kSocPermille:
      return 1000;
    case SimQuantity::kSpeedPermille:
      return kMaxSpeedPermille;
    case SimQuantity::kNoisePermille:
      return kMaxNoisePermille;
    default:
      return INT32_MAX;
  }
}

}  // namespace

bms::Answer SimulatedPack::set(uint8_t quantity, uint8_t index, int32_t value) {
  if (quantity >= kSimQuantityCount) return kUnknown;
  const bms::Answer answer = set_checked(static_cast<SimQuantity>(quantity), index, value);
  plant_->disturb();
  return answer;
}

bms::Answer SimulatedPack::set_checked(SimQuantity quantity, uint8_t index, int32_t value) {
  switch (quantity) {
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
    case SimQuantity::kForcedCurrentMa:
      plant_->demand().forced_a.reset();
      if (value != INT32_MIN) plant_->demand().forced_a = value / 1000.0;
      return kDone;
    default:
      break;
  }
  if (!is_within(value, least_of(quantity), most_of(quantity))) return kOutOfRange;
  set_plain(quantity, value);
  return kDone;
}

// Quantities that are one number, in its range.
void SimulatedPack::set_plain(SimQuantity quantity, int32_t value) {
  switch (quantity) {
    case SimQuantity::kLoadCurrentMa:
      plant_->demand().load_a = value / 1000.0;
      return;
    case SimQuantity::kChargerCurrentMa:
      plant_->demand().charger_a = value / 1000.0;
      return;
    case SimQuantity::kAmbientDdegc:
      return plant_->cells().set_ambient_c(value / 10.0);
    case SimQuantity::kSocPermille:
      return plant_->cells().set_soc(value / 1000.0);
    case SimQuantity::kSpeedPermille:
      speed_permille_ = value;
      return;
    case SimQuantity::kNoisePermille:
      return plant_->set_noise(value / 1000.0);
    default:
      return;
  }
}

bms::Answer SimulatedPack::inject(uint8_t fault, uint8_t index, bool is_on) {
  if (fault >= kSimFaultCount) return kUnknown;
  const bms::Answer answer = inject_checked(static_cast<SimFault>(fault), index, is_on);
  plant_->disturb();
  return answer;
}

bms::Answer SimulatedPack::inject_checked(SimFault fault, uint8_t index, bool is_on) {
  const bool is_at_sensor = fault == SimFault::kNtcOpen || fault == SimFault::kNtcShort;
  if (is_at_sensor && index >= plant_->sensor_count()) return kUnknown;
  if (fault == SimFault::kTapOpen && index > plant_->cells().count()) return kUnknown;
  if (!inject_chips(fault, is_on) && !inject_host(fault, is_on)) {
    inject_plant(fault, index, is_on);
  }
  return kDone;
}

// False if the fault is none of the chips' or of their bus.
bool SimulatedPack::inject_chips(SimFault fault, bool is_on) {
  switch (fault) {
    case SimFault::kAfeHang:
      chips_->afe().faults().hangs = is_on;
      return true;
    case SimFault::kAfeReset:
      if (is_on) chips_->afe().reset();
      return true;
    case SimFault::kAfeBlind:
      chips_->afe().faults().is_blind = is_on;
      return true;
    case SimFault::kCellsUnmeasured:
      chips_->afe().faults().has_wrong_crc = is_on;
      return true;
    case SimFault::kI2cStuck:
      bus_->set_stuck(is_on);
      return true;
    case SimFault::kI2cNoise:
      bus_->set_noisy(is_on);
      return true;
    case SimFault::kInaDead:
      bus_->set_dead_address(is_on ? ChipModels::kInaAddress : 0);
      return true;
    default:
      return false;
  }
}

// False if the fault is none of the host's or of its memory.
bool SimulatedPack::inject_host(SimFault fault, bool is_on) {
  switch (fault) {
    case SimFault::kHostHang:
      is_hung_ = is_on;
      return true;
    case SimFault::kWatchdogOff:
      board_->set_watchdog(!is_on);
      return true;
    case SimFault::kBrownOut:
      if (is_on) restart(bms::ResetCause::kBrownOut);
      return true;
    case SimFault::kSettingsCorrupt:
      if (!is_on) return true;
      storage_.corrupt_settings();
      restart(bms::ResetCause::kSoftware);
      return true;
    case SimFault::kStorageFails:
      storage_.set_failing(is_on);
      return true;
    default:
      return false;
  }
}

void SimulatedPack::inject_plant(SimFault fault, uint8_t index, bool is_on) {
  switch (fault) {
    case SimFault::kTapOpen:
      return plant_->set_tap_open(index, is_on);
    case SimFault::kNtcOpen:
      return plant_->set_ntc_open(index, is_on);
    case SimFault::kNtcShort:
      return plant_->set_ntc_short(index, is_on);
    case SimFault::kShuntOpen:
      return plant_->set_shunt_open(is_on);
    case SimFault::kContactorWeld:
      return plant_->set_welded(is_on);
    case SimFault::kPrechargeOpen:
      return plant_->set_precharge_open(is_on);
    case SimFault::kShortCircuit:
      plant_->demand().is_shorted = is_on;
      return;
    default:
      return;
  }
}

}  // namespace sim
