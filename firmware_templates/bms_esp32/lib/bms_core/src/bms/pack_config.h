// Generated from schema/pack_config.yaml by schema/generate.py: change it there.
// clang-format off
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace bms {

// Every limit and property of a pack, as data. Its defaults are the reference pack.
struct PackConfig {
  // Pack
  int32_t cell_count = 16;  // cells
  int32_t capacity_mah = 280000;  // mAh
  int32_t switch_kind = 1;  // choice
  int32_t ntc_count = 8;  // sensors
  int32_t is_shunt_shared = 0;  // choice
  // Bounds of the cell's datasheet
  int32_t cell_max_mv = 3650;  // mV
  int32_t cell_min_mv = 2500;  // mV
  int32_t charge_temp_max_ddegc = 550;  // 0.1 °C
  int32_t charge_temp_min_ddegc = 0;  // 0.1 °C
  int32_t discharge_temp_max_ddegc = 550;  // 0.1 °C
  int32_t discharge_temp_min_ddegc = -200;  // 0.1 °C
  int32_t current_max_ma = 280000;  // mA
  // Errors of the measuring paths
  int32_t cell_error_mv = 10;  // mV
  int32_t temp_error_ddegc = 15;  // 0.1 °C
  int32_t temp_gradient_ddegc = 30;  // 0.1 °C
  int32_t current_error_ppm = 10000;  // ppm
  int32_t current_offset_ma = 50;  // mA
  // Cell voltage
  int32_t cell_ov_warn_mv = 3500;  // mV
  int32_t cell_ov_stop_mv = 3550;  // mV
  int32_t cell_ov_trip_mv = 3580;  // mV
  int32_t cell_ov_delay_ms = 1000;  // ms
  int32_t cell_ov_release_mv = 3400;  // mV
  int32_t cell_ov_damage_mv = 3750;  // mV
  int32_t cell_uv_warn_mv = 3000;  // mV
  int32_t cell_uv_stop_mv = 2800;  // mV
  int32_t cell_uv_trip_mv = 2600;  // mV
  int32_t cell_uv_delay_ms = 2000;  // ms
  int32_t cell_uv_release_mv = 3100;  // mV
  int32_t cell_uv_damage_mv = 2000;  // mV
  int32_t imbalance_warn_mv = 30;  // mV
  int32_t imbalance_trip_mv = 1000;  // mV
  int32_t imbalance_delay_ms = 2000;  // ms
  int32_t stack_mismatch_mv = 400;  // mV
  int32_t stack_mismatch_delay_ms = 1000;  // ms
  // Current (charging is positive)
  int32_t current_warn_ma = 140000;  // mA
  int32_t oc_slow_trip_ma = 168000;  // mA
  int32_t oc_slow_delay_ms = 10000;  // ms
  int32_t oc_fast_trip_ma = 270000;  // mA
  int32_t oc_fast_delay_ms = 100;  // ms
  int32_t oc_release_ms = 60000;  // ms
  int32_t oc_attempts = 3;  // times
  int32_t scd_trip_ma = 400000;  // mA
  int32_t scd_delay_us = 200;  // µs
  int32_t derating_temp_ddegc[10] = {0, 50, 100, 150, 200, 250, 450, 500, 550, 600};  // 0.1 °C
  int32_t derating_current_ma[10] = {8400, 33600, 84000, 140000, 224000, 280000, 224000, 140000, 70000, 0};  // mA
  int32_t derating_delay_ms = 10000;  // ms
  int32_t current_mismatch_ma = 5000;  // mA
  int32_t current_mismatch_delay_ms = 2000;  // ms
  int32_t idle_current_ma = 1000;  // mA
  // Temperature
  int32_t charge_ot_trip_ddegc = 500;  // 0.1 °C
  int32_t charge_ot_release_ddegc = 450;  // 0.1 °C
  int32_t charge_ut_trip_ddegc = 50;  // 0.1 °C
  int32_t charge_ut_release_ddegc = 80;  // 0.1 °C
  int32_t discharge_ot_trip_ddegc = 500;  // 0.1 °C
  int32_t discharge_ot_release_ddegc = 450;  // 0.1 °C
  int32_t discharge_ut_trip_ddegc = -150;  // 0.1 °C
  int32_t discharge_ut_release_ddegc = -100;  // 0.1 °C
  int32_t temp_delay_ms = 2000;  // ms
  // Front end (acts alone when the host does not)
  int32_t afe_cov_mv = 3600;  // mV
  int32_t afe_cov_delay_ms = 2000;  // ms
  int32_t afe_cuv_mv = 2510;  // mV
  int32_t afe_cuv_delay_ms = 3000;  // ms
  int32_t afe_oc_ma = 270000;  // mA
  int32_t afe_oc_delay_ms = 200;  // ms
  int32_t afe_watchdog_ms = 2000;  // ms
  int32_t afe_period_ms = 50;  // ms
  int32_t stale_ms = 500;  // ms
  int32_t afe_shunt_uohm = 300;  // µOhm
  int32_t ina_shunt_uohm = 300;  // µOhm
  // Thermistors
  int32_t ntc_r25_ohm = 10000;  // Ohm
  int32_t ntc_beta_k = 3435;  // K
  int32_t ntc_pullup_ohm = 18000;  // Ohm
  int32_t ntc_open_ohm = 400000;  // Ohm
  int32_t ntc_short_ohm = 400;  // Ohm
  // Closing and opening
  int32_t precharge_done_mv = 1000;  // mV
  int32_t precharge_timeout_ms = 2000;  // ms
  int32_t precharge_pause_ms = 10000;  // ms
  int32_t precharge_attempts = 3;  // times
  int32_t open_request_ms = 500;  // ms
  int32_t breaking_current_ma = 1000000;  // mA
  int32_t breaking_wait_ms = 200;  // ms
  int32_t weld_delay_ms = 300;  // ms
  // Balancing
  int32_t balance_min_mv = 3400;  // mV
  int32_t balance_start_mv = 10;  // mV
  int32_t balance_stop_mv = 5;  // mV
  int32_t balance_temp_max_ddegc = 450;  // 0.1 °C
  int32_t balance_temp_min_ddegc = 0;  // 0.1 °C
  // State of charge
  int32_t soc_full_mv = 3450;  // mV
  int32_t soc_full_tail_ma = 14000;  // mA
  int32_t soc_rest_ms = 3600000;  // ms
  int32_t soc_ocv_low_permille = 150;  // 0.1 %
  int32_t soc_ocv_high_permille = 970;  // 0.1 %
  int32_t ocv_permille[13] = {0, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950, 1000};  // 0.1 %
  int32_t ocv_mv[13] = {2833, 3132, 3177, 3213, 3240, 3262, 3265, 3271, 3283, 3304, 3309, 3314, 3392};  // mV
  int32_t soc_save_ms = 300000;  // ms
};

constexpr int32_t kPackConfigVersion = 1;

constexpr int32_t kSwitchKindMosfet = 0;
constexpr int32_t kSwitchKindContactor = 1;
constexpr int32_t kIsShuntSharedNo = 0;
constexpr int32_t kIsShuntSharedYes = 1;

// A field's place in kFields, and its number in the protocol.
enum class FieldId : uint16_t {
  kCellCount,
  kCapacityMah,
  kSwitchKind,
  kNtcCount,
  kIsShuntShared,
  kCellMaxMv,
  kCellMinMv,
  kChargeTempMaxDdegc,
  kChargeTempMinDdegc,
  kDischargeTempMaxDdegc,
  kDischargeTempMinDdegc,
  kCurrentMaxMa,
  kCellErrorMv,
  kTempErrorDdegc,
  kTempGradientDdegc,
  kCurrentErrorPpm,
  kCurrentOffsetMa,
  kCellOvWarnMv,
  kCellOvStopMv,
  kCellOvTripMv,
  kCellOvDelayMs,
  kCellOvReleaseMv,
  kCellOvDamageMv,
  kCellUvWarnMv,
  kCellUvStopMv,
  kCellUvTripMv,
  kCellUvDelayMs,
  kCellUvReleaseMv,
  kCellUvDamageMv,
  kImbalanceWarnMv,
  kImbalanceTripMv,
  kImbalanceDelayMs,
  kStackMismatchMv,
  kStackMismatchDelayMs,
  kCurrentWarnMa,
  kOcSlowTripMa,
  kOcSlowDelayMs,
  kOcFastTripMa,
  kOcFastDelayMs,
  kOcReleaseMs,
  kOcAttempts,
  kScdTripMa,
  kScdDelayUs,
  kDeratingTempDdegc,
  kDeratingCurrentMa,
  kDeratingDelayMs,
  kCurrentMismatchMa,
  kCurrentMismatchDelayMs,
  kIdleCurrentMa,
  kChargeOtTripDdegc,
  kChargeOtReleaseDdegc,
  kChargeUtTripDdegc,
  kChargeUtReleaseDdegc,
  kDischargeOtTripDdegc,
  kDischargeOtReleaseDdegc,
  kDischargeUtTripDdegc,
  kDischargeUtReleaseDdegc,
  kTempDelayMs,
  kAfeCovMv,
  kAfeCovDelayMs,
  kAfeCuvMv,
  kAfeCuvDelayMs,
  kAfeOcMa,
  kAfeOcDelayMs,
  kAfeWatchdogMs,
  kAfePeriodMs,
  kStaleMs,
  kAfeShuntUohm,
  kInaShuntUohm,
  kNtcR25Ohm,
  kNtcBetaK,
  kNtcPullupOhm,
  kNtcOpenOhm,
  kNtcShortOhm,
  kPrechargeDoneMv,
  kPrechargeTimeoutMs,
  kPrechargePauseMs,
  kPrechargeAttempts,
  kOpenRequestMs,
  kBreakingCurrentMa,
  kBreakingWaitMs,
  kWeldDelayMs,
  kBalanceMinMv,
  kBalanceStartMv,
  kBalanceStopMv,
  kBalanceTempMaxDdegc,
  kBalanceTempMinDdegc,
  kSocFullMv,
  kSocFullTailMa,
  kSocRestMs,
  kSocOcvLowPermille,
  kSocOcvHighPermille,
  kOcvPermille,
  kOcvMv,
  kSocSaveMs,
};

struct Field {
  const char* name;
  uint16_t word;    // place of its first value in the configuration, in words of 32 bits
  uint16_t length;  // number of values
  int32_t min;
  int32_t max;
};

inline constexpr Field kFields[] = {
    {"cell_count", 0, 1, 3, 16},
    {"capacity_mah", 1, 1, 1000, 1000000},
    {"switch_kind", 2, 1, 0, 1},
    {"ntc_count", 3, 1, 1, 8},
    {"is_shunt_shared", 4, 1, 0, 1},
    {"cell_max_mv", 5, 1, 2000, 4500},
    {"cell_min_mv", 6, 1, 1000, 4000},
    {"charge_temp_max_ddegc", 7, 1, 0, 900},
    {"charge_temp_min_ddegc", 8, 1, -400, 300},
    {"discharge_temp_max_ddegc", 9, 1, 0, 900},
    {"discharge_temp_min_ddegc", 10, 1, -500, 300},
    {"current_max_ma", 11, 1, 1000, 1000000},
    {"cell_error_mv", 12, 1, 0, 100},
    {"temp_error_ddegc", 13, 1, 0, 100},
    {"temp_gradient_ddegc", 14, 1, 0, 200},
    {"current_error_ppm", 15, 1, 0, 100000},
    {"current_offset_ma", 16, 1, 0, 10000},
    {"cell_ov_warn_mv", 17, 1, 2000, 4500},
    {"cell_ov_stop_mv", 18, 1, 2000, 4500},
    {"cell_ov_trip_mv", 19, 1, 2000, 4500},
    {"cell_ov_delay_ms", 20, 1, 0, 10000},
    {"cell_ov_release_mv", 21, 1, 2000, 4500},
    {"cell_ov_damage_mv", 22, 1, 2000, 5000},
    {"cell_uv_warn_mv", 23, 1, 1000, 4000},
    {"cell_uv_stop_mv", 24, 1, 1000, 4000},
    {"cell_uv_trip_mv", 25, 1, 1000, 4000},
    {"cell_uv_delay_ms", 26, 1, 0, 10000},
    {"cell_uv_release_mv", 27, 1, 1000, 4000},
    {"cell_uv_damage_mv", 28, 1, 500, 3000},
    {"imbalance_warn_mv", 29, 1, 1, 1000},
    {"imbalance_trip_mv", 30, 1, 10, 2000},
    {"imbalance_delay_ms", 31, 1, 0, 60000},
    {"stack_mismatch_mv", 32, 1, 10, 5000},
    {"stack_mismatch_delay_ms", 33, 1, 0, 10000},
    {"current_warn_ma", 34, 1, 100, 1000000},
    {"oc_slow_trip_ma", 35, 1, 100, 1000000},
    {"oc_slow_delay_ms", 36, 1, 0, 60000},
    {"oc_fast_trip_ma", 37, 1, 100, 1000000},
    {"oc_fast_delay_ms", 38, 1, 0, 1000},
    {"oc_release_ms", 39, 1, 1000, 3600000},
    {"oc_attempts", 40, 1, 0, 20},
    {"scd_trip_ma", 41, 1, 1000, 2000000},
    {"scd_delay_us", 42, 1, 15, 450},
    {"derating_temp_ddegc", 43, 10, -400, 900},
    {"derating_current_ma", 53, 10, 0, 1000000},
    {"derating_delay_ms", 63, 1, 0, 60000},
    {"current_mismatch_ma", 64, 1, 100, 100000},
    {"current_mismatch_delay_ms", 65, 1, 0, 10000},
    {"idle_current_ma", 66, 1, 10, 10000},
    {"charge_ot_trip_ddegc", 67, 1, 0, 900},
    {"charge_ot_release_ddegc", 68, 1, 0, 900},
    {"charge_ut_trip_ddegc", 69, 1, -400, 300},
    {"charge_ut_release_ddegc", 70, 1, -400, 300},
    {"discharge_ot_trip_ddegc", 71, 1, 0, 900},
    {"discharge_ot_release_ddegc", 72, 1, 0, 900},
    {"discharge_ut_trip_ddegc", 73, 1, -500, 300},
    {"discharge_ut_release_ddegc", 74, 1, -500, 300},
    {"temp_delay_ms", 75, 1, 0, 60000},
    {"afe_cov_mv", 76, 1, 2000, 4500},
    {"afe_cov_delay_ms", 77, 1, 10, 6000},
    {"afe_cuv_mv", 78, 1, 1000, 4000},
    {"afe_cuv_delay_ms", 79, 1, 10, 6000},
    {"afe_oc_ma", 80, 1, 1000, 1000000},
    {"afe_oc_delay_ms", 81, 1, 10, 426},
    {"afe_watchdog_ms", 82, 1, 1000, 65000},
    {"afe_period_ms", 83, 1, 10, 1000},
    {"stale_ms", 84, 1, 100, 1000},
    {"afe_shunt_uohm", 85, 1, 50, 10000},
    {"ina_shunt_uohm", 86, 1, 50, 10000},
    {"ntc_r25_ohm", 87, 1, 1000, 200000},
    {"ntc_beta_k", 88, 1, 2000, 6000},
    {"ntc_pullup_ohm", 89, 1, 1000, 200000},
    {"ntc_open_ohm", 90, 1, 10000, 10000000},
    {"ntc_short_ohm", 91, 1, 1, 5000},
    {"precharge_done_mv", 92, 1, 100, 10000},
    {"precharge_timeout_ms", 93, 1, 100, 30000},
    {"precharge_pause_ms", 94, 1, 1000, 600000},
    {"precharge_attempts", 95, 1, 1, 10},
    {"open_request_ms", 96, 1, 0, 10000},
    {"breaking_current_ma", 97, 1, 1000, 2000000},
    {"breaking_wait_ms", 98, 1, 0, 10000},
    {"weld_delay_ms", 99, 1, 20, 5000},
    {"balance_min_mv", 100, 1, 2000, 4500},
    {"balance_start_mv", 101, 1, 1, 500},
    {"balance_stop_mv", 102, 1, 0, 500},
    {"balance_temp_max_ddegc", 103, 1, 0, 900},
    {"balance_temp_min_ddegc", 104, 1, -400, 300},
    {"soc_full_mv", 105, 1, 2000, 4500},
    {"soc_full_tail_ma", 106, 1, 10, 1000000},
    {"soc_rest_ms", 107, 1, 60000, 86400000},
    {"soc_ocv_low_permille", 108, 1, 0, 500},
    {"soc_ocv_high_permille", 109, 1, 500, 1000},
    {"ocv_permille", 110, 13, 0, 1000},
    {"ocv_mv", 123, 13, 1000, 4500},
    {"soc_save_ms", 136, 1, 10000, 3600000},
};

constexpr size_t kFieldCount = sizeof(kFields) / sizeof(kFields[0]);
constexpr size_t kConfigWords = 137;
static_assert(sizeof(PackConfig) == kConfigWords * sizeof(int32_t), "fields and words disagree");

// The sum of the left fields is below the sum of the right ones, or equal where that is allowed.
struct OrderRule {
  const char* text;
  FieldId left[3];
  uint8_t left_count;
  FieldId right[3];
  uint8_t right_count;
  bool is_equal_allowed;
};

inline constexpr OrderRule kOrderRules[] = {
    {"cell_min_mv < cell_max_mv",
     {FieldId::kCellMinMv}, 1,
     {FieldId::kCellMaxMv}, 1,
     false},
    {"cell_uv_damage_mv < cell_uv_trip_mv",
     {FieldId::kCellUvDamageMv}, 1,
     {FieldId::kCellUvTripMv}, 1,
     false},
    {"cell_min_mv + cell_error_mv <= cell_uv_trip_mv",
     {FieldId::kCellMinMv, FieldId::kCellErrorMv}, 2,
     {FieldId::kCellUvTripMv}, 1,
     true},
    {"cell_min_mv + cell_error_mv <= afe_cuv_mv",
     {FieldId::kCellMinMv, FieldId::kCellErrorMv}, 2,
     {FieldId::kAfeCuvMv}, 1,
     true},
    {"cell_uv_trip_mv < cell_uv_stop_mv",
     {FieldId::kCellUvTripMv}, 1,
     {FieldId::kCellUvStopMv}, 1,
     false},
    {"cell_uv_stop_mv < cell_uv_warn_mv",
     {FieldId::kCellUvStopMv}, 1,
     {FieldId::kCellUvWarnMv}, 1,
     false},
    {"cell_uv_trip_mv < cell_uv_release_mv",
     {FieldId::kCellUvTripMv}, 1,
     {FieldId::kCellUvReleaseMv}, 1,
     false},
    {"cell_uv_release_mv < cell_ov_release_mv",
     {FieldId::kCellUvReleaseMv}, 1,
     {FieldId::kCellOvReleaseMv}, 1,
     false},
    {"cell_ov_release_mv < cell_ov_trip_mv",
     {FieldId::kCellOvReleaseMv}, 1,
     {FieldId::kCellOvTripMv}, 1,
     false},
    {"cell_uv_warn_mv < cell_ov_warn_mv",
     {FieldId::kCellUvWarnMv}, 1,
     {FieldId::kCellOvWarnMv}, 1,
     false},
    {"cell_ov_warn_mv < cell_ov_stop_mv",
     {FieldId::kCellOvWarnMv}, 1,
     {FieldId::kCellOvStopMv}, 1,
     false},
    {"cell_ov_stop_mv < cell_ov_trip_mv",
     {FieldId::kCellOvStopMv}, 1,
     {FieldId::kCellOvTripMv}, 1,
     false},
    {"cell_ov_trip_mv + cell_error_mv <= cell_max_mv",
     {FieldId::kCellOvTripMv, FieldId::kCellErrorMv}, 2,
     {FieldId::kCellMaxMv}, 1,
     true},
    {"afe_cov_mv + cell_error_mv <= cell_max_mv",
     {FieldId::kAfeCovMv, FieldId::kCellErrorMv}, 2,
     {FieldId::kCellMaxMv}, 1,
     true},
    {"cell_ov_trip_mv < cell_ov_damage_mv",
     {FieldId::kCellOvTripMv}, 1,
     {FieldId::kCellOvDamageMv}, 1,
     false},
    {"imbalance_warn_mv < imbalance_trip_mv",
     {FieldId::kImbalanceWarnMv}, 1,
     {FieldId::kImbalanceTripMv}, 1,
     false},
    {"current_warn_ma < oc_slow_trip_ma",
     {FieldId::kCurrentWarnMa}, 1,
     {FieldId::kOcSlowTripMa}, 1,
     false},
    {"oc_slow_trip_ma < oc_fast_trip_ma",
     {FieldId::kOcSlowTripMa}, 1,
     {FieldId::kOcFastTripMa}, 1,
     false},
    {"oc_fast_trip_ma + current_offset_ma <= current_max_ma",
     {FieldId::kOcFastTripMa, FieldId::kCurrentOffsetMa}, 2,
     {FieldId::kCurrentMaxMa}, 1,
     true},
    {"afe_oc_ma + current_offset_ma <= current_max_ma",
     {FieldId::kAfeOcMa, FieldId::kCurrentOffsetMa}, 2,
     {FieldId::kCurrentMaxMa}, 1,
     true},
    {"afe_oc_ma < scd_trip_ma",
     {FieldId::kAfeOcMa}, 1,
     {FieldId::kScdTripMa}, 1,
     false},
    {"idle_current_ma < oc_slow_trip_ma",
     {FieldId::kIdleCurrentMa}, 1,
     {FieldId::kOcSlowTripMa}, 1,
     false},
    {"charge_ut_trip_ddegc < charge_ut_release_ddegc",
     {FieldId::kChargeUtTripDdegc}, 1,
     {FieldId::kChargeUtReleaseDdegc}, 1,
     false},
    {"charge_ut_release_ddegc < charge_ot_release_ddegc",
     {FieldId::kChargeUtReleaseDdegc}, 1,
     {FieldId::kChargeOtReleaseDdegc}, 1,
     false},
    {"charge_ot_release_ddegc < charge_ot_trip_ddegc",
     {FieldId::kChargeOtReleaseDdegc}, 1,
     {FieldId::kChargeOtTripDdegc}, 1,
     false},
    {"charge_ot_trip_ddegc + temp_error_ddegc + temp_gradient_ddegc <= charge_temp_max_ddegc",
     {FieldId::kChargeOtTripDdegc, FieldId::kTempErrorDdegc, FieldId::kTempGradientDdegc}, 3,
     {FieldId::kChargeTempMaxDdegc}, 1,
     true},
    {"charge_temp_min_ddegc + temp_error_ddegc + temp_gradient_ddegc <= charge_ut_trip_ddegc",
     {FieldId::kChargeTempMinDdegc, FieldId::kTempErrorDdegc, FieldId::kTempGradientDdegc}, 3,
     {FieldId::kChargeUtTripDdegc}, 1,
     true},
    {"discharge_ut_trip_ddegc < discharge_ut_release_ddegc",
     {FieldId::kDischargeUtTripDdegc}, 1,
     {FieldId::kDischargeUtReleaseDdegc}, 1,
     false},
    {"discharge_ut_release_ddegc < discharge_ot_release_ddegc",
     {FieldId::kDischargeUtReleaseDdegc}, 1,
     {FieldId::kDischargeOtReleaseDdegc}, 1,
     false},
    {"discharge_ot_release_ddegc < discharge_ot_trip_ddegc",
     {FieldId::kDischargeOtReleaseDdegc}, 1,
     {FieldId::kDischargeOtTripDdegc}, 1,
     false},
    {"discharge_ot_trip_ddegc + temp_error_ddegc + temp_gradient_ddegc <= discharge_temp_max_ddegc",
     {FieldId::kDischargeOtTripDdegc, FieldId::kTempErrorDdegc, FieldId::kTempGradientDdegc}, 3,
     {FieldId::kDischargeTempMaxDdegc}, 1,
     true},
    {"discharge_temp_min_ddegc + temp_error_ddegc + temp_gradient_ddegc <= discharge_ut_trip_ddegc",
     {FieldId::kDischargeTempMinDdegc, FieldId::kTempErrorDdegc, FieldId::kTempGradientDdegc}, 3,
     {FieldId::kDischargeUtTripDdegc}, 1,
     true},
    {"ntc_short_ohm < ntc_r25_ohm",
     {FieldId::kNtcShortOhm}, 1,
     {FieldId::kNtcR25Ohm}, 1,
     false},
    {"ntc_r25_ohm < ntc_open_ohm",
     {FieldId::kNtcR25Ohm}, 1,
     {FieldId::kNtcOpenOhm}, 1,
     false},
    {"balance_stop_mv < balance_start_mv",
     {FieldId::kBalanceStopMv}, 1,
     {FieldId::kBalanceStartMv}, 1,
     false},
    {"balance_temp_min_ddegc < balance_temp_max_ddegc",
     {FieldId::kBalanceTempMinDdegc}, 1,
     {FieldId::kBalanceTempMaxDdegc}, 1,
     false},
    {"soc_full_mv <= cell_ov_stop_mv",
     {FieldId::kSocFullMv}, 1,
     {FieldId::kCellOvStopMv}, 1,
     true},
    {"soc_ocv_low_permille < soc_ocv_high_permille",
     {FieldId::kSocOcvLowPermille}, 1,
     {FieldId::kSocOcvHighPermille}, 1,
     false},
    {"afe_period_ms + afe_period_ms < stale_ms",
     {FieldId::kAfePeriodMs, FieldId::kAfePeriodMs}, 2,
     {FieldId::kStaleMs}, 1,
     false},
};
constexpr size_t kOrderRuleCount = sizeof(kOrderRules) / sizeof(kOrderRules[0]);

// Tables whose values rise from one to the next.
inline constexpr FieldId kAscendingFields[] = {
    FieldId::kDeratingTempDdegc,
    FieldId::kOcvPermille,
    FieldId::kOcvMv,
};
constexpr size_t kAscendingFieldCount = sizeof(kAscendingFields) / sizeof(kAscendingFields[0]);

}  // namespace bms
