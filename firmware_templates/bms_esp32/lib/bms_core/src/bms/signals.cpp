#include "bms/signals.h"

#include "bms/diagnosis.h"

namespace bms {
namespace {

// On: closed. Slow: open and ready. Fast: on the way. Dark: open for a reason.
constexpr Light kStatusLights[] = {
    Light::kOff,        // uninitialised
    Light::kFastBlink,  // init
    Light::kSlowBlink,  // idle
    Light::kFastBlink,  // precharge
    Light::kOn,         // normal
    Light::kFastBlink,  // opening
    Light::kOff,        // error
};
static_assert(sizeof(kStatusLights) / sizeof(kStatusLights[0]) == kStateCount, "one for each");

Light fault_light(const Situation& situation) {
  if (situation.latched != 0) {
    return Light::kOn;
  }
  if (situation.active != 0) {
    return Light::kFastBlink;
  }
  return situation.warnings != 0 ? Light::kSlowBlink : Light::kOff;
}

Sound sound(const Situation& situation) {
  const uint32_t standing = situation.active | situation.latched;
  if (situation.is_silenced || standing == 0) {
    return Sound::kSilent;
  }
  return (standing & kOpenSet) != 0 ? Sound::kAlarm : Sound::kBeep;
}

}  // namespace

void show(const Situation& situation, Outputs& outputs) {
  outputs.status_light = kStatusLights[static_cast<size_t>(situation.state)];
  outputs.fault_light = fault_light(situation);
  outputs.sound = sound(situation);
}

}  // namespace bms
