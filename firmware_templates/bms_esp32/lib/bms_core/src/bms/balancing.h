// Which cells are bled.
#pragma once

#include <stdint.h>

#include "bms/front_end.h"
#include "bms/measure.h"
#include "bms/pack_config.h"

namespace bms {

// While charging or at rest, at temperatures that suit cells and board.
bool is_balancing_useful(const Sample& sample, const PackConfig& config);

// Bit 0 is cell 1. A cell starts at balance_start_mv above the lowest and stops at balance_stop_mv.
// Never two neighbours: their resistors share a wire, and the measurement of both would be off. Of
// neighbours the higher one comes first.
uint16_t choose_balancing(uint16_t balancing, const FrontEndReading& reading,
                          const CellSummary& cells, const PackConfig& config);

}  // namespace bms
