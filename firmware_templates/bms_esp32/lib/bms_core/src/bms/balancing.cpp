#include "bms/balancing.h"

namespace bms {
namespace {

constexpr uint32_t bit(int32_t cell) { return 1U << static_cast<uint32_t>(cell); }

uint32_t cells_in_need(uint16_t balancing, const FrontEndReading& reading, const CellSummary& cells,
                       const PackConfig& config) {
  uint32_t set = 0;
  for (int32_t cell = 0; cell < config.cell_count; ++cell) {
    const int32_t mv = reading.cell_mv[cell];
    const int32_t excess_mv = mv - cells.lowest_mv;
    const bool was_on = (balancing & bit(cell)) != 0;
    const bool is_above =
        was_on ? excess_mv > config.balance_stop_mv : excess_mv >= config.balance_start_mv;
    if (is_above && mv >= config.balance_min_mv) {
      set |= bit(cell);
    }
  }
  return set;
}

// The cell in the set with the highest voltage, -1 if the set is empty.
int32_t highest_in(uint32_t set, const FrontEndReading& reading) {
  int32_t highest = -1;
  for (int32_t cell = 0; cell < kMaxCells; ++cell) {
    const bool is_in = (set & bit(cell)) != 0;
    if (is_in && (highest < 0 || reading.cell_mv[cell] > reading.cell_mv[highest])) {
      highest = cell;
    }
  }
  return highest;
}

}  // namespace

bool is_balancing_useful(const Sample& sample, const PackConfig& config) {
  const SensorSummary sensors = summarise_sensors(sample.reading, config);
  const int32_t hottest_ddegc = larger(sensors.hottest_ddegc, sample.reading.die_temp_ddegc);
  return discharge_current_ma(sample) < config.idle_current_ma && sensors.hottest != 0 &&
         hottest_ddegc <= config.balance_temp_max_ddegc &&
         sensors.coldest_ddegc >= config.balance_temp_min_ddegc;
}

uint16_t choose_balancing(uint16_t balancing, const FrontEndReading& reading,
                          const CellSummary& cells, const PackConfig& config) {
  uint32_t left = cells_in_need(balancing, reading, cells, config);
  uint32_t chosen = 0;
  while (left != 0) {  // each round takes at least one cell out of the set
    const uint32_t one = bit(highest_in(left, reading));
    chosen |= one;
    left &= ~(one | one << 1U | one >> 1U);
  }
  return static_cast<uint16_t>(chosen);
}

}  // namespace bms
