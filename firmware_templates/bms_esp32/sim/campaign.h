// The fault campaign: every fault that a simulated pack can have, in every state, and the time from
// the fault to the state that is safe against it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bms/pack_config.h"
#include "sim/sim_messages.h"

namespace sim {

enum class CampaignState : uint8_t { kIdle, kPrecharge, kCharging, kDischarging, kError };
constexpr CampaignState kCampaignStates[] = {CampaignState::kIdle, CampaignState::kPrecharge,
                                             CampaignState::kCharging, CampaignState::kDischarging,
                                             CampaignState::kError};
const char* name_of(CampaignState state);

enum class SafeState : uint8_t {
  kOpens,         // both paths and the precharge are open, and stay so
  kRefuses,       // it was open, and asking to close does not close it
  kAlarms,        // what can't be opened is told, latched, and the charge path is open
  kNeverCloses,   // precharge is tried and given up
  kResistorOnly,  // the paths are open; precharge is left, which its resistor limits
  kCarriesOn,     // the fault alone is no danger: it goes on, and its protections still act
};
const char* name_of(SafeState state);

struct CampaignRow {
  std::string fault;
  CampaignState state = CampaignState::kIdle;
  SafeState safe_state = SafeState::kOpens;
  std::optional<double> time_ms;  // from the fault; nothing if it was never reached
  double limit_ms = 0;
  std::string diagnosis;  // what the firmware latched for it; empty if nothing
  bool is_passed = false;
};

// One row for each fault and state, with noise and spread of this seed.
std::vector<CampaignRow> run_campaign(const bms::PackConfig& config, uint64_t seed);

// A row as a line of JSON.
std::string to_json(const CampaignRow& row);

}  // namespace sim
