// The firmware's memory: kept in this process, and in a file where one is named.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "bms/board.h"

namespace sim {

class SimulatedStorage final : public bms::Storage {
 public:
  size_t read(bms::Record record, uint8_t* bytes, size_t capacity) override;
  bool write(bms::Record record, const uint8_t* bytes, size_t count) override;

  // Reads `path`, or makes it, and writes it again at each change. False if it can't.
  bool keep_in(const std::string& path);
  void set_failing(bool is_failing) { is_failing_ = is_failing; }
  // Flips bits in both copies of the settings; puts noise there if none were ever stored.
  void corrupt_settings();
  void erase();

 private:
  static constexpr size_t kRecordCount = 5;

  bool save() const;

  std::array<std::vector<uint8_t>, kRecordCount> records_;
  std::string path_;
  bool is_failing_ = false;
};

}  // namespace sim
