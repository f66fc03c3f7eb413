// What hangs on the pack: load with its capacitors, charger, precharge resistor, wires.
//
// Two ports, one for the charger and one for the load, each behind its own switch; the body diodes
// of MOSFETs are not modelled, so an open path carries nothing. Assumptions: 10 mF at the load with
// 10 kOhm across, 40 Ohm of precharge, 2.25 mOhm of wire and busbar. The load starts when its path
// closes and stops when its capacitors are empty. Charger and load obey a request for zero current
// after 50 ms.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/cells.h"

namespace sim {

struct Paths {
  bool charge = false;
  bool discharge = false;
  bool precharge = false;
};

struct Demand {
  double load_a = 0;
  double charger_a = 0;
  double charger_max_v = 0;  // of the stack; above it the charger gives less
  bool is_shorted = false;   // the load is 5 mOhm
  bool is_zero_requested = false;
  std::optional<double> forced_a;  // whatever the switches do
};

class Circuit {
 public:
  // Pack current over the next `dt_s`, positive in charge.
  double step(const Paths& paths, const Demand& demand, const Cells& cells, double dt_s);

  double load_v() const { return load_v_; }
  // Whether the capacitors are far from the pack they are tied to: current is rushing in.
  bool is_rushing() const { return is_rushing_; }

 private:
  bool obeys_request() const;
  double step_load(const Paths& paths, const Demand& demand, const Cells& cells, double inner_a,
                   double dt_s);

  double load_v_ = 0;
  double requested_s_ = 0;
  double last_out_a_ = 0;
  bool is_load_running_ = false;
  bool is_rushing_ = false;
};

}  // namespace sim
