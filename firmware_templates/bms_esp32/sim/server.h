// Lets a simulated pack live in real time, or faster, at a port.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "sim/byte_port.h"
#include "sim/simulated_pack.h"
#include "telemetry/link.h"

namespace sim {

// Gathers what a pack says, so that a port is written to in larger pieces.
class PortSink final : public telemetry::ByteSink {
 public:
  explicit PortSink(BytePort& port) : port_(port) {}
  void write(const uint8_t* bytes, size_t count) override;
  // False once nobody can hear it any more.
  bool flush();

 private:
  BytePort& port_;
  std::vector<uint8_t> pending_;
  bool is_heard_ = true;
};

// Says nothing to anybody.
class SilentSink final : public telemetry::ByteSink {
 public:
  void write(const uint8_t*, size_t) override {}
};

// Runs until the port ends.
void serve(SimulatedPack& pack, BytePort& port, PortSink& sink);

}  // namespace sim
