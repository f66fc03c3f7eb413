#include "sim/model_bus.h"

namespace sim {

using bms::I2cResult;

I2cDevice* ModelBus::find(uint8_t address) const {
  const auto device = devices_.find(address);
  return device == devices_.end() ? nullptr : device->second;
}

void ModelBus::disturb(uint8_t* bytes, size_t count) {
  if (flip_probability_ <= 0) return;
  std::bernoulli_distribution is_flipped(flip_probability_);
  for (size_t i = 0; i < count; ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      if (!is_flipped(random_)) continue;
      bytes[i] = static_cast<uint8_t>(bytes[i] ^ (1U << bit));
      ++flipped_bits_;
    }
  }
}

I2cResult ModelBus::write(uint8_t address, const uint8_t* bytes, size_t count) {
  ++transactions_;
  if (is_stuck_) return I2cResult::kTimeout;
  uint8_t heard_address = address;
  std::vector<uint8_t> heard(bytes, bytes + count);
  disturb(&heard_address, 1);
  disturb(heard.data(), heard.size());
  I2cDevice* device = find(heard_address);
  return device == nullptr ? I2cResult::kNack : device->on_write(heard.data(), heard.size());
}

I2cResult ModelBus::write_read(uint8_t address, const uint8_t* sent, size_t sent_count,
                               uint8_t* received, size_t received_count) {
  const I2cResult result = write(address, sent, sent_count);
  if (result != I2cResult::kOk) return result;
  I2cDevice* device = find(address);
  if (device == nullptr) return I2cResult::kNack;
  const I2cResult answer = device->on_read(received, received_count);
  if (answer == I2cResult::kOk) disturb(received, received_count);
  return answer;
}

}  // namespace sim
