#include "ina228/driver.h"

namespace ina228 {

namespace {

// Registers, big-endian. Datasheet SLYS021A, section 7.6; addresses also in public drivers.
constexpr uint8_t kConfig = 0x00;
constexpr uint8_t kAdcConfig = 0x01;
constexpr uint8_t kShuntCal = 0x02;
constexpr uint8_t kBusVoltage = 0x05;
constexpr uint8_t kCurrent = 0x07;
constexpr uint8_t kDiagnosis = 0x0B;
constexpr uint8_t kManufacturerId = 0x3E;
constexpr uint8_t kDeviceId = 0x3F;

constexpr uint16_t kTexasInstruments = 0x5449;
constexpr uint16_t kIna228 = 0x228;  // above 4 bits of revision

constexpr uint16_t kLowRange = 1U << 4U;
// Bus and shunt continuously, 540 us and 1052 us, mean of 16: a value every 25 ms. Unsure: the
// codes of the times and of the mean are from memory.
constexpr uint16_t kConversion = 0xB96A;

constexpr uint16_t kMemoryOk = 1U << 0U;
constexpr uint16_t kConversionReady = 1U << 1U;
constexpr uint16_t kMathOverflow = 1U << 9U;

constexpr int64_t kHighRangeNv = 163840000;
constexpr int64_t kLowRangeNv = 40960000;
constexpr int64_t kCountsOfRange = 1 << 19;
constexpr int64_t kLsbStepNa = 10000;  // keeps SHUNT_CAL off its default of 4096

constexpr int kAttempts = 3;
constexpr int32_t kStaleReads = 8;

}  // namespace

uint16_t shunt_cal(int32_t current_lsb_na, int32_t shunt_uohm, bool is_low_range) {
  constexpr int64_t kTenthsPerUnit = 10000000000;  // nA x uOhm in units of 1e-15 V, times ten
  const int64_t product = int64_t{131072} * current_lsb_na * shunt_uohm * (is_low_range ? 4 : 1);
  return static_cast<uint16_t>((product + kTenthsPerUnit / 2) / kTenthsPerUnit);
}

Scale scale_for(const bms::PackConfig& config) {
  Scale scale;
  const int64_t highest_nv = int64_t{config.oc_fast_trip_ma} * config.ina_shunt_uohm * 12 / 10;
  if (highest_nv > kHighRangeNv) return scale;
  scale.is_low_range = highest_nv <= kLowRangeNv;
  const int64_t range_nv = scale.is_low_range ? kLowRangeNv : kHighRangeNv;
  const int64_t finest_na = range_nv * 1000000 / config.ina_shunt_uohm / kCountsOfRange;
  scale.current_lsb_na = static_cast<int32_t>((finest_na / kLsbStepNa + 1) * kLsbStepNa);
  scale.shunt_cal = shunt_cal(scale.current_lsb_na, config.ina_shunt_uohm, scale.is_low_range);
  return scale;
}

bool Driver::configure(const bms::PackConfig& config) {
  scale_ = scale_for(config);
  is_set_up_ = set_up();
  return is_set_up_;
}

bool Driver::set_up() {
  if (scale_.shunt_cal == 0) return false;
  uint16_t manufacturer = 0;
  uint16_t device = 0;
  if (!read_word(kManufacturerId, manufacturer) || !read_word(kDeviceId, device)) return false;
  if (manufacturer != kTexasInstruments || device >> 4U != kIna228) return false;

  const uint16_t range = scale_.is_low_range ? kLowRange : uint16_t{0};
  if (!write_word(kConfig, range) || !write_word(kAdcConfig, kConversion) ||
      !write_word(kShuntCal, scale_.shunt_cal)) {
    return false;
  }
  uint16_t config = 0;
  uint16_t conversion = 0;
  uint16_t calibration = 0;
  if (!read_word(kConfig, config) || !read_word(kAdcConfig, conversion) ||
      !read_word(kShuntCal, calibration)) {
    return false;
  }
  stale_reads_ = 0;
  return config == range && conversion == kConversion && calibration == scale_.shunt_cal;
}

bool Driver::read(bms::CurrentReading& reading) {
  if (!is_set_up_) {
    is_set_up_ = set_up();
    return false;
  }
  int32_t current = 0;
  int32_t bus = 0;
  if (!is_sound() || !read_value(kCurrent, current) || !read_value(kBusVoltage, bus)) return false;
  reading.current_ma = static_cast<int32_t>(int64_t{current} * scale_.current_lsb_na / 1000000);
  reading.bus_mv = static_cast<int32_t>(int64_t{bus} * 1953125 / 10000000);
  return true;
}

// Still calibrated, memory intact, nothing overflowed, and converting.
bool Driver::is_sound() {
  uint16_t calibration = 0;
  uint8_t diagnosis[2];  // reading it clears its flags, so that it can't be read twice
  if (!read_word(kShuntCal, calibration)) return false;
  if (calibration != scale_.shunt_cal) {
    is_set_up_ = false;
    return false;
  }
  if (!read_bytes(kDiagnosis, diagnosis, sizeof(diagnosis))) return false;
  const unsigned flags = static_cast<unsigned>(diagnosis[0]) << 8U | diagnosis[1];
  stale_reads_ = (flags & kConversionReady) != 0 ? 0 : stale_reads_ + 1;
  return (flags & kMemoryOk) != 0 && (flags & kMathOverflow) == 0 && stale_reads_ < kStaleReads;
}

bool Driver::read_word(uint8_t address, uint16_t& word) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    uint8_t first[2];
    uint8_t second[2];
    if (!read_bytes(address, first, sizeof(first))) return false;
    if (!read_bytes(address, second, sizeof(second))) return false;
    if (__builtin_memcmp(first, second, sizeof(first)) != 0) continue;
    word = static_cast<uint16_t>(static_cast<unsigned>(first[0]) << 8U | first[1]);
    return true;
  }
  return false;
}

// 20 bits, signed, at the top of 24.
bool Driver::read_value(uint8_t address, int32_t& value) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    uint8_t first[3];
    uint8_t second[3];
    if (!read_bytes(address, first, sizeof(first))) return false;
    if (!read_bytes(address, second, sizeof(second))) return false;
    if (__builtin_memcmp(first, second, sizeof(first)) != 0) continue;
    const uint32_t top =
        uint32_t{first[0]} << 24U | uint32_t{first[1]} << 16U | uint32_t{first[2]} << 8U;
    value = static_cast<int32_t>(top) >> 12;
    return true;
  }
  return false;
}

bool Driver::read_bytes(uint8_t address, uint8_t* bytes, size_t count) {
  return bus_.write_read(kAddress, &address, 1, bytes, count) == bms::I2cResult::kOk;
}

bool Driver::write_word(uint8_t address, uint16_t word) {
  const uint8_t bytes[] = {address, static_cast<uint8_t>(word >> 8U),
                           static_cast<uint8_t>(word & 0xFFU)};
  return bus_.write(kAddress, bytes, sizeof(bytes)) == bms::I2cResult::kOk;
}

}  // namespace ina228
