// The firmware's side of the serial line: answers requests, tells what is measured and what
// happened. It owns no decision: those are the guard's.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bms/clock.h"
#include "bms/guard.h"
#include "telemetry/frame.h"
#include "telemetry/messages.h"

namespace telemetry {

class ByteSink {
 public:
  virtual void write(const uint8_t* bytes, size_t count) = 0;

 protected:
  ~ByteSink() = default;
};

struct BoardIdentity {
  bool is_simulated = false;
  const char* firmware = "";
  const char* board = "";
};

constexpr uint32_t kTelemetryPeriodMs = 100;

class Link {
 public:
  Link(bms::Guard& guard, bms::Clock& clock, ByteSink& sink, const BoardIdentity& identity);

  // After the guard's start: says who speaks.
  void start();
  // Bytes from the computer, in any pieces. What is no frame is counted and left.
  void receive(const uint8_t* bytes, size_t count);
  // After each cycle of the guard, which took `cycle_us`: sends what is due.
  void poll(uint32_t cycle_us);

  void set_telemetry_period_ms(uint32_t period_ms) { period_ms_ = period_ms; }
  uint32_t malformed_count() const { return reader_.malformed_count() + misfit_count_; }

  template <class Message>
  void send(const Message& message) {
    Frame frame;
    frame.type = Message::kType;
    frame.size = Message::kSize;
    message.encode(frame.payload);
    send_frame(frame);
  }
  void send_answer(const Frame& request, const bms::Answer& answer);

 private:
  void send_frame(Frame& frame);
  void send_identity();
  void send_telemetry();
  void send_text();
  void send_line(const char* name, uint32_t index, int32_t value);
  void send_next_log_entry();
  void handle(const Frame& frame);
  void handle_request(const Frame& frame);
  void handle_read(const Frame& frame);
  bms::Answer run_command(uint8_t command);

  bms::Guard& guard_;
  bms::Clock& clock_;
  ByteSink& sink_;
  BoardIdentity identity_;
  FrameReader reader_;
  uint32_t misfit_count_ = 0;  // whole frames whose payload does not fit their type
  uint16_t next_seq_ = 0;
  uint32_t period_ms_ = kTelemetryPeriodMs;
  uint32_t sent_at_ms_ = 0;
  bool is_first_ = true;
  bool is_text_on_ = false;
  uint32_t longest_cycle_us_ = 0;
  size_t log_next_ = 0;
  size_t log_end_ = 0;
};

}  // namespace telemetry
