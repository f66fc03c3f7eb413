// COBS, CRC, messages and frames, against vectors that the Python side reads too.
#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "sim/sim_messages.h"
#include "telemetry/cobs.h"
#include "telemetry/crc16.h"
#include "telemetry/frame.h"
#include "telemetry/messages.h"

namespace {

using Bytes = std::vector<uint8_t>;

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  if (text == "-") return bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

struct Vector {
  Bytes plain;
  Bytes encoded;
};

std::vector<Vector> cobs_vectors() {
  std::ifstream file(BMS_TEST_FOLDER "/vectors/cobs_frames.txt");
  std::vector<Vector> vectors;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string plain;
    std::string encoded;
    words >> plain >> encoded;
    vectors.push_back({from_hex(plain), from_hex(encoded)});
  }
  return vectors;
}

Bytes encoded(const Bytes& plain) {
  Bytes bytes(telemetry::cobs_capacity(plain.size()));
  bytes.resize(telemetry::cobs_encode(plain.data(), plain.size(), bytes.data()));
  return bytes;
}

telemetry::Frame sample_frame() {
  telemetry::Frame frame;
  frame.type = telemetry::ParameterStage::kType;
  frame.seq = 0xBEEF;
  frame.t_ms = 0x01020304;
  telemetry::ParameterStage message;
  message.field = 19;
  message.value = -3600;
  message.encode(frame.payload);
  frame.size = telemetry::ParameterStage::kSize;
  return frame;
}

