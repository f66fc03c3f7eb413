// A pack with its board and its firmware: the same core and the same drivers as on a real one, over
// models of the chips. Moves only when told how far.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "bms/guard.h"
#include "sim/faulty_bus.h"
#include "sim/plant.h"
#include "sim/profile.h"
#include "sim/sim_messages.h"
#include "sim/simulated_board.h"
#include "sim/simulated_storage.h"
#include "telemetry/frame.h"
#include "telemetry/link.h"

namespace sim {

class Bq76952Model;
class ChipModels;

struct PackSetup {
  bms::PackConfig config;
  uint64_t seed = 1;
  uint32_t clock_start_ms = 0;  // of the host's first start; later ones begin at 0
  // Shown to the firmware's own check in place of a config that would not pass it.
  bms::PackConfig checked = {};
};

class SimulatedPack {
 public:
  SimulatedPack(const PackSetup& setup, SimulatedStorage& storage, telemetry::ByteSink& sink);
  ~SimulatedPack();
  SimulatedPack(const SimulatedPack&) = delete;
  SimulatedPack& operator=(const SimulatedPack&) = delete;

  // Goes on for `us`, or until a path of SimAdvance::kStopWhenOpened... opens.
  void advance(uint64_t us, uint8_t stop_when_opened = 0);
  // Bytes of the serial line: what is for the simulation is taken, the rest is the firmware's.
  void receive(const uint8_t* bytes, size_t count);
  // Tells a new listener who speaks.
  void introduce();

  bms::Answer set(uint8_t quantity, uint8_t index, int32_t value);
  bms::Answer inject(uint8_t fault, uint8_t index, bool is_on);
  bms::Answer inject(SimFault fault, uint8_t index = 0, bool is_on = true) {
    return inject(static_cast<uint8_t>(fault), index, is_on);
  }
  bms::Answer set(SimQuantity quantity, int32_t value, uint8_t index = 0) {
    return set(static_cast<uint8_t>(quantity), index, value);
  }

  // Load and charger follow the profile, and the pack is closed whenever it is idle.
  void follow(const Profile& profile);

  // As the operator asks over the line; a host that hangs or is down hears nothing.
  void request(bms::Command command);
  bms::Guard& guard();
  const Plant& plant() const { return *plant_; }
  const Bq76952Model& afe() const;
  SimReached reached() const;
  bool is_host_running() const { return !is_hung_ && !is_down_; }
  uint64_t now_us() const { return plant_->now_us(); }
  uint64_t cycles() const { return cycles_; }
  // Frames that the firmware could not make out since its last start.
  uint32_t malformed_count() const;
  int32_t speed_permille() const { return speed_permille_; }
  void set_speed_permille(int32_t permille) { speed_permille_ = permille; }
  void set_telemetry_period_ms(uint32_t period_ms);

 private:
  struct Firmware;

  void start_firmware();
  void start_guard();
  void restart(bms::ResetCause cause);
  void run_due();
  void run_cycle();
  void run_profile();
  uint64_t next_event_us() const;
  void handle(const telemetry::Frame& frame);
  void run_for(const SimAdvance& asked);
  bms::Answer set_checked(SimQuantity quantity, uint8_t index, int32_t value);
  void set_plain(SimQuantity quantity, int32_t value);
  bms::Answer inject_checked(SimFault fault, uint8_t index, bool is_on);
  bool inject_chips(SimFault fault, bool is_on);
  bool inject_host(SimFault fault, bool is_on);
  void inject_plant(SimFault fault, uint8_t index, bool is_on);

  PackSetup setup_;
  SimulatedStorage& storage_;
  telemetry::ByteSink& sink_;
  std::unique_ptr<ChipModels> chips_;
  std::unique_ptr<Plant> plant_;
  std::unique_ptr<FaultyBus> bus_;
  std::unique_ptr<SimulatedBoard> board_;
  std::unique_ptr<Firmware> firmware_;

  std::unique_ptr<Profile> profile_;
  telemetry::FrameReader reader_;
  std::vector<uint8_t> stretch_;  // bytes since the last zero
  bool is_hung_ = false;
  bool is_down_ = false;  // after a reset, until it has booted
  uint64_t next_cycle_us_ = 0;
  uint64_t cycles_ = 0;
  int32_t speed_permille_ = 1000;
  uint32_t telemetry_period_ms_ = telemetry::kTelemetryPeriodMs;
};

}  // namespace sim
