// Whether two ways of measuring the same thing agree.
#pragma once

#include <stdint.h>

#include "bms/diagnoses.h"
#include "bms/measure.h"
#include "bms/pack_config.h"

namespace bms {

// The sum of the cells against the stack, which the front end measures by a path of its own.
Finding find_stack_mismatch(const FrontEndReading& reading, const CellSummary& cells,
                            const PackConfig& config);

// Both current sensors: current_mismatch_ma and what the gain errors of both may make. With one
// shunt for both (is_shunt_shared) they still show a fault of either chip, but none of the shunt.
Finding find_current_mismatch(const Sample& sample, const PackConfig& config);

// Whether numbers are such that a chip can have measured them. Others are a failed reading.
bool is_possible(const FrontEndReading& reading, const PackConfig& config);
bool is_possible(const CurrentReading& reading);

// Whether every cell has been measured at all: the front end shows 0 before its first scan.
bool is_every_cell_measured(const FrontEndReading& reading, const PackConfig& config);

}  // namespace bms
