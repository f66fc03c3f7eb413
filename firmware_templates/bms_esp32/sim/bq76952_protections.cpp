// What the BQ76952 model does as time passes: measuring, and protecting by itself.
#include <algorithm>
#include <cmath>

#include "sim/bq76952_model.h"

namespace sim {

namespace {

constexpr uint64_t kChunkUs = 10000;
constexpr uint64_t kScanUs = 63000;  // cells and current
constexpr uint32_t kScansOfAll = 3;  // and with them every thermistor
constexpr double kCellStepMv = 50.6;
constexpr uint64_t kDelayStepUs = 3300;
constexpr double kWirePullMv = 750;                  // 55 uA for 3 ms out of the board's 220 nF
constexpr double kCountNv = 1.24e9 / (5 * 32768.0);  // of the coulomb counter, VREF2 = 1.24 V
constexpr double kPullupOhm = 18000;
constexpr double kFullCounts = 32768 * 3 / 5.0;  // unsure, see the driver

constexpr uint8_t kHostWatchdog = 0x02;
constexpr uint8_t kShortCircuitLatch = 0x40;

constexpr std::array<uint8_t, kModelSensors> kSensorRegisters = {0x70, 0x72, 0x74, 0x6A,
                                                                 0x6C, 0x6E, 0x76, 0x78};
constexpr std::array<uint16_t, kModelSensors> kSensorPins = {0x92FD, 0x92FE, 0x92FF, 0x92FA,
                                                             0x92FB, 0x92FC, 0x9300, 0x9301};
constexpr std::array<double, 16> kScdMv = {10,  20,  40,  60,  80,  100, 125, 150,
                                           175, 200, 250, 300, 350, 400, 450, 500};

uint64_t seconds(uint32_t s) { return s * 1000000ULL; }

// The chip's own thermistor model, for a 103AT (B = 3435 K), in 0.1 K.
double model_tenth_k(double ohm) {
  return 10.0 / (1 / 298.15 + std::log(std::max(ohm, 1.0) / 10000) / 3435);
}

}  // namespace

void Bq76952Model::advance(uint64_t us) {
  while (us > 0) {
    const uint64_t chunk = std::min(us, kChunkUs);
    advance_chunk(chunk);
    us -= chunk;
  }
}

void Bq76952Model::advance_chunk(uint64_t us) {
  const uint64_t end_us = now_us_ + us;
  if (faults_.hangs || faults_.is_dead || is_config_update_) {
    now_us_ = end_us;
    return;
  }
  if (next_wire_check_us_ <= end_us && memory_.u1(0x9314) != 0) {
    pull_wires();
    next_wire_check_us_ += seconds(memory_.u1(0x9314));
  }
  if (!faults_.is_blind) {
    watch_all(us);
    watch_host(us);
  }
  now_us_ = end_us;
  measure_current();
  if (balanced_inputs_ != 0 &&
      (now_us_ >= balance_until_us_ || inputs_.die_degc > memory_.i1(0x9338))) {
    balanced_inputs_ = 0;
  }
  uint16_t pulses = 0;
  while (next_scan_us_ <= now_us_) {
    next_scan_us_ += kScanUs;
    const bool is_full = ++scans_ % kScansOfAll == 0;
    measure(is_full);
    pulses = static_cast<uint16_t>(pulses | (is_full ? 0x0082 : 0x0002));
  }
  latch_alarms(pulses);
  update_switches(now_us_);
}

// An open input keeps its voltage on the capacitor until the check current has drained it. At the
// lowest wire the direction is unsure.
void Bq76952Model::pull_wires() {
  for (int wire = 0; wire <= inputs_.cell_count; ++wire) {
    const auto at = static_cast<size_t>(wire);
    const double most_mv = inputs_.cell_mv[at == 0 ? 0 : at - 1];
    pulled_mv_[at] = inputs_.is_wire_open[at] ? std::min(pulled_mv_[at] + kWirePullMv, most_mv) : 0;
  }
}

double Bq76952Model::cell_mv(int cell) const {
  const auto at = static_cast<size_t>(cell);
  const double below = cell == 0 ? -pulled_mv_[0] : pulled_mv_[at];
  return std::max(0.0, inputs_.cell_mv[at] - pulled_mv_[at + 1] + below);
}

// Of the cells whose inputs Vcell Mode names; 0 there means all.
double Bq76952Model::extreme_cell_mv(bool is_highest) const {
  const uint32_t mode = memory_.u2(0x9304) == 0 ? 0xFFFF : memory_.u2(0x9304);
  double extreme = is_highest ? 0 : 1e9;
  for (int input = 0; input < kModelCells; ++input) {
    if ((mode >> input & 1U) == 0) continue;
    const bool is_top = input == kModelCells - 1;
    const int cell = is_top ? inputs_.cell_count - 1 : input;
    const bool is_connected = is_top || input < inputs_.cell_count - 1;
    const double mv = is_connected ? cell_mv(cell) : 0;
    extreme = is_highest ? std::max(extreme, mv) : std::min(extreme, mv);
  }
  return extreme;
}

double Bq76952Model::current_ma() const {
  return inputs_.shunt_nv / kCountNv * static_cast<double>(memory_.f4(0x91A8));
}

// Of the thermistors that count as cell temperature; without one, 25 degC.
double Bq76952Model::cell_degc(bool is_highest) const {
  double extreme = 25;
  bool has_one = false;
  for (size_t sensor = 0; sensor < kSensorPins.size(); ++sensor) {
    if ((memory_.u1(kSensorPins[sensor]) & 0x3F) != 0x07) continue;
    const double degc = model_tenth_k(inputs_.thermistor_ohm[sensor]) / 10 - 273.15;
    if (!has_one) extreme = degc;
    extreme = is_highest ? std::max(extreme, degc) : std::min(extreme, degc);
    has_one = true;
  }
  return extreme;
}

Bq76952Model::Rule Bq76952Model::rule(Condition condition) const {
  if (condition == kCuv || condition == kCov) return cell_rule(condition);
  return condition < kOtc ? current_rule(condition) : temperature_rule(condition);
}

Bq76952Model::Rule Bq76952Model::cell_rule(Condition condition) const {
  const bool is_over = condition == kCov;
  const double threshold = memory_.u1(is_over ? 0x9278 : 0x9275) * kCellStepMv;
  const double hysteresis = memory_.u1(is_over ? 0x927C : 0x927B) * kCellStepMv;
  const uint32_t delay = memory_.u2(is_over ? 0x9279 : 0x9276);
  const double worst = extreme_cell_mv(is_over);
  return {0,
          is_over ? uint8_t{0x08} : uint8_t{0x04},
          is_over ? worst > threshold : worst < threshold,
          is_over ? worst <= threshold - hysteresis : worst >= threshold + hysteresis,
          kDelayStepUs * (2 + delay),
          seconds(memory_.u1(0x92AF)),
          delay == 0};
}

// Charging makes the shunt voltage positive, so that a discharge limit is one of its negative.
Bq76952Model::Rule Bq76952Model::current_rule(Condition condition) const {
  const double shunt_mv = inputs_.shunt_nv * 1e-6;
  if (condition == kScd) {
    const uint32_t setting = memory_.u1(0x9287);
    const uint64_t delay_us = setting == 0 ? 0 : 15ULL * (setting - 1);
    return {0,    0x80,     -shunt_mv > kScdMv[memory_.u1(0x9286) & 0x0F],
            true, delay_us, seconds(memory_.u1(0x9294))};
  }
  const auto place = static_cast<uint16_t>(0x9280 + 2 * (condition - kOcc));
  const double threshold_mv = memory_.u1(place) * 2.0;
  const uint32_t delay = memory_.u1(static_cast<uint16_t>(place + 1));
  const double charger_gone_mv = inputs_.stack_mv - memory_.i2(0x92B0) * 10.0;
  const bool is_charge = condition == kOcc;
  const bool has_recovered =
      is_charge ? current_ma() <= memory_.i2(0x9288) || inputs_.pack_mv <= charger_gone_mv
                : current_ma() >= memory_.i2(0x928D);
  return {0,
          static_cast<uint8_t>(0x10U << (condition - kOcc)),
          (is_charge ? shunt_mv : -shunt_mv) > threshold_mv,
          has_recovered,
          kDelayStepUs * (2 + delay),
          seconds(memory_.u1(0x92AF)),
          delay == 0};
}

Bq76952Model::Rule Bq76952Model::temperature_rule(Condition condition) const {
  struct Place {
    uint8_t bit;
    uint16_t address;  // of the threshold; delay and recovery follow
    bool is_high;
  };
  static constexpr Place kPlaces[] = {{0x10, 0x929A, true},    // OTC
                                      {0x20, 0x929D, true},    // OTD
                                      {0x40, 0x92A3, true},    // OTINT
                                      {0x01, 0x92A6, false},   // UTC
                                      {0x02, 0x92A9, false}};  // UTD
  const Place& place = kPlaces[condition - kOtc];
  const double degc = condition == kOtint ? inputs_.die_degc : cell_degc(place.is_high);
  const double threshold = memory_.i1(place.address);
  const double recovery = memory_.i1(static_cast<uint16_t>(place.address + 2));
  return {1,
          place.bit,
          place.is_high ? degc >= threshold : degc <= threshold,
          place.is_high ? degc <= recovery : degc >= recovery,
          seconds(memory_.u1(static_cast<uint16_t>(place.address + 1))),
          seconds(memory_.u1(0x92AF))};
}

void Bq76952Model::watch_all(uint64_t us) {
  for (size_t condition = 0; condition < kConditionCount; ++condition) {
    watch(static_cast<Condition>(condition), us);
  }
}

void Bq76952Model::watch(Condition condition, uint64_t us) {
  const Rule rule = this->rule(condition);
  Watch& watch = watches_[condition];
  const uint32_t enabled = memory_.u1(static_cast<uint16_t>(0x9261 + rule.bank));
  if ((enabled & rule.bit) == 0 || rule.is_disabled_by_delay) {
    watch = {};
    return;
  }
  if ((safety_[rule.bank] & rule.bit) != 0) {
    watch.held_us = 0;
    watch.recovering_us = rule.recovers ? watch.recovering_us + us : 0;
    if (rule.recovers && watch.recovering_us >= rule.recovery_us) {
      safety_[rule.bank] = static_cast<uint8_t>(safety_[rule.bank] & ~rule.bit);
      watch.recovering_us = 0;
    }
    return;
  }
  if (rule.holds && watch.held_us + us >= rule.delay_us) {
    trip(rule, now_us_ + (rule.delay_us - watch.held_us));
  }
  watch.held_us = rule.holds ? watch.held_us + us : 0;
  watch.recovering_us = 0;
}

void Bq76952Model::trip(const Rule& rule, uint64_t at_us) {
  safety_[rule.bank] = static_cast<uint8_t>(safety_[rule.bank] | rule.bit);
  const bool is_short = rule.bank == 0 && rule.bit == 0x80;
  if (is_short) ++short_circuits_;
  // Unsure: that the latch follows as soon as the count reaches the limit.
  const bool is_latching = (memory_.u1(0x9263) & kShortCircuitLatch) != 0;
  if (is_short && is_latching && short_circuits_ >= memory_.u1(0x9295)) {
    safety_[2] = static_cast<uint8_t>(safety_[2] | kShortCircuitLatch);
  }
  update_switches(at_us);
}

void Bq76952Model::watch_host(uint64_t us) {
  const uint64_t limit_us = seconds(memory_.u2(0x92B2));
  const uint64_t end_us = now_us_ + us;
  const bool is_enabled = (memory_.u1(0x9263) & kHostWatchdog) != 0;
  const bool is_silent = is_enabled && end_us - last_heard_us_ >= limit_us;
  const bool was_tripped = (safety_[2] & kHostWatchdog) != 0;
  if (is_silent && !was_tripped) {
    safety_[2] = static_cast<uint8_t>(safety_[2] | kHostWatchdog);
    update_switches(std::max(now_us_, last_heard_us_ + limit_us));
  } else if (!is_silent && was_tripped) {
    safety_[2] = static_cast<uint8_t>(safety_[2] & ~kHostWatchdog);
  }
}

// CC2, a value every 3 ms: here at the end of every chunk.
void Bq76952Model::measure_current() {
  static constexpr double kUnitsMa[] = {0.1, 1, 10, 100};
  const double counts = current_ma() / kUnitsMa[memory_.u1(0x9303) & 0x03U];
  put_word(0x3A, static_cast<int32_t>(std::lround(std::clamp(counts, -32768.0, 32767.0))));
}

void Bq76952Model::measure(bool is_full) {
  for (int input = 0; input < kModelCells; ++input)
    put_word(static_cast<uint8_t>(0x14 + 2 * input), 0);
  for (int cell = 0; cell < inputs_.cell_count; ++cell) {
    const int input = cell == inputs_.cell_count - 1 ? kModelCells - 1 : cell;
    put_word(static_cast<uint8_t>(0x14 + 2 * input),
             static_cast<int32_t>(std::lround(cell_mv(cell))));
  }
  const uint32_t units = memory_.u1(0x9303);
  const double volt_unit_mv = (units & 0x04U) != 0 ? 10 : 1;
  const double top_mv = pulled_mv_[static_cast<size_t>(inputs_.cell_count)];
  put_word(0x34, static_cast<int32_t>(std::lround((inputs_.stack_mv - top_mv) / volt_unit_mv)));
  put_word(0x36, static_cast<int32_t>(std::lround(inputs_.pack_mv / volt_unit_mv)));
  put_word(0x38, static_cast<int32_t>(std::lround(inputs_.load_mv / volt_unit_mv)));
  put_word(0x68, static_cast<int32_t>(std::lround(inputs_.die_degc * 10 + 2731.5)));
  if (!is_full) return;
  for (int sensor = 0; sensor < kModelSensors; ++sensor) {
    put_word(kSensorRegisters[static_cast<size_t>(sensor)], sensor_register(sensor));
  }
}

int32_t Bq76952Model::sensor_register(int sensor) const {
  const auto at = static_cast<size_t>(sensor);
  const uint32_t pin = memory_.u1(kSensorPins[at]);
  const double ohm = inputs_.thermistor_ohm[at];
  if ((pin & 0x03U) != 0x03U) return 0;  // the pin is no analog input
  const bool is_raw = (pin & 0x30U) == 0x30U;
  if (!is_raw) return static_cast<int32_t>(std::lround(model_tenth_k(ohm)));
  const double ratio = std::isinf(ohm) ? 1 : ohm / (ohm + kPullupOhm);
  return static_cast<int32_t>(std::lround(kFullCounts * ratio));
}

void Bq76952Model::latch_alarms(uint16_t pulses) {
  unsigned raw = pulses;
  if (safety_[0] != 0) raw |= 0x4000U;
  if ((safety_[1] | safety_[2]) != 0) raw |= 0x8000U;
  if (!is_charge_on_) raw |= 0x0040U;
  if (!is_discharge_on_) raw |= 0x0020U;
  alarms_ = static_cast<uint16_t>(alarms_ | (raw & alarm_enable_));
}

}  // namespace sim
