// The serial line of the whole firmware, spoken with as a computer does.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "sim/sim_messages.h"
#include "sim/simulated_pack.h"
#include "test/listener.h"

namespace {

struct Line {
  sim::SimulatedStorage storage;
  Listener heard;
  sim::SimulatedPack pack{sim::PackSetup{}, storage, heard};
  uint16_t seq = 100;

  // A second is more than the start takes, so that what follows is about a running pack.
  Line() {
    pack.advance(3000000);
    heard.clear();
  }

  template <class Message>
  void send(const Message& message) {
    const std::vector<uint8_t> bytes = frame_bytes(message, ++seq);
    pack.receive(bytes.data(), bytes.size());
  }

  void command(bms::Command command) {
    telemetry::Request request;
    request.command = static_cast<uint8_t>(command);
    send(request);
  }

  bms::Result last_result() const {
    const auto answers = heard.all<telemetry::Answer>();
    REQUIRE(!answers.empty());
    CHECK(answers.back().request_seq == seq);
    return static_cast<bms::Result>(answers.back().result);
  }
};

}  // namespace

TEST_CASE("the board says who it is at its start, and that it is simulated") {
  sim::SimulatedStorage storage;
  Listener heard;
  sim::SimulatedPack pack({}, storage, heard);
  const auto identities = heard.all<telemetry::Identity>();
  REQUIRE(identities.size() == 1);
  CHECK(identities[0].is_simulated == 1);
  CHECK(std::string(identities[0].board) == "simulated pack");
  CHECK(identities[0].cell_count == 16);
  CHECK(identities[0].config_hash == pack.guard().config_hash());
}

TEST_CASE("readings come every 100 ms, each with the next sequence number") {
  Line line;
  line.pack.advance(10000000);
  const auto readings = line.heard.all<telemetry::Telemetry>();
  CHECK(readings.size() >= 99);
  CHECK(readings.size() <= 101);
  for (size_t i = 1; i < line.heard.frames.size(); ++i) {
    CHECK(line.heard.frames[i].seq == static_cast<uint16_t>(line.heard.frames[i - 1].seq + 1));
  }
  CHECK(readings.back().state == static_cast<uint8_t>(bms::State::kIdle));
  CHECK(readings.back().cell_mv[15] > 3200);
}

TEST_CASE("a request is answered with its own number") {
  Line line;
  line.command(bms::Command::kIdentify);
  CHECK(line.last_result() == bms::Result::kDone);
  CHECK(line.heard.all<telemetry::Identity>().size() == 1);
  telemetry::Request unknown;
  unknown.command = 99;
  line.send(unknown);
  CHECK(line.last_result() == bms::Result::kUnknown);
}

TEST_CASE("a value is staged, read back and committed by the hash of the whole") {
  Line line;
  const uint16_t field = static_cast<uint16_t>(bms::FieldId::kCellOvWarnMv);
  telemetry::ParameterStage stage;
  stage.field = field;
  stage.value = 3490;
  line.send(stage);
  CHECK(line.last_result() == bms::Result::kDone);

  telemetry::ParameterRead read;
  read.field = field;
  line.send(read);
  const auto values = line.heard.all<telemetry::ParameterValue>();
  REQUIRE(values.size() == 1);
  CHECK(values[0].value == 3500);
  CHECK(values[0].staged == 3490);

  telemetry::ParameterCommit commit;
  commit.config_hash = values[0].staged_hash + 1;
  line.send(commit);
  CHECK(line.last_result() == bms::Result::kHashDiffers);
  commit.config_hash = values[0].staged_hash;
  line.send(commit);
  CHECK(line.last_result() == bms::Result::kDone);
  CHECK(line.pack.guard().config().cell_ov_warn_mv == 3490);
  CHECK(line.pack.guard().config_hash() == values[0].staged_hash);
}

TEST_CASE("a field that does not exist is answered, not read") {
  Line line;
  telemetry::ParameterRead read;
  read.field = 60000;
  line.send(read);
  CHECK(line.last_result() == bms::Result::kUnknown);
  CHECK(line.heard.all<telemetry::ParameterValue>().empty());
}

