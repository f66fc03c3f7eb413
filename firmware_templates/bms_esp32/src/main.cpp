// The battery guard on an ESP32: makes the parts, and turns the wheel. Decides nothing.
#include <Arduino.h>
#include <Wire.h>

#include "arduino_bus.h"
#include "bms/guard.h"
#include "bq76952/driver.h"
#include "esp_board.h"
#include "generated/configured_pack.h"
#include "ina228/driver.h"
#include "pins.h"
#include "telemetry/link.h"
#include "telemetry/version.h"

namespace {

class SerialSink final : public telemetry::ByteSink {
 public:
  void write(const uint8_t* bytes, size_t count) override { Serial.write(bytes, count); }
};

ArduinoClock the_clock;
ArduinoBus bus(Wire);
bq76952::Driver front_end(bus, the_clock);
ina228::Driver current_sensor(bus);
EspBoard board;
NvsStorage storage;
SerialSink sink;
bms::Guard guard({front_end, current_sensor, board, storage, the_clock}, bms::kConfiguredPack);
telemetry::Link serial_link(guard, the_clock, sink,
                            {false, telemetry::kFirmwareVersion, pins::kBoardName});
uint32_t cycle_began_ms = 0;

void receive() {
  uint8_t bytes[64];
  size_t count = 0;
  while (count < sizeof(bytes) && Serial.available() > 0) {
    bytes[count++] = static_cast<uint8_t>(Serial.read());
  }
  serial_link.receive(bytes, count);
}

}  // namespace

void setup() {
  board.begin();  // before all else: every enable is low from here on
  // A frame and its lines of text are longer than the port's own buffer, and a cycle waits for
  // nobody.
  Serial.setTxBufferSize(2048);
  Serial.begin(115200);
  // Without its memory or its bus the guard starts all the same, finds nothing valid, stays open,
  // and says so.
  storage.begin();
  bus.begin(pins::kSda, pins::kScl);
  guard.start();
  serial_link.start();
  cycle_began_ms = the_clock.now_ms();
}

void loop() {
  receive();
  const uint32_t now_ms = the_clock.now_ms();
  board.show(now_ms);
  if (bms::elapsed_ms(now_ms, cycle_began_ms) <
      static_cast<uint32_t>(guard.config().afe_period_ms)) {
    return;
  }
  cycle_began_ms = now_ms;
  guard.cycle();
  serial_link.poll(bms::elapsed_ms(the_clock.now_ms(), now_ms) * 1000U);
}
