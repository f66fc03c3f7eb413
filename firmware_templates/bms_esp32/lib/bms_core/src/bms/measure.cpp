#include "bms/measure.h"

namespace bms {

CellSummary summarise_cells(const FrontEndReading& reading, const PackConfig& config) {
  CellSummary summary;
  summary.highest_mv = reading.cell_mv[0];
  summary.lowest_mv = reading.cell_mv[0];
  summary.highest = 1;
  summary.lowest = 1;
  for (int32_t cell = 0; cell < config.cell_count; ++cell) {
    const int32_t mv = reading.cell_mv[cell];
    summary.sum_mv += mv;
    if (mv > summary.highest_mv) {
      summary.highest_mv = mv;
      summary.highest = static_cast<uint8_t>(cell + 1);
    }
    if (mv < summary.lowest_mv) {
      summary.lowest_mv = mv;
      summary.lowest = static_cast<uint8_t>(cell + 1);
    }
  }
  return summary;
}

SensorSummary summarise_sensors(const FrontEndReading& reading, const PackConfig& config) {
  SensorSummary summary;
  for (int32_t sensor = 0; sensor < config.ntc_count; ++sensor) {
    if (reading.sensor[sensor] != SensorState::kOk) {
      continue;
    }
    const int32_t ddegc = reading.temp_ddegc[sensor];
    const uint8_t number = static_cast<uint8_t>(sensor + 1);
    if (summary.hottest == 0 || ddegc > summary.hottest_ddegc) {
      summary.hottest_ddegc = ddegc;
      summary.hottest = number;
    }
    if (summary.coldest == 0 || ddegc < summary.coldest_ddegc) {
      summary.coldest_ddegc = ddegc;
      summary.coldest = number;
    }
  }
  return summary;
}

int32_t charge_current_ma(const Sample& sample) {
  return larger(sample.reading.current_ma, sample.second_ma);
}

int32_t discharge_current_ma(const Sample& sample) {
  return larger(-sample.reading.current_ma, -sample.second_ma);
}

int32_t current_magnitude_ma(const Sample& sample) {
  return larger(magnitude(sample.reading.current_ma), magnitude(sample.second_ma));
}

int32_t load_difference_mv(const FrontEndReading& reading) {
  return magnitude(reading.stack_mv - reading.pack_mv);
}

int32_t measured(Measure measure, uint8_t subject, const Sample& sample, const PackConfig& config) {
  switch (measure) {
    case Measure::kCell:
      return sample.reading.cell_mv[subject - 1];
    case Measure::kSensor:
      return sample.reading.temp_ddegc[subject - 1];
    case Measure::kChargeCurrent:
      return charge_current_ma(sample);
    case Measure::kDischargeCurrent:
      return discharge_current_ma(sample);
    case Measure::kCurrentMagnitude:
      return current_magnitude_ma(sample);
    case Measure::kSpread: {
      const CellSummary cells = summarise_cells(sample.reading, config);
      return cells.highest_mv - cells.lowest_mv;
    }
    case Measure::kStackDifference:
      return magnitude(summarise_cells(sample.reading, config).sum_mv - sample.reading.stack_mv);
    case Measure::kCurrentDifference:
      return magnitude(sample.reading.current_ma - sample.second_ma);
    case Measure::kLoadDifference:
      return load_difference_mv(sample.reading);
    default:  // kNothing and kAge are in no reading
      return 0;
  }
}

}  // namespace bms
