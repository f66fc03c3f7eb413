// Where the simulated pack's serial line goes: standard input and output, or one TCP connection on
// this machine. One file per system implements it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sim {

enum class PortEvent : uint8_t {
  kNothing,
  kBytes,
  kConnected,  // a new peer, that has heard nothing yet
  kEnded,      // nobody will ever speak again
};

class BytePort {
 public:
  virtual ~BytePort() = default;
  // Waits at most `timeout_ms` for something to happen; kBytes fills `bytes`.
  virtual PortEvent wait(int timeout_ms, std::vector<uint8_t>& bytes) = 0;
  // Waits until the peer took all. False once it is gone; without a peer bytes are let fall.
  virtual bool write(const uint8_t* bytes, size_t count) = 0;
};

std::unique_ptr<BytePort> open_standard_port();

// Listens on 127.0.0.1; `port` 0 takes a free one and tells it. Empty if it can't, with the reason.
std::unique_ptr<BytePort> open_tcp_port(uint16_t& port, std::string& reason);

}  // namespace sim
