#include "sim/server.h"

#include <algorithm>

namespace sim {
namespace {

constexpr size_t kFlushBytes = 32768;
constexpr int kPollMs = 5;
constexpr uint32_t kMinRealPeriodMs = 10;  // between two readings told
// What is owed to real time beyond this is let go: a machine that is too slow, or that slept.
constexpr uint64_t kMaxOwedUs = 200000;

using SteadyClock = std::chrono::steady_clock;

uint64_t microseconds(SteadyClock::duration span) {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(span).count());
}

// At high speed readings are told less often, so that a listener can follow.
void pace_telemetry(SimulatedPack& pack, int32_t speed_permille) {
  const uint32_t period_ms = kMinRealPeriodMs * static_cast<uint32_t>(speed_permille / 1000);
  pack.set_telemetry_period_ms(std::max(telemetry::kTelemetryPeriodMs, period_ms));
}

}  // namespace

void PortSink::write(const uint8_t* bytes, size_t count) {
  pending_.insert(pending_.end(), bytes, bytes + count);
  if (pending_.size() >= kFlushBytes) flush();
}

bool PortSink::flush() {
  if (!pending_.empty() && is_heard_) is_heard_ = port_.write(pending_.data(), pending_.size());
  pending_.clear();
  return is_heard_;
}

void serve(SimulatedPack& pack, BytePort& port, PortSink& sink) {
  std::vector<uint8_t> bytes;
  auto then = SteadyClock::now();
  int32_t speed_permille = -1;
  while (sink.flush()) {
    if (speed_permille != pack.speed_permille()) {
      speed_permille = pack.speed_permille();
      pace_telemetry(pack, speed_permille);
    }
    const PortEvent event = port.wait(kPollMs, bytes);
    if (event == PortEvent::kEnded) return;
    if (event == PortEvent::kConnected) pack.introduce();
    if (event == PortEvent::kBytes) pack.receive(bytes.data(), bytes.size());
    const auto now = SteadyClock::now();
    // Time that a SimAdvance took is no time of the pack's.
    const uint64_t owed_us = std::min(microseconds(now - then), kMaxOwedUs);
    then = event == PortEvent::kBytes ? SteadyClock::now() : now;
    pack.advance(owed_us * static_cast<uint64_t>(pack.speed_permille()) / 1000);
  }
}

}  // namespace sim
