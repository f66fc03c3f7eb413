// Written for Windows and not yet run there.
#if defined(_WIN32)

#include <fcntl.h>
#include <io.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstdio>

#include "sim/byte_port.h"

namespace sim {
namespace {

constexpr int kChunk = 4096;

// Standard input may be a pipe, which no call waits for with a time limit: it is looked at instead.
class StandardPort : public BytePort {
 public:
  PortEvent wait(int timeout_ms, std::vector<uint8_t>& bytes) override {
    const HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    DWORD available = 0;
    for (int waited_ms = 0;; ++waited_ms) {
      if (!PeekNamedPipe(input, nullptr, 0, nullptr, &available, nullptr)) return PortEvent::kEnded;
      if (available > 0) break;
      if (waited_ms >= timeout_ms) return PortEvent::kNothing;
      Sleep(1);
    }
    bytes.resize(available < kChunk ? available : kChunk);
    const int count = _read(_fileno(stdin), bytes.data(), static_cast<unsigned>(bytes.size()));
    bytes.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return count > 0 ? PortEvent::kBytes : PortEvent::kEnded;
  }

  bool write(const uint8_t* bytes, size_t count) override {
    return std::fwrite(bytes, 1, count, stdout) == count && std::fflush(stdout) == 0;
  }
};

bool is_ready(SOCKET file, int timeout_ms) {
  WSAPOLLFD entry = {file, POLLRDNORM, 0};
  return WSAPoll(&entry, 1, timeout_ms) > 0;
}

class TcpPort : public BytePort {
 public:
  explicit TcpPort(SOCKET listener) : listener_(listener) {}
  TcpPort(const TcpPort&) = delete;
  TcpPort& operator=(const TcpPort&) = delete;
  ~TcpPort() override {
    hang_up();
    closesocket(listener_);
    WSACleanup();
  }

  PortEvent wait(int timeout_ms, std::vector<uint8_t>& bytes) override {
    const bool has_peer = peer_ != INVALID_SOCKET;
    if (!is_ready(has_peer ? peer_ : listener_, timeout_ms)) return PortEvent::kNothing;
    if (!has_peer) {
      peer_ = accept(listener_, nullptr, nullptr);
      return peer_ != INVALID_SOCKET ? PortEvent::kConnected : PortEvent::kNothing;
    }
    bytes.resize(kChunk);
    const int count = recv(peer_, reinterpret_cast<char*>(bytes.data()), kChunk, 0);
    bytes.resize(count > 0 ? static_cast<size_t>(count) : 0);
    if (count > 0) return PortEvent::kBytes;
    hang_up();
    return PortEvent::kNothing;
  }

  bool write(const uint8_t* bytes, size_t count) override {
    while (count > 0 && peer_ != INVALID_SOCKET) {
      const int sent =
          send(peer_, reinterpret_cast<const char*>(bytes), static_cast<int>(count), 0);
      if (sent <= 0) {
        hang_up();
        break;
      }
      bytes += sent;
      count -= static_cast<size_t>(sent);
    }
    return true;
  }

 private:
  void hang_up() {
    if (peer_ != INVALID_SOCKET) closesocket(peer_);
    peer_ = INVALID_SOCKET;
  }

  SOCKET listener_;
  SOCKET peer_ = INVALID_SOCKET;
};

}  // namespace

std::unique_ptr<BytePort> open_standard_port() {
  // Frames are bytes: no end of line may be changed on the way.
  _setmode(_fileno(stdin), _O_BINARY);
  _setmode(_fileno(stdout), _O_BINARY);
  return std::make_unique<StandardPort>();
}

std::unique_ptr<BytePort> open_tcp_port(uint16_t& port, std::string& reason) {
  WSADATA data;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0) {
    reason = "Windows sockets did not start";
    return nullptr;
  }
  const SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int size = sizeof(address);
  sockaddr* const any = reinterpret_cast<sockaddr*>(&address);
  if (listener == INVALID_SOCKET || bind(listener, any, size) != 0 || listen(listener, 1) != 0 ||
      getsockname(listener, any, &size) != 0) {
    reason = "Windows sockets error " + std::to_string(WSAGetLastError());
    if (listener != INVALID_SOCKET) closesocket(listener);
    WSACleanup();
    return nullptr;
  }
  port = ntohs(address.sin_port);
  return std::make_unique<TcpPort>(listener);
}

}  // namespace sim

#endif
