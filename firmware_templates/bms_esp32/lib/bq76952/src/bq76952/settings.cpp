#include "bq76952/settings.h"

#include "bq76952/cell_map.h"
#include "bq76952/registers.h"

namespace bq76952 {

namespace {

constexpr int32_t kNoSetting = -1;

// Bounds of the settings, from the data memory summary. Unsure: from memory, for CUV and COV
// confirmed by the ranges in volt of sections 5.2.4 and 5.2.5.
constexpr int32_t kCuvMin = 20;
constexpr int32_t kCuvMax = 90;
constexpr int32_t kCovMin = 20;
constexpr int32_t kCovMax = 110;
constexpr int32_t kHysteresisMin = 2;
constexpr int32_t kHysteresisMax = 20;
constexpr int32_t kCellDelayMax = 2047;
constexpr int32_t kCurrentMin = 2;
constexpr int32_t kOccMax = 62;
constexpr int32_t kOcdMax = 100;
constexpr int32_t kCurrentDelayMax = 127;
constexpr int32_t kScdDelayMax = 31;

constexpr int32_t kMosfet = 0;  // of switch_kind

// Rev. B of the manual (section 4.12), with VREF2 = 1.24 V. Unsure: rev. A and the chip's default
// say 7.4768. This one reads 1.2 % higher, which is the safe side until a board is calibrated.
constexpr float kCcGainTimesMilliohm = 7.5684F;
constexpr float kCapacityGainFactor = 298261.6178F;

// 18 kOhm pull-up, thermistor, reported as raw counts, not used by the chip's own temperature
// protections. Raw, since the chip's polynomial is that of one thermistor and the B value here is
// data, and since open and short are then seen as what they are instead of as extreme
// temperatures. What is lost is the chip's own judgement of cell temperature: when the host is
// silent its watchdog opens the pack within seconds, long before 5 kg of cell change temperature.
constexpr uint32_t kRawThermistor = 0x3B;
constexpr uint32_t kPinUnused = 0x00;

constexpr uint16_t kSensorPins[] = {memory::kTs1Pin,     memory::kTs2Pin,     memory::kTs3Pin,
                                    memory::kCfetoffPin, memory::kDfetoffPin, memory::kAlertPin,
                                    memory::kHdqPin,     memory::kDchgPin};

constexpr int32_t clamp(int32_t value, int32_t low, int32_t high) {
  return value < low ? low : value > high ? high : value;
}

int32_t narrow(int64_t value) { return static_cast<int32_t>(value); }

int32_t delay_setting(int32_t delay_ms, int32_t max) {
  return clamp(narrow(int64_t{delay_ms} * 10 / kDelayStepTenthMs) - 2, 1, max);
}

int32_t steps_up(int64_t tenth_mv) {
  return narrow((tenth_mv + kCellStepTenthMv - 1) / kCellStepTenthMv);
}

int64_t shunt_uv(int32_t current_ma, int32_t shunt_uohm) {
  return int64_t{current_ma} * shunt_uohm / 1000;
}

int32_t current_setting(const bms::PackConfig& config, int32_t max) {
  const int64_t steps = shunt_uv(config.afe_oc_ma, config.afe_shunt_uohm) / kCurrentStepUv;
  if (steps < kCurrentMin) return kNoSetting;
  return steps > max ? max : narrow(steps);
}

int32_t cov_hysteresis(const bms::PackConfig& config, int32_t threshold) {
  const int64_t drop = threshold * kCellStepTenthMv - int64_t{config.cell_ov_release_mv} * 10;
  return clamp(steps_up(drop < 0 ? 0 : drop), kHysteresisMin, kHysteresisMax);
}

int32_t cuv_hysteresis(const bms::PackConfig& config, int32_t threshold) {
  const int64_t rise = int64_t{config.cell_uv_release_mv} * 10 - threshold * kCellStepTenthMv;
  return clamp(steps_up(rise < 0 ? 0 : rise), kHysteresisMin, kHysteresisMax);
}

uint32_t float_bits(float value) {
  uint32_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof(bits));
  return bits;
}

uint32_t pin_setting(const bms::PackConfig& config, uint16_t pin) {
  for (int32_t sensor = 0; sensor < config.ntc_count; ++sensor) {
    if (kSensorPins[sensor] == pin) return kRawThermistor;
  }
  return kPinUnused;
}

class Builder {
 public:
  explicit Builder(SettingList& list) : list_(list) { list_.count = 0; }

