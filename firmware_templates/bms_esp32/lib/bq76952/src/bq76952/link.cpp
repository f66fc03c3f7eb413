#include "bq76952/link.h"

#include "bq76952/crc8.h"
#include "bq76952/registers.h"

namespace bq76952 {

namespace {

// The chip may refuse the first transaction after a pause while it wakes; noise may break another.
constexpr int kAttempts = 4;
constexpr uint32_t kRetryPauseUs = 200;

// Most subcommands are done within 1 ms; entering CONFIG_UPDATE takes 2 ms (SLUUBY2B, section 9).
constexpr int kPolls = 8;
constexpr uint32_t kPollPauseUs = 1000;

constexpr uint8_t kWriteAddress = kAddress << 1U;
constexpr uint8_t kReadAddress = kWriteAddress | 1U;

constexpr uint8_t low_byte(uint16_t word) { return static_cast<uint8_t>(word & 0xFFU); }
constexpr uint8_t high_byte(uint16_t word) { return static_cast<uint8_t>(word >> 8U); }

// The first check byte covers all since START, each other one only its own byte.
bool is_intact(uint8_t first_register, const uint8_t* pairs, size_t count) {
  const uint8_t head[] = {kWriteAddress, first_register, kReadAddress};
  for (size_t i = 0; i < count; ++i) {
    const uint8_t start = i == 0 ? crc8(head, sizeof(head)) : uint8_t{0};
    if (crc8(&pairs[2 * i], 1, start) != pairs[2 * i + 1]) return false;
  }
  return true;
}

}  // namespace

uint8_t block_checksum(uint16_t command, const uint8_t* bytes, size_t count) {
  unsigned sum = low_byte(command) + static_cast<unsigned>(high_byte(command));
  for (size_t i = 0; i < count; ++i) sum += bytes[i];
  return static_cast<uint8_t>(~sum & 0xFFU);
}

bool Link::read_once(uint8_t first_register, uint8_t* bytes, size_t count,
                     bool& is_worth_retrying) {
  uint8_t pairs[2 * kLongestRead];
  const bms::I2cResult result = bus_.write_read(kAddress, &first_register, 1, pairs, 2 * count);
  is_worth_retrying = result != bms::I2cResult::kTimeout;
  if (result != bms::I2cResult::kOk || !is_intact(first_register, pairs, count)) return false;
  for (size_t i = 0; i < count; ++i) bytes[i] = pairs[2 * i];
  return true;
}

bool Link::read(uint8_t first_register, uint8_t* bytes, size_t count) {
  bool is_worth_retrying = true;
  for (int attempt = 0; attempt < kAttempts && is_worth_retrying; ++attempt) {
    if (attempt > 0) clock_.wait_us(kRetryPauseUs);
    if (read_once(first_register, bytes, count, is_worth_retrying)) return true;
  }
  return false;
}

bool Link::write(uint8_t first_register, const uint8_t* bytes, size_t count) {
  uint8_t sent[1 + 2 * (2 + kBufferSize)];
  sent[0] = first_register;
  const uint8_t head[] = {kWriteAddress, first_register};
  for (size_t i = 0; i < count; ++i) {
    const uint8_t start = i == 0 ? crc8(head, sizeof(head)) : uint8_t{0};
    sent[1 + 2 * i] = bytes[i];
    sent[2 + 2 * i] = crc8(&bytes[i], 1, start);
  }
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (attempt > 0) clock_.wait_us(kRetryPauseUs);
    const bms::I2cResult result = bus_.write(kAddress, sent, 1 + 2 * count);
    if (result == bms::I2cResult::kOk) return true;
    if (result == bms::I2cResult::kTimeout) return false;
  }
  return false;
}

bool Link::send(uint16_t code, const uint8_t* bytes, size_t count) {
  uint8_t window[2 + kBufferSize] = {low_byte(code), high_byte(code)};
  for (size_t i = 0; i < count; ++i) window[2 + i] = bytes[i];
  return write(direct::kSubcommand, window, 2 + count);
}

bool Link::command(uint16_t code) {
  if (!send(code, nullptr, 0)) return false;
  for (int poll = 0; poll < kPolls; ++poll) {
    clock_.wait_us(kPollPauseUs);
    uint8_t echo[2];
    if (!read(direct::kSubcommand, echo, sizeof(echo))) return false;
    // 0xFFFF until it is done, then the code again (SLUUBY2B, section 3.1).
    if (echo[0] == low_byte(code) && echo[1] == high_byte(code)) return true;
  }
  return false;
}

bool Link::read_block(uint16_t code, uint8_t* bytes, size_t count) {
  if (!command(code)) return false;
  uint8_t window[2 + kBufferSize + 2];  // code, data, checksum, length: all of one answer
  if (!read(direct::kSubcommand, window, sizeof(window))) return false;
  const uint8_t checksum = window[2 + kBufferSize];
  const size_t length = window[2 + kBufferSize + 1];
  if (window[0] != low_byte(code) || window[1] != high_byte(code)) return false;
  if (length < count + 4 || length > kBufferSize + 4) return false;
  if (block_checksum(code, &window[2], length - 4) != checksum) return false;
  for (size_t i = 0; i < count; ++i) bytes[i] = window[2 + i];
  return true;
}

bool Link::write_block(uint16_t code, const uint8_t* bytes, size_t count) {
  if (!send(code, bytes, count)) return false;
  const uint8_t tail[] = {block_checksum(code, bytes, count), static_cast<uint8_t>(count + 4)};
  if (!write(direct::kChecksum, tail, sizeof(tail))) return false;
  clock_.wait_us(kPollPauseUs);
  return true;
}

}  // namespace bq76952