size_t feed(telemetry::FrameReader& reader, const uint8_t* bytes, size_t count,
            telemetry::Frame& last) {
  size_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    if (reader.feed(bytes[i], last)) ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("the checksum gives the check value that catalogues print for it") {
  const std::string digits = "123456789";
  CHECK(telemetry::crc16(reinterpret_cast<const uint8_t*>(digits.data()), digits.size()) == 0x29B1);
  CHECK(telemetry::crc16(nullptr, 0) == 0xFFFF);
}

TEST_CASE("COBS gives the shared vectors in both directions") {
  const std::vector<Vector> vectors = cobs_vectors();
  REQUIRE(vectors.size() >= 20);
  for (const Vector& vector : vectors) {
    CHECK(encoded(vector.plain) == vector.encoded);
    Bytes plain(vector.plain.size() + 1);
    size_t size = 0;
    REQUIRE(telemetry::cobs_decode(vector.encoded.data(), vector.encoded.size(), plain.data(),
                                   plain.size(), size));
    plain.resize(size);
    CHECK(plain == vector.plain);
  }
}

TEST_CASE("COBS refuses what is none, and what has no room") {
  uint8_t plain[4];
  size_t size = 0;
  const uint8_t ends_early[] = {5, 1, 2};
  const uint8_t has_zero[] = {3, 0, 1};
  const uint8_t zero_code[] = {1, 0, 1};
  const uint8_t five_bytes[] = {6, 1, 2, 3, 4, 5};
  const uint8_t five_zeros[] = {1, 1, 1, 1, 1, 1};
  CHECK_FALSE(telemetry::cobs_decode(ends_early, 3, plain, sizeof(plain), size));
  CHECK_FALSE(telemetry::cobs_decode(has_zero, 3, plain, sizeof(plain), size));
  CHECK_FALSE(telemetry::cobs_decode(zero_code, 3, plain, sizeof(plain), size));
  CHECK_FALSE(telemetry::cobs_decode(five_bytes, 6, plain, sizeof(plain), size));
  CHECK_FALSE(telemetry::cobs_decode(five_zeros, 6, plain, sizeof(plain), size));
  CHECK_FALSE(telemetry::cobs_decode(plain, 0, plain, sizeof(plain), size));
}

TEST_CASE("messages keep every value, at the edges of its type too") {
  telemetry::Telemetry sent;
  sent.state = 4;
  sent.active = 0x80000001;
  sent.cell_mv[0] = 65535;
  sent.cell_mv[15] = 3300;
  sent.afe_current_ma = INT32_MIN;
  sent.temp_ddegc[7] = INT16_MIN;
  sent.cycle_us = 12345;
  uint8_t bytes[telemetry::Telemetry::kSize];
  sent.encode(bytes);
  const telemetry::Telemetry received = telemetry::Telemetry::decode(bytes);
  CHECK(received.state == sent.state);
  CHECK(received.active == sent.active);
  CHECK(received.cell_mv[0] == sent.cell_mv[0]);
  CHECK(received.cell_mv[15] == sent.cell_mv[15]);
  CHECK(received.afe_current_ma == sent.afe_current_ma);
  CHECK(received.temp_ddegc[7] == sent.temp_ddegc[7]);
  CHECK(received.cycle_us == sent.cycle_us);

  sim::SimReached reached;
  reached.time_us = 0x0102030405060708;
  reached.encode(bytes);
  CHECK(bytes[0] == 0x08);
  CHECK(sim::SimReached::decode(bytes).time_us == reached.time_us);
}

TEST_CASE("a frame comes back as it was sent, with zeros around it and none inside") {
  const telemetry::Frame sent = sample_frame();
  uint8_t bytes[telemetry::kMaxFrame];
  const size_t count = telemetry::encode_frame(sent, bytes);
  CHECK(bytes[0] == 0);
  CHECK(bytes[count - 1] == 0);
  for (size_t i = 1; i + 1 < count; ++i) CHECK(bytes[i] != 0);
  telemetry::FrameReader reader;
  telemetry::Frame received;
  REQUIRE(feed(reader, bytes, count, received) == 1);
  CHECK(received.type == sent.type);
  CHECK(received.seq == sent.seq);
  CHECK(received.t_ms == sent.t_ms);
  REQUIRE(received.size == sent.size);
  CHECK(telemetry::ParameterStage::decode(received.payload).value == -3600);
}

TEST_CASE("one wrong bit anywhere in a frame is seen") {
  uint8_t bytes[telemetry::kMaxFrame];
  const size_t count = telemetry::encode_frame(sample_frame(), bytes);
  for (size_t bit = 8; bit < (count - 1) * 8; ++bit) {
    uint8_t damaged[telemetry::kMaxFrame];
    for (size_t i = 0; i < count; ++i) damaged[i] = bytes[i];
    damaged[bit / 8] = static_cast<uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
    telemetry::FrameReader reader;
    telemetry::Frame frame;
    CHECK(feed(reader, damaged, count, frame) == 0);
    CHECK(reader.malformed_count() >= 1);
  }
}

TEST_CASE("a frame of another version is no frame") {
  const uint8_t body[] = {9, 3, 0, 0, 0, 0, 0, 0};
  Bytes plain(body, body + sizeof(body));
  const uint16_t crc = telemetry::crc16(body, sizeof(body));
  plain.push_back(static_cast<uint8_t>(crc));
  plain.push_back(static_cast<uint8_t>(crc >> 8U));
  const Bytes bytes = encoded(plain);
  telemetry::Frame frame;
  CHECK_FALSE(telemetry::decode_frame(bytes.data(), bytes.size(), frame));
}

TEST_CASE("text, noise and endless bytes between frames lose no frame after them") {
  uint8_t bytes[telemetry::kMaxFrame];
  const size_t count = telemetry::encode_frame(sample_frame(), bytes);
  std::mt19937 random(1);
  telemetry::FrameReader reader;
  telemetry::Frame frame;
  for (int round = 0; round < 500; ++round) {
    const size_t length = random() % 400;
    for (size_t i = 0; i < length; ++i) reader.feed(static_cast<uint8_t>(random()), frame);
    REQUIRE(feed(reader, bytes, count, frame) == 1);
    CHECK(frame.seq == 0xBEEF);
  }
  CHECK(reader.malformed_count() > 100);
}
