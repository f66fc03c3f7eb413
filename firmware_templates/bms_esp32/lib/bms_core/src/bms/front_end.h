// What the core needs of the chip that measures cells and protects by itself, and of the second
// current sensor. Units: mV, mA (charging is positive), 0.1 °C.
#pragma once

#include <stdint.h>

#include "bms/pack_config.h"

namespace bms {

constexpr int32_t kMaxCells = 16;
constexpr int32_t kMaxSensors = 8;

enum class SensorState : uint8_t { kOk, kOpen, kShort };

// Protections that the front end has acted on by itself.
enum AfeTrip : uint8_t {
  kAfeTripOverVoltage = 1U << 0U,
  kAfeTripUnderVoltage = 1U << 1U,
  kAfeTripChargeCurrent = 1U << 2U,
  kAfeTripDischargeCurrent = 1U << 3U,
  kAfeTripShortCircuit = 1U << 4U,
  kAfeTripTemperature = 1U << 5U,
  kAfeTripWatchdog = 1U << 6U,
  kAfeTripOpenWire = 1U << 7U,
};

struct FrontEndReading {
  int32_t cell_mv[kMaxCells] = {};  // cell 1 is the one at the negative end
  int32_t stack_mv = 0;             // measured by a path of its own, not a sum
  int32_t pack_mv = 0;              // behind the switches
  int32_t current_ma = 0;
  int32_t temp_ddegc[kMaxSensors] = {};
  SensorState sensor[kMaxSensors] = {};
  int32_t die_temp_ddegc = 0;
  uint8_t trips = 0;  // AfeTrip, as a set
  bool is_charge_switch_on = false;
  bool is_discharge_switch_on = false;
};

// Paths as the host asks the front end for them. A path is closed only if host and front end both
// enable it: the wiring ANDs the two.
struct SwitchRequest {
  bool charge = false;
  bool discharge = false;
};

enum class FrontEndResult : uint8_t {
  kOk,
  kBusFailed,      // no answer, or a checksum that does not fit
  kNotConfigured,  // it was reset since: its protections are at their defaults
  kReadbackDiffers,
  kOutOfRange,  // a limit is one that the chip can't be set to
  kFrozen,      // it answers, but has measured nothing new: right after configure(), or it hangs
};

class FrontEnd {
 public:
  // Writes every setting and reads each back. Only with both paths open: it stops protection while
  // it lasts, about 200 ms.
  virtual FrontEndResult configure(const PackConfig& config) = 0;
  // Hash over the settings as they were read back, 0 before configure() gave kOk.
  virtual uint64_t readback_hash() const = 0;
  virtual FrontEndResult read(FrontEndReading& reading) = 0;
  virtual FrontEndResult switch_paths(const SwitchRequest& request) = 0;
  // Bit 0 is cell 1. Asked again at every change; the front end stops by itself without its host.
  virtual FrontEndResult balance(uint16_t cells) = 0;
  // Lets go of trips whose cause is gone.
  virtual FrontEndResult clear_trips() = 0;

 protected:
  ~FrontEnd() = default;
};

struct CurrentReading {
  int32_t current_ma = 0;
  int32_t bus_mv = 0;
};

class CurrentSensor {
 public:
  virtual bool configure(const PackConfig& config) = 0;
  virtual bool read(CurrentReading& reading) = 0;

 protected:
  ~CurrentSensor() = default;
};

}  // namespace bms
