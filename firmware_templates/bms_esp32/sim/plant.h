// The pack without its firmware: cells, switches, load, charger and sensors, moving in time.
//
// Steps are 10 ms where nothing is fast, 100 us while a current is above an over-current limit, and
// 15 us while one is above the short-circuit limit, current rushes in, or something just changed.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "bms/board.h"
#include "bms/front_end.h"
#include "bms/pack_config.h"
#include "sim/cells.h"
#include "sim/circuit.h"
#include "sim/noise.h"
#include "sim/switch.h"

namespace sim {

// What the chips are given to measure, and what they answer with their pins.
struct Measurands {
  std::array<double, bms::kMaxCells> cell_v = {};
  double stack_v = 0;
  double load_v = 0;
  double current_a = 0;      // through both shunts
  double afe_current_a = 0;  // what the front end's shunt shows of it
  std::array<double, bms::kMaxSensors> ntc_ohm = {};
  std::array<bool, bms::kMaxCells + 1> is_tap_open = {};  // 0: below cell 1; n: above cell n
  double board_c = 25;
};

struct ChipPins {
  bool charge = false;
  bool discharge = false;
  // When they last went off, which may be within the last step.
  uint64_t charge_off_us = 0;
  uint64_t discharge_off_us = 0;
  uint32_t balancing = 0;
};

class Chips {
 public:
  virtual ~Chips() = default;
  // Lets the chips measure for `us`; gives what they drive after it.
  virtual ChipPins step(const Measurands& measurands, uint32_t us) = 0;
  virtual ChipPins pins() const = 0;
};

class Plant {
 public:
  Plant(const bms::PackConfig& config, uint64_t seed, Chips& chips);

  void advance(uint64_t us);
  uint64_t now_us() const { return now_us_; }

  // The host's pins. After a reset they are all off.
  void set_outputs(const bms::Outputs& outputs);
  bool is_contact_shown_closed() const;

  Cells& cells() { return cells_; }
  const Cells& cells() const { return cells_; }
  Demand& demand() { return demand_; }
  // After anything was changed from outside: the next step is a short one.
  void disturb() { is_disturbed_ = true; }

  static constexpr double kNotHeld = -1000;
  void hold_sensor_c(size_t index, double celsius) { held_c_[index] = celsius; }
  void set_ntc_open(size_t index, bool is_open) { is_ntc_open_[index] = is_open; }
  void set_ntc_short(size_t index, bool is_short) { is_ntc_short_[index] = is_short; }
  // Wire 0 is below cell 1, wire n above cell n.
  void set_tap_open(size_t wire, bool is_open) { measurands_.is_tap_open[wire] = is_open; }
  void set_shunt_open(bool is_open) { is_shunt_open_ = is_open; }
  void set_precharge_open(bool is_open) { is_precharge_open_ = is_open; }
  void set_welded(bool is_welded) { discharge_.set_welded(is_welded); }
  void set_noise(double share) { noise_ = share; }

  // What is true, whatever is measured.
  bool is_charge_closed() const { return charge_.is_closed(); }
  bool is_discharge_closed() const { return discharge_.is_closed(); }
  uint64_t charge_opened_us() const { return charge_opened_us_; }
  uint64_t discharge_opened_us() const { return discharge_opened_us_; }
  uint64_t precharge_ended_us() const { return precharge_ended_us_; }
  bool is_precharging() const { return outputs_.precharge_enable; }
  bool is_anything_closed() const {
    return is_charge_closed() || is_discharge_closed() || is_precharging();
  }
  double current_a() const { return current_a_; }
  double cell_min_v() const;
  double cell_max_v() const;
  double sensor_c(size_t index) const;
  double temp_max_c() const;
  size_t sensor_count() const { return sensor_count_; }

 private:
  uint64_t next_step_us(uint64_t most_us) const;
  void step(uint32_t us);
  void update_switches();
  void measure();

  bms::PackConfig config_;
  Chips& chips_;
  Cells cells_;
  Circuit circuit_;
  Switch charge_;
  Switch discharge_;
  Demand demand_;
  bms::Outputs outputs_;
  size_t sensor_count_;

  std::array<double, bms::kMaxSensors> held_c_;
  std::array<bool, bms::kMaxSensors> is_ntc_open_ = {};
  std::array<bool, bms::kMaxSensors> is_ntc_short_ = {};
  bool is_shunt_open_ = false;
  bool is_precharge_open_ = false;
  double noise_ = 1;
  Noise random_;

  uint64_t now_us_ = 0;
  uint64_t stepped_at_us_ = 0;  // begin of the last step
  uint64_t charge_opened_us_ = 0;
  uint64_t discharge_opened_us_ = 0;
  uint64_t precharge_ended_us_ = 0;
  double current_a_ = 0;
  bool is_disturbed_ = true;
  Measurands measurands_;
  std::array<double, bms::kMaxSensors> ntc_at_c_;  // temperature that ntc_clean_ohm_ is for
  std::array<double, bms::kMaxSensors> ntc_clean_ohm_ = {};
};

}  // namespace sim
