#include "bms/limits.h"

#include "bms/config_words.h"

namespace bms {
namespace {

constexpr size_t kDeratingPoints =
    sizeof(PackConfig::derating_temp_ddegc) / sizeof(PackConfig::derating_temp_ddegc[0]);

int32_t release_of(const DiagnosisRow& row, const PackConfig& config) {
  return field_value(config, row.release == kNone ? row.limit : row.release);
}

}  // namespace

Finding find_above(Diagnosis diagnosis, uint8_t subject, int32_t value, const PackConfig& config) {
  const DiagnosisRow& row = row_of(diagnosis);
  const int32_t limit = field_value(config, row.limit);
  return {value > limit, value <= release_of(row, config), subject, value, limit};
}

Finding find_below(Diagnosis diagnosis, uint8_t subject, int32_t value, const PackConfig& config) {
  const DiagnosisRow& row = row_of(diagnosis);
  const int32_t limit = field_value(config, row.limit);
  return {value < limit, value >= release_of(row, config), subject, value, limit};
}

Finding find_over_current(int32_t value_ma, int32_t limit_ma, const PackConfig& config) {
  const bool is_without_current = value_ma < config.idle_current_ma;
  // A limit of 0 must not trip on the noise of a sensor.
  return {value_ma > limit_ma && !is_without_current, is_without_current, 0, value_ma, limit_ma};
}

Finding find_sensor_fault(SensorState state, const FrontEndReading& reading,
                          const PackConfig& config) {
  for (int32_t sensor = 0; sensor < config.ntc_count; ++sensor) {
    if (reading.sensor[sensor] == state) {
      return {true, false, static_cast<uint8_t>(sensor + 1), reading.temp_ddegc[sensor], 0};
    }
  }
  return {};
}

int32_t derated_current_ma(int32_t ddegc, const PackConfig& config) {
  const int32_t* temps = config.derating_temp_ddegc;
  const int32_t* currents = config.derating_current_ma;
  for (size_t point = 0; point < kDeratingPoints; ++point) {
    if (ddegc == temps[point]) {
      return currents[point];
    }
    if (ddegc < temps[point]) {
      return point == 0 ? 0 : smaller(currents[point - 1], currents[point]);
    }
  }
  return 0;
}

int32_t charge_limit_ma(const FrontEndReading& reading, const PackConfig& config) {
  int32_t limit_ma = config.current_max_ma;
  bool is_any_whole = false;
  for (int32_t sensor = 0; sensor < config.ntc_count; ++sensor) {
    if (reading.sensor[sensor] == SensorState::kOk) {
      is_any_whole = true;
      limit_ma = smaller(limit_ma, derated_current_ma(reading.temp_ddegc[sensor], config));
    }
  }
  return is_any_whole ? limit_ma : 0;
}

uint16_t find_warnings(const Sample& sample, const CellSummary& cells, int32_t charge_limit_ma,
                       const PackConfig& config) {
  struct Row {
    Warning warning;
    bool is_given;
  };
  const Row rows[] = {
      {Warning::kCellHigh, cells.highest_mv > config.cell_ov_warn_mv},
      {Warning::kChargeStop, cells.highest_mv > config.cell_ov_stop_mv},
      {Warning::kCellLow, cells.lowest_mv < config.cell_uv_warn_mv},
      {Warning::kDischargeStop, cells.lowest_mv < config.cell_uv_stop_mv},
      {Warning::kCurrentHigh, current_magnitude_ma(sample) > config.current_warn_ma},
      {Warning::kImbalance, cells.highest_mv - cells.lowest_mv > config.imbalance_warn_mv},
      {Warning::kChargeDerated, charge_limit_ma < config.current_warn_ma},
  };
  uint16_t set = 0;
  for (const Row& row : rows) {
    set = static_cast<uint16_t>(set | (row.is_given ? bit_of(row.warning) : 0U));
  }
  return set;
}

}  // namespace bms
