// The guard's snapshot as the message that tells it.
#pragma once

#include "bms/guard.h"
#include "telemetry/messages.h"

namespace telemetry {

constexpr uint16_t kNoReadingAge = 0xFFFF;
constexpr int16_t kNoTemperature = INT16_MIN;

Telemetry to_message(const bms::Snapshot& snapshot);
Event to_message(const bms::EventRecord& record);

}  // namespace telemetry
