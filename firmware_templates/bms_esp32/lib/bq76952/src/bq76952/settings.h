// What the front end is to be set to for a pack: a list of data memory addresses and values that
// follows from the configuration alone. Limits that fall between two steps go to the safe one:
// under-voltage up, over-voltage down, current down, delay down.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/pack_config.h"

namespace bq76952 {

struct Setting {
  uint16_t address;
  uint8_t size;    // bytes in data memory: 1, 2 or 4, little-endian
  uint32_t value;  // two's complement and IEEE 754 as their bits
};

constexpr size_t kSettingsCapacity = 72;

struct SettingList {
  Setting items[kSettingsCapacity];
  size_t count = 0;
};

// Steps of the chip.
constexpr int64_t kCellStepTenthMv = 506;  // CUV, COV and their hysteresis: 50.6 mV
constexpr int64_t kDelayStepTenthMs = 33;  // CUV, COV, OCC, OCD: 3.3 ms x (2 + setting)
constexpr int64_t kCurrentStepUv = 2000;   // OCC, OCD: 2 mV over the shunt
constexpr int32_t kScdStepUs = 15;         // SCD: 15 us x (setting - 1)
constexpr int32_t kScdThresholdsMv[] = {10,  20,  40,  60,  80,  100, 125, 150,
                                        175, 200, 250, 300, 350, 400, 450, 500};

// What each limit becomes, as a setting; -1 if no setting is at or on the safe side of the limit.
int32_t cuv_threshold(const bms::PackConfig& config);
int32_t cov_threshold(const bms::PackConfig& config);
int32_t occ_threshold(const bms::PackConfig& config);
int32_t ocd_threshold(const bms::PackConfig& config);
int32_t scd_threshold(const bms::PackConfig& config);

// Ascending addresses. False if a limit can't be held; the list is then not to be used.
bool build_settings(const bms::PackConfig& config, SettingList& list);

// Milliampere in one count of the current register: the finest unit in which its 16 bits hold the
// highest current that the guard judges.
int32_t current_unit_ma(const bms::PackConfig& config);

// FNV-1a, 64 bits, over address (2 bytes) and value (4 bytes) of each setting, little-endian.
uint64_t settings_hash(const SettingList& list);

}  // namespace bq76952
