#include "sim/simulated_pack.h"

#include <algorithm>

#include "bms/config_check.h"
#include "bq76952/driver.h"
#include "ina228/driver.h"
#include "sim/chip_models.h"
#include "sim/options.h"
#include "telemetry/version.h"

namespace sim {
namespace {

constexpr telemetry::BoardIdentity kIdentity = {true, telemetry::kFirmwareVersion,
                                                "simulated pack"};
// Longer stretches without a zero are no frame; they are passed on in pieces.
constexpr size_t kMaxStretch = 512;
// A long SimAdvance tells this many readings at most, so that hours don't make megabytes.
constexpr uint32_t kMaxReadingsOfAdvance = 1000;

}  // namespace

// What a restart makes anew.
struct SimulatedPack::Firmware {
  bq76952::Driver front_end;
  ina228::Driver current_sensor;
  bms::Guard guard;
  telemetry::Link link;

  Firmware(FaultyBus& bus, SimulatedBoard& board, SimulatedStorage& storage,
           telemetry::ByteSink& sink, const bms::PackConfig& config)
      : front_end(bus, board),
        current_sensor(bus),
        guard({front_end, current_sensor, board, storage, board}, config),
        link(guard, board, sink, kIdentity) {}
};

SimulatedPack::SimulatedPack(const PackSetup& setup, SimulatedStorage& storage,
                             telemetry::ByteSink& sink)
    : setup_(setup),
      storage_(storage),
      sink_(sink),
      chips_(std::make_unique<ChipModels>(setup_.config)),
      plant_(std::make_unique<Plant>(setup_.config, setup.seed, *chips_)),
      bus_(std::make_unique<FaultyBus>(chips_->bus(), setup.seed)),
      board_(std::make_unique<SimulatedBoard>(*plant_, *bus_, setup.clock_start_ms)) {
  start_firmware();
}

SimulatedPack::~SimulatedPack() = default;

void SimulatedPack::start_firmware() {
  is_down_ = false;
  board_->start();
  firmware_ = std::make_unique<Firmware>(*bus_, *board_, storage_, sink_, setup_.config);
  firmware_->link.set_telemetry_period_ms(telemetry_period_ms_);
  start_guard();
  firmware_->link.start();
  board_->settle();
  next_cycle_us_ = plant_->now_us();
}

// The firmware refuses to work with limits that break a rule. To show that a test finds a wrong
// limit it must work with one all the same: here its memory is changed around the check, which no
// firmware on a board can be made to do.
void SimulatedPack::start_guard() {
  bms::Guard& guard = firmware_->guard;
  if (bms::check_config(setup_.config).result == bms::Result::kDone) {
    guard.start();
    return;
  }
  bms::PackConfig& in_use = const_cast<bms::PackConfig&>(guard.config());
  in_use = setup_.checked;
  guard.start();
  in_use = setup_.config;
}

void SimulatedPack::restart(bms::ResetCause cause) {
  is_hung_ = false;
  is_down_ = true;
  board_->reset(cause);
}

bms::Guard& SimulatedPack::guard() { return firmware_->guard; }

const Bq76952Model& SimulatedPack::afe() const { return chips_->afe(); }

void SimulatedPack::request(bms::Command command) {
  if (is_host_running()) firmware_->guard.request(command);
}

uint32_t SimulatedPack::malformed_count() const { return firmware_->link.malformed_count(); }

void SimulatedPack::set_telemetry_period_ms(uint32_t period_ms) {
  telemetry_period_ms_ = period_ms;
  firmware_->link.set_telemetry_period_ms(period_ms);
}

void SimulatedPack::introduce() {
  if (is_host_running()) firmware_->link.start();
}

void SimulatedPack::follow(const Profile& profile) {
  profile_ = std::make_unique<Profile>(profile);
  // Daily charging goes to where the cells count as full, not to the datasheet's end.
  plant_->demand().charger_max_v = setup_.config.soc_full_mv / 1000.0 * setup_.config.cell_count;
}

void SimulatedPack::run_profile() {
  if (!profile_) return;
  const ProfilePoint& point = profile_->at(static_cast<double>(plant_->now_us()) * 1e-6);
  Demand& demand = plant_->demand();
  const double load_a = point.load_ma / 1000.0;
  const double charger_a = point.charger_ma / 1000.0;
  if (load_a == demand.load_a && charger_a == demand.charger_a) return;
  demand.load_a = load_a;
  demand.charger_a = charger_a;
  plant_->disturb();
}

void SimulatedPack::run_cycle() {
  const uint64_t began_us = plant_->now_us();
  firmware_->guard.cycle();
  board_->settle();
  ++cycles_;
  firmware_->link.poll(static_cast<uint32_t>(plant_->now_us() - began_us));
  if (profile_ && firmware_->guard.snapshot().state == bms::State::kIdle) {
    firmware_->guard.request(bms::Command::kClose);
  }
  const uint64_t period_us = static_cast<uint64_t>(setup_.config.afe_period_ms) * 1000;
  next_cycle_us_ = std::max(next_cycle_us_ + period_us, plant_->now_us());
}

uint64_t SimulatedPack::next_event_us() const {
  if (is_down_) return board_->up_at_us();
  if (!is_hung_) return next_cycle_us_;
  return board_->has_watchdog() ? board_->watchdog_at_us() : UINT64_MAX;
}

// The host's side of the present moment.
void SimulatedPack::run_due() {
  if (is_down_) {
    if (plant_->now_us() >= board_->up_at_us()) start_firmware();
  } else if (is_hung_ && board_->is_watchdog_due()) {
    restart(bms::ResetCause::kWatchdog);
  } else if (is_host_running() && plant_->now_us() >= next_cycle_us_) {
    run_profile();
    run_cycle();
  }
}

void SimulatedPack::advance(uint64_t us, uint8_t stop_when_opened) {
  const uint64_t began_us = plant_->now_us();
  const uint64_t end_us = began_us + us;
  const auto has_opened = [&] {
    const bool charge = (stop_when_opened & SimAdvance::kStopWhenOpenedCharge) != 0 &&
                        plant_->charge_opened_us() > began_us;
    const bool discharge = (stop_when_opened & SimAdvance::kStopWhenOpenedDischarge) != 0 &&
                           plant_->discharge_opened_us() > began_us;
    return charge || discharge;
  };
  while (plant_->now_us() < end_us && !has_opened()) {
    const uint64_t now_us = plant_->now_us();
    const uint64_t until_us = std::min(end_us, std::max(next_event_us(), now_us));
    plant_->advance(until_us - now_us);
    run_due();
  }
}

SimReached SimulatedPack::reached() const {
  SimReached message;
  message.time_us = plant_->now_us();
  message.is_charge_closed = plant_->is_charge_closed() ? 1 : 0;
  message.is_discharge_closed = plant_->is_discharge_closed() ? 1 : 0;
  message.charge_opened_us = plant_->charge_opened_us();
  message.discharge_opened_us = plant_->discharge_opened_us();
  message.current_ma = static_cast<int32_t>(plant_->current_a() * 1000);
  message.cell_min_mv = static_cast<int32_t>(plant_->cell_min_v() * 1000);
  message.cell_max_mv = static_cast<int32_t>(plant_->cell_max_v() * 1000);
  message.temp_max_ddegc = static_cast<int16_t>(plant_->temp_max_c() * 10);
  message.soc_permille =
      static_cast<uint16_t>(std::clamp(plant_->cells().mean_soc(), 0.0, 1.0) * 1000);
  return message;
}

void SimulatedPack::receive(const uint8_t* bytes, size_t count) {
  telemetry::Frame frame;
  for (size_t i = 0; i < count; ++i) {
    stretch_.push_back(bytes[i]);
    const bool is_frame = reader_.feed(bytes[i], frame);
    if (bytes[i] != 0 && stretch_.size() < kMaxStretch) continue;
    if (is_frame && frame.type >= SimSet::kType) {
      handle(frame);
    } else if (is_host_running()) {
      firmware_->link.receive(stretch_.data(), stretch_.size());
    }
    stretch_.clear();
  }
}

void SimulatedPack::handle(const telemetry::Frame& frame) {
  bms::Answer answer = {bms::Result::kUnknown, 0};
  if (frame.type == SimSet::kType && frame.size == SimSet::kSize) {
    const SimSet asked = SimSet::decode(frame.payload);
    answer = set(asked.quantity, asked.index, asked.value);
  } else if (frame.type == SimInject::kType && frame.size == SimInject::kSize) {
    const SimInject asked = SimInject::decode(frame.payload);
    answer = inject(asked.fault, asked.index, asked.is_on != 0);
  } else if (frame.type == SimAdvance::kType && frame.size == SimAdvance::kSize) {
    run_for(SimAdvance::decode(frame.payload));
    return;
  }
  firmware_->link.send_answer(frame, answer);
}

void SimulatedPack::run_for(const SimAdvance& asked) {
  const uint32_t before_ms = telemetry_period_ms_;
  const uint32_t spaced_ms = asked.duration_us / kMaxReadingsOfAdvance / 1000;
  set_telemetry_period_ms(std::max(telemetry::kTelemetryPeriodMs, spaced_ms));
  advance(asked.duration_us, asked.stop_when_opened);
  set_telemetry_period_ms(before_ms);
  firmware_->link.send(reached());
}

}  // namespace sim
