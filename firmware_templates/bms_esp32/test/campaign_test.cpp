// The fault campaign: every fault that the simulation knows, in every state.
#include "sim/campaign.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "sim/campaign_plan.h"

TEST_CASE("every fault in every state reaches its safe state within its time") {
  for (const uint64_t seed : {uint64_t{1}, uint64_t{2}}) {
    const std::vector<sim::CampaignRow> rows = sim::run_campaign({}, seed);
    CHECK(rows.size() == sim::campaign_plan({}).size() * 5);
    for (const sim::CampaignRow& row : rows) {
      const std::string text = sim::to_json(row);
      CAPTURE(seed);
      CAPTURE(text);
      CHECK(row.is_passed);
    }
  }
}

TEST_CASE("a pack of MOSFETs passes the same campaign") {
  bms::PackConfig config;
  config.switch_kind = bms::kSwitchKindMosfet;
  for (const sim::CampaignRow& row : sim::run_campaign(config, 1)) {
    const std::string text = sim::to_json(row);
    CAPTURE(text);
    CHECK(row.is_passed);
  }
}

TEST_CASE("the campaign leaves no fault of the simulation out") {
  std::set<sim::SimFault> planned;
  for (const sim::FaultPlan& plan : sim::campaign_plan({})) planned.insert(plan.fault);
  CHECK(planned.size() == sim::kSimFaultCount);
}

TEST_CASE("the campaign sees a protection that is slower than planned") {
  // Planned with the shipped limits, run with a firmware whose limits were loosened.
  bms::PackConfig slow;
  slow.stale_ms = 1000;
  bool is_seen = false;
  for (const sim::CampaignRow& row : sim::run_campaign(slow, 1)) {
    for (const sim::FaultPlan& plan : sim::campaign_plan({})) {
      const bool is_row = row.fault == plan.name && row.fault == "i2c_stuck" &&
                          row.state == sim::CampaignState::kCharging;
      if (is_row && row.time_ms) is_seen = *row.time_ms > plan.limit_ms;
    }
  }
  CHECK(is_seen);
}
