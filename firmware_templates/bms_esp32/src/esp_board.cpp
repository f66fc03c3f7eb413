#include "esp_board.h"

#include <esp_system.h>
#include <esp_task_wdt.h>

#include "pins.h"

namespace {

constexpr uint32_t kWatchdogS = 2;

// NVS keys by Record; at most 15 characters.
constexpr const char* kKeys[] = {"settings_a", "settings_b", "charge_a", "charge_b", "trip_log"};

const char* key_of(bms::Record record) { return kKeys[static_cast<size_t>(record)]; }

void make_output(uint8_t pin) {
  digitalWrite(pin, LOW);  // the level first, so that the pin never shows another
  pinMode(pin, OUTPUT);
}

bool is_lit(bms::Light light, uint32_t now_ms) {
  switch (light) {
    case bms::Light::kOn:
      return true;
    case bms::Light::kSlowBlink:
      return now_ms % 2000U < 200U;
    case bms::Light::kFastBlink:
      return now_ms % 400U < 200U;
    case bms::Light::kOff:
      break;
  }
  return false;
}

bool is_sounding(bms::Sound sound, uint32_t now_ms) {
  switch (sound) {
    case bms::Sound::kBeep:
      return now_ms % 10000U < 100U;
    case bms::Sound::kAlarm:
      return now_ms % 1000U < 600U;
    case bms::Sound::kSilent:
      break;
  }
  return false;
}

}  // namespace

void EspBoard::begin() {
  for (const uint8_t pin :
       {pins::kChargeEnable, pins::kDischargeEnable, pins::kPrechargeEnable,
        pins::kZeroCurrentRequest, pins::kStatusLight, pins::kFaultLight, pins::kBuzzer}) {
    make_output(pin);
  }
  pinMode(pins::kContactorAux, INPUT_PULLUP);  // the contact pulls it down when closed
  esp_task_wdt_init(kWatchdogS, true);
  esp_task_wdt_add(nullptr);
}

void EspBoard::apply(const bms::Outputs& outputs) {
  outputs_ = outputs;
  digitalWrite(pins::kChargeEnable, outputs.charge_enable ? HIGH : LOW);
  digitalWrite(pins::kDischargeEnable, outputs.discharge_enable ? HIGH : LOW);
  digitalWrite(pins::kPrechargeEnable, outputs.precharge_enable ? HIGH : LOW);
  digitalWrite(pins::kZeroCurrentRequest, outputs.zero_current_request ? HIGH : LOW);
}

bms::Inputs EspBoard::inputs() {
  bms::Inputs inputs;
  inputs.is_contactor_shown_closed = digitalRead(pins::kContactorAux) == LOW;
  return inputs;
}

void EspBoard::feed_watchdog() { esp_task_wdt_reset(); }

bms::ResetCause EspBoard::reset_cause() const {
  switch (esp_reset_reason()) {
    case ESP_RST_BROWNOUT:
      return bms::ResetCause::kBrownOut;
    case ESP_RST_INT_WDT:
    case ESP_RST_TASK_WDT:
    case ESP_RST_WDT:
    case ESP_RST_PANIC:  // a crash is as little an end by itself as a hang
      return bms::ResetCause::kWatchdog;
    case ESP_RST_SW:
      return bms::ResetCause::kSoftware;
    default:
      return bms::ResetCause::kPowerOn;
  }
}

void EspBoard::show(uint32_t now_ms) {
  digitalWrite(pins::kStatusLight, is_lit(outputs_.status_light, now_ms) ? HIGH : LOW);
  digitalWrite(pins::kFaultLight, is_lit(outputs_.fault_light, now_ms) ? HIGH : LOW);
  digitalWrite(pins::kBuzzer, is_sounding(outputs_.sound, now_ms) ? HIGH : LOW);
}

size_t NvsStorage::read(bms::Record record, uint8_t* bytes, size_t capacity) {
  const char* key = key_of(record);
  const size_t count = preferences_.getBytesLength(key);
  if (count == 0 || count > capacity) return 0;
  return preferences_.getBytes(key, bytes, capacity);
}

bool NvsStorage::write(bms::Record record, const uint8_t* bytes, size_t count) {
  return preferences_.putBytes(key_of(record), bytes, count) == count;
}
