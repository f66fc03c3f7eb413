// A BQ76952 (of the kind BQ7695202: I2C with check bytes) at the level of its registers. Physics
// set its inputs, time moves by advance(), the firmware talks to it over sim::ModelBus at address
// 0x08.
//
// It measures, protects, latches and recovers by itself, from what is in its data memory: nothing
// here knows the driver. Behaviour is that of TI's manual SLUUBY2B; what is from memory is marked
// "unsure" where it is.
//
// Time: inputs are held over a step, also after a path has opened within it; the physics follow in
// the next one. The moment of a trip is exact all the same: charge_opened_at_us() and
// discharge_opened_at_us() are start of the condition plus delay, to the microsecond, however
// coarse the step. The start of a condition is the start of the step in which it first held.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/bq76952_memory.h"
#include "sim/model_bus.h"

namespace sim {

constexpr int kModelCells = 16;
constexpr int kModelSensors = 8;

// What the chip's pins see. Cells are counted from the negative end and wired as on the board: the
// lowest to the lowest inputs, the highest to input 16. Sensors are on TS1, TS2, TS3, CFETOFF,
// DFETOFF, ALERT, HDQ, DCHG in this order; an open one has infinite, a shorted one no resistance.
struct Bq76952Inputs {
  int cell_count = kModelCells;
  std::array<double, kModelCells> cell_mv = {};
  std::array<bool, kModelCells + 1> is_wire_open = {};  // 0: below cell 1; k: above cell k
  double stack_mv = 0;
  double pack_mv = 0;
  double load_mv = 0;
  double shunt_nv = 0;  // positive while charging
  std::array<double, kModelSensors> thermistor_ohm = {};
  double die_degc = 25;
};

struct Bq76952Faults {
  bool hangs = false;          // answers, but measures, protects and obeys nothing
  bool is_blind = false;       // measures and obeys, but no protection acts
  bool has_wrong_crc = false;  // every answer's check bytes are wrong
  bool is_dead = false;        // no supply: no answer, both switches off
  uint16_t stuck_setting = 0;  // a byte of data memory that no write changes; 0: none
};

class Bq76952Model final : public I2cDevice {
 public:
  Bq76952Model() { reset(); }

  Bq76952Inputs& inputs() { return inputs_; }
  Bq76952Faults& faults() { return faults_; }

  // Supply lost and back, or the RESET subcommand: settings at their defaults, switches off.
  void reset();
  void advance(uint64_t us);
  // The first transaction after a pause of this length is not acknowledged; 0: never.
  void set_nack_after_idle_us(uint64_t idle_us) { nack_after_idle_us_ = idle_us; }

  bool is_charge_on() const { return is_charge_on_ && !faults_.is_dead; }
  bool is_discharge_on() const { return is_discharge_on_ && !faults_.is_dead; }
  uint64_t now_us() const { return now_us_; }
  uint64_t charge_opened_at_us() const { return charge_opened_at_us_; }
  uint64_t discharge_opened_at_us() const { return discharge_opened_at_us_; }
  uint16_t balanced_cells() const;  // bit 0 is cell 1
  bool is_config_update() const { return is_config_update_; }
  uint8_t safety_a() const { return safety_[0]; }
  uint8_t safety_b() const { return safety_[1]; }
  uint8_t safety_c() const { return safety_[2]; }
  const Bq76952Memory& memory() const { return memory_; }

  bms::I2cResult on_write(const uint8_t* bytes, size_t count) override;
  bms::I2cResult on_read(uint8_t* bytes, size_t count) override;

 private:
  enum Condition : size_t {
    kCuv,
    kCov,
    kOcc,
    kOcd1,
    kOcd2,
    kScd,
    kOtc,
    kOtd,
    kOtint,
    kUtc,
    kUtd,
    kConditionCount
  };
  // How long a protection's condition, or after its trip that of its recovery, has held.
  struct Watch {
    uint64_t held_us = 0;
    uint64_t recovering_us = 0;
  };
  struct Rule {
    size_t bank;  // 0, 1, 2: safety status A, B, C
    uint8_t bit;
    bool holds;
    bool recovers;
    uint64_t delay_us;
    uint64_t recovery_us;
    bool is_disabled_by_delay = false;
  };

  // bq76952_model.cpp: bus, subcommands, switches
  bool is_refused();
  void write_register(uint8_t address, uint8_t value);
  uint8_t read_register(uint8_t address) const;
  void execute(uint16_t code);
  bool execute_switch(uint16_t code);
  void answer(uint16_t code, const uint8_t* bytes, size_t count);
  void commit(uint16_t code, size_t count);
  void enter_config_update();
  void restart_firmware();
  void update_switches(uint64_t at_us);
  void put_word(uint8_t address, int32_t value);

  // bq76952_protections.cpp: time
  void advance_chunk(uint64_t us);
  void pull_wires();
  double cell_mv(int cell) const;
  double extreme_cell_mv(bool is_highest) const;
  double current_ma() const;
  double cell_degc(bool is_highest) const;
  void watch_all(uint64_t us);
  Rule rule(Condition condition) const;
  Rule cell_rule(Condition condition) const;
  Rule current_rule(Condition condition) const;
  Rule temperature_rule(Condition condition) const;
  void watch(Condition condition, uint64_t us);
  void trip(const Rule& rule, uint64_t at_us);
  void watch_host(uint64_t us);
  void measure_current();
  void measure(bool is_full);
  int32_t sensor_register(int sensor) const;
  void latch_alarms(uint16_t pulses);

  Bq76952Inputs inputs_;
  Bq76952Faults faults_;
  Bq76952Memory memory_;
  std::array<uint8_t, 0x80> measured_ = {};  // registers that a scan fills
  std::array<uint8_t, 32> buffer_ = {};
  std::array<Watch, kConditionCount> watches_ = {};
  std::array<double, kModelCells + 1> pulled_mv_ = {};
  std::array<uint8_t, 3> safety_ = {};
  uint64_t now_us_ = 0;
  uint64_t last_heard_us_ = 0;
  uint64_t next_scan_us_ = 0;
  uint64_t next_wire_check_us_ = 0;
  uint64_t balance_until_us_ = 0;
  uint64_t charge_opened_at_us_ = 0;
  uint64_t discharge_opened_at_us_ = 0;
  uint64_t nack_after_idle_us_ = 0;
  uint32_t scans_ = 0;
  uint32_t short_circuits_ = 0;
  uint16_t balanced_inputs_ = 0;
  uint16_t alarm_enable_ = 0;
  uint16_t alarms_ = 0;
  uint16_t code_ = 0;
  uint8_t pointer_ = 0;
  uint8_t buffer_length_ = 0;
  uint8_t buffer_checksum_ = 0;
  uint8_t host_off_ = 0;  // FET_CONTROL
  bool has_checksum_ = false;
  bool was_refused_ = false;
  bool is_fet_enabled_ = false;
  bool is_config_update_ = false;
  bool is_sleep_enabled_ = true;
  bool has_power_on_reset_ = true;
  bool is_charge_on_ = false;
  bool is_discharge_on_ = false;
};

}  // namespace sim
