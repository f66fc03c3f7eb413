#include "sim/bq76952_model.h"

#include <algorithm>

namespace sim {

using bms::I2cResult;

namespace {

constexpr uint8_t kWriteAddress = 0x10;
constexpr uint8_t kReadAddress = 0x11;

constexpr uint8_t kDischargeOff = 0x01;  // FET_CONTROL; order of bits unsure
constexpr uint8_t kChargeOff = 0x04;
constexpr uint8_t kAllOff = 0x0F;

constexpr uint8_t kSeriesFets = 0x01;  // FET options
constexpr uint8_t kHostFetEnable = 0x04;
constexpr uint8_t kFetControlEnable = 0x08;
constexpr uint8_t kFetInitOff = 0x20;

constexpr uint64_t kScanUs = 63000;  // 21 slots of 3 ms

// x^8 + x^2 + x + 1, bit by bit; not the driver's.
uint8_t check_byte(std::initializer_list<uint8_t> bytes) {
  uint8_t crc = 0;
  for (const uint8_t byte : bytes) {
    for (int bit = 7; bit >= 0; --bit) {
      const bool in = ((byte >> bit) & 1) != 0;
      const bool out = (crc & 0x80) != 0;
      crc = static_cast<uint8_t>(crc << 1);
      if (in != out) crc ^= 0x07;
    }
  }
  return crc;
}

}  // namespace

void Bq76952Model::reset() {
  memory_.reset();
  buffer_.fill(0);
  is_fet_enabled_ = false;
  is_config_update_ = false;
  is_sleep_enabled_ = true;
  has_power_on_reset_ = true;
  code_ = 0;
  restart_firmware();
}

// What a reset and the end of CONFIG_UPDATE have in common: everything is measured and judged anew,
// with the settings as they are now. That faults are forgotten is unsure.
void Bq76952Model::restart_firmware() {
  measured_.fill(0);
  watches_.fill({});
  pulled_mv_.fill(0);
  safety_.fill(0);
  scans_ = 0;
  short_circuits_ = 0;
  balanced_inputs_ = 0;
  alarm_enable_ = static_cast<uint16_t>(memory_.u2(0x926D));
  alarms_ = 0;
  host_off_ = (memory_.u1(0x9308) & kFetInitOff) != 0 ? kAllOff : uint8_t{0};
  last_heard_us_ = now_us_;
  next_scan_us_ = now_us_ + kScanUs;
  next_wire_check_us_ = now_us_ + memory_.u1(0x9314) * 1000000ULL;
  update_switches(now_us_);
}

bool Bq76952Model::is_refused() {
  if (faults_.is_dead) return true;
  const bool is_idle = nack_after_idle_us_ != 0 && now_us_ - last_heard_us_ >= nack_after_idle_us_;
  if (is_idle && !was_refused_) {
    was_refused_ = true;
    return true;
  }
  was_refused_ = false;
  return false;
}

I2cResult Bq76952Model::on_write(const uint8_t* bytes, size_t count) {
  if (is_refused() || count == 0) return I2cResult::kNack;
  pointer_ = bytes[0];
  has_checksum_ = false;
  for (size_t at = 1; at < count; at += 2) {
    const bool is_first = at == 1;
    const uint8_t expected =
        is_first ? check_byte({kWriteAddress, bytes[0], bytes[1]}) : check_byte({bytes[at]});
    if (at + 1 >= count || bytes[at + 1] != expected) return I2cResult::kNack;
    write_register(pointer_, bytes[at]);
    ++pointer_;
  }
  last_heard_us_ = now_us_;
  return I2cResult::kOk;
}

I2cResult Bq76952Model::on_read(uint8_t* bytes, size_t count) {
  if (faults_.is_dead) return I2cResult::kNack;
  const uint8_t spoil = faults_.has_wrong_crc ? uint8_t{0x5A} : uint8_t{0};
  for (size_t at = 0; at < count; at += 2) {
    const uint8_t value = read_register(pointer_);
    const uint8_t check =
        at == 0 ? check_byte({kWriteAddress, pointer_, kReadAddress, value}) : check_byte({value});
    bytes[at] = value;
    if (at + 1 < count) bytes[at + 1] = static_cast<uint8_t>(check ^ spoil);
    ++pointer_;
  }
  last_heard_us_ = now_us_;
  return I2cResult::kOk;
}

void Bq76952Model::write_register(uint8_t address, uint8_t value) {
  if (faults_.hangs) return;
  if (address == 0x3E) {
    code_ = static_cast<uint16_t>((code_ & 0xFF00U) | value);
  } else if (address == 0x3F) {
    code_ = static_cast<uint16_t>((code_ & 0x00FFU) | unsigned{value} << 8U);
    execute(code_);
  } else if (address >= 0x40 && address < 0x60) {
    buffer_[address - 0x40U] = value;
  } else if (address == 0x60) {
    buffer_checksum_ = value;
    has_checksum_ = true;
  } else if (address == 0x61 && has_checksum_ && value >= 4 && value <= 36) {
    commit(code_, value - size_t{4});
  } else if (address == 0x62) {
    alarms_ = static_cast<uint16_t>(alarms_ & ~unsigned{value});
  } else if (address == 0x63) {
    alarms_ = static_cast<uint16_t>(alarms_ & ~(unsigned{value} << 8U));
  }
}

uint8_t Bq76952Model::read_register(uint8_t address) const {
  const unsigned battery = (is_config_update_ ? 1U : 0U) | (is_sleep_enabled_ ? 4U : 0U) |
                           (has_power_on_reset_ ? 8U : 0U) | 0x0100U |
                           ((safety_[0] | safety_[1] | safety_[2]) != 0 ? 0x0800U : 0U);
  const unsigned fets = (is_charge_on_ ? 1U : 0U) | (is_discharge_on_ ? 4U : 0U);
  switch (address) {
    case 0x03:
      return safety_[0];
    case 0x05:
      return safety_[1];
    case 0x07:
      return safety_[2];
    case 0x12:
      return static_cast<uint8_t>(battery);
    case 0x13:
      return static_cast<uint8_t>(battery >> 8U);
    case 0x3E:
      return faults_.hangs ? uint8_t{0xFF} : static_cast<uint8_t>(code_);
    case 0x3F:
      return faults_.hangs ? uint8_t{0xFF} : static_cast<uint8_t>(code_ >> 8U);
    case 0x60:
      return buffer_checksum_;
    case 0x61:
      return buffer_length_;
    case 0x62:
      return static_cast<uint8_t>(alarms_);
    case 0x63:
      return static_cast<uint8_t>(alarms_ >> 8U);
    case 0x66:
      return static_cast<uint8_t>(alarm_enable_);
    case 0x67:
      return static_cast<uint8_t>(alarm_enable_ >> 8U);
    case 0x7F:
      return static_cast<uint8_t>(fets);
    default:
      break;
  }
  if (address >= 0x40 && address < 0x60) return buffer_[address - 0x40U];
  return address < measured_.size() ? measured_[address] : uint8_t{0};
}

void Bq76952Model::put_word(uint8_t address, int32_t value) {
  const auto bits = static_cast<uint16_t>(std::clamp(value, -32768, 65535));
  measured_[address] = static_cast<uint8_t>(bits);
  measured_[address + 1U] = static_cast<uint8_t>(bits >> 8U);
}

void Bq76952Model::answer(uint16_t code, const uint8_t* bytes, size_t count) {
  buffer_.fill(0);
  unsigned sum = (code & 0xFFU) + (code >> 8U);
  for (size_t i = 0; i < count; ++i) {
    buffer_[i] = bytes[i];
    sum += bytes[i];
  }
  buffer_checksum_ = static_cast<uint8_t>(~sum);
  buffer_length_ = static_cast<uint8_t>(count + 4);
}

// A subcommand, or an address of data memory, once both of its bytes are there.
void Bq76952Model::execute(uint16_t code) {
  if (Bq76952Memory::holds(code, 1)) {
    std::array<uint8_t, 32> bytes = {};
    memory_.read(code, bytes.data(), bytes.size());
    answer(code, bytes.data(), bytes.size());
  } else if (code == 0x0001) {
    const uint8_t number[] = {0x95, 0x76};
    answer(code, number, sizeof(number));
  } else if (code == 0x0057) {
    const uint8_t status[] = {static_cast<uint8_t>(is_fet_enabled_ ? 0x10 : 0x00), 0};
    answer(code, status, sizeof(status));
  } else if (code == 0x0083) {
    const uint8_t inputs[] = {static_cast<uint8_t>(balanced_inputs_),
                              static_cast<uint8_t>(balanced_inputs_ >> 8U)};
    answer(code, inputs, sizeof(inputs));
  } else if (code == 0x0012) {
    reset();
  } else if (code == 0x0090) {
    enter_config_update();
  } else if (code == 0x0092 && is_config_update_) {
    is_config_update_ = false;
    has_power_on_reset_ = false;
    is_sleep_enabled_ = (memory_.u2(0x9234) & 0x0100U) != 0;
    restart_firmware();
  } else if (execute_switch(code)) {
    update_switches(now_us_);
  }
}

bool Bq76952Model::execute_switch(uint16_t code) {
  const bool is_host_heard = (memory_.u1(0x9308) & kHostFetEnable) != 0;
  switch (code) {
    case 0x0022:
      is_fet_enabled_ = !is_fet_enabled_;
      return true;
    case 0x0093:
      host_off_ = is_host_heard ? host_off_ | uint8_t{0x03} : host_off_;
      return true;
    case 0x0094:
      host_off_ = is_host_heard ? host_off_ | uint8_t{0x0C} : host_off_;
      return true;
    case 0x0095:
      host_off_ = is_host_heard ? kAllOff : host_off_;
      return true;
    case 0x0096:
      host_off_ = is_host_heard ? uint8_t{0} : host_off_;
      return true;
    case 0x0099:
      is_sleep_enabled_ = true;
      return false;
    case 0x009A:
      is_sleep_enabled_ = false;
      return false;
    case 0x009B:
      safety_[2] &= uint8_t{0xDF};
      return true;
    case 0x009C:
      safety_[2] &= uint8_t{0xBF};
      short_circuits_ = 0;
      return true;
    default:
      return false;
  }
}

// Data that follow a subcommand or an address, once checksum and length have come together.
void Bq76952Model::commit(uint16_t code, size_t count) {
  unsigned sum = (code & 0xFFU) + (code >> 8U);
  for (size_t i = 0; i < count; ++i) sum += buffer_[i];
  if (static_cast<uint8_t>(~sum) != buffer_checksum_) return;
  if (Bq76952Memory::holds(code, count)) {
    for (size_t i = 0; i < count && is_config_update_; ++i) {
      const auto address = static_cast<uint16_t>(code + i);
      if (address != faults_.stuck_setting) memory_.write(address, &buffer_[i], 1);
    }
  } else if (code == 0x0097 && count == 1) {
    if ((memory_.u1(0x9308) & kHostFetEnable) != 0) host_off_ = buffer_[0];
    update_switches(now_us_);
  } else if (code == 0x0083 && count == 2 && (memory_.u1(0x9335) & 0x10U) == 0) {
    balanced_inputs_ = static_cast<uint16_t>(buffer_[0] | buffer_[1] << 8U);
    balance_until_us_ = now_us_ + memory_.u1(0x9339) * 1000000ULL;
  }
}

void Bq76952Model::enter_config_update() {
  is_config_update_ = true;
  balanced_inputs_ = 0;
  update_switches(now_us_);
}

void Bq76952Model::update_switches(uint64_t at_us) {
  const uint32_t options = memory_.u1(0x9308);
  const bool may = is_fet_enabled_ && !is_config_update_ && (options & kFetControlEnable) != 0;
  bool is_charge_faulty = false;
  bool is_discharge_faulty = false;
  for (size_t bank = 0; bank < safety_.size(); ++bank) {
    const auto offset = static_cast<uint16_t>(bank);
    const auto charge_mask = memory_.u1(static_cast<uint16_t>(0x9265 + offset));
    const auto discharge_mask = memory_.u1(static_cast<uint16_t>(0x9269 + offset));
    is_charge_faulty = is_charge_faulty || (safety_[bank] & charge_mask) != 0;
    is_discharge_faulty = is_discharge_faulty || (safety_[bank] & discharge_mask) != 0;
  }
  bool charge = may && !is_charge_faulty && (host_off_ & kChargeOff) == 0;
  bool discharge = may && !is_discharge_faulty && (host_off_ & kDischargeOff) == 0;
  if ((options & kSeriesFets) !=
      0) {  // body diode protection, which overrides every reason to be off
    const double threshold_ma = memory_.i2(0x9273);
    if (discharge && current_ma() < -threshold_ma) charge = true;
    if (charge && current_ma() > threshold_ma) discharge = true;
  }
  if (is_charge_on_ && !charge) charge_opened_at_us_ = at_us;
  if (is_discharge_on_ && !discharge) discharge_opened_at_us_ = at_us;
  is_charge_on_ = charge;
  is_discharge_on_ = discharge;
}

uint16_t Bq76952Model::balanced_cells() const {
  if (faults_.is_dead) return 0;
  unsigned cells = 0;
  for (int cell = 0; cell < inputs_.cell_count; ++cell) {
    const int input = cell == inputs_.cell_count - 1 ? kModelCells - 1 : cell;
    if ((balanced_inputs_ >> input & 1) != 0) cells |= 1U << cell;
  }
  return static_cast<uint16_t>(cells);
}

}  // namespace sim
