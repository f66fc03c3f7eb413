// The BQ76952 as the core's front end. Made for the BQ7695202, which speaks I2C with a check byte
// after every byte from power-on.
//
// Board: cell inputs as in cell_map.h; thermistors in this order on TS1, TS2, TS3, CFETOFF,
// DFETOFF, ALERT, HDQ, DCHG; the enables of both paths are taken from the CHG and DSG drivers,
// ANDed with the host's.
//
// Every transaction also feeds the chip's host watchdog.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/clock.h"
#include "bms/front_end.h"
#include "bms/i2c_bus.h"
#include "bq76952/link.h"
#include "bq76952/settings.h"
#include "ntc/ntc.h"

namespace bq76952 {

class Driver final : public bms::FrontEnd {
 public:
  Driver(bms::I2cBus& bus, bms::Clock& clock) : link_(bus, clock), clock_(clock) {}

  // kOutOfRange before anything is sent; after any other failure nothing closes, and it may be
  // called again.
  bms::FrontEndResult configure(const bms::PackConfig& config) override;
  uint64_t readback_hash() const override { return hash_; }

  // kFrozen until the chip has measured everything once, about 200 ms after configure(), and when
  // it has measured nothing for 300 ms. `reading` is changed only with kOk.
  bms::FrontEndResult read(bms::FrontEndReading& reading) override;

  bms::FrontEndResult switch_paths(const bms::SwitchRequest& request) override;

  // Two neighbours at once would let double the current through the wire between them: such a set,
  // and one with cells that do not exist, balances nothing. read() repeats the request to the chip,
  // which stops 20 s after the last one.
  bms::FrontEndResult balance(uint16_t cells) override;

  // A short circuit is latched in the chip until this; the rest lets go once its cause is gone.
  bms::FrontEndResult clear_trips() override;

 private:
  struct Registers;

  bms::FrontEndResult bring_up(const SettingList& intended);
  bool wait_for_config_update(bool is_wanted);
  bool write_settings(const SettingList& intended);
  bool read_settings(const SettingList& intended, SettingList& actual);
  bool enable_fets();
  bool read_registers(Registers& registers);
  bool is_still_configured(uint16_t battery_status);
  bool clear_alarms(uint16_t alarms, uint16_t& kept);
  bool is_measuring(uint16_t alarms);
  bool has_other_fault(const Registers& registers) const;
  uint8_t trips(const Registers& registers) const;
  void decode(const Registers& registers, bms::FrontEndReading& reading) const;
  bool send_balance();

  Link link_;
  bms::Clock& clock_;
  uint64_t hash_ = 0;
  ntc::Thermistor thermistor_ = {};
  int32_t cell_count_ = 0;
  int32_t ntc_count_ = 0;
  int32_t current_unit_ma_ = 0;
  uint32_t last_scan_ms_ = 0;
  uint32_t balance_sent_ms_ = 0;
  uint16_t balanced_cells_ = 0;
  uint16_t unseen_alarms_ = 0;  // latched in the chip before, not yet part of a reading
  bool is_configured_ = false;
  bool has_full_scan_ = false;
  bool was_watchdog_reset_ = false;
  bool had_other_fault_ = false;  // at the last reading, of safety status B or C
};

}  // namespace bq76952
