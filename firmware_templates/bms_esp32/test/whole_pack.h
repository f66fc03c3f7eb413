// A whole simulated pack for tests: its firmware, drivers, chips and physics, with nobody
// listening.
#pragma once

#include <cstdint>

#include "bms/names.h"
#include "sim/bq76952_model.h"
#include "sim/server.h"
#include "sim/simulated_pack.h"

#if defined(__has_feature)
#define BMS_HAS_ADDRESS_SANITIZER __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define BMS_HAS_ADDRESS_SANITIZER 1
#else
#define BMS_HAS_ADDRESS_SANITIZER 0
#endif

// Sanitizers cost ten times: they get fewer of the long runs, which are there in full without them.
constexpr bool kIsSanitized = BMS_HAS_ADDRESS_SANITIZER;

constexpr uint64_t kSecondUs = 1000000;

struct WholePack {
  explicit WholePack(uint64_t seed = 1, const bms::PackConfig& pack_config = {},
                     uint32_t clock_start_ms = 0)
      : config(pack_config), pack({config, seed, clock_start_ms}, storage, sink) {}

  void run_s(uint64_t seconds) { pack.advance(seconds * kSecondUs); }
  void run_ms(uint64_t ms) { pack.advance(ms * 1000); }

  // Closed, with both paths carrying; false if it did not come to that.
  bool close() {
    run_s(3);
    pack.request(bms::Command::kClose);
    run_s(5);
    return state() == bms::State::kNormal && pack.plant().is_charge_closed() &&
           pack.plant().is_discharge_closed();
  }

  bms::State state() { return pack.guard().snapshot().state; }
  bool is_latched(bms::Diagnosis diagnosis) {
    return has(pack.guard().snapshot().latched, diagnosis);
  }
  bool is_active(bms::Diagnosis diagnosis) {
    return has(pack.guard().snapshot().active, diagnosis);
  }
  bool is_open() const {
    return !pack.plant().is_charge_closed() && !pack.plant().is_discharge_closed();
  }

  static bool has(uint32_t set, bms::Diagnosis diagnosis) {
    return (set >> static_cast<uint32_t>(diagnosis) & 1U) != 0;
  }

  bms::PackConfig config;
  sim::SimulatedStorage storage;
  sim::SilentSink sink;
  sim::SimulatedPack pack;
};
