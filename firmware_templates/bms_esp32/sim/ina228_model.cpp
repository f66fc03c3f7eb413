#include "sim/ina228_model.h"

#include <algorithm>
#include <cmath>

namespace sim {

using bms::I2cResult;

namespace {

constexpr double kLargest = 524287;  // of 20 bits
constexpr std::array<uint64_t, 8> kConversionUs = {50, 84, 150, 280, 540, 1052, 2074, 4120};
constexpr std::array<uint64_t, 8> kMeans = {1, 4, 16, 64, 128, 256, 512, 1024};

int32_t counts(double value) {
  return static_cast<int32_t>(std::lround(std::clamp(value, -kLargest - 1, kLargest)));
}

}  // namespace

// Power-on values, datasheet SLYS021A section 7.6.
void Ina228Model::reset() {
  config_ = 0x0000;
  adc_config_ = 0xFB68;
  shunt_cal_ = 0x1000;
  since_conversion_us_ = 0;
  shunt_counts_ = bus_counts_ = current_counts_ = die_counts_ = 0;
  has_converted_ = false;
  has_overflowed_ = false;
}

uint64_t Ina228Model::conversion_us() const {
  const unsigned bus = adc_config_ >> 9U & 7U;
  const unsigned shunt = adc_config_ >> 6U & 7U;
  const unsigned die = adc_config_ >> 3U & 7U;
  const unsigned mode = adc_config_ >> 12U;
  const uint64_t once = ((mode & 1U) != 0 ? kConversionUs[bus] : 0) +
                        ((mode & 2U) != 0 ? kConversionUs[shunt] : 0) +
                        ((mode & 4U) != 0 ? kConversionUs[die] : 0);
  return once * kMeans[adc_config_ & 7U];
}

void Ina228Model::advance(uint64_t us) {
  const bool is_continuous = (adc_config_ & 0x8000U) != 0 && conversion_us() != 0;
  if (faults_.hangs || faults_.is_dead || !is_continuous) return;
  since_conversion_us_ += us;
  if (since_conversion_us_ < conversion_us()) return;
  since_conversion_us_ %= conversion_us();
  convert();
}

void Ina228Model::convert() {
  const bool is_low_range = (config_ & 0x10U) != 0;
  shunt_counts_ = counts(inputs_.shunt_nv / (is_low_range ? 78.125 : 312.5));
  bus_counts_ = counts(std::max(0.0, inputs_.bus_mv / 0.1953125));
  die_counts_ = static_cast<int32_t>(std::lround(inputs_.die_degc / 0.0078125));
  // V / R in units of CURRENT_LSB, with SHUNT_CAL = 13107.2e6 x CURRENT_LSB x R (x 4 in the low
  // range) and a shunt count of 312.5 nV (a quarter of it): either way counts x 4096 / SHUNT_CAL.
  const double current = shunt_cal_ == 0 ? 0 : shunt_counts_ * 4096.0 / shunt_cal_;
  has_overflowed_ = std::fabs(current) > kLargest + 1;
  current_counts_ = counts(current);
  has_converted_ = true;
}

I2cResult Ina228Model::on_write(const uint8_t* bytes, size_t count) {
  if (faults_.is_dead || count == 0) return I2cResult::kNack;
  pointer_ = bytes[0];
  if (count < 3) return I2cResult::kOk;
  const auto word = static_cast<uint16_t>(bytes[1] << 8U | bytes[2]);
  if (pointer_ == 0x00 && (word & 0x8000U) != 0) reset();
  if (pointer_ == 0x00) config_ = word & 0x7FFFU;
  if (pointer_ == 0x01) adc_config_ = word;
  if (pointer_ == 0x02) shunt_cal_ = word & 0x7FFFU;
  return I2cResult::kOk;
}

uint32_t Ina228Model::value_of(uint8_t address, size_t& size) {
  const auto top20 = [](int32_t value) { return static_cast<uint32_t>(value) << 4U & 0xFFFFFFU; };
  size = 2;
  switch (address) {
    case 0x00:
      return config_;
    case 0x01:
      return adc_config_;
    case 0x02:
      return shunt_cal_;
    case 0x04:
      size = 3;
      return top20(shunt_counts_);
    case 0x05:
      size = 3;
      return top20(bus_counts_);
    case 0x06:
      return static_cast<uint16_t>(die_counts_);
    case 0x07:
      size = 3;
      return top20(current_counts_);
    case 0x0B: {
      const uint32_t flags = (faults_.is_memory_bad ? 0U : 1U) | (has_converted_ ? 2U : 0U) |
                             (has_overflowed_ ? 0x200U : 0U);
      has_converted_ = false;
      return flags;
    }
    case 0x3E:
      return 0x5449;
    case 0x3F:
      return 0x2281;
    default:
      return 0;
  }
}

I2cResult Ina228Model::on_read(uint8_t* bytes, size_t count) {
  if (faults_.is_dead) return I2cResult::kNack;
  size_t size = 0;
  const uint32_t value = value_of(pointer_, size);
  for (size_t i = 0; i < count; ++i) {
    bytes[i] = i < size ? static_cast<uint8_t>(value >> (8U * (size - 1 - i))) : uint8_t{0xFF};
  }
  return I2cResult::kOk;
}

}  // namespace sim
