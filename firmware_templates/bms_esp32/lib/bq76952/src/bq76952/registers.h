// Registers of the BQ76952, as far as the driver uses them. From TI's technical reference manual
// SLUUBY2B (2022) unless a comment says "unsure": then it is from memory, or from a sibling's
// manual, and is to be checked against that manual before a board relies on it.
#pragma once

#include <stdint.h>

namespace bq76952 {

constexpr uint8_t kAddress = 0x08;  // 7 bits; 0x10 and 0x11 on the wire
constexpr uint16_t kDeviceNumber = 0x7695;

// Direct commands. Two bytes each, little-endian, where not said otherwise.
namespace direct {
constexpr uint8_t kSafetyAlertA = 0x02;  // alert and status alternate: 0x02 to 0x07, a byte each
constexpr uint8_t kSafetyStatusA = 0x03;
constexpr uint8_t kSafetyStatusB = 0x05;
constexpr uint8_t kSafetyStatusC = 0x07;
constexpr uint8_t kBatteryStatus = 0x12;
constexpr uint8_t kCell1 = 0x14;  // mV, 16 cells
constexpr uint8_t kStack = 0x34;  // in the voltage unit of DA Configuration, like the next two
constexpr uint8_t kPack = 0x36;
constexpr uint8_t kLd = 0x38;
constexpr uint8_t kCurrent = 0x3A;  // CC2, in the current unit of DA Configuration
constexpr uint8_t kSubcommand = 0x3E;
constexpr uint8_t kTransferBuffer = 0x40;
constexpr uint8_t kChecksum = 0x60;  // written together with the length at 0x61
constexpr uint8_t kAlarmStatus = 0x62;
constexpr uint8_t kAlarmRaw = 0x64;
constexpr uint8_t kAlarmEnable = 0x66;
constexpr uint8_t kDieTemperature = 0x68;  // 0.1 K
constexpr uint8_t kCfetoffPin = 0x6A;
constexpr uint8_t kDfetoffPin = 0x6C;
constexpr uint8_t kAlertPin = 0x6E;
constexpr uint8_t kTs1Pin = 0x70;
constexpr uint8_t kTs2Pin = 0x72;
constexpr uint8_t kTs3Pin = 0x74;
constexpr uint8_t kHdqPin = 0x76;
constexpr uint8_t kDchgPin = 0x78;
constexpr uint8_t kFetStatus = 0x7F;  // one byte
}  // namespace direct

namespace subcommand {
constexpr uint16_t kDeviceNumber = 0x0001;
constexpr uint16_t kReset = 0x0012;
constexpr uint16_t kFetEnable = 0x0022;  // toggles
constexpr uint16_t kManufacturingStatus = 0x0057;
constexpr uint16_t kBalanceCells = 0x0083;
constexpr uint16_t kEnterConfigUpdate = 0x0090;
constexpr uint16_t kExitConfigUpdate = 0x0092;
constexpr uint16_t kAllFetsOff = 0x0095;
constexpr uint16_t kAllFetsOn = 0x0096;
constexpr uint16_t kFetControl = 0x0097;
constexpr uint16_t kSleepDisable = 0x009A;
constexpr uint16_t kOcdlRecover = 0x009B;
constexpr uint16_t kScdlRecover = 0x009C;
}  // namespace subcommand

namespace battery_status {
constexpr uint16_t kConfigUpdate = 1U << 0U;
constexpr uint16_t kSleepEnabled = 1U << 2U;
constexpr uint16_t kPowerOnReset = 1U << 3U;  // set by a reset, cleared by leaving CONFIG_UPDATE
constexpr uint16_t kWatchdogReset = 1U << 4U;
constexpr uint16_t kSafetyFault = 1U << 11U;
constexpr uint16_t kSleeping = 1U << 15U;
}  // namespace battery_status

namespace safety_a {
constexpr uint8_t kCellUnderVoltage = 1U << 2U;
constexpr uint8_t kCellOverVoltage = 1U << 3U;
constexpr uint8_t kChargeOverCurrent = 1U << 4U;
constexpr uint8_t kDischargeOverCurrent1 = 1U << 5U;
constexpr uint8_t kDischargeOverCurrent2 = 1U << 6U;
constexpr uint8_t kShortCircuit = 1U << 7U;
}  // namespace safety_a

namespace safety_b {
constexpr uint8_t kChargeUnderTemperature = 1U << 0U;
constexpr uint8_t kDischargeUnderTemperature = 1U << 1U;
constexpr uint8_t kChargeOverTemperature = 1U << 4U;
constexpr uint8_t kDischargeOverTemperature = 1U << 5U;
constexpr uint8_t kDieOverTemperature = 1U << 6U;
}  // namespace safety_b

namespace safety_c {
constexpr uint8_t kHostWatchdog = 1U << 1U;
constexpr uint8_t kCellOverVoltageLatch = 1U << 4U;
constexpr uint8_t kDischargeOverCurrentLatch = 1U << 5U;
constexpr uint8_t kShortCircuitLatch = 1U << 6U;
constexpr uint8_t kDischargeOverCurrent3 = 1U << 7U;
}  // namespace safety_c

namespace alarm {
constexpr uint16_t kScanDone = 1U << 1U;      // cells and current measured; latched, 1 clears
constexpr uint16_t kFullScanDone = 1U << 7U;  // and every temperature
constexpr uint16_t kSafetyA = 1U << 14U;
constexpr uint16_t kSafetyBOrC = 1U << 15U;
}  // namespace alarm

namespace fet_status {
constexpr uint8_t kCharge = 1U << 0U;
constexpr uint8_t kPrecharge = 1U << 1U;
constexpr uint8_t kDischarge = 1U << 2U;
}  // namespace fet_status

// Set bits keep a switch off. Unsure: the order of the bits is from memory.
namespace fet_control {
constexpr uint8_t kDischargeOff = 1U << 0U;
constexpr uint8_t kPredischargeOff = 1U << 1U;
constexpr uint8_t kChargeOff = 1U << 2U;
constexpr uint8_t kPrechargeOff = 1U << 3U;
}  // namespace fet_control

constexpr uint16_t kManufacturingFetEnabled = 1U << 4U;

// Data memory. Sizes in bytes are in settings.cpp.
namespace memory {
constexpr uint16_t kBegin = 0x9180;
constexpr uint16_t kEnd = 0x9400;  // unsure: no setting that is used lies above 0x9343
constexpr uint16_t kCcGain = 0x91A8;
constexpr uint16_t kCapacityGain = 0x91AC;
constexpr uint16_t kPowerConfig = 0x9234;
constexpr uint16_t kEnabledProtectionsA = 0x9261;
constexpr uint16_t kEnabledProtectionsB = 0x9262;
constexpr uint16_t kEnabledProtectionsC = 0x9263;
constexpr uint16_t kChargeFetProtectionsA = 0x9265;
constexpr uint16_t kChargeFetProtectionsB = 0x9266;
constexpr uint16_t kChargeFetProtectionsC = 0x9267;
constexpr uint16_t kDischargeFetProtectionsA = 0x9269;
constexpr uint16_t kDischargeFetProtectionsB = 0x926A;
constexpr uint16_t kDischargeFetProtectionsC = 0x926B;
constexpr uint16_t kDefaultAlarmMask = 0x926D;
constexpr uint16_t kBodyDiodeThreshold = 0x9273;
constexpr uint16_t kCuvThreshold = 0x9275;
constexpr uint16_t kCuvDelay = 0x9276;
constexpr uint16_t kCovThreshold = 0x9278;
constexpr uint16_t kCovDelay = 0x9279;
constexpr uint16_t kCuvHysteresis = 0x927B;
constexpr uint16_t kCovHysteresis = 0x927C;
constexpr uint16_t kOccThreshold = 0x9280;
constexpr uint16_t kOccDelay = 0x9281;
constexpr uint16_t kOcd1Threshold = 0x9282;
constexpr uint16_t kOcd1Delay = 0x9283;
constexpr uint16_t kScdThreshold = 0x9286;
constexpr uint16_t kScdDelay = 0x9287;
constexpr uint16_t kOccRecovery = 0x9288;
constexpr uint16_t kOcdRecovery = 0x928D;
constexpr uint16_t kScdRecoveryTime = 0x9294;
constexpr uint16_t kScdlLatchLimit = 0x9295;
constexpr uint16_t kScdlCounterDelay = 0x9296;
constexpr uint16_t kScdlRecoveryTime = 0x9297;
constexpr uint16_t kScdlRecovery = 0x9298;
constexpr uint16_t kOtcThreshold = 0x929A;  // then delay, recovery; the same for each below
constexpr uint16_t kOtdThreshold = 0x929D;
constexpr uint16_t kOtintThreshold = 0x92A3;
constexpr uint16_t kUtcThreshold = 0x92A6;
constexpr uint16_t kUtdThreshold = 0x92A9;
constexpr uint16_t kRecoveryTime = 0x92AF;
constexpr uint16_t kOccPackDelta = 0x92B0;
constexpr uint16_t kHostWatchdogDelay = 0x92B2;
constexpr uint16_t kCfetoffPin = 0x92FA;
constexpr uint16_t kDfetoffPin = 0x92FB;
constexpr uint16_t kAlertPin = 0x92FC;
constexpr uint16_t kTs1Pin = 0x92FD;
constexpr uint16_t kTs2Pin = 0x92FE;
constexpr uint16_t kTs3Pin = 0x92FF;
constexpr uint16_t kHdqPin = 0x9300;
constexpr uint16_t kDchgPin = 0x9301;
constexpr uint16_t kDdsgPin = 0x9302;
constexpr uint16_t kDaConfiguration = 0x9303;
constexpr uint16_t kVcellMode = 0x9304;
constexpr uint16_t kFetOptions = 0x9308;
constexpr uint16_t kChargePump = 0x9309;
constexpr uint16_t kOpenWireCheckTime = 0x9314;
constexpr uint16_t kBalanceConfiguration = 0x9335;
constexpr uint16_t kBalanceMaxDieTemperature = 0x9338;
constexpr uint16_t kBalanceInterval = 0x9339;
constexpr uint16_t kBalanceMaxCells = 0x933A;
constexpr uint16_t kManufacturingStatusInit = 0x9343;
}  // namespace memory

}  // namespace bq76952
