#include "bq76952/driver.h"

#include "bq76952/cell_map.h"
#include "bq76952/open_wire.h"
#include "bq76952/registers.h"

namespace bq76952 {

using bms::FrontEndResult;

namespace {

constexpr uint32_t kFrozenAfterMs = 300;  // a scan takes 63 ms (3 ms x 21 slots)
constexpr uint32_t kBalanceRepeatMs = 5000;

// Counts of an unconnected thermistor input. Unsure: the size of a count, REG18 x 5/3 / 32768, is
// from the manual of the BQ76905; it agrees with an open input that reads 19570 on a BQ76952.
constexpr int32_t kFullCounts = 19661;

constexpr int32_t kZeroCelsiusTenthK = 2731;
constexpr int32_t kVoltageUnitMv = 10;

// Where each sensor is found, counted from the die temperature.
constexpr uint8_t kSensorRegisters[] = {direct::kTs1Pin,     direct::kTs2Pin,     direct::kTs3Pin,
                                        direct::kCfetoffPin, direct::kDfetoffPin, direct::kAlertPin,
                                        direct::kHdqPin,     direct::kDchgPin};

int32_t signed_word_at(const uint8_t* bytes) {
  return static_cast<int16_t>(
      static_cast<uint16_t>(bytes[0] | static_cast<unsigned>(bytes[1]) << 8U));
}

uint16_t word_at(const uint8_t* bytes) { return static_cast<uint16_t>(signed_word_at(bytes)); }

bool has_neighbours(uint32_t cells) { return (cells & cells << 1U) != 0; }

}  // namespace

// The registers of one reading, as they came. The status is read last: a reset before or between
// the others shows in it.
struct Driver::Registers {
  static constexpr uint8_t kVoltagesBegin = direct::kCell1;
  static constexpr uint8_t kRestBegin = direct::kAlarmStatus;
  static constexpr uint8_t kStatusBegin = direct::kSafetyAlertA;

  uint8_t voltages[direct::kCurrent + 2 - kVoltagesBegin];
  uint8_t rest[direct::kFetStatus + 1 - kRestBegin];
  uint8_t status[direct::kBatteryStatus + 2 - kStatusBegin];

