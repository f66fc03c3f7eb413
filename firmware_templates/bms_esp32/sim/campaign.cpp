#include "sim/campaign.h"

#include <algorithm>
#include <cstdio>

#include "sim/campaign_plan.h"
#include "sim/server.h"
#include "sim/simulated_pack.h"

namespace sim {
namespace {

constexpr uint64_t kSecondUs = 1000000;
constexpr int32_t kCurrentMa = 60000;
constexpr uint64_t kObservedSeconds = 5;
constexpr size_t kSecondCell = 3;  // the one that a second cause then happens to

uint64_t to_us(double ms) { return static_cast<uint64_t>(ms * 1000); }

// One fault in one state, on a pack of its own.
class Trial {
 public:
  Trial(const bms::PackConfig& config, uint64_t seed) : config_(config) {
    pack_ = std::make_unique<SimulatedPack>(PackSetup{config, seed, 0}, storage_, sink_);
  }

  bool reach(CampaignState state);
  void inject(const FaultPlan& plan);
  void observe(const FaultPlan& plan, CampaignRow& row);

 private:
  void observe_opening(const FaultPlan& plan, CampaignRow& row);
  void observe_refusal(const FaultPlan& plan, CampaignRow& row);
  void observe_alarm(const FaultPlan& plan, CampaignRow& row);
  void observe_precharge(CampaignRow& row);
  void observe_precharge_left_on(CampaignRow& row);
  void observe_carrying_on(CampaignRow& row);
  bool stays_open(bool is_asked_to_close);
  bool is_in(bms::State state) { return pack_->guard().snapshot().state == state; }
  double since_fault_ms(uint64_t at_us) const {
    return at_us > fault_at_us_ ? static_cast<double>(at_us - fault_at_us_) / 1000 : 0;
  }
  std::string new_diagnosis();

