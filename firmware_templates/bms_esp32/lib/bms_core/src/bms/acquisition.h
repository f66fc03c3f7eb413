// Brings the front end into its settings and takes one reading a cycle of it and of the second
// current sensor. Knows how old the readings are, and whether they may be judged.
#pragma once

#include <stdint.h>

#include "bms/clock.h"
#include "bms/front_end.h"
#include "bms/measure.h"
#include "bms/pack_config.h"

namespace bms {

class Acquisition {
 public:
  Acquisition(FrontEnd& front_end, CurrentSensor& sensor, Clock& clock)
      : front_end_(front_end), sensor_(sensor), clock_(clock) {}

  // Ages count from here.
  void begin(uint32_t now_ms);
  // Both chips get their settings again as soon as the pack is open.
  void configure_anew();
  // may_configure: both paths are open. Configuring stops the front end's protection.
  void update(bool may_configure, const PackConfig& config);

  bool is_configured() const { return is_configured_; }
  // The front end was reset, or does not hold what was written; false again once it does.
  bool is_settings_lost() const { return is_settings_lost_; }
  uint64_t afe_hash() const { return afe_hash_; }

  // There is a new reading of every cell.
  bool is_fresh() const { return is_fresh_; }
  bool has_second() const { return has_second_; }
  // The last valid reading, however old.
  const Sample& sample() const { return sample_; }
  const CurrentReading& second() const { return second_; }
  uint32_t age_ms() const { return age_ms_; }
  uint32_t second_age_ms() const { return second_age_ms_; }

 private:
  void configure(const PackConfig& config);
  void read_front_end(const PackConfig& config);
  void read_second(const PackConfig& config);
  void lose_settings();

  FrontEnd& front_end_;
  CurrentSensor& sensor_;
  Clock& clock_;
  Sample sample_;
  CurrentReading second_;
  uint64_t afe_hash_ = 0;
  uint32_t updated_ms_ = 0;
  uint32_t age_ms_ = 0;
  uint32_t second_age_ms_ = 0;
  uint32_t configured_ms_ = 0;  // or when it was last tried
  bool was_tried_ = false;
  bool is_configured_ = false;
  bool is_second_configured_ = false;
  bool is_settings_lost_ = false;
  bool is_complete_ = false;  // every cell has been measured since it was configured
  bool is_fresh_ = false;
  bool has_second_ = false;
};

}  // namespace bms
