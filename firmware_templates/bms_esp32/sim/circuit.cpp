#include "sim/circuit.h"

#include <algorithm>
#include <cmath>

namespace sim {
namespace {

constexpr double kLoadFarad = 10e-3;
constexpr double kBleedOhm = 10e3;
constexpr double kPrechargeOhm = 40;
constexpr double kWireOhm = 2.25e-3;
constexpr double kShortOhm = 5e-3;
constexpr double kObeysAfterS = 0.05;
constexpr double kRushV = 1;

// A capacitor that is pulled towards `source_v` through `ohm` and drained by `drain_a`.
struct Pull {
  double source_v;
  double ohm;
  double drain_a;
  double parallel_ohm;
};

// Moves `volts` on by `dt_s` exactly and gives the mean current out of the source.
double pull(double& volts, const Pull& by, double dt_s) {
  const double conductance = 1 / by.ohm + 1 / by.parallel_ohm;
  const double end_v = (by.source_v / by.ohm - by.drain_a) / conductance;
  const double before = volts;
  volts = end_v + (before - end_v) * std::exp(-dt_s * conductance / kLoadFarad);
  // What left the source is what charged the capacitor and what was drained meanwhile.
  const double mean_v = end_v + (before - volts) * kLoadFarad / (conductance * dt_s);
  return (by.source_v - mean_v) / by.ohm;
}

}  // namespace

bool Circuit::obeys_request() const { return requested_s_ >= kObeysAfterS; }

// Current into the load's port over the next `dt_s`, while `inner_a` flows into the cells besides.
double Circuit::step_load(const Paths& paths, const Demand& demand, const Cells& cells,
                          double inner_a, double dt_s) {
  const double parallel = demand.is_shorted ? kShortOhm : kBleedOhm;
  if (paths.discharge) is_load_running_ = true;
  const double drain = is_load_running_ && !obeys_request() ? demand.load_a : 0;
  const double source_v = cells.source_v() + inner_a * cells.resistance_ohm();
  const double path_ohm = cells.resistance_ohm() + kWireOhm;
  is_rushing_ = paths.discharge && std::fabs(load_v_ - source_v + drain * path_ohm) > kRushV;
  double out_a = 0;
  if (paths.discharge) {
    out_a = pull(load_v_, {source_v, path_ohm, drain, parallel}, dt_s);
  } else if (paths.precharge) {
    out_a = pull(load_v_, {source_v, kPrechargeOhm, drain, parallel}, dt_s);
  } else {
    load_v_ = load_v_ * std::exp(-dt_s / (parallel * kLoadFarad)) - drain * dt_s / kLoadFarad;
  }
  load_v_ = std::max(load_v_, 0.0);
  if (!paths.discharge && load_v_ == 0) is_load_running_ = false;
  return out_a;
}

double Circuit::step(const Paths& paths, const Demand& demand, const Cells& cells, double dt_s) {
  requested_s_ = demand.is_zero_requested ? requested_s_ + dt_s : 0;
  double in_a = 0;
  if (paths.charge && !obeys_request()) {
    // At its voltage limit the charger gives what the pack and the load still take.
    const double room_a =
        (demand.charger_max_v - cells.source_v()) / cells.resistance_ohm() + last_out_a_;
    in_a = std::clamp(demand.charger_a, 0.0, std::max(room_a, 0.0));
  }
  last_out_a_ = step_load(paths, demand, cells, demand.forced_a.value_or(in_a), dt_s);
  return demand.forced_a.value_or(in_a - last_out_a_);
}

}  // namespace sim
