// What is expected of each fault in each state, and within which time. Limits follow from the
// configuration: delay of the protection, what measuring takes, and what the switch takes.
#pragma once

#include <array>
#include <vector>

#include "bms/pack_config.h"
#include "sim/campaign.h"
#include "sim/sim_messages.h"

namespace sim {

struct FaultPlan {
  const char* name;
  SimFault fault;
  uint8_t index;
  bool is_watchdog_off;               // besides: the host's own watchdog is not there
  std::array<SafeState, 5> expected;  // in the order of kCampaignStates
  double limit_ms;                    // from the fault to the safe state
};

std::vector<FaultPlan> campaign_plan(const bms::PackConfig& config);

// Until the path opens after a cell passed its voltage limit: delay, measuring, asking for zero
// current, switch.
double cell_limit_ms(const bms::PackConfig& config, bool is_high);

// Until precharge is given up.
double precharge_limit_ms(const bms::PackConfig& config);

}  // namespace sim
