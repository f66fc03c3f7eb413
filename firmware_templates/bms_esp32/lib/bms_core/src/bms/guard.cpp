#include "bms/guard.h"

#include "bms/balancing.h"
#include "bms/config_check.h"
#include "bms/limits.h"
#include "bms/signals.h"

namespace bms {
namespace {

// Cells are chosen anew this often. It spares the bus, keeps neighbours from taking turns at every
// reading, and is well within the time after which the front end stops by itself.
constexpr uint32_t kBalancePeriodMs = 5000;
constexpr uint32_t kClearPauseMs = 1000;
// Init, normal, opening and error may follow within one cycle; nothing needs more.
constexpr int kMostTransitions = 4;

}  // namespace

Guard::Guard(const GuardParts& parts, const PackConfig& built_in)
    : parts_(parts),
      parameters_(parts.storage, built_in),
      acquisition_(parts.front_end, parts.current_sensor, parts.clock),
      charge_(parts.storage),
      trip_log_(parts.storage) {}

void Guard::start() {
  parts_.board.apply(snapshot_.outputs);
  now_ms_ = parts_.clock.now_ms();
  cycled_ms_ = now_ms_;
  judged_ms_ = now_ms_;
  cleared_ms_ = now_ms_ - kClearPauseMs;
  acquisition_.begin(now_ms_);
  const bool are_settings_whole = parameters_.load();
  is_usable_ = check_config(limits()).result == Result::kDone;
  charge_.load(limits());
  trip_log_.load();
  if (!are_settings_whole || !is_usable_) {
    raise(Diagnosis::kSettingsCorrupt, 0, 0);
  }
  const ResetCause cause = parts_.board.reset_cause();
  if (cause == ResetCause::kWatchdog) {
    raise(Diagnosis::kRestartedByWatchdog, 0, 0);
  }
  if (cause == ResetCause::kBrownOut) {
    raise(Diagnosis::kRestartedByBrownOut, 0, 0);
  }
  parameters_.allow_commit(true);
}

void Guard::cycle() {
  now_ms_ = parts_.clock.now_ms();
  const bool was_closed = !is_open();
  adopt_changed_settings();
  snapshot_.inputs = parts_.board.inputs();
  if (is_usable_) {
    acquisition_.update(is_open(), limits());
    now_ms_ = parts_.clock.now_ms();
    judge();
    for (int transition = 0; transition < kMostTransitions; ++transition) {
      advance();
    }
  }
  act();
  keep(was_closed);
  // A failed reading does not keep this from being reached: its age was judged, and the outputs
  // were set from that. Starving the watchdog then would restart a host that works, and with it
  // forget why the pack is open. What does not get here is a host that hangs.
  parts_.board.feed_watchdog();
}

void Guard::adopt_changed_settings() {
  if (!parameters_.take_change()) {
    return;
  }
  is_usable_ = true;
  acquisition_.configure_anew();
  charge_.adapt(limits());
  if (snapshot_.state != State::kError) {
    enter(State::kInit);
  }
}

void Guard::act() {
  show_all();
  // The host's half first: opening must not wait for the bus.
  parts_.board.apply(snapshot_.outputs);
  const FrontEndReading& reading = acquisition_.sample().reading;
  const bool is_as_asked = acquisition_.is_fresh() &&
                           reading.is_charge_switch_on == closed_.charge &&
                           reading.is_discharge_switch_on == closed_.discharge;
  if (is_usable_ && !is_as_asked) {
    parts_.front_end.switch_paths(closed_);
  }
  // While a contactor waits to open, the front end's own trip must stay.
  const uint8_t left_over =
      is_open() ? afe_trips_.all() : afe_trips_.left_over(diagnoses_.active());
  const bool may_clear =
      snapshot_.state != State::kOpening && elapsed_ms(now_ms_, cleared_ms_) >= kClearPauseMs;
  if (left_over != 0 && may_clear) {
    parts_.front_end.clear_trips();
    cleared_ms_ = now_ms_;
  }
  balance();
}

void Guard::balance() {
  if (!acquisition_.is_configured()) {
    snapshot_.balancing = 0;
    is_balance_sent_ = false;
    return;
  }
  const bool is_state_right = snapshot_.state == State::kIdle || snapshot_.state == State::kNormal;
  const bool is_allowed = is_state_right && diagnoses_.active() == 0 && acquisition_.is_fresh() &&
                          is_balancing_useful(acquisition_.sample(), limits());
  const bool is_due = elapsed_ms(now_ms_, balanced_ms_) >= kBalancePeriodMs;
  const uint16_t before = snapshot_.balancing;
  if (!is_allowed) {
    snapshot_.balancing = 0;
  } else if (is_due) {
    const FrontEndReading& reading = acquisition_.sample().reading;
    snapshot_.balancing =
        choose_balancing(before, reading, summarise_cells(reading, limits()), limits());
  }
  const bool is_changed = snapshot_.balancing != before;
  const bool is_refreshed = is_due && snapshot_.balancing != 0;
  if (is_changed || is_refreshed || !is_balance_sent_) {
    is_balance_sent_ = parts_.front_end.balance(snapshot_.balancing) == FrontEndResult::kOk;
  }
  if (is_due) {
    balanced_ms_ = now_ms_;
  }
}

void Guard::count_charge(bool was_closed) {
  const Sample& sample = acquisition_.sample();
  ChargeMoment moment;
  moment.since_ms = elapsed_ms(now_ms_, cycled_ms_);
  moment.was_closed = was_closed;
  moment.has_cells = acquisition_.is_fresh();
  moment.has_current = acquisition_.is_fresh() || acquisition_.has_second();
  moment.current_ma =
      acquisition_.is_fresh() ? sample.reading.current_ma : acquisition_.second().current_ma;
  moment.cells = summarise_cells(sample.reading, limits());
  charge_.count(moment, limits());
}

void Guard::keep(bool was_closed) {
  if (is_usable_) {
    count_charge(was_closed);
    charge_.save(now_ms_, !is_open(), limits());
  }
  cycled_ms_ = now_ms_;
  trip_log_.save(now_ms_);
  snapshot_.soc_permille = charge_.permille();
  snapshot_.soc_error_permille = charge_.error_permille();
}

void Guard::show_all() {
  if (acquisition_.is_fresh()) {
    const Sample& sample = acquisition_.sample();
    snapshot_.has_reading = true;
    snapshot_.reading = sample.reading;
    snapshot_.charge_limit_ma = charge_limit_ma(sample.reading, limits());
    snapshot_.warnings = find_warnings(sample, summarise_cells(sample.reading, limits()),
                                       snapshot_.charge_limit_ma, limits());
  }
  snapshot_.second = acquisition_.second();
  snapshot_.reading_age_ms = acquisition_.age_ms();
  const uint16_t unsaved = bit_of(Warning::kChargeUnsaved);
  snapshot_.warnings = static_cast<uint16_t>((snapshot_.warnings & ~unsaved) |
                                             (charge_.is_unsaved() ? unsaved : 0U));
  snapshot_.active = diagnoses_.active();
  snapshot_.latched = diagnoses_.latched();
  Outputs& outputs = snapshot_.outputs;
  outputs.charge_enable = closed_.charge;
  outputs.discharge_enable = closed_.discharge;
  outputs.precharge_enable = precharge_.is_on();
  outputs.zero_current_request = snapshot_.state == State::kOpening;
  show({snapshot_.state, snapshot_.active, snapshot_.latched, snapshot_.warnings, is_silenced_},
       outputs);
}

}  // namespace bms
