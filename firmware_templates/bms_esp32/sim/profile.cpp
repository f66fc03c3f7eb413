#include "sim/profile.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

namespace sim {
namespace {

constexpr double kHourS = 3600;

// Steps of a drive or of a house, in percent of current_warn_ma; charging is positive.
constexpr int32_t kStepPercent[] = {-20, -60, -90, -35, 15, -70, -10, 0, -45, 30, -80, -25};
constexpr double kStepS = 20;

}  // namespace

void Profile::add(double duration_s, int32_t current_ma) {
  points_.push_back({length_s_, current_ma < 0 ? -current_ma : 0, current_ma > 0 ? current_ma : 0});
  length_s_ += duration_s;
}

bool Profile::load(const std::string& name_or_path, const bms::PackConfig& config,
                   std::string& reason) {
  points_.clear();
  length_s_ = 0;
  current_ = 0;
  const int32_t full_ma = config.current_warn_ma / 10 * 9;
  const auto drive = [&](double duration_s) {
    const double end_s = length_s_ + duration_s;
    for (size_t i = 0; length_s_ < end_s; ++i) {
      add(kStepS, full_ma / 100 * kStepPercent[i % (sizeof(kStepPercent) / sizeof(int32_t))]);
    }
  };
  if (name_or_path == "rest") {
    add(kHourS, 0);
  } else if (name_or_path == "constant") {
    add(kHourS, -full_ma / 2);
  } else if (name_or_path == "charge") {
    add(kHourS, full_ma);
  } else if (name_or_path == "drive") {
    drive(kHourS);
  } else if (name_or_path == "day") {
    // About 40 % of the charge out and in, so that it can go on for weeks.
    drive(2 * kHourS);
    add(kHourS, 0);
    add(kHourS, full_ma / 2);
    drive(kHourS);
    add(kHourS, 0);
    add(6 * kHourS, full_ma / 3);
    add(2 * kHourS, 0);
  } else {
    return load_file(name_or_path, reason);
  }
  return true;
}

bool Profile::load_file(const std::string& path, std::string& reason) {
  std::ifstream file(path);
  if (!file) {
    reason = "profile '" + path + "' is neither rest, constant, charge, drive, day nor a file";
    return false;
  }
  size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] == '#' || line == "\r") continue;
    std::istringstream words(line);
    double at_s = 0;
    double current_ma = 0;
    char comma = 0;
    const bool is_read = static_cast<bool>(words >> at_s >> comma >> current_ma) && comma == ',';
    if (!is_read && points_.empty() && number == 1) continue;  // a line of titles
    const bool is_later = points_.empty() ? at_s >= 0 : at_s > points_.back().at_s;
    if (!is_read || !is_later || !(std::fabs(current_ma) <= std::numeric_limits<int32_t>::max())) {
      reason = "profile '" + path + "' line " + std::to_string(number) +
               " is not 'seconds,mA' with rising seconds";
      return false;
    }
    length_s_ = at_s;
    add(0, static_cast<int32_t>(current_ma));
  }
  if (points_.empty()) {
    reason = "profile '" + path + "' has no line of 'seconds,mA'";
    return false;
  }
  points_.front().at_s = 0;
  if (length_s_ <= 0) length_s_ = kHourS;
  return true;
}

const ProfilePoint& Profile::at(double seconds) {
  const double within_s = std::fmod(seconds, length_s_);
  if (within_s < points_[current_].at_s) current_ = 0;
  while (current_ + 1 < points_.size() && points_[current_ + 1].at_s <= within_s) ++current_;
  return points_[current_];
}

}  // namespace sim
