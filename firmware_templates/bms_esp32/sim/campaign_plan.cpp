#include "sim/campaign_plan.h"

#include <algorithm>

namespace sim {
namespace {

constexpr double kSwitchMs = 12;             // a contactor's, see switch.h; a MOSFET is faster
constexpr double kStepMs = 10;               // of the simulation
constexpr double kScanMs = 63;               // the front end measures cells once in it
constexpr double kFullScanMs = 3 * kScanMs;  // and thermistors once in this
constexpr double kWireCheckMs = 1000;        // as the driver sets it
constexpr double kFrozenMs = 300;            // after which the driver calls old values frozen
constexpr double kBusTimeoutsMs = 200;       // a cycle in which every transfer and repeat times out
constexpr double kObeyMs = 50;               // charger and load, see circuit.h

using S = SafeState;
constexpr std::array<S, 5> kOpensWhereClosed = {S::kRefuses, S::kOpens, S::kOpens, S::kOpens,
                                                S::kRefuses};
constexpr std::array<S, 5> kCarriesOnWhereClosed = {S::kCarriesOn, S::kCarriesOn, S::kCarriesOn,
                                                    S::kCarriesOn, S::kRefuses};
// Without current nothing tells an open shunt from a whole one.
constexpr std::array<S, 5> kOpensUnderCurrent = {S::kCarriesOn, S::kCarriesOn, S::kOpens, S::kOpens,
                                                 S::kRefuses};
constexpr std::array<S, 5> kAlarmsWhereClosed = {S::kCarriesOn, S::kAlarms, S::kAlarms, S::kAlarms,
                                                 S::kRefuses};
// A MOSFET shows no contact: what tells is current, which there is none of before closing.
constexpr std::array<S, 5> kAlarmsUnderCurrent = {S::kCarriesOn, S::kCarriesOn, S::kAlarms,
                                                  S::kAlarms, S::kRefuses};
constexpr std::array<S, 5> kNeverClosesAnew = {S::kNeverCloses, S::kNeverCloses, S::kCarriesOn,
                                               S::kCarriesOn, S::kRefuses};
// Two faults at once: the front end opens both paths, and has no hold on the precharge.
constexpr std::array<S, 5> kFrontEndAlone = {S::kRefuses, S::kResistorOnly, S::kOpens, S::kOpens,
                                             S::kRefuses};
constexpr std::array<S, 5> kShort = {S::kNeverCloses, S::kNeverCloses, S::kOpens, S::kOpens,
                                     S::kRefuses};

double asking_ms(const bms::PackConfig& config) {
  return config.switch_kind == bms::kSwitchKindContactor ? std::max(config.open_request_ms, 0) : 0;
}

}  // namespace

double cell_limit_ms(const bms::PackConfig& config, bool is_high) {
  const double delay_ms = is_high ? config.cell_ov_delay_ms : config.cell_uv_delay_ms;
  return delay_ms + kScanMs + 2.0 * config.afe_period_ms + asking_ms(config) + kSwitchMs + kStepMs;
}

double precharge_limit_ms(const bms::PackConfig& config) {
  const double try_ms = config.precharge_timeout_ms + config.precharge_pause_ms;
  return config.precharge_attempts * try_ms + 2.0 * config.afe_period_ms + kStepMs;
}

std::vector<FaultPlan> campaign_plan(const bms::PackConfig& config) {
  const bool is_contactor = config.switch_kind == bms::kSwitchKindContactor;
  const double reading_ms = 2.0 * config.afe_period_ms + kStepMs;
  const double urgent_ms = reading_ms + kSwitchMs;
  const double asked_ms = urgent_ms + asking_ms(config);
  const double stale_ms = config.stale_ms + urgent_ms;
  const double thermistor_ms = config.temp_delay_ms + kFullScanMs + asked_ms;
  const double silent_ms = config.afe_watchdog_ms + kSwitchMs + kStepMs;
  const double weld_ms = config.weld_delay_ms + asked_ms + kObeyMs;
  const double short_ms = config.scd_delay_us / 1000.0 + kSwitchMs + 0.1;
  return {
      {"tap_open", SimFault::kTapOpen, 7, false, kOpensWhereClosed,
       2 * kWireCheckMs + kScanMs + asked_ms},
      {"ntc_open", SimFault::kNtcOpen, 2, false, kOpensWhereClosed, thermistor_ms},
      {"ntc_short", SimFault::kNtcShort, 2, false, kOpensWhereClosed, thermistor_ms},
      {"afe_hang", SimFault::kAfeHang, 0, false, kOpensWhereClosed, kFrozenMs + kScanMs + stale_ms},
      {"afe_reset", SimFault::kAfeReset, 0, false, kOpensWhereClosed, urgent_ms},
      {"afe_blind", SimFault::kAfeBlind, 0, false, kCarriesOnWhereClosed, 0},
      {"i2c_stuck", SimFault::kI2cStuck, 0, false, kOpensWhereClosed, stale_ms + kBusTimeoutsMs},
      {"i2c_noise", SimFault::kI2cNoise, 0, false, kCarriesOnWhereClosed, 0},
      {"host_hang", SimFault::kHostHang, 0, false, kOpensWhereClosed, silent_ms},
      {"host_hang without watchdog", SimFault::kHostHang, 0, true, kFrontEndAlone, silent_ms},
      {"watchdog_off", SimFault::kWatchdogOff, 0, false, kCarriesOnWhereClosed, 0},
      {"ina_dead", SimFault::kInaDead, 0, false, kOpensWhereClosed, config.stale_ms + asked_ms},
      {"shunt_open", SimFault::kShuntOpen, 0, false, kOpensUnderCurrent,
       config.current_mismatch_delay_ms + asked_ms},
      {"contactor_weld", SimFault::kContactorWeld, 0, false,
       is_contactor ? kAlarmsWhereClosed : kAlarmsUnderCurrent, weld_ms},
      {"precharge_open", SimFault::kPrechargeOpen, 0, false, kNeverClosesAnew, 0},
      {"brown_out", SimFault::kBrownOut, 0, false, kOpensWhereClosed, kSwitchMs + kStepMs},
      {"settings_corrupt", SimFault::kSettingsCorrupt, 0, false, kOpensWhereClosed,
       kSwitchMs + kStepMs},
      {"storage_fails", SimFault::kStorageFails, 0, false, kCarriesOnWhereClosed, 0},
      {"short_circuit", SimFault::kShortCircuit, 0, false, kShort, short_ms},
      {"cells_unmeasured", SimFault::kCellsUnmeasured, 0, false, kOpensWhereClosed, stale_ms},
  };
}

}  // namespace sim
