#if !defined(_WIN32)

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "sim/byte_port.h"

namespace sim {
namespace {

constexpr size_t kChunk = 4096;

bool is_ready(int file, int16_t events, int timeout_ms) {
  pollfd entry = {file, events, 0};
  return poll(&entry, 1, timeout_ms) > 0;
}

bool write_all(int file, const uint8_t* bytes, size_t count) {
  while (count > 0) {
    const ssize_t written = write(file, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      is_ready(file, POLLOUT, -1);
      continue;
    }
    if (written <= 0) return false;
    bytes += written;
    count -= static_cast<size_t>(written);
  }
  return true;
}

// False at the end of the stream, or when it broke.
bool read_some(int file, std::vector<uint8_t>& bytes) {
  bytes.resize(kChunk);
  const ssize_t count = read(file, bytes.data(), bytes.size());
  const bool is_interrupted = count < 0 && (errno == EINTR || errno == EAGAIN);
  bytes.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return count > 0 || is_interrupted;
}

class StandardPort : public BytePort {
 public:
  PortEvent wait(int timeout_ms, std::vector<uint8_t>& bytes) override {
    if (!is_ready(STDIN_FILENO, POLLIN, timeout_ms)) return PortEvent::kNothing;
    if (!read_some(STDIN_FILENO, bytes)) return PortEvent::kEnded;
    return bytes.empty() ? PortEvent::kNothing : PortEvent::kBytes;
  }

  bool write(const uint8_t* bytes, size_t count) override {
    return write_all(STDOUT_FILENO, bytes, count);
  }
};

class TcpPort : public BytePort {
 public:
  explicit TcpPort(int listener) : listener_(listener) {}
  TcpPort(const TcpPort&) = delete;
  TcpPort& operator=(const TcpPort&) = delete;
  ~TcpPort() override {
    hang_up();
    close(listener_);
  }

  PortEvent wait(int timeout_ms, std::vector<uint8_t>& bytes) override {
    if (!is_ready(peer_ >= 0 ? peer_ : listener_, POLLIN, timeout_ms)) return PortEvent::kNothing;
    if (peer_ < 0) {
      peer_ = accept(listener_, nullptr, nullptr);
      const int on = 1;
      // Frames are small and each matters at once.
      if (peer_ >= 0) setsockopt(peer_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      return peer_ >= 0 ? PortEvent::kConnected : PortEvent::kNothing;
    }
    if (!read_some(peer_, bytes)) {
      hang_up();
      return PortEvent::kNothing;
    }
    return bytes.empty() ? PortEvent::kNothing : PortEvent::kBytes;
  }

  bool write(const uint8_t* bytes, size_t count) override {
    if (peer_ >= 0 && !write_all(peer_, bytes, count)) hang_up();
    return true;  // another peer may come
  }

 private:
  void hang_up() {
    if (peer_ >= 0) close(peer_);
    peer_ = -1;
  }

  int listener_;
  int peer_ = -1;
};

}  // namespace

std::unique_ptr<BytePort> open_standard_port() {
  // A reader that went away is a failed write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  return std::make_unique<StandardPort>();
}

std::unique_ptr<BytePort> open_tcp_port(uint16_t& port, std::string& reason) {
  std::signal(SIGPIPE, SIG_IGN);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  sockaddr* const any = reinterpret_cast<sockaddr*>(&address);
  const int on = 1;
  if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(listener, any, size) != 0 || listen(listener, 1) != 0 ||
      getsockname(listener, any, &size) != 0) {
    reason = std::strerror(errno);
    if (listener >= 0) close(listener);
    return nullptr;
  }
  port = ntohs(address.sin_port);
  return std::make_unique<TcpPort>(listener);
}

}  // namespace sim

#endif
