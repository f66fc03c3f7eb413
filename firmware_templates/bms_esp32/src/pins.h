// The pins of each board. None is a strapping pin, none is a flash, USB or console pin, and none
// moves during reset; the enables still need a pull-down of their own, since a pin floats until
// setup() has run. Source: the ESP32, ESP32-S3 and ESP32-C3 datasheets, section Strapping Pins.
#pragma once

#include <stdint.h>

#include "sdkconfig.h"

namespace pins {

#if defined(CONFIG_IDF_TARGET_ESP32S3)
constexpr uint8_t kSda = 8, kScl = 9;
constexpr uint8_t kChargeEnable = 4, kDischargeEnable = 5, kPrechargeEnable = 6;
constexpr uint8_t kZeroCurrentRequest = 17, kContactorAux = 18;
constexpr uint8_t kStatusLight = 15, kFaultLight = 16, kBuzzer = 7;
constexpr uint8_t kForbidden[] = {0, 3, 19, 20, 26, 27, 28, 29, 30, 31, 32, 43, 44, 45, 46};
constexpr char kBoardName[] = "esp32-s3-devkitc-1";
#elif defined(CONFIG_IDF_TARGET_ESP32C3)
constexpr uint8_t kSda = 4, kScl = 5;
constexpr uint8_t kChargeEnable = 0, kDischargeEnable = 1, kPrechargeEnable = 3;
constexpr uint8_t kZeroCurrentRequest = 18, kContactorAux = 19;
constexpr uint8_t kStatusLight = 6, kFaultLight = 7, kBuzzer = 10;
// 18 and 19 are its USB pins, which this board leaves free: its console is a UART.
constexpr uint8_t kForbidden[] = {2, 8, 9, 11, 12, 13, 14, 15, 16, 17, 20, 21};
constexpr char kBoardName[] = "esp32-c3-devkitm-1";
#elif defined(CONFIG_IDF_TARGET_ESP32)
constexpr uint8_t kSda = 21, kScl = 22;
constexpr uint8_t kChargeEnable = 25, kDischargeEnable = 26, kPrechargeEnable = 27;
constexpr uint8_t kZeroCurrentRequest = 32, kContactorAux = 33;
constexpr uint8_t kStatusLight = 18, kFaultLight = 19, kBuzzer = 23;
constexpr uint8_t kForbidden[] = {0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15};
constexpr char kBoardName[] = "esp32dev";
#else
#error "No pins are described for this chip."
#endif

constexpr uint8_t kUsed[] = {kSda,
                             kScl,
                             kChargeEnable,
                             kDischargeEnable,
                             kPrechargeEnable,
                             kZeroCurrentRequest,
                             kContactorAux,
                             kStatusLight,
                             kFaultLight,
                             kBuzzer};

constexpr bool are_allowed() {
  for (uint8_t used : kUsed) {
    for (uint8_t forbidden : kForbidden) {
      if (used == forbidden) return false;
    }
  }
  return true;
}
static_assert(are_allowed(), "a pin is a strapping, flash or console pin");

}  // namespace pins
