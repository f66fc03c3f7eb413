// Between a driver and the model of its BQ76952: changes what is read, with check bytes that fit,
// or cuts the bus off after a number of transactions.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "bms/i2c_bus.h"
#include "bq76952/crc8.h"

namespace bench {

class ChipTap final : public bms::I2cBus {
 public:
  explicit ChipTap(bms::I2cBus& below) : below_(below) {}

  // Called with the bytes of each read, without check bytes.
  std::function<void(uint8_t first_register, std::vector<uint8_t>& bytes)> on_read;
  // So many transactions get through; the next ones time out. Negative: all do.
  int remaining = -1;
  int transactions = 0;

  bms::I2cResult write(uint8_t address, const uint8_t* bytes, size_t count) override {
    return is_cut() ? bms::I2cResult::kTimeout : below_.write(address, bytes, count);
  }

  bms::I2cResult write_read(uint8_t address, const uint8_t* sent, size_t sent_count,
                            uint8_t* received, size_t received_count) override {
    if (is_cut()) return bms::I2cResult::kTimeout;
    const bms::I2cResult result =
        below_.write_read(address, sent, sent_count, received, received_count);
    if (result != bms::I2cResult::kOk || !on_read) return result;
    std::vector<uint8_t> plain;
    for (size_t i = 0; i < received_count; i += 2) plain.push_back(received[i]);
    on_read(sent[0], plain);
    const uint8_t head[] = {0x10, sent[0], 0x11};
    for (size_t i = 0; i < plain.size(); ++i) {
      const uint8_t start = i == 0 ? bq76952::crc8(head, sizeof(head)) : uint8_t{0};
      received[2 * i] = plain[i];
      received[2 * i + 1] = bq76952::crc8(&plain[i], 1, start);
    }
    return result;
  }

 private:
  bool is_cut() {
    ++transactions;
    if (remaining == 0) return true;
    if (remaining > 0) --remaining;
    return false;
  }

  bms::I2cBus& below_;
};

}  // namespace bench
