#include "sim/simulated_storage.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace sim {
namespace {

// Far above any record of the firmware; a file with more is none of ours.
constexpr uint32_t kMaxRecordBytes = 1U << 16U;
// What stands in place of settings that were never stored and are to be corrupt.
constexpr size_t kNoiseBytes = 64;

}  // namespace

size_t SimulatedStorage::read(bms::Record record, uint8_t* bytes, size_t capacity) {
  const std::vector<uint8_t>& kept = records_[static_cast<size_t>(record)];
  if (kept.size() > capacity) return 0;
  std::copy(kept.begin(), kept.end(), bytes);
  return kept.size();
}

bool SimulatedStorage::write(bms::Record record, const uint8_t* bytes, size_t count) {
  if (is_failing_) return false;
  records_[static_cast<size_t>(record)].assign(bytes, bytes + count);
  return path_.empty() || save();
}

bool SimulatedStorage::keep_in(const std::string& path) {
  path_ = path;
  std::ifstream file(path, std::ios::binary);
  if (!file) return save();  // the first run with this file
  for (std::vector<uint8_t>& record : records_) {
    uint8_t size_bytes[4] = {};
    file.read(reinterpret_cast<char*>(size_bytes), sizeof(size_bytes));
    const uint32_t size = size_bytes[0] | static_cast<uint32_t>(size_bytes[1]) << 8U |
                          static_cast<uint32_t>(size_bytes[2]) << 16U |
                          static_cast<uint32_t>(size_bytes[3]) << 24U;
    if (!file || size > kMaxRecordBytes) return false;
    record.resize(size);
    file.read(reinterpret_cast<char*>(record.data()), static_cast<std::streamsize>(size));
    if (!file) return false;
  }
  return true;
}

bool SimulatedStorage::save() const {
  std::ofstream file(path_, std::ios::binary | std::ios::trunc);
  for (const std::vector<uint8_t>& record : records_) {
    const uint32_t size = static_cast<uint32_t>(record.size());
    for (uint32_t shift = 0; shift < 32; shift += 8) file.put(static_cast<char>(size >> shift));
    file.write(reinterpret_cast<const char*>(record.data()), static_cast<std::streamsize>(size));
  }
  return file.good();
}

void SimulatedStorage::corrupt_settings() {
  for (const bms::Record record : {bms::Record::kSettingsA, bms::Record::kSettingsB}) {
    std::vector<uint8_t>& kept = records_[static_cast<size_t>(record)];
    if (kept.empty()) kept.resize(kNoiseBytes);
    for (uint8_t& byte : kept) byte = static_cast<uint8_t>(byte ^ 0x10U);
  }
}

void SimulatedStorage::erase() {
  for (std::vector<uint8_t>& record : records_) record.clear();
}

}  // namespace sim
