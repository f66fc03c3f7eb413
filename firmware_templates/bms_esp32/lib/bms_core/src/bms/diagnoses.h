// Which diagnoses are active and which wait for the operator: delay, release, latch.
#pragma once

#include <stdint.h>

#include "bms/attempts.h"
#include "bms/diagnosis.h"
#include "bms/pack_config.h"

namespace bms {

// One look at one diagnosis. Between bad and good lies its hysteresis.
struct Finding {
  bool is_bad = false;  // beyond the limit
  bool is_good = true;  // at the release or better
  uint8_t subject = 0;  // cell or sensor from 1; 0 for the pack
  int32_t value = 0;
  int32_t limit = 0;
};

enum class Change : uint8_t { kNothing, kTripped, kReleased };

class Diagnoses {
 public:
  // since_ms is the time since the judgement before: while a diagnosis stays bad its counter grows
  // by it, and shrinks by it while it does not. So one odd reading within the delay costs two
  // readings and not the whole delay, and no trip comes later than by plain waiting.
  Change judge(Diagnosis diagnosis, const Finding& finding, uint32_t since_ms, uint32_t now_ms,
               const PackConfig& config);
  // Waits for the operator from now on.
  void latch(Diagnosis diagnosis) { latched_ |= bit_of(diagnosis); }
  // Lets go of a latched diagnosis whose cause is gone; false if there is nothing to let go of.
  bool acknowledge(Diagnosis diagnosis);
  // Forgets releases of over-currents that are more than an hour old. Once a cycle.
  void age(uint32_t now_ms) { releases_.age(now_ms); }

  uint32_t active() const { return active_; }
  uint32_t latched() const { return latched_; }
  // All that has an effect now.
  uint32_t standing() const { return active_ | latched_; }

 private:
  struct Counter {
    uint32_t bad_ms = 0;
    uint32_t good_ms = 0;
    bool was_bad = false;
    bool was_good = false;
  };

  static bool is_tripping(Counter& counter, const Finding& finding, uint32_t since_ms,
                          uint32_t delay_ms);
  static bool is_releasing(Counter& counter, const Finding& finding, uint32_t since_ms,
                           uint32_t delay_ms);

  Counter counters_[kDiagnosisCount] = {};
  uint32_t active_ = 0;
  uint32_t latched_ = 0;
  Attempts releases_;
};

}  // namespace bms
