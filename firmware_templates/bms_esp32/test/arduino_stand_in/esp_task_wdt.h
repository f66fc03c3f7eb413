// Stand-in for esp_task_wdt.h of ESP-IDF 4.4: see Arduino.h beside it.
#pragma once
#include "Arduino.h"

inline int esp_task_wdt_init(uint32_t timeout_s, bool /*is_panic*/) {
  stand_in::machine().watchdog_s = timeout_s;
  return 0;
}
inline int esp_task_wdt_add(void* /*task*/) { return 0; }
inline int esp_task_wdt_reset() { return ++stand_in::machine().watchdog_resets; }
