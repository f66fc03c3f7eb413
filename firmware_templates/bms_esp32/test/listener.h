// Hears what a simulated pack says, and takes it apart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "telemetry/frame.h"
#include "telemetry/link.h"

class Listener final : public telemetry::ByteSink {
 public:
  void write(const uint8_t* bytes, size_t count) override {
    telemetry::Frame frame;
    for (size_t i = 0; i < count; ++i) {
      if (reader_.feed(bytes[i], frame)) frames.push_back(frame);
      text.push_back(static_cast<char>(bytes[i]));
    }
  }

  template <class Message>
  std::vector<Message> all() const {
    std::vector<Message> found;
    for (const telemetry::Frame& frame : frames) {
      if (frame.type == Message::kType) found.push_back(Message::decode(frame.payload));
    }
    return found;
  }

  void clear() {
    frames.clear();
    text.clear();
  }

  std::vector<telemetry::Frame> frames;
  std::string text;

 private:
  telemetry::FrameReader reader_;
};

// The bytes of a frame with this message.
template <class Message>
std::vector<uint8_t> frame_bytes(const Message& message, uint16_t seq) {
  telemetry::Frame frame;
  frame.type = Message::kType;
  frame.seq = seq;
  frame.size = Message::kSize;
  message.encode(frame.payload);
  std::vector<uint8_t> bytes(telemetry::kMaxFrame);
  bytes.resize(telemetry::encode_frame(frame, bytes.data()));
  return bytes;
}
