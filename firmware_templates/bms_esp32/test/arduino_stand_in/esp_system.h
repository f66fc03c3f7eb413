// Stand-in for esp_system.h of ESP-IDF 4.4: see Arduino.h beside it.
#pragma once
#include "Arduino.h"

enum esp_reset_reason_t {
  ESP_RST_SW = 3,
  ESP_RST_PANIC,
  ESP_RST_INT_WDT,
  ESP_RST_TASK_WDT,
  ESP_RST_WDT,
  ESP_RST_BROWNOUT = 9
};
inline esp_reset_reason_t esp_reset_reason() {
  return static_cast<esp_reset_reason_t>(stand_in::machine().reset_reason);
}
