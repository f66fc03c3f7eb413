// What must hold whatever happens: random operators, loads, chargers, weather and one fault at a
// time on the whole firmware. A failure prints the seed of its case, which repeats it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "bms/diagnosis.h"
#include "sim/campaign_plan.h"
#include "test/whole_pack.h"

using bms::Command;
using sim::SimFault;
using sim::SimQuantity;

namespace {

constexpr int kCases = 300;
constexpr int kSlices = 4000;  // of 10 ms: 40 s a case
constexpr double kSliceMs = 10;

// From the limit's delay to the open contact: two readings, the scan of the front end, asking for
// zero current, the contactor, and the slice in which this test looks.
double slack_ms(const bms::PackConfig& config) {
  return 2.0 * config.afe_period_ms + 3 * 63 + config.open_request_ms + 12 + 2 * kSliceMs;
}

// How long a quantity was beyond its limit with its path closed, against how long it may be.
class Exposure {
 public:
  explicit Exposure(double allowed_ms) : allowed_ms_(allowed_ms) {}

  void note(bool is_exposed) {
    held_ms_ = is_exposed ? held_ms_ + kSliceMs : 0;
    longest_ms_ = std::max(longest_ms_, held_ms_);
  }
  bool is_within() const { return longest_ms_ <= allowed_ms_; }
  double longest_ms() const { return longest_ms_; }
  double allowed_ms() const { return allowed_ms_; }

 private:
  double allowed_ms_;
  double held_ms_ = 0;
  double longest_ms_ = 0;
};

class Case {
 public:
  explicit Case(uint64_t seed) : random_(seed), whole_(seed) {
    const std::vector<sim::FaultPlan> plans = sim::campaign_plan(whole_.config);
    // Every third case is without a fault; the double fault of the campaign is none of these.
    do {
      plan_ = plans[random_() % plans.size()];
    } while (plan_.is_watchdog_off);
    has_fault_ = seed % 3 != 0;
    const double late_ms = slack_ms(whole_.config) + (has_fault_ ? plan_.limit_ms : 0);
    const bms::PackConfig& config = whole_.config;
    high_ = Exposure(config.cell_ov_delay_ms + late_ms);
    low_ = Exposure(config.cell_uv_delay_ms + late_ms);
    temps_.assign(4 * static_cast<size_t>(config.ntc_count),
                  Exposure(config.temp_delay_ms + late_ms));
    slow_ = Exposure(config.oc_slow_delay_ms + late_ms);
    fast_ = Exposure(std::max(config.oc_fast_delay_ms, config.afe_oc_delay_ms) + late_ms);
    latched_ = Exposure(late_ms);
    unread_ = Exposure(late_ms);
  }

  void run() {
    whole_.run_s(2);
    for (int slice = 0; slice < kSlices; ++slice) {
      if (slice >= next_act_) {
        act();
        next_act_ = slice + 1 + static_cast<int>(random_() % 200);
      }
      whole_.run_ms(static_cast<uint64_t>(kSliceMs));
      look();
    }
  }

  void judge() {
    check(high_, "a cell above its limit");
    check(low_, "a cell below its limit");
    for (const Exposure& temp : temps_) check(temp, "a temperature beyond a limit");
    check(slow_, "a current above its slow limit");
    check(fast_, "a current above its fast limit");
    check(latched_, "a latched diagnosis that opens");
    check(unread_, "an output without readback");
    CHECK_FALSE(has_closed_latched_);
    CHECK_FALSE(has_closed_unread_);
  }

  bool has_closed() const { return has_closed_; }
  bool has_tripped() const { return has_tripped_; }
  // Whether a cell was beyond its limit, with the path closed, for as long as the delay.
  bool has_been_exposed() const {
    return high_.longest_ms() >= whole_.config.cell_ov_delay_ms ||
           low_.longest_ms() >= whole_.config.cell_uv_delay_ms;
  }
  std::string fault() const { return has_fault_ ? plan_.name : "none"; }

 private:
  static void check(const Exposure& exposure, const std::string& what) {
    CAPTURE(what);
    CAPTURE(exposure.longest_ms());
    CAPTURE(exposure.allowed_ms());
    CHECK(exposure.is_within());
  }

  int32_t between(int32_t least, int32_t most) {
    return least + static_cast<int32_t>(random_() % static_cast<uint32_t>(most - least + 1));
  }

  void act() {
    sim::SimulatedPack& pack = whole_.pack;
    switch (random_() % 12) {
      case 0:
      case 1:
        pack.request(Command::kAcknowledge);
        pack.request(Command::kClose);
        break;
      case 2:
        pack.request(random_() % 4 == 0 ? Command::kOpen : Command::kClose);
        break;
      case 3:
        pack.set(SimQuantity::kLoadCurrentMa, between(0, 320000));
        break;
      case 4:
        pack.set(SimQuantity::kChargerCurrentMa, between(0, 320000));
        break;
      case 5:
        pack.set(SimQuantity::kLoadCurrentMa, 0);
        pack.set(SimQuantity::kChargerCurrentMa, between(0, 100000));
        break;
      case 6:
        pack.set(SimQuantity::kSocPermille, between(0, 1000));
        break;
      case 7: {
        const uint8_t cell = index(16);
        pack.set(SimQuantity::kCellMv, between(1800, 3900), cell);
        break;
      }
      case 8:
        for (uint8_t cell = 0; cell < 16; ++cell) pack.set(SimQuantity::kCellMv, -1, cell);
        break;
      case 9: {
        const uint8_t sensor = index(8);
        pack.set(SimQuantity::kSensorDdegc, between(-250, 700), sensor);
        break;
      }
      case 10:
        for (uint8_t i = 0; i < 8; ++i) pack.set(SimQuantity::kSensorDdegc, INT16_MIN, i);
        break;
      default:
        if (has_fault_) pack.inject(plan_.fault, plan_.index, random_() % 2 == 0);
    }
  }

