#include "ntc/ntc.h"

namespace ntc {

namespace {

constexpr float kZeroCelsiusK = 273.15F;
constexpr float kReferenceK = 298.15F;
constexpr float kHottestK = 523.15F;  // keeps a nonsensical B value from passing infinity

int32_t round_to_int(float value) {
  return static_cast<int32_t>(value < 0.0F ? value - 0.5F : value + 0.5F);
}

}  // namespace

Thermistor from_config(const bms::PackConfig& config) {
  return {config.ntc_r25_ohm, config.ntc_beta_k, config.ntc_pullup_ohm, config.ntc_open_ohm,
          config.ntc_short_ohm};
}

int32_t resistance_ohm(int32_t counts, int32_t full_counts, int32_t pullup_ohm) {
  if (counts <= 0) return 0;
  if (counts >= full_counts) return INT32_MAX;
  const int64_t ohm = int64_t{pullup_ohm} * counts / (full_counts - counts);
  return ohm > INT32_MAX ? INT32_MAX : static_cast<int32_t>(ohm);
}

Temperature decode(int32_t ohm, const Thermistor& thermistor) {
  if (ohm > thermistor.open_ohm) return {0, bms::SensorState::kOpen};
  if (ohm < thermistor.short_ohm) return {0, bms::SensorState::kShort};
  const float ratio = static_cast<float>(ohm) / static_cast<float>(thermistor.r25_ohm);
  const float inverse_k =
      1.0F / kReferenceK + __builtin_logf(ratio) / static_cast<float>(thermistor.beta_k);
  const float kelvin = inverse_k > 1.0F / kHottestK ? 1.0F / inverse_k : kHottestK;
  return {round_to_int((kelvin - kZeroCelsiusK) * 10.0F), bms::SensorState::kOk};
}

}  // namespace ntc
