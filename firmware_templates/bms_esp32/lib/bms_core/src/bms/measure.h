// The numbers that judgements are made of, taken from one reading.
#pragma once

#include <stdint.h>

#include "bms/diagnosis.h"
#include "bms/front_end.h"
#include "bms/pack_config.h"

namespace bms {

// What was read in one cycle. Where the second sensor gave nothing, its current repeats the
// first's, so that it neither adds to nor contradicts it.
struct Sample {
  FrontEndReading reading;
  int32_t second_ma = 0;
};

struct CellSummary {
  int32_t highest_mv = 0;
  int32_t lowest_mv = 0;
  int32_t sum_mv = 0;
  uint8_t highest = 0;  // from 1
  uint8_t lowest = 0;
};

// Over the sensors that are neither open nor shorted.
struct SensorSummary {
  int32_t hottest_ddegc = 0;
  int32_t coldest_ddegc = 0;
  uint8_t hottest = 0;  // from 1; 0 if no sensor is whole
  uint8_t coldest = 0;
};

CellSummary summarise_cells(const FrontEndReading& reading, const PackConfig& config);
SensorSummary summarise_sensors(const FrontEndReading& reading, const PackConfig& config);

constexpr int32_t larger(int32_t left, int32_t right) { return left > right ? left : right; }
constexpr int32_t smaller(int32_t left, int32_t right) { return left < right ? left : right; }
constexpr int32_t magnitude(int32_t value) { return value < 0 ? -value : value; }

// Of two sensors the one that shows more counts: a sensor that shows too little protects nothing.
int32_t charge_current_ma(const Sample& sample);
int32_t discharge_current_ma(const Sample& sample);
int32_t current_magnitude_ma(const Sample& sample);
int32_t load_difference_mv(const FrontEndReading& reading);

// The value that a diagnosis of this measure watches; subject counts from 1.
int32_t measured(Measure measure, uint8_t subject, const Sample& sample, const PackConfig& config);

}  // namespace bms