  uint8_t index(uint32_t count) { return static_cast<uint8_t>(random_() % count); }

  void look() {
    const bms::PackConfig& config = whole_.config;
    const sim::Plant& plant = whole_.pack.plant();
    const bool charge = plant.is_charge_closed();
    // A welded contact is the one thing that no firmware opens: see the campaign for its alarm.
    const bool is_weld = has_fault_ && plan_.fault == SimFault::kContactorWeld;
    const bool discharge = plant.is_discharge_closed() && !is_weld;
    const double cell_error_v = config.cell_error_mv / 1000.0;
    high_.note(charge && plant.cell_max_v() > config.cell_ov_trip_mv / 1000.0 + cell_error_v);
    low_.note(discharge && plant.cell_min_v() < config.cell_uv_trip_mv / 1000.0 - cell_error_v);
    note_temperatures(charge, discharge);
    // What the shunt's own error hides, on top of the limit.
    const auto is_above = [&](int32_t limit_ma) {
      const double limit_a = limit_ma / 1000.0 * (1 + config.current_error_ppm * 1e-6) + 0.2;
      return (charge && plant.current_a() > limit_a) || (discharge && plant.current_a() < -limit_a);
    };
    slow_.note(is_above(config.oc_slow_trip_ma));
    fast_.note(is_above(config.oc_fast_trip_ma));
    note_guard(charge, discharge);
  }

  void note_temperatures(bool charge, bool discharge) {
    const bms::PackConfig& config = whole_.config;
    const sim::Plant& plant = whole_.pack.plant();
    const double error_c = config.temp_error_ddegc / 10.0;
    for (size_t i = 0; i < plant.sensor_count(); ++i) {
      const double celsius = plant.sensor_c(i);
      const auto is_above = [&](int32_t ddegc) { return celsius > ddegc / 10.0 + error_c; };
      const auto is_below = [&](int32_t ddegc) { return celsius < ddegc / 10.0 - error_c; };
      temps_[4 * i].note(charge && is_above(config.charge_ot_trip_ddegc));
      temps_[4 * i + 1].note(charge && is_below(config.charge_ut_trip_ddegc));
      temps_[4 * i + 2].note(discharge && is_above(config.discharge_ot_trip_ddegc));
      temps_[4 * i + 3].note(discharge && is_below(config.discharge_ut_trip_ddegc));
    }
  }

  void note_guard(bool charge, bool discharge) {
    sim::SimulatedPack& pack = whole_.pack;
    const bool is_closed = charge || discharge;
    const bool has_closed_now = is_closed && !was_closed_;
    was_closed_ = is_closed;
    has_closed_ = has_closed_ || is_closed;
    if (!pack.is_host_running()) return;
    const uint32_t latched = pack.guard().snapshot().latched;
    has_tripped_ = has_tripped_ || pack.guard().snapshot().active != 0;
    latched_.note(is_closed && (latched & bms::kOpenSet) != 0);
    unread_.note(is_closed && pack.guard().afe_hash() == 0);
    has_closed_latched_ = has_closed_latched_ || (has_closed_now && latched != 0);
    has_closed_unread_ = has_closed_unread_ || (has_closed_now && pack.guard().afe_hash() == 0);
  }

  std::mt19937_64 random_;
  WholePack whole_;
  sim::FaultPlan plan_ = {};
  bool has_fault_ = false;
  int next_act_ = 0;
  Exposure high_{0};
  Exposure low_{0};
  std::vector<Exposure> temps_;  // for each sensor its four limits
  Exposure slow_{0};
  Exposure fast_{0};
  Exposure latched_{0};
  Exposure unread_{0};
  bool was_closed_ = false;
  bool has_closed_ = false;
  bool has_tripped_ = false;
  bool has_closed_latched_ = false;
  bool has_closed_unread_ = false;
};

}  // namespace

TEST_CASE("no cell, current or temperature stays outside its limit longer than its delay allows") {
  int closed = 0;
  int tripped = 0;
  int exposed = 0;
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    Case one(seed);
    one.run();
    CAPTURE(seed);
    CAPTURE(one.fault());
    one.judge();
    closed += one.has_closed() ? 1 : 0;
    tripped += one.has_tripped() ? 1 : 0;
    exposed += one.has_been_exposed() ? 1 : 0;
  }
  // Else nothing was shown: packs that never closed, or never had a reason to open.
  MESSAGE(closed << " closed, " << tripped << " tripped, " << exposed << " exposed");
  CHECK(closed > kCases / 2);
  CHECK(tripped > kCases / 2);
  CHECK(exposed > kCases / 10);
}

TEST_CASE("a pack without its protections would be found out by the same test") {
  // The same measure of exposure on a firmware whose over-voltage limit is far too high.
  bms::PackConfig loose;
  loose.cell_ov_trip_mv = 3900;
  loose.cell_ov_damage_mv = 4400;
  loose.afe_cov_mv = 4300;
  WholePack whole(1, loose);
  REQUIRE(whole.close());
  whole.pack.set(SimQuantity::kCellMv, 3800, 2);
  const bms::PackConfig shipped;
  Exposure high(shipped.cell_ov_delay_ms + slack_ms(shipped));
  for (int slice = 0; slice < 500; ++slice) {
    whole.run_ms(static_cast<uint64_t>(kSliceMs));
    high.note(whole.pack.plant().is_charge_closed() &&
              whole.pack.plant().cell_max_v() > shipped.cell_ov_trip_mv / 1000.0);
  }
  CHECK_FALSE(high.is_within());
}
