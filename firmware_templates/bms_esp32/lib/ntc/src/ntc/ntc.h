// A thermistor with a pull-up resistor: from the measured ratio to resistance to temperature.
// 1/T = 1/298.15 K + ln(R / R25) / B, the definition of the B value.
#pragma once

#include <stdint.h>

#include "bms/front_end.h"

namespace ntc {

struct Thermistor {
  int32_t r25_ohm;
  int32_t beta_k;
  int32_t pullup_ohm;
  int32_t open_ohm;   // above it the wire is open
  int32_t short_ohm;  // below it the wires touch
};

struct Temperature {
  int32_t ddegc = 0;
  bms::SensorState state = bms::SensorState::kOpen;
};

Thermistor from_config(const bms::PackConfig& config);

// `counts` of `full_counts`, which the converter gives when nothing is connected. What is at or
// above full is INT32_MAX, and what is at or below nothing is 0.
int32_t resistance_ohm(int32_t counts, int32_t full_counts, int32_t pullup_ohm);

// Rounded to the nearest 0.1 degC. An open or shorted sensor has no temperature: 0.
Temperature decode(int32_t ohm, const Thermistor& thermistor);

}  // namespace ntc
