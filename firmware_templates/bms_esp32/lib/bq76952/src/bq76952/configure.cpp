// Bringing the chip up: settings in, settings read back, switches off until they are asked for.
#include "bq76952/driver.h"
#include "bq76952/registers.h"

namespace bq76952 {

using bms::FrontEndResult;

namespace {

constexpr int kConfigUpdatePolls = 20;
constexpr uint32_t kConfigUpdatePauseUs = 2000;
constexpr int kFetEnableTries = 3;  // it toggles, so that a repeated one undoes the first

uint16_t word_at(const uint8_t* bytes) {
  return static_cast<uint16_t>(bytes[0] | static_cast<unsigned>(bytes[1]) << 8U);
}

}  // namespace

FrontEndResult Driver::configure(const bms::PackConfig& config) {
  is_configured_ = false;
  hash_ = 0;
  SettingList intended;
  if (!build_settings(config, intended)) return FrontEndResult::kOutOfRange;
  thermistor_ = ntc::from_config(config);
  cell_count_ = config.cell_count;
  ntc_count_ = config.ntc_count;
  current_unit_ma_ = current_unit_ma(config);
  balanced_cells_ = 0;
  has_full_scan_ = false;
  unseen_alarms_ = 0;
  had_other_fault_ = false;
  return bring_up(intended);
}

FrontEndResult Driver::bring_up(const SettingList& intended) {
  uint8_t number[2];
  if (!link_.command(subcommand::kAllFetsOff)) return FrontEndResult::kBusFailed;
  if (!link_.read_block(subcommand::kDeviceNumber, number, sizeof(number))) {
    return FrontEndResult::kBusFailed;
  }
  if (word_at(number) != kDeviceNumber) return FrontEndResult::kReadbackDiffers;

  const bool is_written =
      link_.command(subcommand::kSleepDisable) && link_.command(subcommand::kEnterConfigUpdate) &&
      wait_for_config_update(true) && write_settings(intended) &&
      link_.command(subcommand::kExitConfigUpdate) && wait_for_config_update(false);
  SettingList actual;
  if (!is_written || !read_settings(intended, actual)) return FrontEndResult::kBusFailed;
  if (settings_hash(actual) != settings_hash(intended)) return FrontEndResult::kReadbackDiffers;

  // Forgets scans and faults of before.
  const uint8_t all[] = {0xFF, 0xFF};
  uint8_t status[2];
  if (!enable_fets() || !link_.write(direct::kAlarmStatus, all, sizeof(all)) ||
      !link_.read(direct::kBatteryStatus, status, sizeof(status))) {
    return FrontEndResult::kBusFailed;
  }
  was_watchdog_reset_ = (word_at(status) & battery_status::kWatchdogReset) != 0;
  last_scan_ms_ = clock_.now_ms();
  hash_ = settings_hash(actual);
  is_configured_ = true;
  return FrontEndResult::kOk;
}

bool Driver::wait_for_config_update(bool is_wanted) {
  for (int poll = 0; poll < kConfigUpdatePolls; ++poll) {
    uint8_t status[2];
    if (!link_.read(direct::kBatteryStatus, status, sizeof(status))) return false;
    const bool is_in = (word_at(status) & battery_status::kConfigUpdate) != 0;
    if (is_in == is_wanted) return true;
    clock_.wait_us(kConfigUpdatePauseUs);
  }
  return false;
}

bool Driver::write_settings(const SettingList& intended) {
  for (size_t i = 0; i < intended.count; ++i) {
    const Setting& setting = intended.items[i];
    uint8_t bytes[4];
    for (uint32_t byte = 0; byte < sizeof(bytes); ++byte) {
      bytes[byte] = static_cast<uint8_t>(setting.value >> (8U * byte) & 0xFFU);
    }
    if (!link_.write_block(setting.address, bytes, setting.size)) return false;
  }
  return true;
}

// 32 bytes at a time, each from the first setting that the last 32 did not hold.
bool Driver::read_settings(const SettingList& intended, SettingList& actual) {
  uint8_t window[kBufferSize];
  uint16_t begin = 0;
  actual.count = 0;
  for (size_t i = 0; i < intended.count; ++i) {
    Setting setting = intended.items[i];
    if (i == 0 || setting.address + setting.size > begin + kBufferSize) {
      begin = setting.address;
      if (!link_.read_block(begin, window, sizeof(window))) return false;
    }
    setting.value = 0;
    for (uint32_t byte = 0; byte < setting.size; ++byte) {
      setting.value |= uint32_t{window[setting.address - begin + byte]} << (8U * byte);
    }
    actual.items[actual.count++] = setting;
  }
  return true;
}

bool Driver::enable_fets() {
  for (int tries = 0; tries < kFetEnableTries; ++tries) {
    uint8_t status[2];
    if (!link_.read_block(subcommand::kManufacturingStatus, status, sizeof(status))) return false;
    if ((word_at(status) & kManufacturingFetEnabled) != 0) return true;
    if (!link_.command(subcommand::kFetEnable)) return false;
  }
  return false;
}

}  // namespace bq76952
