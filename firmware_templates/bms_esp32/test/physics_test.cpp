// The simulated cells and what hangs on them, against what can be worked out by hand.
#include <doctest/doctest.h>

#include <cmath>

#include "sim/cells.h"
#include "sim/circuit.h"
#include "sim/noise.h"
#include "sim/switch.h"

namespace {

constexpr double kStepS = 0.01;

// One step at a time with these paths, for `seconds`; gives the current of the last.
double run(sim::Circuit& circuit, sim::Cells& cells, const sim::Paths& paths,
           const sim::Demand& demand, double seconds, double step_s = kStepS) {
  double current_a = 0;
  for (double t = 0; t < seconds; t += step_s) {
    current_a = circuit.step(paths, demand, cells, step_s);
    cells.step(current_a, step_s, 0);
  }
  return current_a;
}

}  // namespace

TEST_CASE("an hour at a tenth of the capacity moves the charge by a tenth") {
  sim::Cells cells({}, 1);
  const double before = cells.mean_soc();
  for (int i = 0; i < 360000; ++i) cells.step(-28, kStepS, 0);
  CHECK(before - cells.mean_soc() == doctest::Approx(0.1).epsilon(0.01));
}

TEST_CASE("voltage sags at once by the series resistance, and more within a few time constants") {
  sim::Cells cells({}, 1);
  const double rest_v = cells.stack_v();
  cells.step(-100, 1e-6, 0);
  CHECK(rest_v - cells.stack_v() == doctest::Approx(100 * 16 * 0.35e-3).epsilon(0.1));
  for (int i = 0; i < 15000; ++i) cells.step(-100, kStepS, 0);  // five times 30 s
  CHECK(rest_v - cells.stack_v() > 100 * 16 * 0.58e-3);
}

TEST_CASE("cells differ, the same for the same seed") {
  const sim::Cells one({}, 1);
  const sim::Cells same({}, 1);
  const sim::Cells other({}, 2);
  CHECK(one.terminal_v(3) == same.terminal_v(3));
  CHECK(one.terminal_v(3) != other.terminal_v(3));
  CHECK(one.max_soc() - one.min_soc() > 0.02);
}

TEST_CASE("losses warm a cell until it gives away as much as it makes") {
  sim::Cells cells({}, 1);
  for (int i = 0; i < 100000; ++i) cells.step(i % 2 == 0 ? 100 : -100, 1, 0);
  // About 100 A squared on 0.35 mOhm, over 0.6 W/K; the RC element follows no change that fast.
  CHECK(cells.temp_c(0) > 25 + 3);
  CHECK(cells.temp_c(0) < 25 + 10);
}

TEST_CASE("precharge charges the load as 40 Ohm on 10 mF do") {
  sim::Cells cells({}, 1);
  sim::Circuit circuit;
  run(circuit, cells, {false, false, true}, {}, 0.4);
  CHECK(circuit.load_v() == doctest::Approx(cells.stack_v() * (1 - std::exp(-1.0))).epsilon(0.02));
  run(circuit, cells, {false, false, true}, {}, 2);
  CHECK(cells.stack_v() - circuit.load_v() < 1);
}

TEST_CASE("closing on an empty load makes a rush of current that ends by itself") {
  sim::Cells cells({}, 1);
  sim::Circuit circuit;
  const double first_a = run(circuit, cells, {false, true, false}, {}, 15e-6, 15e-6);
  CHECK(first_a < -3000);
  CHECK(circuit.is_rushing());
  run(circuit, cells, {false, true, false}, {}, 2e-3, 15e-6);
  CHECK_FALSE(circuit.is_rushing());
}

TEST_CASE("an open path carries nothing, whatever is asked") {
  sim::Cells cells({}, 1);
  sim::Circuit circuit;
  sim::Demand demand;
  demand.load_a = 100;
  demand.charger_a = 100;
  demand.charger_max_v = 58;
  demand.is_shorted = true;
  CHECK(run(circuit, cells, {}, demand, 0.1) == 0);
}

TEST_CASE("the charger gives less at its voltage limit") {
  sim::Cells cells({}, 1);
  sim::Circuit circuit;
  sim::Demand demand;
  demand.charger_a = 100;
  demand.charger_max_v = cells.stack_v() + 0.1;
  const double current_a = run(circuit, cells, {true, false, false}, demand, 1);
  CHECK(current_a > 0);
  CHECK(current_a < 30);
  CHECK(cells.stack_v() == doctest::Approx(demand.charger_max_v).epsilon(0.001));
}

TEST_CASE("load and charger obey a request for zero current") {
  sim::Cells cells({}, 1);
  sim::Circuit circuit;
  sim::Demand demand;
  demand.load_a = 100;
  CHECK(run(circuit, cells, {false, true, false}, demand, 0.5) < -99);
  demand.is_zero_requested = true;
  CHECK(run(circuit, cells, {false, true, false}, demand, 0.2) > -1);
}

TEST_CASE("a welded contact opens no more, and one that was open closes first") {
  sim::Switch contact(true);
  contact.set_welded(true);
  CHECK_FALSE(contact.is_closed());
  contact.command(true, 0);
  CHECK_FALSE(contact.update(24999));
  CHECK(contact.update(25000));
  contact.command(false, 30000);
  CHECK_FALSE(contact.update(1000000));
  CHECK(contact.is_closed());
}

TEST_CASE("noise has the spread that it says, and the same again for its seed") {
  sim::Noise noise(3);
  sim::Noise same(3);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 100000; ++i) {
    const double value = noise.next();
    REQUIRE(value == same.next());
    sum += value;
    squares += value * value;
  }
  CHECK(std::fabs(sum / 100000) < 0.02);
  CHECK(std::sqrt(squares / 100000) == doctest::Approx(1).epsilon(0.02));
}
