// The cells of the pack as physics sees them: charge, voltage, heat, each a little unlike the next.
//
// Assumptions, none of them measured on real cells: 0.35 mOhm of series resistance, one RC element
// of 0.25 mOhm and 120 kF, 5.42 kg of 1000 J/kgK that lose 0.6 W/K, all of a 280 Ah cell and scaled
// with capacity; a spread (sigma) of 1 % in capacity, 10 % in resistance and 2 % in charge. Beyond
// empty and full the voltage goes on in a straight line.
#pragma once

#include <cstdint>
#include <vector>

#include "bms/pack_config.h"

namespace sim {

class Cells {
 public:
  Cells(const bms::PackConfig& config, uint64_t seed);

  // `current_a` is positive in charge. Cells in `balancing` (bit 0 is cell 1) lose 51 mA besides.
  void step(double current_a, double dt_s, uint32_t balancing);

  size_t count() const { return cells_.size(); }
  // Voltage at the cell's terminals with the current of the last step.
  double terminal_v(size_t index) const { return cells_[index].terminal_v; }
  double temp_c(size_t index) const { return cells_[index].temp_c; }
  double stack_v() const { return stack_v_; }
  // Voltage of the stack without the drop on its series resistance, and that resistance.
  double source_v() const { return source_v_; }
  double resistance_ohm() const { return resistance_ohm_; }
  double mean_soc() const;
  double min_soc() const;
  double max_soc() const;

  // Holds a terminal voltage whatever the physics; a negative one gives it back.
  void hold_terminal_v(size_t index, double volts);
  // Sets the charge of all; each keeps its distance from the mean.
  void set_soc(double soc);
  void set_ambient_c(double ambient_c) { ambient_c_ = ambient_c; }

 private:
  struct Cell {
    double capacity_as = 0;
    double r0_ohm = 0;
    double r1_ohm = 0;
    double soc = 0;
    double soc_offset = 0;
    double rc_v = 0;
    double temp_c = 25;
    double held_v = -1;
    double terminal_v = 0;
    size_t segment = 0;  // of the voltage table, where the last look-up ended
  };

  double open_circuit_v(Cell& cell) const;
  void update_voltages(double current_a);

  std::vector<Cell> cells_;
  std::vector<double> table_soc_;
  std::vector<double> table_v_;
  double heat_j_per_k_;
  double ambient_c_ = 25;
  double stack_v_ = 0;
  double source_v_ = 0;
  double resistance_ohm_ = 0;
  double rc_step_s_ = -1;  // step that rc_factor_ was computed for
  double rc_factor_ = 0;
};

}  // namespace sim
