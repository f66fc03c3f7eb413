#include "bms/diagnoses.h"

#include "bms/clock.h"
#include "bms/config_words.h"

namespace bms {
namespace {

uint32_t delay_of(FieldId field, const PackConfig& config) {
  return field == kNone ? 0U : static_cast<uint32_t>(field_value(config, field));
}

// A delay shorter than the time between two readings can't be measured: one reading is enough.
uint32_t trip_delay_of(const DiagnosisRow& row, const PackConfig& config) {
  const uint32_t delay_ms = delay_of(row.delay, config);
  return delay_ms < static_cast<uint32_t>(config.afe_period_ms) ? 0U : delay_ms;
}

}  // namespace

bool Diagnoses::is_tripping(Counter& counter, const Finding& finding, uint32_t since_ms,
                            uint32_t delay_ms) {
  if (!finding.is_bad) {
    counter.was_bad = false;
    counter.bad_ms -= counter.bad_ms < since_ms ? counter.bad_ms : since_ms;
    return false;
  }
  if (counter.was_bad) {
    counter.bad_ms = add_saturated(counter.bad_ms, since_ms);
  }
  counter.was_bad = true;
  return counter.bad_ms >= delay_ms;
}

bool Diagnoses::is_releasing(Counter& counter, const Finding& finding, uint32_t since_ms,
                             uint32_t delay_ms) {
  counter.good_ms = counter.was_good ? add_saturated(counter.good_ms, since_ms) : 0U;
  counter.was_good = finding.is_good;
  return finding.is_good && counter.good_ms >= delay_ms;
}

Change Diagnoses::judge(Diagnosis diagnosis, const Finding& finding, uint32_t since_ms,
                        uint32_t now_ms, const PackConfig& config) {
  const DiagnosisRow& row = row_of(diagnosis);
  const uint32_t bit = bit_of(diagnosis);
  Counter& counter = counters_[static_cast<size_t>(diagnosis)];
  const bool is_counted = (row.traits & kCounted) != 0;
  if ((active_ & bit) == 0) {
    if (!is_tripping(counter, finding, since_ms, trip_delay_of(row, config))) {
      return Change::kNothing;
    }
    active_ |= bit;
    const bool is_used_up = is_counted && releases_.count() >= config.oc_attempts;
    if (is_used_up || (row.traits & kLatched) != 0) {
      latched_ |= bit;
    }
  } else {
    if (!is_releasing(counter, finding, since_ms, delay_of(row.release_delay, config))) {
      return Change::kNothing;
    }
    active_ &= ~bit;
    if (is_counted) {
      releases_.note(now_ms);
    }
  }
  counter = Counter{};
  return (active_ & bit) != 0 ? Change::kTripped : Change::kReleased;
}

bool Diagnoses::acknowledge(Diagnosis diagnosis) {
  const uint32_t bit = bit_of(diagnosis);
  if ((latched_ & ~active_ & bit) == 0) {
    return false;
  }
  latched_ &= ~bit;
  if ((row_of(diagnosis).traits & kCounted) != 0) {
    releases_.forget();
  }
  return true;
}

}  // namespace bms
