#include "bms/afe_trips.h"

#include "bms/diagnosis.h"

namespace bms {
namespace {

struct Explanation {
  uint8_t trip;
  uint32_t diagnoses;
};

constexpr Explanation kExplanations[] = {
    {kAfeTripOverVoltage,
     bit_of(Diagnosis::kCellOverVoltage) | bit_of(Diagnosis::kCellOverVoltageDamage)},
    {kAfeTripUnderVoltage,
     bit_of(Diagnosis::kCellUnderVoltage) | bit_of(Diagnosis::kCellDeepDischarge)},
    {kAfeTripChargeCurrent,
     bit_of(Diagnosis::kChargeOverCurrent) | bit_of(Diagnosis::kChargeOverCurrentFast)},
    {kAfeTripDischargeCurrent,
     bit_of(Diagnosis::kDischargeOverCurrent) | bit_of(Diagnosis::kDischargeOverCurrentFast)},
    {kAfeTripShortCircuit, bit_of(Diagnosis::kShortCircuit)},
    {kAfeTripTemperature, bit_of(Diagnosis::kChargeOverTemperature) |
                              bit_of(Diagnosis::kChargeUnderTemperature) |
                              bit_of(Diagnosis::kDischargeOverTemperature) |
                              bit_of(Diagnosis::kDischargeUnderTemperature)},
    {kAfeTripOpenWire, bit_of(Diagnosis::kSenseWireOpen)},
};

}  // namespace

uint8_t explained_trips(uint8_t trips, uint32_t active) {
  uint8_t explained = 0;
  for (const Explanation& row : kExplanations) {
    if ((row.diagnoses & active) != 0) {
      explained = static_cast<uint8_t>(explained | row.trip);
    }
  }
  return static_cast<uint8_t>(explained & trips);
}

void AfeTrips::update(uint8_t trips, uint32_t active) {
  trips_ = trips;
  explained_ = static_cast<uint8_t>((explained_ & trips) | explained_trips(trips, active));
}

uint8_t AfeTrips::left_over(uint32_t active) const {
  return static_cast<uint8_t>(trips_ & ~explained_trips(trips_, active));
}

}  // namespace bms
