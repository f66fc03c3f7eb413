#include "sim/plant.h"

#include <algorithm>
#include <cmath>

namespace sim {
namespace {

constexpr uint64_t kCoarseUs = 10000;
constexpr uint64_t kFineUs = 100;
constexpr uint64_t kFinestUs = 15;

// Assumptions: noise of one reading, as sigma, after the chips' own filters.
constexpr double kCellNoiseV = 0.5e-3;
constexpr double kStackNoiseV = 5e-3;
constexpr double kCurrentNoiseA = 0.03;

constexpr double kOpenOhm = std::numeric_limits<double>::infinity();
constexpr double kShortOhm = 0;
constexpr double kKelvin = 273.15;
constexpr double kReferenceKelvin = 298.15;
constexpr double kTempStepC = 0.02;  // far below what a thermistor reading resolves

}  // namespace

Plant::Plant(const bms::PackConfig& config, uint64_t seed, Chips& chips)
    : config_(config),
      chips_(chips),
      cells_(config, seed),
      charge_(config.switch_kind == bms::kSwitchKindContactor),
      discharge_(config.switch_kind == bms::kSwitchKindContactor),
      sensor_count_(static_cast<size_t>(config.ntc_count)),
      random_(seed) {
  demand_.charger_max_v = config.cell_max_mv / 1000.0 * config.cell_count;
  held_c_.fill(kNotHeld);
  ntc_at_c_.fill(kNotHeld);
}

void Plant::set_outputs(const bms::Outputs& outputs) {
  if (outputs_.precharge_enable && !outputs.precharge_enable) precharge_ended_us_ = now_us_;
  outputs_ = outputs;
  demand_.is_zero_requested = outputs.zero_current_request;
  update_switches();
}

bool Plant::is_contact_shown_closed() const {
  if (config_.switch_kind != bms::kSwitchKindContactor) return false;
  return charge_.is_closed() || discharge_.is_closed();
}

// The wiring: a path is commanded only where host and front end agree. A front end that went off
// within the last step did so then, not at its end.
void Plant::update_switches() {
  const ChipPins pins = chips_.pins();
  const auto has_opened = [this](Switch& path, bool host, bool chip, uint64_t off_us) {
    const bool is_by_chip = host && !chip && off_us > stepped_at_us_;
    path.command(host && chip, is_by_chip ? off_us : now_us_);
    if (!path.update(now_us_)) return false;
    is_disturbed_ = true;
    return !path.is_closed();
  };
  if (has_opened(charge_, outputs_.charge_enable, pins.charge, pins.charge_off_us)) {
    charge_opened_us_ = charge_.changes_at_us();
  }
  if (has_opened(discharge_, outputs_.discharge_enable, pins.discharge, pins.discharge_off_us)) {
    discharge_opened_us_ = discharge_.changes_at_us();
  }
}

uint64_t Plant::next_step_us(uint64_t most_us) const {
  uint64_t step_us = kCoarseUs;
  const double milliampere = std::fabs(current_a_) * 1000;
  if (milliampere >= std::min(config_.oc_fast_trip_ma, config_.afe_oc_ma)) step_us = kFineUs;
  if (milliampere >= config_.scd_trip_ma / 2.0) step_us = kFinestUs;
  if (circuit_.is_rushing() || is_disturbed_) step_us = kFinestUs;
  for (const Switch* each : {&charge_, &discharge_}) {
    if (each->is_moving() && each->changes_at_us() > now_us_) {
      step_us = std::min(step_us, each->changes_at_us() - now_us_);
    }
  }
  return std::min(step_us, most_us);
}

void Plant::advance(uint64_t us) {
  const uint64_t end_us = now_us_ + us;
  while (now_us_ < end_us) step(static_cast<uint32_t>(next_step_us(end_us - now_us_)));
}

void Plant::step(uint32_t us) {
  is_disturbed_ = false;
  const double dt_s = us * 1e-6;
  const Paths paths = {charge_.is_closed(), discharge_.is_closed(),
                       outputs_.precharge_enable && !is_precharge_open_};
  current_a_ = circuit_.step(paths, demand_, cells_, dt_s);
  cells_.step(current_a_, dt_s, chips_.pins().balancing);
  measure();
  stepped_at_us_ = now_us_;
  now_us_ += us;
  chips_.step(measurands_, us);
  update_switches();
}

void Plant::measure() {
  for (size_t i = 0; i < cells_.count(); ++i) {
    const double noisy_v = cells_.terminal_v(i) + noise_ * kCellNoiseV * random_.next();
    measurands_.cell_v[i] = std::max(0.0, noisy_v);
  }
  measurands_.stack_v = cells_.stack_v() + noise_ * kStackNoiseV * random_.next();
  measurands_.load_v = circuit_.load_v();
  measurands_.current_a = current_a_ + noise_ * kCurrentNoiseA * random_.next();
  const double afe_current_a = current_a_ + noise_ * kCurrentNoiseA * random_.next();
  measurands_.afe_current_a = is_shunt_open_ ? 0 : afe_current_a;
  for (size_t i = 0; i < sensor_count_; ++i) {
    const double celsius = sensor_c(i);
    if (std::fabs(celsius - ntc_at_c_[i]) > kTempStepC) {
      ntc_at_c_[i] = celsius;
      // The definition of the B value: R = R25 exp(B (1/T - 1/298.15 K)).
      ntc_clean_ohm_[i] =
          config_.ntc_r25_ohm *
          std::exp(config_.ntc_beta_k * (1 / (celsius + kKelvin) - 1 / kReferenceKelvin));
    }
    measurands_.ntc_ohm[i] = is_ntc_open_[i]    ? kOpenOhm
                             : is_ntc_short_[i] ? kShortOhm
                                                : ntc_clean_ohm_[i];
  }
}

double Plant::sensor_c(size_t index) const {
  if (held_c_[index] > kNotHeld) return held_c_[index];
  // Sensors are spread over the cells.
  return cells_.temp_c(index * cells_.count() / sensor_count_);
}

double Plant::temp_max_c() const {
  double most = sensor_c(0);
  for (size_t i = 1; i < sensor_count_; ++i) most = std::max(most, sensor_c(i));
  return most;
}

double Plant::cell_min_v() const {
  double least = cells_.terminal_v(0);
  for (size_t i = 1; i < cells_.count(); ++i) least = std::min(least, cells_.terminal_v(i));
  return least;
}

double Plant::cell_max_v() const {
  double most = cells_.terminal_v(0);
  for (size_t i = 1; i < cells_.count(); ++i) most = std::max(most, cells_.terminal_v(i));
  return most;
}

}  // namespace sim
