#include "sim/cells.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace sim {
namespace {

constexpr double kReferenceMah = 280000;
constexpr double kSeriesOhm = 0.35e-3;
constexpr double kRcOhm = 0.25e-3;
constexpr double kRcFarad = 120e3;
constexpr double kHeatJPerK = 5.42 * 1000;
constexpr double kLossWPerK = 0.6;
constexpr double kCapacitySigma = 0.01;
constexpr double kResistanceSigma = 0.1;
constexpr double kSocSigma = 0.02;
constexpr double kFirstSoc = 0.5;
// 3.3 V on two resistors of 20 Ohm and the front end's switch.
constexpr double kBalanceA = 0.051;

// Three sigma at most, so that no seed makes a cell that nobody would build in.
double spread(std::mt19937_64& random, double sigma) {
  std::normal_distribution<double> normal(0, sigma);
  return std::clamp(normal(random), -3 * sigma, 3 * sigma);
}

}  // namespace

Cells::Cells(const bms::PackConfig& config, uint64_t seed)
    : heat_j_per_k_(kHeatJPerK * config.capacity_mah / kReferenceMah) {
  for (const int32_t permille : config.ocv_permille) table_soc_.push_back(permille / 1000.0);
  for (const int32_t mv : config.ocv_mv) table_v_.push_back(mv / 1000.0);
  std::mt19937_64 random(seed);
  const double scale = kReferenceMah / config.capacity_mah;
  for (int32_t i = 0; i < config.cell_count; ++i) {
    Cell cell;
    cell.capacity_as = config.capacity_mah * 3.6 * (1 + spread(random, kCapacitySigma));
    cell.r0_ohm = kSeriesOhm * scale * (1 + spread(random, kResistanceSigma));
    cell.r1_ohm = kRcOhm * scale * (1 + spread(random, kResistanceSigma));
    cell.soc_offset = spread(random, kSocSigma);
    resistance_ohm_ += cell.r0_ohm;
    cells_.push_back(cell);
  }
  set_soc(kFirstSoc);
}

double Cells::open_circuit_v(Cell& cell) const {
  const size_t last = table_soc_.size() - 2;
  while (cell.segment < last && cell.soc > table_soc_[cell.segment + 1]) ++cell.segment;
  while (cell.segment > 0 && cell.soc < table_soc_[cell.segment]) --cell.segment;
  const double from = table_soc_[cell.segment];
  const double share = (cell.soc - from) / (table_soc_[cell.segment + 1] - from);
  return table_v_[cell.segment] + share * (table_v_[cell.segment + 1] - table_v_[cell.segment]);
}

void Cells::update_voltages(double current_a) {
  stack_v_ = 0;
  source_v_ = 0;
  for (Cell& cell : cells_) {
    const bool is_held = cell.held_v >= 0;
    const double source = is_held ? cell.held_v : open_circuit_v(cell) + cell.rc_v;
    cell.terminal_v = is_held ? cell.held_v : std::max(0.0, source + current_a * cell.r0_ohm);
    stack_v_ += cell.terminal_v;
    source_v_ += source;
  }
}

void Cells::step(double current_a, double dt_s, uint32_t balancing) {
  if (dt_s != rc_step_s_) {
    rc_step_s_ = dt_s;
    rc_factor_ = 1 - std::exp(-dt_s / (kRcOhm * kRcFarad));
  }
  for (size_t i = 0; i < cells_.size(); ++i) {
    Cell& cell = cells_[i];
    const double own_a = current_a - (((balancing >> i) & 1U) != 0 ? kBalanceA : 0);
    cell.soc += own_a * dt_s / cell.capacity_as;
    cell.rc_v += (own_a * cell.r1_ohm - cell.rc_v) * rc_factor_;
    const double heat_w = current_a * current_a * cell.r0_ohm + current_a * cell.rc_v;
    cell.temp_c += (heat_w - kLossWPerK * (cell.temp_c - ambient_c_)) * dt_s / heat_j_per_k_;
  }
  update_voltages(current_a);
}

double Cells::mean_soc() const {
  double sum = 0;
  for (const Cell& cell : cells_) sum += cell.soc;
  return sum / static_cast<double>(cells_.size());
}

double Cells::min_soc() const {
  double least = cells_.front().soc;
  for (const Cell& cell : cells_) least = std::min(least, cell.soc);
  return least;
}

double Cells::max_soc() const {
  double most = cells_.front().soc;
  for (const Cell& cell : cells_) most = std::max(most, cell.soc);
  return most;
}

void Cells::hold_terminal_v(size_t index, double volts) {
  cells_[index].held_v = volts;
  update_voltages(0);
}

void Cells::set_soc(double soc) {
  for (Cell& cell : cells_) {
    cell.soc = soc + cell.soc_offset;
    cell.rc_v = 0;
  }
  update_voltages(0);
}

}  // namespace sim
