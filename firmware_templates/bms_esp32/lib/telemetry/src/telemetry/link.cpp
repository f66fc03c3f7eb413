#include "telemetry/link.h"

#include "telemetry/snapshot_message.h"
#include "telemetry/text.h"

namespace telemetry {
namespace {

// Types below are those that a board sends; one that comes back is an echo, not a request.
constexpr uint8_t kFirstRequestType = Request::kType;
constexpr uint32_t kMaxCycleUs = 0xFFFF;

void copy_text(const char* text, char* field, size_t capacity) {
  for (size_t i = 0; i < capacity && text[i] != '\0'; ++i) field[i] = text[i];
}

}  // namespace

Link::Link(bms::Guard& guard, bms::Clock& clock, ByteSink& sink, const BoardIdentity& identity)
    : guard_(guard), clock_(clock), sink_(sink), identity_(identity) {}

void Link::start() { send_identity(); }

void Link::receive(const uint8_t* bytes, size_t count) {
  Frame frame;
  for (size_t i = 0; i < count; ++i) {
    if (reader_.feed(bytes[i], frame)) handle(frame);
  }
}

void Link::poll(uint32_t cycle_us) {
  if (cycle_us > longest_cycle_us_) longest_cycle_us_ = cycle_us;
  bms::EventRecord event;
  while (guard_.next_event(event)) send(to_message(event));
  if (log_next_ < log_end_) send_next_log_entry();
  if (!is_first_ && bms::elapsed_ms(clock_.now_ms(), sent_at_ms_) < period_ms_) return;
  is_first_ = false;
  sent_at_ms_ = clock_.now_ms();
  send_telemetry();
  if (is_text_on_) send_text();
}

void Link::send_frame(Frame& frame) {
  frame.seq = next_seq_++;
  frame.t_ms = clock_.now_ms();
  uint8_t bytes[kMaxFrame];
  sink_.write(bytes, encode_frame(frame, bytes));
}

void Link::send_answer(const Frame& request, const bms::Answer& answer) {
  Answer message;
  message.request_seq = request.seq;
  message.request_type = request.type;
  message.result = static_cast<uint8_t>(answer.result);
  message.detail = answer.detail;
  send(message);
}

void Link::send_identity() {
  Identity message;
  message.is_simulated = identity_.is_simulated ? 1 : 0;
  copy_text(identity_.firmware, message.firmware, sizeof(message.firmware));
  copy_text(identity_.board, message.board, sizeof(message.board));
  message.config_hash = guard_.config_hash();
  message.built_hash = guard_.built_hash();
  message.afe_hash = guard_.afe_hash();
  message.cell_count = static_cast<uint8_t>(guard_.config().cell_count);
  message.reset_cause = static_cast<uint8_t>(guard_.reset_cause());
  message.schema_version = static_cast<uint8_t>(bms::kPackConfigVersion);
  send(message);
}

void Link::send_telemetry() {
  Telemetry message = to_message(guard_.snapshot());
  message.cycle_us =
      static_cast<uint16_t>(longest_cycle_us_ < kMaxCycleUs ? longest_cycle_us_ : kMaxCycleUs);
  longest_cycle_us_ = 0;
  send(message);
}

void Link::send_line(const char* name, uint32_t index, int32_t value) {
  const TextLine line(name, index, value);
  sink_.write(line.bytes(), line.size());
}

void Link::send_text() {
  const bms::Snapshot& snapshot = guard_.snapshot();
  send_line("state", 0, static_cast<int32_t>(snapshot.state));
  if (!snapshot.has_reading) return;
  const bms::FrontEndReading& reading = snapshot.reading;
  for (int32_t i = 0; i < guard_.config().cell_count; ++i) {
    send_line("cell_mv", static_cast<uint32_t>(i) + 1, reading.cell_mv[i]);
  }
  send_line("stack_mv", 0, reading.stack_mv);
  send_line("current_ma", 0, reading.current_ma);
  for (int32_t i = 0; i < guard_.config().ntc_count; ++i) {
    if (reading.sensor[i] != bms::SensorState::kOk) continue;
    send_line("temp_ddegc", static_cast<uint32_t>(i) + 1, reading.temp_ddegc[i]);
  }
  send_line("soc_permille", 0, snapshot.soc_permille);
}

void Link::send_next_log_entry() {
  const bms::TripLogEntry& entry = guard_.trip_log().entry(log_next_++);
  const Event event = to_message(entry.event);
  TripLogEntry message;
  message.remaining = static_cast<uint16_t>(log_end_ - log_next_);
  message.number = event.number;
  message.at_ms = event.at_ms;
  message.kind = event.kind;
  message.diagnosis = event.diagnosis;
  message.subject = event.subject;
  message.value = event.value;
  message.limit = event.limit;
  message.limit_field = event.limit_field;
  message.state = event.state;
  message.config_hash = event.config_hash;
  for (size_t i = 0; i < sizeof(message.before) / sizeof(message.before[0]); ++i) {
    message.before[i] = entry.before[i];
    message.after[i] = entry.after[i];
  }
  send(message);
}

void Link::handle(const Frame& frame) {
  if (frame.type < kFirstRequestType) return;
  size_t expected = frame.size;
  if (frame.type == Request::kType) expected = Request::kSize;
  if (frame.type == ParameterRead::kType) expected = ParameterRead::kSize;
  if (frame.type == ParameterStage::kType) expected = ParameterStage::kSize;
  if (frame.type == ParameterCommit::kType) expected = ParameterCommit::kSize;
  if (frame.size != expected) {
    ++misfit_count_;
    return;
  }
  handle_request(frame);
}

void Link::handle_request(const Frame& frame) {
  switch (frame.type) {
    case Request::kType:
      send_answer(frame, run_command(Request::decode(frame.payload).command));
      return;
    case ParameterRead::kType:
      handle_read(frame);
      return;
    case ParameterStage::kType: {
      const ParameterStage asked = ParameterStage::decode(frame.payload);
      send_answer(frame, guard_.parameters().stage(asked.field, asked.index, asked.value));
      return;
    }
    case ParameterCommit::kType: {
      const ParameterCommit asked = ParameterCommit::decode(frame.payload);
      send_answer(frame, guard_.parameters().commit(asked.config_hash));
      return;
    }
    default:
      send_answer(frame, {bms::Result::kUnknown, 0});
  }
}

void Link::handle_read(const Frame& frame) {
  const ParameterRead asked = ParameterRead::decode(frame.payload);
  bms::ParameterValue found;
  const bms::Answer answer = guard_.parameters().read(asked.field, asked.index, found);
  if (answer.result != bms::Result::kDone) {
    send_answer(frame, answer);
    return;
  }
  ParameterValue message;
  message.field = asked.field;
  message.index = asked.index;
  message.value = found.value;
  message.staged = found.staged;
  message.staged_hash = found.staged_hash;
  send(message);
}

bms::Answer Link::run_command(uint8_t command) {
  if (command >= bms::kCommandCount) return {bms::Result::kUnknown, 0};
  switch (static_cast<bms::Command>(command)) {
    case bms::Command::kIdentify:
      send_identity();
      return {};
    case bms::Command::kReadTripLog:
      log_next_ = 0;
      log_end_ = guard_.trip_log().size();
      return {};
    case bms::Command::kTextOn:
    case bms::Command::kTextOff:
      is_text_on_ = command == static_cast<uint8_t>(bms::Command::kTextOn);
      return {};
    case bms::Command::kDiscardParameters:
      guard_.parameters().discard();
      return {};
    case bms::Command::kClose:
    case bms::Command::kOpen:
    case bms::Command::kAcknowledge:
    case bms::Command::kSilence:
      break;
  }
  return guard_.request(static_cast<bms::Command>(command));
}

}  // namespace telemetry
