#include "sim/faulty_bus.h"

#include <algorithm>
#include <vector>

namespace sim {
namespace {

constexpr uint64_t kByteNs = 22500;
constexpr uint64_t kTimeoutNs = 10000000;
constexpr uint32_t kFlipOneIn = 100;
constexpr size_t kMaxTransfer = 256;

}  // namespace

bool FaultyBus::is_flip_due() { return is_noisy_ && random_() % kFlipOneIn == 0; }

void FaultyBus::flip_bit(uint8_t* bytes, size_t count) {
  if (count == 0) return;
  const size_t bit = random_() % (count * 8);
  bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
}

bms::I2cResult FaultyBus::write(uint8_t address, const uint8_t* bytes, size_t count) {
  spent_ns_ += is_stuck_ ? kTimeoutNs : (count + 1) * kByteNs;
  if (is_stuck_) return bms::I2cResult::kTimeout;
  if (address == dead_address_) return bms::I2cResult::kNack;
  if (!is_flip_due() || count > kMaxTransfer) return chips_.write(address, bytes, count);
  uint8_t flipped[kMaxTransfer];
  std::copy(bytes, bytes + count, flipped);
  flip_bit(flipped, count);
  return chips_.write(address, flipped, count);
}

bms::I2cResult FaultyBus::write_read(uint8_t address, const uint8_t* sent, size_t sent_count,
                                     uint8_t* received, size_t received_count) {
  spent_ns_ += is_stuck_ ? kTimeoutNs : (sent_count + received_count + 2) * kByteNs;
  if (is_stuck_) return bms::I2cResult::kTimeout;
  if (address == dead_address_) return bms::I2cResult::kNack;
  const bms::I2cResult result =
      chips_.write_read(address, sent, sent_count, received, received_count);
  if (is_flip_due()) flip_bit(received, received_count);
  return result;
}

uint64_t FaultyBus::take_spent_us() {
  const uint64_t whole_us = spent_ns_ / 1000;
  spent_ns_ -= whole_us * 1000;
  return whole_us;
}

}  // namespace sim
