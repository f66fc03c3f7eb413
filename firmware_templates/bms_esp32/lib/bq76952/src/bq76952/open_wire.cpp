#include "bq76952/open_wire.h"

namespace bq76952 {

namespace {
constexpr int32_t kApartMv = 600;  // one pull moves both cells by 750 mV each on 220 nF
constexpr int32_t kMeanMv = 100;
}  // namespace

bool is_wire_open(const int32_t* cell_mv, int32_t cell_count) {
  int32_t sum_mv = 0;
  for (int32_t cell = 0; cell < cell_count; ++cell) sum_mv += cell_mv[cell];
  for (int32_t lower = 0; lower + 1 < cell_count; ++lower) {
    const int32_t pair_mv = cell_mv[lower] + cell_mv[lower + 1];
    const int32_t off_mv = pair_mv / 2 - (sum_mv - pair_mv) / (cell_count - 2);
    if (cell_mv[lower + 1] - cell_mv[lower] >= kApartMv && off_mv <= kMeanMv &&
        off_mv >= -kMeanMv) {
      return true;
    }
  }
  return false;
}

}  // namespace bq76952