  void add(uint16_t address, uint8_t size, uint32_t value) {
    list_.items[list_.count++] = {address, size, value};
  }
  void byte(uint16_t address, int32_t value) {
    add(address, 1, static_cast<uint32_t>(value) & 0xFFU);
  }
  void word(uint16_t address, int32_t value) {
    add(address, 2, static_cast<uint32_t>(value) & 0xFFFFU);
  }

 private:
  SettingList& list_;
};

void add_gains_and_power(const bms::PackConfig& config, Builder& list) {
  const float cc_gain = kCcGainTimesMilliohm * 1000.0F / static_cast<float>(config.afe_shunt_uohm);
  list.add(memory::kCcGain, 4, float_bits(cc_gain));
  list.add(memory::kCapacityGain, 4, float_bits(cc_gain * kCapacityGainFactor));
  list.word(memory::kPowerConfig, 0x2882);  // the default 0x2982 without SLEEP
}

// Each protection acts by itself on the switches it concerns. 0x98 and 0xE4 are the only values of
// registers A with which it acts at once (SLUUBY2B, CHG FET Protections A).
void add_protection_enables(Builder& list) {
  list.byte(memory::kEnabledProtectionsA,
            safety_a::kShortCircuit | safety_a::kDischargeOverCurrent1 |
                safety_a::kChargeOverCurrent | safety_a::kCellOverVoltage |
                safety_a::kCellUnderVoltage);
  list.byte(memory::kEnabledProtectionsB, safety_b::kDieOverTemperature);
  list.byte(memory::kEnabledProtectionsC, safety_c::kShortCircuitLatch | safety_c::kHostWatchdog);
  list.byte(memory::kChargeFetProtectionsA, 0x98);
  list.byte(memory::kChargeFetProtectionsB, 0xD5);
  list.byte(memory::kChargeFetProtectionsC, 0x56);
  list.byte(memory::kDischargeFetProtectionsA, 0xE4);
  list.byte(memory::kDischargeFetProtectionsB, 0xE6);
  list.byte(memory::kDischargeFetProtectionsC, 0xE2);
  // Latches that a scan was done: how the driver sees that the chip still measures.
  list.word(memory::kDefaultAlarmMask, 0xF882);
}

void add_cell_limits(const bms::PackConfig& config, Builder& list) {
  const int32_t cuv = cuv_threshold(config);
  const int32_t cov = cov_threshold(config);
  list.byte(memory::kCuvThreshold, cuv);
  list.word(memory::kCuvDelay, delay_setting(config.afe_cuv_delay_ms, kCellDelayMax));
  list.byte(memory::kCovThreshold, cov);
  list.word(memory::kCovDelay, delay_setting(config.afe_cov_delay_ms, kCellDelayMax));
  list.byte(memory::kCuvHysteresis, cuv_hysteresis(config, cuv));
  list.byte(memory::kCovHysteresis, cov_hysteresis(config, cov));
}

// A second longer than the host may be silent: a chip that recovers by itself would else close onto
// the same fault with nobody there.
int32_t recovery_time_s(const bms::PackConfig& config) { return config.afe_watchdog_ms / 1000 + 1; }

// An over-current recovers without current, and the host decides when to close again. A short
// circuit is latched by the chip itself, at the first one; nothing but the host lets go of it.
void add_current_limits(const bms::PackConfig& config, Builder& list) {
  const int32_t delay = delay_setting(config.afe_oc_delay_ms, kCurrentDelayMax);
  list.byte(memory::kOccThreshold, occ_threshold(config));
  list.byte(memory::kOccDelay, delay);
  list.byte(memory::kOcd1Threshold, ocd_threshold(config));
  list.byte(memory::kOcd1Delay, delay);
  list.byte(memory::kScdThreshold, scd_threshold(config));
  list.byte(memory::kScdDelay, clamp(config.scd_delay_us / kScdStepUs + 1, 1, kScdDelayMax));
  list.word(memory::kOccRecovery, config.idle_current_ma);
  list.word(memory::kOcdRecovery, -config.idle_current_ma);
  list.byte(memory::kScdRecoveryTime, recovery_time_s(config));
  list.byte(memory::kScdlLatchLimit, 1);
  list.byte(memory::kScdlCounterDelay, 255);
  list.byte(memory::kScdlRecoveryTime, 255);
  list.word(memory::kScdlRecovery, 32767);
}

void add_die_and_watchdog(const bms::PackConfig& config, Builder& list) {
  list.byte(memory::kOtintThreshold, 85);
  list.byte(memory::kOtintThreshold + 1, 2);
  list.byte(memory::kOtintThreshold + 2, 80);
  list.byte(memory::kRecoveryTime, recovery_time_s(config));
  list.word(memory::kHostWatchdogDelay, config.afe_watchdog_ms / 1000);
}

void add_pins_and_units(const bms::PackConfig& config, Builder& list) {
  for (uint16_t pin = memory::kCfetoffPin; pin <= memory::kDdsgPin; ++pin) {
    list.byte(pin, static_cast<int32_t>(pin_setting(config, pin)));
  }
  // Bit 2: 10 mV. Bits 1, 0: 2 is 10 mA, 3 is 100 mA.
  list.byte(memory::kDaConfiguration, current_unit_ma(config) == 10 ? 0x06 : 0x07);
  list.word(memory::kVcellMode, inputs_of_cells(0xFFFFU, config.cell_count));
}

void add_switches_and_balancing(const bms::PackConfig& config, Builder& list) {
  // FET_INIT_OFF, FET_CTRL_EN and HOST_FET_EN: off until the host has asked. SFET, for MOSFETs in
  // series, keeps current out of the body diode of the one that is off; a contactor has none.
  list.byte(memory::kFetOptions, config.switch_kind == kMosfet ? 0x2D : 0x2C);
  list.byte(memory::kChargePump, 0x01);
  list.byte(memory::kOpenWireCheckTime, 1);
  list.byte(memory::kBalanceConfiguration, 0x00);  // nothing by itself; the host's commands count
  list.byte(memory::kBalanceMaxDieTemperature, 70);
  list.byte(memory::kBalanceInterval, 20);
  list.byte(memory::kBalanceMaxCells, 8);
}

void hash_byte(uint64_t& hash, uint32_t byte) {
  hash ^= byte & 0xFFU;
  hash *= 0x100000001B3U;
}

}  // namespace

