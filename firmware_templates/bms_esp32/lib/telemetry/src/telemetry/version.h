// The version that an identity tells, of the firmware on a board and of the one that is simulated.
#pragma once

namespace telemetry {

constexpr const char* kFirmwareVersion = "0.1.0";

}  // namespace telemetry