TEST_CASE("events and the trip log tell of a trip") {
  Line line;
  line.pack.set(sim::SimQuantity::kCellMv, 3700, 4);
  line.pack.advance(5000000);
  bool is_told = false;
  for (const telemetry::Event& event : line.heard.all<telemetry::Event>()) {
    is_told = is_told || (event.kind == static_cast<uint8_t>(bms::EventKind::kTripped) &&
                          event.subject == 5 && event.limit == 3580);
  }
  CHECK(is_told);
  line.command(bms::Command::kReadTripLog);
  line.pack.advance(2000000);
  const auto entries = line.heard.all<telemetry::TripLogEntry>();
  REQUIRE(entries.size() == line.pack.guard().trip_log().size());
  REQUIRE(!entries.empty());
  CHECK(entries.back().remaining == 0);
  CHECK(entries[0].subject == 5);
  CHECK(entries[0].value > 3580);
}

TEST_CASE("text lines come between frames when asked for, and spoil none") {
  Line line;
  line.command(bms::Command::kTextOn);
  line.pack.advance(1000000);
  CHECK(line.heard.text.find(">cell_mv_16:") != std::string::npos);
  CHECK(line.heard.all<telemetry::Telemetry>().size() >= 9);
  line.command(bms::Command::kTextOff);
  line.heard.clear();
  line.pack.advance(1000000);
  CHECK(line.heard.text.find(">cell_mv") == std::string::npos);
}

TEST_CASE("frames of a board that come back as an echo are not answered") {
  Line line;
  line.send(telemetry::Telemetry{});
  line.send(telemetry::Answer{});
  CHECK(line.heard.frames.empty());
}

TEST_CASE("a whole frame of the wrong length is counted and left") {
  Line line;
  telemetry::Frame frame;
  frame.type = telemetry::ParameterStage::kType;
  frame.size = 3;
  uint8_t bytes[telemetry::kMaxFrame];
  const size_t count = telemetry::encode_frame(frame, bytes);
  line.pack.receive(bytes, count);
  CHECK(line.heard.frames.empty());
  CHECK(line.pack.malformed_count() == 1);
}

TEST_CASE("random bytes and random whole frames crash nothing and close nothing") {
  Line line;
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::vector<uint8_t> bytes(random() % 300);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random() % 8 == 0 ? 0 : random());
    line.pack.receive(bytes.data(), bytes.size());
    // Whole frames with random content, but for the command that closes and for SimAdvance.
    telemetry::Frame frame;
    frame.type = static_cast<uint8_t>(random());
    if (frame.type == telemetry::Request::kType || frame.type == sim::SimAdvance::kType) continue;
    frame.size = random() % telemetry::kMaxPayload;
    for (uint8_t& byte : frame.payload) byte = static_cast<uint8_t>(random());
    uint8_t encoded[telemetry::kMaxFrame];
    line.pack.receive(encoded, telemetry::encode_frame(frame, encoded));
    line.pack.advance(10000);
    CHECK_FALSE(line.pack.plant().is_charge_closed());
    CHECK_FALSE(line.pack.plant().is_discharge_closed());
  }
  CHECK(line.pack.malformed_count() > 100);
}

TEST_CASE("a simulated second asked for is a second, and its end is told") {
  Line line;
  sim::SimAdvance advance;
  advance.duration_us = 1000000;
  const uint64_t before_us = line.pack.now_us();
  line.send(advance);
  const auto reached = line.heard.all<sim::SimReached>();
  REQUIRE(reached.size() == 1);
  CHECK(reached[0].time_us == line.pack.now_us());
  CHECK(reached[0].time_us >= before_us + 1000000);
  CHECK(reached[0].time_us <= before_us + 1050000);
}

TEST_CASE("what a simulation does not know or can't be is refused") {
  Line line;
  sim::SimSet set;
  set.quantity = 200;
  line.send(set);
  CHECK(line.last_result() == bms::Result::kUnknown);
  set.quantity = static_cast<uint8_t>(sim::SimQuantity::kCellMv);
  set.index = 16;
  line.send(set);
  CHECK(line.last_result() == bms::Result::kUnknown);
  set.index = 15;
  set.value = 100000;
  line.send(set);
  CHECK(line.last_result() == bms::Result::kOutOfRange);
  sim::SimInject inject;
  inject.fault = 200;
  line.send(inject);
  CHECK(line.last_result() == bms::Result::kUnknown);
}