int32_t cuv_threshold(const bms::PackConfig& config) {
  const int32_t steps = steps_up(int64_t{config.afe_cuv_mv} * 10);
  if (steps > kCuvMax) return kNoSetting;
  return steps < kCuvMin ? kCuvMin : steps;
}

int32_t cov_threshold(const bms::PackConfig& config) {
  const int32_t steps = narrow(int64_t{config.afe_cov_mv} * 10 / kCellStepTenthMv);
  if (steps < kCovMin) return kNoSetting;
  return steps > kCovMax ? kCovMax : steps;
}

int32_t occ_threshold(const bms::PackConfig& config) { return current_setting(config, kOccMax); }

int32_t ocd_threshold(const bms::PackConfig& config) { return current_setting(config, kOcdMax); }

int32_t scd_threshold(const bms::PackConfig& config) {
  const int64_t limit_uv = shunt_uv(config.scd_trip_ma, config.afe_shunt_uohm);
  int32_t setting = kNoSetting;
  for (const int32_t threshold_mv : kScdThresholdsMv) {
    if (int64_t{threshold_mv} * 1000 <= limit_uv) ++setting;
  }
  return setting;
}

int32_t current_unit_ma(const bms::PackConfig& config) {
  constexpr int32_t kHighestIn10Ma = 320000;  // of 327.67 A, for gain error and offset
  return config.oc_fast_trip_ma <= kHighestIn10Ma ? 10 : 100;
}

bool build_settings(const bms::PackConfig& config, SettingList& list) {
  Builder builder(list);
  if (cuv_threshold(config) < 0 || cov_threshold(config) < 0 || ocd_threshold(config) < 0 ||
      scd_threshold(config) < 0) {
    return false;
  }
  add_gains_and_power(config, builder);
  add_protection_enables(builder);
  add_cell_limits(config, builder);
  add_current_limits(config, builder);
  add_die_and_watchdog(config, builder);
  add_pins_and_units(config, builder);
  add_switches_and_balancing(config, builder);
  return true;
}

uint64_t settings_hash(const SettingList& list) {
  uint64_t hash = 0xCBF29CE484222325U;
  for (size_t i = 0; i < list.count; ++i) {
    const Setting& setting = list.items[i];
    for (uint32_t shift = 0; shift < 16; shift += 8)
      hash_byte(hash, uint32_t{setting.address} >> shift);
    for (uint32_t shift = 0; shift < 32; shift += 8) hash_byte(hash, setting.value >> shift);
  }
  return hash;
}

}  // namespace bq76952