  bms::PackConfig config_;
  SimulatedStorage storage_;
  SilentSink sink_;
  std::unique_ptr<SimulatedPack> pack_;
  CampaignState state_ = CampaignState::kIdle;
  uint64_t fault_at_us_ = 0;
  uint32_t latched_before_ = 0;
};

bool Trial::reach(CampaignState state) {
  state_ = state;
  pack_->advance(3 * kSecondUs);
  switch (state) {
    case CampaignState::kIdle:
      return is_in(bms::State::kIdle);
    case CampaignState::kPrecharge:
      pack_->request(bms::Command::kClose);
      pack_->advance(kSecondUs / 5);
      return is_in(bms::State::kPrecharge);
    case CampaignState::kCharging:
    case CampaignState::kDischarging: {
      pack_->request(bms::Command::kClose);
      pack_->advance(5 * kSecondUs);
      const bool is_charging = state == CampaignState::kCharging;
      pack_->set(is_charging ? SimQuantity::kChargerCurrentMa : SimQuantity::kLoadCurrentMa,
                 kCurrentMa);
      pack_->advance(5 * kSecondUs);
      return is_in(bms::State::kNormal) && pack_->plant().is_charge_closed() &&
             pack_->plant().is_discharge_closed();
    }
    case CampaignState::kError:
      pack_->set(SimQuantity::kCellMv, config_.cell_ov_damage_mv + 50, 0);
      pack_->advance(to_us(config_.cell_ov_delay_ms) + kSecondUs);
      pack_->set(SimQuantity::kCellMv, -1, 0);
      pack_->advance(kSecondUs);
      return is_in(bms::State::kError);
  }
  return false;
}

void Trial::inject(const FaultPlan& plan) {
  fault_at_us_ = pack_->now_us();
  latched_before_ = pack_->guard().snapshot().latched;
  if (plan.is_watchdog_off) pack_->inject(SimFault::kWatchdogOff);
  pack_->inject(plan.fault, plan.index);
}

std::string Trial::new_diagnosis() {
  const uint32_t latched = pack_->guard().snapshot().latched & ~latched_before_;
  std::string names;
  for (size_t i = 0; i < bms::kDiagnosisCount; ++i) {
    if ((latched >> i & 1U) == 0) continue;
    names += (names.empty() ? "" : "+") + std::string(bms::kDiagnosisNames[i]);
  }
  return names;
}

bool Trial::stays_open(bool is_asked_to_close) {
  for (uint64_t second = 0; second < kObservedSeconds; ++second) {
    if (is_asked_to_close) pack_->request(bms::Command::kClose);
    for (int i = 0; i < 20; ++i) {
      pack_->advance(kSecondUs / 20);
      if (pack_->plant().is_anything_closed()) return false;
    }
  }
  return true;
}

void Trial::observe_opening(const FaultPlan& plan, CampaignRow& row) {
  row.limit_ms = plan.limit_ms;
  pack_->advance(to_us(plan.limit_ms) + kSecondUs);
  const Plant& plant = pack_->plant();
  if (plant.is_anything_closed()) return;
  uint64_t opened_us = std::max(plant.discharge_opened_us(), plant.precharge_ended_us());
  // A short circuit is over when the load's path is open; the other follows with the next reading.
  if (plan.fault != SimFault::kShortCircuit) {
    opened_us = std::max(opened_us, plant.charge_opened_us());
  }
  row.time_ms = since_fault_ms(opened_us);
  row.is_passed = *row.time_ms <= row.limit_ms && stays_open(false);
}

// Asked only once the fault must have been found: before, nothing speaks against closing.
void Trial::observe_refusal(const FaultPlan& plan, CampaignRow& row) {
  const uint64_t wait_us = to_us(plan.limit_ms) + kSecondUs;
  for (uint64_t waited_us = 0; waited_us < wait_us; waited_us += kSecondUs / 20) {
    pack_->advance(kSecondUs / 20);
    if (pack_->plant().is_anything_closed()) return;
  }
  row.is_passed = stays_open(true);
  if (row.is_passed) row.time_ms = 0;
}

void Trial::observe_alarm(const FaultPlan& plan, CampaignRow& row) {
  row.limit_ms = plan.limit_ms;
  pack_->advance(3 * kSecondUs);  // a contact welds while it is closed
  fault_at_us_ = pack_->now_us();
  pack_->request(bms::Command::kOpen);
  const uint32_t welded = 1U << static_cast<uint32_t>(bms::Diagnosis::kSwitchWelded);
  for (double waited_ms = 0; waited_ms < plan.limit_ms + 1000; waited_ms += 10) {
    pack_->advance(kSecondUs / 100);
    if ((pack_->guard().snapshot().latched & welded) == 0) continue;
    row.time_ms = since_fault_ms(pack_->now_us());
    const bool is_heard = pack_->guard().snapshot().outputs.sound != bms::Sound::kSilent;
    row.is_passed = *row.time_ms <= row.limit_ms && is_heard && !pack_->plant().is_charge_closed();
    return;
  }
}

void Trial::observe_precharge(CampaignRow& row) {
  row.limit_ms = precharge_limit_ms(config_);
  if (state_ == CampaignState::kIdle) pack_->request(bms::Command::kClose);
  const uint32_t failed = 1U << static_cast<uint32_t>(bms::Diagnosis::kPrechargeFailed);
  for (double waited_ms = 0; waited_ms < row.limit_ms + 1000; waited_ms += 10) {
    pack_->advance(kSecondUs / 100);
    if (pack_->plant().is_charge_closed() || pack_->plant().is_discharge_closed()) return;
    if ((pack_->guard().snapshot().latched & failed) == 0) continue;
    row.time_ms = since_fault_ms(pack_->now_us());
    row.is_passed = *row.time_ms <= row.limit_ms && stays_open(true);
    return;
  }
}

void Trial::observe_precharge_left_on(CampaignRow& row) {
  pack_->advance(kObservedSeconds * kSecondUs);
  row.is_passed = !pack_->plant().is_charge_closed() && !pack_->plant().is_discharge_closed();
  if (row.is_passed) row.time_ms = 0;
}

// It goes on as it was; and the protections still act when something else happens.
void Trial::observe_carrying_on(CampaignRow& row) {
  const bool was_closed = state_ != CampaignState::kIdle;
  pack_->advance(kObservedSeconds * kSecondUs);
  const Plant& plant = pack_->plant();
  if (!was_closed) {
    row.is_passed = is_in(bms::State::kIdle) && !plant.is_anything_closed();
    if (row.is_passed) row.time_ms = 0;
    return;
  }
  if (!plant.is_charge_closed() || !plant.is_discharge_closed()) return;
  const bool is_high = state_ != CampaignState::kDischarging;
  row.limit_ms = cell_limit_ms(config_, is_high);
  fault_at_us_ = pack_->now_us();
  pack_->set(SimQuantity::kCellMv,
             is_high ? config_.cell_ov_trip_mv + 30 : config_.cell_uv_trip_mv - 30, kSecondCell);
  pack_->advance(to_us(row.limit_ms) + kSecondUs);
  if (is_high ? plant.is_charge_closed() : plant.is_discharge_closed()) return;
  row.time_ms = since_fault_ms(is_high ? plant.charge_opened_us() : plant.discharge_opened_us());
  row.is_passed = *row.time_ms <= row.limit_ms;
}

void Trial::observe(const FaultPlan& plan, CampaignRow& row) {
  switch (row.safe_state) {
    case SafeState::kOpens:
      observe_opening(plan, row);
      break;
    case SafeState::kRefuses:
      observe_refusal(plan, row);
      break;
    case SafeState::kAlarms:
      observe_alarm(plan, row);
      break;
    case SafeState::kNeverCloses:
      observe_precharge(row);
      break;
    case SafeState::kResistorOnly:
      observe_precharge_left_on(row);
      break;
    case SafeState::kCarriesOn:
      observe_carrying_on(row);
      break;
  }
  row.diagnosis = new_diagnosis();
}

}  // namespace

const char* name_of(CampaignState state) {
  static constexpr const char* kNames[] = {"idle", "precharge", "charging", "discharging", "error"};
  return kNames[static_cast<size_t>(state)];
}

const char* name_of(SafeState state) {
  static constexpr const char* kNames[] = {"opens",        "refuses to close", "alarms",
                                           "never closes", "resistor only",    "carries on"};
  return kNames[static_cast<size_t>(state)];
}

std::vector<CampaignRow> run_campaign(const bms::PackConfig& config, uint64_t seed) {
  std::vector<CampaignRow> rows;
  for (const FaultPlan& plan : campaign_plan(config)) {
    for (const CampaignState state : kCampaignStates) {
      CampaignRow row;
      row.fault = plan.name;
      row.state = state;
      row.safe_state = plan.expected[static_cast<size_t>(state)];
      Trial trial(config, seed);
      if (trial.reach(state)) {
        trial.inject(plan);
        trial.observe(plan, row);
      } else {
        row.diagnosis = "the state was not reached";
      }
      rows.push_back(row);
    }
  }
  return rows;
}

std::string to_json(const CampaignRow& row) {
  char time[32] = "null";
  if (row.time_ms) std::snprintf(time, sizeof(time), "%.3f", *row.time_ms);
  char limit[32];
  std::snprintf(limit, sizeof(limit), "%.3f", row.limit_ms);
  return "{\"fault\": \"" + row.fault + "\", \"state\": \"" + name_of(row.state) +
         "\", \"safe_state\": \"" + name_of(row.safe_state) + "\", \"time_ms\": " + time +
         ", \"limit_ms\": " + limit + ", \"diagnosis\": \"" + row.diagnosis +
         "\", \"passed\": " + (row.is_passed ? "true" : "false") + "}";
}

}  // namespace sim