  const uint8_t* voltage(int address) const { return &voltages[address - kVoltagesBegin]; }
  const uint8_t* temperature(int address) const { return &rest[address - kRestBegin]; }
  uint8_t fets() const { return rest[direct::kFetStatus - kRestBegin]; }
  uint16_t alarms() const { return word_at(rest); }
  uint8_t safety(int address) const { return status[address - kStatusBegin]; }
  uint16_t battery() const { return word_at(&status[direct::kBatteryStatus - kStatusBegin]); }
};

FrontEndResult Driver::read(bms::FrontEndReading& reading) {
  if (!is_configured_) return FrontEndResult::kNotConfigured;
  Registers registers;
  if (!read_registers(registers)) return FrontEndResult::kBusFailed;
  if (!is_still_configured(registers.battery())) return FrontEndResult::kNotConfigured;

  const uint16_t alarms = registers.alarms();
  uint16_t kept = 0;
  if (alarms != 0 && !clear_alarms(alarms, kept)) return FrontEndResult::kBusFailed;
  unseen_alarms_ |= alarms;
  if (!is_measuring(static_cast<uint16_t>(alarms & ~kept))) return FrontEndResult::kFrozen;

  const uint32_t balancing_ms = bms::elapsed_ms(clock_.now_ms(), balance_sent_ms_);
  if (balanced_cells_ != 0 && balancing_ms >= kBalanceRepeatMs && !send_balance()) {
    return FrontEndResult::kBusFailed;
  }
  decode(registers, reading);
  unseen_alarms_ = 0;
  had_other_fault_ = has_other_fault(registers);
  return FrontEndResult::kOk;
}

bool Driver::read_registers(Registers& registers) {
  return link_.read(Registers::kVoltagesBegin, registers.voltages, sizeof(registers.voltages)) &&
         link_.read(Registers::kRestBegin, registers.rest, sizeof(registers.rest)) &&
         link_.read(Registers::kStatusBegin, registers.status, sizeof(registers.status));
}

// `kept` is what is still there afterwards. A chip that hangs with the mark of a scan standing
// would otherwise seem to scan for ever; one that finished a scan just now says so again later.
bool Driver::clear_alarms(uint16_t alarms, uint16_t& kept) {
  const uint8_t seen[] = {static_cast<uint8_t>(alarms & 0xFFU), static_cast<uint8_t>(alarms >> 8U)};
  uint8_t left[sizeof(seen)];
  if (!link_.write(direct::kAlarmStatus, seen, sizeof(seen))) return false;
  if (!link_.read(direct::kAlarmStatus, left, sizeof(left))) return false;
  kept = word_at(left);
  return true;
}

// Sleep is off by a setting and on by default, so that it also tells of a reset that left no other
// mark.
bool Driver::is_still_configured(uint16_t battery_status) {
  constexpr uint16_t kLost = battery_status::kPowerOnReset | battery_status::kConfigUpdate |
                             battery_status::kSleepEnabled | battery_status::kSleeping;
  const bool is_watchdog_reset = (battery_status & battery_status::kWatchdogReset) != 0;
  if ((battery_status & kLost) == 0 && is_watchdog_reset == was_watchdog_reset_) return true;
  is_configured_ = false;
  hash_ = 0;
  return false;
}

bool Driver::is_measuring(uint16_t alarms) {
  if ((alarms & alarm::kFullScanDone) != 0) has_full_scan_ = true;
  if ((alarms & alarm::kScanDone) != 0) last_scan_ms_ = clock_.now_ms();
  return has_full_scan_ && bms::elapsed_ms(clock_.now_ms(), last_scan_ms_) <= kFrozenAfterMs;
}

bool Driver::has_other_fault(const Registers& registers) const {
  return registers.safety(direct::kSafetyStatusB) != 0 ||
         registers.safety(direct::kSafetyStatusC) != 0;
}

uint8_t Driver::trips(const Registers& registers) const {
  const uint8_t a = registers.safety(direct::kSafetyStatusA);
  const uint8_t b = registers.safety(direct::kSafetyStatusB);
  const uint8_t c = registers.safety(direct::kSafetyStatusC);
  uint8_t trips = 0;
  const auto add = [&trips](bool is_tripped, bms::AfeTrip trip) {
    if (is_tripped) trips = static_cast<uint8_t>(trips | trip);
  };
  add((a & safety_a::kCellOverVoltage) != 0 || (c & safety_c::kCellOverVoltageLatch) != 0,
      bms::kAfeTripOverVoltage);
  add((a & safety_a::kCellUnderVoltage) != 0, bms::kAfeTripUnderVoltage);
  add((a & safety_a::kChargeOverCurrent) != 0, bms::kAfeTripChargeCurrent);
  add((a & (safety_a::kDischargeOverCurrent1 | safety_a::kDischargeOverCurrent2)) != 0 ||
          (c & (safety_c::kDischargeOverCurrentLatch | safety_c::kDischargeOverCurrent3)) != 0,
      bms::kAfeTripDischargeCurrent);
  add((a & safety_a::kShortCircuit) != 0 || (c & safety_c::kShortCircuitLatch) != 0,
      bms::kAfeTripShortCircuit);
  add(b != 0, bms::kAfeTripTemperature);
  // The watchdog lets go at the first word of the host: what is left of it by then is the latched
  // alarm, without a fault, now or at the reading before, that explains it.
  const bool was_silent = (unseen_alarms_ & alarm::kSafetyBOrC) != 0 && !had_other_fault_ &&
                          !has_other_fault(registers);
  add((c & safety_c::kHostWatchdog) != 0 || was_silent, bms::kAfeTripWatchdog);
  return trips;
}

void Driver::decode(const Registers& registers, bms::FrontEndReading& reading) const {
  bms::FrontEndReading fresh;
  for (int32_t cell = 0; cell < cell_count_; ++cell) {
    const int address = direct::kCell1 + 2 * input_of_cell(cell, cell_count_);
    fresh.cell_mv[cell] = signed_word_at(registers.voltage(address));
  }
  fresh.stack_mv = word_at(registers.voltage(direct::kStack)) * kVoltageUnitMv;
  fresh.pack_mv = word_at(registers.voltage(direct::kPack)) * kVoltageUnitMv;
  fresh.current_ma = signed_word_at(registers.voltage(direct::kCurrent)) * current_unit_ma_;
  for (int32_t sensor = 0; sensor < ntc_count_; ++sensor) {
    const int32_t counts = signed_word_at(registers.temperature(kSensorRegisters[sensor]));
    const ntc::Temperature temperature =
        ntc::decode(ntc::resistance_ohm(counts, kFullCounts, thermistor_.pullup_ohm), thermistor_);
    fresh.temp_ddegc[sensor] = temperature.ddegc;
    fresh.sensor[sensor] = temperature.state;
  }
  fresh.die_temp_ddegc =
      signed_word_at(registers.temperature(direct::kDieTemperature)) - kZeroCelsiusTenthK;
  fresh.trips = trips(registers);
  if (is_wire_open(fresh.cell_mv, cell_count_)) {
    fresh.trips = static_cast<uint8_t>(fresh.trips | bms::kAfeTripOpenWire);
  }
  fresh.is_charge_switch_on = (registers.fets() & fet_status::kCharge) != 0;
  fresh.is_discharge_switch_on = (registers.fets() & fet_status::kDischarge) != 0;
  reading = fresh;
}

FrontEndResult Driver::switch_paths(const bms::SwitchRequest& request) {
  if (!is_configured_) {
    // Nothing may close; opening is tried all the same.
    if (!link_.command(subcommand::kAllFetsOff)) return FrontEndResult::kBusFailed;
    const bool is_closing = request.charge || request.discharge;
    return is_closing ? FrontEndResult::kNotConfigured : FrontEndResult::kOk;
  }
  unsigned off = fet_control::kPrechargeOff | fet_control::kPredischargeOff;
  if (!request.charge) off |= fet_control::kChargeOff;
  if (!request.discharge) off |= fet_control::kDischargeOff;
  const uint8_t byte = static_cast<uint8_t>(off);
  return link_.write_block(subcommand::kFetControl, &byte, 1) ? FrontEndResult::kOk
                                                              : FrontEndResult::kBusFailed;
}

FrontEndResult Driver::balance(uint16_t cells) {
  if (!is_configured_) return FrontEndResult::kNotConfigured;
  const bool is_beyond = (uint32_t{cells} >> static_cast<uint32_t>(cell_count_)) != 0;
  balanced_cells_ = is_beyond || has_neighbours(cells) ? uint16_t{0} : cells;
  return send_balance() ? FrontEndResult::kOk : FrontEndResult::kBusFailed;
}

bool Driver::send_balance() {
  const uint16_t inputs = inputs_of_cells(balanced_cells_, cell_count_);
  const uint8_t bytes[] = {static_cast<uint8_t>(inputs & 0xFFU),
                           static_cast<uint8_t>(inputs >> 8U)};
  if (!link_.write_block(subcommand::kBalanceCells, bytes, sizeof(bytes))) return false;
  balance_sent_ms_ = clock_.now_ms();
  return true;
}

FrontEndResult Driver::clear_trips() {
  if (!is_configured_) return FrontEndResult::kNotConfigured;
  const bool is_sent =
      link_.command(subcommand::kScdlRecover) && link_.command(subcommand::kOcdlRecover);
  return is_sent ? FrontEndResult::kOk : FrontEndResult::kBusFailed;
}

}  // namespace bq76952
