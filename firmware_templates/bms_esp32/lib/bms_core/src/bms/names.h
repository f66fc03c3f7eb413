// Generated from schema/telemetry.yaml by schema/generate.py: change it there.
// clang-format off
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace bms {

// What the guard is doing.
enum class State : uint8_t {
  kUninitialised,  // Just started: nothing is known, nothing is closed.
  kInit,  // The front end is being configured and read back, and all cells are awaited.
  kIdle,  // All is measured; the pack is open.
  kPrecharge,  // The load is charged through the resistor.
  kNormal,  // Closed: charge and discharge paths, each unless its own limit forbids it.
  kOpening,  // Zero current was asked for; the contactor opens when it comes or time is up.
  kError,  // Open. Left only when the cause is gone and the operator asks.
};
constexpr size_t kStateCount = 7;
constexpr const char* kStateNames[] = {
    "uninitialised",
    "init",
    "idle",
    "precharge",
    "normal",
    "opening",
    "error",
};

// What can be wrong. Its number is its bit in a set.
enum class Diagnosis : uint8_t {
  kCellOverVoltage,  // A cell is above cell_ov_trip_mv: the charge path opens.
  kCellOverVoltageDamage,  // A cell is above cell_ov_damage_mv: open, latched.
  kCellUnderVoltage,  // A cell is below cell_uv_trip_mv: the discharge path opens.
  kCellDeepDischarge,  // A cell is below cell_uv_damage_mv: open, latched.
  kChargeOverCurrent,  // Slow limit in charge: the charge path opens.
  kChargeOverCurrentFast,  // Fast limit in charge: the charge path opens.
  kDischargeOverCurrent,  // Slow limit in discharge: the discharge path opens.
  kDischargeOverCurrentFast,  // Fast limit in discharge: the discharge path opens.
  kShortCircuit,  // The front end saw a short circuit: open, latched.
  kChargeCurrentDerated,  // More charge current than the temperature allows: the charge path opens.
  kChargeOverTemperature,  // Too hot to charge: the charge path opens.
  kChargeUnderTemperature,  // Too cold to charge: the charge path opens.
  kDischargeOverTemperature,  // Too hot to discharge: both paths open.
  kDischargeUnderTemperature,  // Too cold to discharge: both paths open.
  kCellImbalance,  // Cells are further apart than in any healthy pack: open.
  kStackMismatch,  // The sum of the cells is not the stack: open, since a reading is wrong.
  kCurrentMismatch,  // The two current sensors disagree: open.
  kSenseWireOpen,  // A sense wire is open: open, since two cells are not measured.
  kSensorOpen,  // A thermistor is open: open.
  kSensorShort,  // A thermistor is shorted: open.
  kFrontEndStale,  // No valid reading of the front end within stale_ms: open.
  kFrontEndSettings,  // The front end was reset, or its settings do not read back as written: open, configured anew.
  kFrontEndTrip,  // The front end opened by itself before the host did.
  kCurrentSensorStale,  // No valid reading of the second current sensor within stale_ms: open.
  kPrechargeFailed,  // Pack and load still differ after every try: open, latched.
  kSwitchWelded,  // Current flows, or the contact shows closed, though the path is open: latched, sounds until seen.
  kSwitchNotClosed,  // A path that was closed does not carry: open.
  kSettingsCorrupt,  // No stored copy of the settings is whole: the built-in ones are used, and closing waits for the operator.
  kRestartedByWatchdog,  // The last run did not end by itself: closing waits for the operator.
  kRestartedByBrownOut,  // The supply had failed: closing waits for the operator.
};
constexpr size_t kDiagnosisCount = 30;
constexpr const char* kDiagnosisNames[] = {
    "cell_over_voltage",
    "cell_over_voltage_damage",
    "cell_under_voltage",
    "cell_deep_discharge",
    "charge_over_current",
    "charge_over_current_fast",
    "discharge_over_current",
    "discharge_over_current_fast",
    "short_circuit",
    "charge_current_derated",
    "charge_over_temperature",
    "charge_under_temperature",
    "discharge_over_temperature",
    "discharge_under_temperature",
    "cell_imbalance",
    "stack_mismatch",
    "current_mismatch",
    "sense_wire_open",
    "sensor_open",
    "sensor_short",
    "front_end_stale",
    "front_end_settings",
    "front_end_trip",
    "current_sensor_stale",
    "precharge_failed",
    "switch_welded",
    "switch_not_closed",
    "settings_corrupt",
    "restarted_by_watchdog",
    "restarted_by_brown_out",
};

// The operating and recommended tiers, which open nothing. Its number is its bit in a set.
enum class Warning : uint8_t {
  kCellHigh,  // A cell is above cell_ov_warn_mv.
  kChargeStop,  // A cell is above cell_ov_stop_mv: the charger is asked to stop.
  kCellLow,  // A cell is below cell_uv_warn_mv.
  kDischargeStop,  // A cell is below cell_uv_stop_mv: the load is asked to stop.
  kCurrentHigh,  // More than current_warn_ma.
  kImbalance,  // More than imbalance_warn_mv between the cells.
  kChargeDerated,  // The temperature allows less than current_warn_ma of charge current.
  kChargeUnsaved,  // The state of charge could not be written to memory.
};
constexpr size_t kWarningCount = 8;
constexpr const char* kWarningNames[] = {
    "cell_high",
    "charge_stop",
    "cell_low",
    "discharge_stop",
    "current_high",
    "imbalance",
    "charge_derated",
    "charge_unsaved",
};

// What happened to a diagnosis, or to the guard.
enum class EventKind : uint8_t {
  kTripped,  // Its limit was passed for its delay.
  kReleased,  // Its cause is gone, and what it opened may close.
  kAcknowledged,  // The operator let go of a latched one.
  kStateChanged,  // value is the state it was, limit the state it is.
};
constexpr size_t kEventKindCount = 4;
constexpr const char* kEventKindNames[] = {
    "tripped",
    "released",
    "acknowledged",
    "state_changed",
};

// What a person may ask of the board.
enum class Command : uint8_t {
  kIdentify,  // Send identity.
  kClose,  // Close the pack: precharge first. Refused while a diagnosis forbids it.
  kOpen,  // Open the pack.
  kAcknowledge,  // Let go of latched diagnoses whose cause is gone.
  kSilence,  // Silence the sound until something new trips.
  kReadTripLog,  // Send every entry of the trip log, oldest first.
  kTextOn,  // Also write lines of text, >name:value, for other plotters.
  kTextOff,  // Frames only.
  kDiscardParameters,  // Forget what was staged.
};
constexpr size_t kCommandCount = 9;
constexpr const char* kCommandNames[] = {
    "identify",
    "close",
    "open",
    "acknowledge",
    "silence",
    "read_trip_log",
    "text_on",
    "text_off",
    "discard_parameters",
};

// What became of a request.
enum class Result : uint8_t {
  kDone,
  kRefusedInThisState,  // Settings change only while the pack is open; closing needs idle.
  kRefusedByDiagnosis,  // detail is the first diagnosis in the way.
  kUnknown,  // No such command, field or index.
  kOutOfRange,  // The value is outside the field's range.
  kRuleBroken,  // detail is the number of the ordering rule that the whole would break.
  kHashDiffers,  // What is staged is not what the sender means to commit.
  kNotStored,  // Memory refused; the settings before still hold.
};
constexpr size_t kResultCount = 8;
constexpr const char* kResultNames[] = {
    "done",
    "refused_in_this_state",
    "refused_by_diagnosis",
    "unknown",
    "out_of_range",
    "rule_broken",
    "hash_differs",
    "not_stored",
};

}  // namespace bms
