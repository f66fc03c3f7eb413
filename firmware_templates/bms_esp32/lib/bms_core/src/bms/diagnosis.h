// What each diagnosis is judged by and what it does, as one table indexed by bms::Diagnosis.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/names.h"
#include "bms/pack_config.h"

namespace bms {

constexpr uint16_t kNoField = 0xFFFF;

// Rising severity. The middle three let the path close again by itself once the cause is gone;
// kOpen leads to State::kError, which the operator ends.
enum class Action : uint8_t { kNone, kStopCharge, kStopDischarge, kStopBoth, kOpen };

// What the value of a diagnosis is, and with it the unit of its samples in the trip log.
enum class Measure : uint8_t {
  kNothing,
  kCell,               // voltage of the subject
  kSensor,             // temperature at the subject
  kChargeCurrent,      // the larger of both sensors, charging positive
  kDischargeCurrent,   // the larger of both sensors, discharging positive
  kCurrentMagnitude,   // the larger of both sensors, whichever way
  kSpread,             // highest less lowest cell
  kStackDifference,    // sum of the cells against the stack
  kCurrentDifference,  // of both sensors
  kLoadDifference,     // stack against what is behind the switches
  kAge,                // time since the last valid reading
};

enum Trait : uint8_t {
  kPlain = 0,
  kLatched = 1U << 0U,  // stays until the operator acknowledges, also when its cause is gone
  kUrgent = 1U << 1U,   // opens without asking charger and load for zero current first
  kCounted = 1U << 2U,  // over-currents: oc_attempts releases by time in an hour, then latched
};

constexpr FieldId kNone = static_cast<FieldId>(kNoField);

struct DiagnosisRow {
  Diagnosis id;
  const char* name;
  FieldId limit;          // kNone: it has no number
  FieldId delay;          // kNone: the first reading is enough
  FieldId release;        // kNone: released at the limit itself
  FieldId release_delay;  // kNone: the first reading is enough
  Action action;
  uint8_t traits;
  Measure measure;
};

// Damage thresholds release at the limit itself: with the pack open no cell could reach the release
// voltage of the protections, so the operator could never let go.
//
// Urgent are those where half a second of asking costs more than an arc: a current beyond what the
// cells stand, or readings and protections that can't be relied on while it would last. All others
// leave time, and a contactor lives longer when it opens without load.
namespace table {

using D = Diagnosis;
using F = FieldId;
using A = Action;
using M = Measure;

// clang-format off
inline constexpr DiagnosisRow kRows[] = {
    // limit, delay, release, delay of the release
    {D::kCellOverVoltage, "cell_over_voltage",
     F::kCellOvTripMv, F::kCellOvDelayMs, F::kCellOvReleaseMv, kNone,
     A::kStopCharge, kPlain, M::kCell},
    {D::kCellOverVoltageDamage, "cell_over_voltage_damage",
     F::kCellOvDamageMv, F::kCellOvDelayMs, kNone, kNone,
     A::kOpen, kLatched, M::kCell},
    {D::kCellUnderVoltage, "cell_under_voltage",
     F::kCellUvTripMv, F::kCellUvDelayMs, F::kCellUvReleaseMv, kNone,
     A::kStopDischarge, kPlain, M::kCell},
    {D::kCellDeepDischarge, "cell_deep_discharge",
     F::kCellUvDamageMv, F::kCellUvDelayMs, kNone, kNone,
     A::kOpen, kLatched, M::kCell},
    {D::kChargeOverCurrent, "charge_over_current",
     F::kOcSlowTripMa, F::kOcSlowDelayMs, F::kIdleCurrentMa, F::kOcReleaseMs,
     A::kStopCharge, kCounted, M::kChargeCurrent},
    {D::kChargeOverCurrentFast, "charge_over_current_fast",
     F::kOcFastTripMa, F::kOcFastDelayMs, F::kIdleCurrentMa, F::kOcReleaseMs,
     A::kStopCharge, kUrgent | kCounted, M::kChargeCurrent},
    {D::kDischargeOverCurrent, "discharge_over_current",
     F::kOcSlowTripMa, F::kOcSlowDelayMs, F::kIdleCurrentMa, F::kOcReleaseMs,
     A::kStopDischarge, kCounted, M::kDischargeCurrent},
    {D::kDischargeOverCurrentFast, "discharge_over_current_fast",
     F::kOcFastTripMa, F::kOcFastDelayMs, F::kIdleCurrentMa, F::kOcReleaseMs,
     A::kStopDischarge, kUrgent | kCounted, M::kDischargeCurrent},
    {D::kShortCircuit, "short_circuit",
     F::kScdTripMa, kNone, kNone, kNone,
     A::kOpen, kLatched | kUrgent, M::kDischargeCurrent},
    {D::kChargeCurrentDerated, "charge_current_derated",
     F::kDeratingCurrentMa, F::kDeratingDelayMs, F::kIdleCurrentMa, F::kOcReleaseMs,
     A::kStopCharge, kCounted, M::kChargeCurrent},
    {D::kChargeOverTemperature, "charge_over_temperature",
     F::kChargeOtTripDdegc, F::kTempDelayMs, F::kChargeOtReleaseDdegc, kNone,
     A::kStopCharge, kPlain, M::kSensor},
    {D::kChargeUnderTemperature, "charge_under_temperature",
     F::kChargeUtTripDdegc, F::kTempDelayMs, F::kChargeUtReleaseDdegc, kNone,
     A::kStopCharge, kPlain, M::kSensor},
    {D::kDischargeOverTemperature, "discharge_over_temperature",
     F::kDischargeOtTripDdegc, F::kTempDelayMs, F::kDischargeOtReleaseDdegc, kNone,
     A::kStopBoth, kPlain, M::kSensor},
    {D::kDischargeUnderTemperature, "discharge_under_temperature",
     F::kDischargeUtTripDdegc, F::kTempDelayMs, F::kDischargeUtReleaseDdegc, kNone,
     A::kStopBoth, kPlain, M::kSensor},
    {D::kCellImbalance, "cell_imbalance",
     F::kImbalanceTripMv, F::kImbalanceDelayMs, kNone, kNone,
     A::kOpen, kLatched, M::kSpread},
    {D::kStackMismatch, "stack_mismatch",
     F::kStackMismatchMv, F::kStackMismatchDelayMs, kNone, kNone,
     A::kOpen, kLatched, M::kStackDifference},
    {D::kCurrentMismatch, "current_mismatch",
     F::kCurrentMismatchMa, F::kCurrentMismatchDelayMs, kNone, kNone,
     A::kOpen, kLatched, M::kCurrentDifference},
    {D::kSenseWireOpen, "sense_wire_open",
     kNone, kNone, kNone, kNone,
     A::kOpen, kLatched, M::kNothing},
    {D::kSensorOpen, "sensor_open",
     kNone, F::kTempDelayMs, kNone, kNone,
     A::kOpen, kLatched, M::kSensor},
    {D::kSensorShort, "sensor_short",
     kNone, F::kTempDelayMs, kNone, kNone,
     A::kOpen, kLatched, M::kSensor},
    {D::kFrontEndStale, "front_end_stale",
     F::kStaleMs, kNone, kNone, kNone,
     A::kOpen, kLatched | kUrgent, M::kAge},
    {D::kFrontEndSettings, "front_end_settings",
     kNone, kNone, kNone, kNone,
     A::kOpen, kLatched | kUrgent, M::kNothing},
    {D::kFrontEndTrip, "front_end_trip",
     kNone, kNone, kNone, kNone,
     A::kOpen, kLatched | kUrgent, M::kNothing},
    {D::kCurrentSensorStale, "current_sensor_stale",
     F::kStaleMs, kNone, kNone, kNone,
     A::kOpen, kLatched, M::kAge},
    {D::kPrechargeFailed, "precharge_failed",
     F::kPrechargeDoneMv, kNone, kNone, kNone,
     A::kOpen, kLatched, M::kLoadDifference},
    {D::kSwitchWelded, "switch_welded",
     F::kIdleCurrentMa, F::kWeldDelayMs, kNone, kNone,
     A::kOpen, kLatched | kUrgent, M::kCurrentMagnitude},
    {D::kSwitchNotClosed, "switch_not_closed",
     F::kPrechargeDoneMv, F::kWeldDelayMs, kNone, kNone,
     A::kOpen, kLatched, M::kLoadDifference},
    {D::kSettingsCorrupt, "settings_corrupt",
     kNone, kNone, kNone, kNone,
     A::kNone, kLatched, M::kNothing},
    {D::kRestartedByWatchdog, "restarted_by_watchdog",
     kNone, kNone, kNone, kNone,
     A::kNone, kLatched, M::kNothing},
    {D::kRestartedByBrownOut, "restarted_by_brown_out",
     kNone, kNone, kNone, kNone,
     A::kNone, kLatched, M::kNothing},
};
// clang-format on

}  // namespace table

inline constexpr const auto& kDiagnosisRows = table::kRows;

constexpr bool is_same_text(const char* left, const char* right) {
  while (*left != '\0' && *left == *right) {
    ++left;
    ++right;
  }
  return *left == *right;
}

constexpr bool is_table_in_order() {
  for (size_t index = 0; index < kDiagnosisCount; ++index) {
    const DiagnosisRow& row = kDiagnosisRows[index];
    if (static_cast<size_t>(row.id) != index || !is_same_text(row.name, kDiagnosisNames[index])) {
      return false;
    }
  }
  return true;
}

// State::kError is left by an acknowledgement: what leads there must show that it waits for one.
constexpr bool is_everything_that_opens_latched() {
  for (const DiagnosisRow& row : kDiagnosisRows) {
    if (row.action == Action::kOpen && (row.traits & kLatched) == 0) {
      return false;
    }
  }
  return true;
}

static_assert(sizeof(kDiagnosisRows) / sizeof(kDiagnosisRows[0]) == kDiagnosisCount,
              "a row for each diagnosis");
static_assert(sizeof(kDiagnosisNames) / sizeof(kDiagnosisNames[0]) == kDiagnosisCount,
              "a name for each diagnosis");
static_assert(kDiagnosisCount <= 32, "sets of diagnoses have 32 bits");
static_assert(is_table_in_order(), "rows stand in the order of bms::Diagnosis, with its names");
static_assert(is_everything_that_opens_latched(), "what opens the pack waits for the operator");

constexpr const DiagnosisRow& row_of(Diagnosis diagnosis) {
  return kDiagnosisRows[static_cast<size_t>(diagnosis)];
}

constexpr uint32_t bit_of(Diagnosis diagnosis) { return 1U << static_cast<uint32_t>(diagnosis); }

// The diagnoses that do this, or are of this kind, as a set.
constexpr uint32_t set_of(Action action) {
  uint32_t set = 0;
  for (const DiagnosisRow& row : kDiagnosisRows) {
    if (row.action == action) {
      set |= bit_of(row.id);
    }
  }
  return set;
}

constexpr uint32_t set_of(Trait trait) {
  uint32_t set = 0;
  for (const DiagnosisRow& row : kDiagnosisRows) {
    if ((row.traits & trait) != 0) {
      set |= bit_of(row.id);
    }
  }
  return set;
}

constexpr uint32_t kOpenSet = set_of(Action::kOpen);
constexpr uint32_t kChargeStopSet = set_of(Action::kStopCharge) | set_of(Action::kStopBoth);
constexpr uint32_t kDischargeStopSet = set_of(Action::kStopDischarge) | set_of(Action::kStopBoth);
constexpr uint32_t kUrgentSet = set_of(kUrgent);

}  // namespace bms
