// What the front end did by itself, and whether the host had seen the same.
#pragma once

#include <stdint.h>

#include "bms/front_end.h"

namespace bms {

// Trips that keep the front end's switch for this direction open.
constexpr uint8_t kChargeTrips = kAfeTripOverVoltage | kAfeTripChargeCurrent |
                                 kAfeTripShortCircuit | kAfeTripTemperature | kAfeTripWatchdog |
                                 kAfeTripOpenWire;
constexpr uint8_t kDischargeTrips = kAfeTripUnderVoltage | kAfeTripDischargeCurrent |
                                    kAfeTripShortCircuit | kAfeTripTemperature | kAfeTripWatchdog |
                                    kAfeTripOpenWire;

// Those of `trips` for which the host has a diagnosis of its own among `active`.
uint8_t explained_trips(uint8_t trips, uint32_t active);

class AfeTrips {
 public:
  // A trip that came after the host's own diagnosis stays explained for as long as it lasts, also
  // when the host releases first: the front end takes its own time to recover.
  void update(uint8_t trips, uint32_t active);
  // Trips that the host did not see coming.
  uint8_t surprising() const { return static_cast<uint8_t>(trips_ & ~explained_); }
  // Trips whose cause the host sees no more, or can't see.
  uint8_t left_over(uint32_t active) const;
  uint8_t all() const { return trips_; }

 private:
  uint8_t trips_ = 0;
  uint8_t explained_ = 0;
};

}  // namespace bms
