// The limits of cells, sensors and current as findings and warnings.
//
// Three tiers: operating and recommended give warnings, only the safety tier opens a path.
#pragma once

#include <stdint.h>

#include "bms/diagnoses.h"
#include "bms/measure.h"
#include "bms/pack_config.h"

namespace bms {

// Beyond when above the row's limit; good at its release or below.
Finding find_above(Diagnosis diagnosis, uint8_t subject, int32_t value, const PackConfig& config);
// Beyond when below the row's limit; good at its release or above.
Finding find_below(Diagnosis diagnosis, uint8_t subject, int32_t value, const PackConfig& config);
// Beyond when above the limit; good without current.
Finding find_over_current(int32_t value_ma, int32_t limit_ma, const PackConfig& config);
// The first sensor in this state.
Finding find_sensor_fault(SensorState state, const FrontEndReading& reading,
                          const PackConfig& config);

// What the derating table allows at this temperature: the point's own current, the lower of both
// neighbours between two points, nothing outside the table.
int32_t derated_current_ma(int32_t ddegc, const PackConfig& config);
// The least that it allows at any sensor; nothing when no sensor is whole.
int32_t charge_limit_ma(const FrontEndReading& reading, const PackConfig& config);

constexpr uint16_t bit_of(Warning warning) {
  return static_cast<uint16_t>(1U << static_cast<uint32_t>(warning));
}
// All warnings that a reading gives, as a set.
uint16_t find_warnings(const Sample& sample, const CellSummary& cells, int32_t charge_limit_ma,
                       const PackConfig& config);

}  // namespace bms
