#include "bms/acquisition.h"

#include "bms/plausibility.h"

namespace bms {
namespace {

// A front end that does not take its settings is asked again after this.
constexpr uint32_t kRetryMs = 200;

}  // namespace

void Acquisition::begin(uint32_t now_ms) { updated_ms_ = now_ms; }

void Acquisition::configure_anew() {
  is_configured_ = false;
  is_second_configured_ = false;
  was_tried_ = false;
  afe_hash_ = 0;
}

void Acquisition::update(bool may_configure, const PackConfig& config) {
  is_fresh_ = false;
  has_second_ = false;
  if (!is_configured_ && may_configure) {
    configure(config);
  }
  // After configuring, which takes its time.
  const uint32_t now_ms = clock_.now_ms();
  age_ms_ = add_saturated(age_ms_, elapsed_ms(now_ms, updated_ms_));
  second_age_ms_ = add_saturated(second_age_ms_, elapsed_ms(now_ms, updated_ms_));
  updated_ms_ = now_ms;
  read_second(config);
  if (is_configured_) {
    read_front_end(config);
  }
}

void Acquisition::configure(const PackConfig& config) {
  const uint32_t now_ms = clock_.now_ms();
  if (was_tried_ && elapsed_ms(now_ms, configured_ms_) < kRetryMs) {
    return;
  }
  const FrontEndResult result = front_end_.configure(config);
  const uint64_t hash = front_end_.readback_hash();
  was_tried_ = true;
  configured_ms_ = clock_.now_ms();
  if (result != FrontEndResult::kOk || hash == 0) {
    // A bus that fails says nothing about the settings: the age of the reading will tell.
    is_settings_lost_ = is_settings_lost_ || result != FrontEndResult::kBusFailed;
    return;
  }
  is_configured_ = true;
  is_settings_lost_ = false;
  is_complete_ = false;
  afe_hash_ = hash;
  age_ms_ = 0;
  second_age_ms_ = 0;
  updated_ms_ = configured_ms_;
}

void Acquisition::lose_settings() {
  is_configured_ = false;
  is_settings_lost_ = true;
  was_tried_ = false;
  afe_hash_ = 0;
}

void Acquisition::read_front_end(const PackConfig& config) {
  FrontEndReading reading;
  const FrontEndResult result = front_end_.read(reading);
  if (result == FrontEndResult::kBusFailed || result == FrontEndResult::kFrozen) {
    return;
  }
  if (result != FrontEndResult::kOk || front_end_.readback_hash() != afe_hash_) {
    lose_settings();
    return;
  }
  if (!is_possible(reading, config)) {
    return;
  }
  age_ms_ = 0;
  if (!is_complete_) {
    // A cell that stays at 0 is judged as it is: it may be dead.
    is_complete_ =
        is_every_cell_measured(reading, config) ||
        elapsed_ms(updated_ms_, configured_ms_) >= static_cast<uint32_t>(config.stale_ms);
  }
  if (!is_complete_) {
    return;
  }
  sample_.reading = reading;
  sample_.second_ma = has_second_ ? second_.current_ma : reading.current_ma;
  is_fresh_ = true;
}

void Acquisition::read_second(const PackConfig& config) {
  if (!is_second_configured_ && !sensor_.configure(config)) {
    return;
  }
  CurrentReading reading;
  // After a failed reading it is configured again: it may have been reset.
  is_second_configured_ = sensor_.read(reading) && is_possible(reading);
  if (is_second_configured_) {
    second_ = reading;
    second_age_ms_ = 0;
    has_second_ = true;
  }
}

}  // namespace bms
