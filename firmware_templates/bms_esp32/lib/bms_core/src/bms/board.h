// What the core needs of the board it runs on: outputs, memory that survives power loss, watchdog.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace bms {

enum class Light : uint8_t { kOff, kOn, kSlowBlink, kFastBlink };
enum class Sound : uint8_t { kSilent, kBeep, kAlarm };

// The host's half of each enable, and what a person sees and hears.
struct Outputs {
  bool charge_enable = false;
  bool discharge_enable = false;
  bool precharge_enable = false;
  bool zero_current_request = false;  // asks charger and load to stop before a contactor opens
  Light status_light = Light::kOff;
  Light fault_light = Light::kOff;
  Sound sound = Sound::kSilent;
};

struct Inputs {
  bool is_contactor_shown_closed = false;  // its auxiliary contact; false where there is none
};

enum class ResetCause : uint8_t { kPowerOn, kBrownOut, kWatchdog, kSoftware };

class Board {
 public:
  virtual void apply(const Outputs& outputs) = 0;
  virtual Inputs inputs() = 0;
  virtual void feed_watchdog() = 0;
  virtual ResetCause reset_cause() const = 0;

 protected:
  ~Board() = default;
};

// Records that are written whole. What was half written at a power loss fails its own check.
enum class Record : uint8_t { kSettingsA, kSettingsB, kChargeA, kChargeB, kTripLog };

class Storage {
 public:
  // Number of bytes read, 0 if the record does not exist or can't be read.
  virtual size_t read(Record record, uint8_t* bytes, size_t capacity) = 0;
  virtual bool write(Record record, const uint8_t* bytes, size_t count) = 0;

 protected:
  ~Storage() = default;
};

}  // namespace bms
