// What load and charger do over time: a named course, or one read from a file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bms/pack_config.h"

namespace sim {

// From `at_s` on, until the next point. At most one of the two currents is above 0.
struct ProfilePoint {
  double at_s = 0;
  int32_t load_ma = 0;
  int32_t charger_ma = 0;
};

class Profile {
 public:
  // rest, constant, charge, drive or day; or the path of a CSV file with lines of seconds and mA,
  // charging positive. False with a sentence in `reason` if it is none of these.
  bool load(const std::string& name_or_path, const bms::PackConfig& config, std::string& reason);

  // The point in force at this time; the course starts again after its last point's time.
  const ProfilePoint& at(double seconds);
  double length_s() const { return length_s_; }

 private:
  bool load_file(const std::string& path, std::string& reason);
  void add(double duration_s, int32_t current_ma);

  std::vector<ProfilePoint> points_{ProfilePoint{}};
  double length_s_ = 1;
  size_t current_ = 0;
};

}  // namespace sim
