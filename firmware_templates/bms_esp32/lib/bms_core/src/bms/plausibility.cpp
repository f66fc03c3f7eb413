#include "bms/plausibility.h"

#include "bms/limits.h"

namespace bms {
namespace {

// A cell input of the front end ends at 5.5 V; a little below 0 is a cell that was reversed.
constexpr int32_t kCellMinMv = -500;
constexpr int32_t kCellMaxMv = 5500;
// Wider than any pack, narrow enough that sums and differences fit 32 bits.
constexpr int32_t kVoltageMaxMv = 200000;
constexpr int32_t kCurrentMaxMa = 10000000;

bool is_between(int32_t value, int32_t low, int32_t high) { return value >= low && value <= high; }

bool is_current_possible(int32_t current_ma) {
  return is_between(current_ma, -kCurrentMaxMa, kCurrentMaxMa);
}

}  // namespace

Finding find_stack_mismatch(const FrontEndReading& reading, const CellSummary& cells,
                            const PackConfig& config) {
  return find_above(Diagnosis::kStackMismatch, 0, magnitude(cells.sum_mv - reading.stack_mv),
                    config);
}

Finding find_current_mismatch(const Sample& sample, const PackConfig& config) {
  const int64_t sum_ma =
      static_cast<int64_t>(magnitude(sample.reading.current_ma)) + magnitude(sample.second_ma);
  const int32_t limit_ma = config.current_mismatch_ma +
                           static_cast<int32_t>(sum_ma * config.current_error_ppm / 1000000);
  const int32_t value_ma = magnitude(sample.reading.current_ma - sample.second_ma);
  return {value_ma > limit_ma, value_ma <= limit_ma, 0, value_ma, limit_ma};
}

bool is_possible(const FrontEndReading& reading, const PackConfig& config) {
  bool are_cells_possible = true;
  for (int32_t cell = 0; cell < config.cell_count; ++cell) {
    are_cells_possible =
        is_between(reading.cell_mv[cell], kCellMinMv, kCellMaxMv) && are_cells_possible;
  }
  return are_cells_possible && is_between(reading.stack_mv, -kVoltageMaxMv, kVoltageMaxMv) &&
         is_between(reading.pack_mv, -kVoltageMaxMv, kVoltageMaxMv) &&
         is_current_possible(reading.current_ma);
}

bool is_possible(const CurrentReading& reading) { return is_current_possible(reading.current_ma); }

bool is_every_cell_measured(const FrontEndReading& reading, const PackConfig& config) {
  for (int32_t cell = 0; cell < config.cell_count; ++cell) {
    if (reading.cell_mv[cell] == 0) {
      return false;
    }
  }
  return true;
}

}  // namespace bms
