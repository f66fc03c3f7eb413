#include "bms/charge_count.h"

#include "bms/bytes.h"
#include "bms/clock.h"

namespace bms {
namespace {

// charge, error, capacity, whether the pack was closed.
constexpr RecordShape kShape = {0x424D4301U, 8 + 8 + 4 + 1};
constexpr size_t kSize = kShape.payload_size + kRecordOverhead;

constexpr int64_t kMsPerHour = 3600000;
constexpr uint32_t kSavePauseMs = 1000;
// The tail current must last: a cloud over a solar charger looks like it for a moment.
constexpr uint32_t kTailHoldMs = 10000;
// What "full" may be off by. Assumption.
constexpr int64_t kFullErrorPermille = 20;
// What may have been lost without power, which nothing here counts. Assumption.
constexpr int64_t kRestartErrorPermille = 20;

constexpr size_t kOcvPoints = sizeof(PackConfig::ocv_mv) / sizeof(PackConfig::ocv_mv[0]);

int64_t clamp(int64_t value, int64_t low, int64_t high) {
  if (value < low) {
    return low;
  }
  return value > high ? high : value;
}

int64_t divide_up(int64_t value, int64_t divisor) { return (value + divisor - 1) / divisor; }

}  // namespace

int32_t ocv_permille(int32_t cell_mv, const PackConfig& config) {
  if (cell_mv <= config.ocv_mv[0]) {
    return config.ocv_permille[0];
  }
  for (size_t point = 1; point < kOcvPoints; ++point) {
    const int32_t low_mv = config.ocv_mv[point - 1];
    const int32_t high_mv = config.ocv_mv[point];
    if (cell_mv <= high_mv) {
      const int32_t low = config.ocv_permille[point - 1];
      return low + (config.ocv_permille[point] - low) * (cell_mv - low_mv) / (high_mv - low_mv);
    }
  }
  return config.ocv_permille[kOcvPoints - 1];
}

ChargeCount::ChargeCount(Storage& storage)
    : copies_(storage, Record::kChargeA, Record::kChargeB, kShape) {}

void ChargeCount::set(int64_t charge, int64_t error) {
  charge_ = clamp(charge, 0, full_);
  error_ = clamp(error, 0, full_);
}

void ChargeCount::adapt(const PackConfig& config) {
  if (config.capacity_mah != capacity_mah_) {
    capacity_mah_ = config.capacity_mah;
    full_ = capacity_mah_ * kMsPerHour;
    set(0, full_);
  }
}

void ChargeCount::load(const PackConfig& config) {
  adapt(config);
  uint8_t record[kSize];
  if (copies_.load(record) != Found::kWhole) {
    return;
  }
  ByteReader payload(record + kRecordHead);
  const int64_t charge = static_cast<int64_t>(payload.take(8));
  const int64_t error = clamp(static_cast<int64_t>(payload.take(8)), 0, full_);
  if (payload.take_i32() != capacity_mah_) {
    return;
  }
  was_closed_ = payload.take_u8() != 0;
  // What may have flowed after the record was written: all that is allowed to, if it could.
  const int64_t unseen =
      was_closed_ ? static_cast<int64_t>(config.current_max_ma) * config.soc_save_ms : 0;
  set(charge, error + unseen + full_ * kRestartErrorPermille / 1000);
}

void ChargeCount::count(const ChargeMoment& moment, const PackConfig& config) {
  add_current(moment, config);
  if (moment.has_cells) {
    anchor_full(moment, config);
    anchor_at_rest(moment, config);
  }
}

void ChargeCount::add_current(const ChargeMoment& moment, const PackConfig& config) {
  const int64_t since_ms = moment.since_ms;
  // After a gap of hours the current now says nothing about the time between.
  if (!moment.has_current || since_ms > kMsPerHour) {
    const int32_t possible_ma =
        moment.was_closed ? config.current_max_ma : config.current_offset_ma;
    set(charge_, error_ + since_ms * possible_ma);
    return;
  }
  const int64_t flown = since_ms * moment.current_ma;
  const int64_t gain_error =
      divide_up(since_ms * magnitude(moment.current_ma) * config.current_error_ppm, 1000000);
  set(charge_ + flown, error_ + since_ms * config.current_offset_ma + gain_error);
}

void ChargeCount::anchor_full(const ChargeMoment& moment, const PackConfig& config) {
  const bool is_tail = moment.current_ma > 0 && moment.current_ma <= config.soc_full_tail_ma;
  if (!is_tail || moment.cells.highest_mv < config.soc_full_mv) {
    tail_ms_ = 0;
    return;
  }
  tail_ms_ = add_saturated(tail_ms_, moment.since_ms);
  if (tail_ms_ >= kTailHoldMs) {
    set(full_, full_ * kFullErrorPermille / 1000);
  }
}

void ChargeCount::anchor_at_rest(const ChargeMoment& moment, const PackConfig& config) {
  if (magnitude(moment.current_ma) >= config.idle_current_ma) {
    rest_ms_ = 0;
    return;
  }
  rest_ms_ = add_saturated(rest_ms_, moment.since_ms);
  if (rest_ms_ < static_cast<uint32_t>(config.soc_rest_ms)) {
    return;
  }
  // Every state of charge that these cells could have, with the error of their measurement. In the
  // plateau that is a quarter of the range, and no anchor.
  const int64_t low = ocv_permille(moment.cells.lowest_mv - config.cell_error_mv, config);
  const int64_t high = ocv_permille(moment.cells.highest_mv + config.cell_error_mv, config);
  if (high > config.soc_ocv_low_permille && low < config.soc_ocv_high_permille) {
    return;
  }
  const int64_t error = divide_up(full_ * (high - low), 2000);
  if (error < error_) {
    set(full_ * (low + high) / 2000, error);
  }
}

bool ChargeCount::is_save_due(uint32_t now_ms, bool is_closed, const PackConfig& config) const {
  const uint32_t since_ms = elapsed_ms(now_ms, saved_ms_);
  const bool is_pressing = is_closed != was_closed_ || is_unsaved_;
  return since_ms >= (is_pressing ? kSavePauseMs : static_cast<uint32_t>(config.soc_save_ms));
}

void ChargeCount::save(uint32_t now_ms, bool is_closed, const PackConfig& config) {
  if (!is_save_due(now_ms, is_closed, config)) {
    return;
  }
  uint8_t record[kSize];
  ByteWriter payload(record + kRecordHead);
  payload.put(static_cast<uint64_t>(charge_), 8);
  payload.put(static_cast<uint64_t>(error_), 8);
  payload.put_i32(capacity_mah_);
  payload.put(is_closed ? 1 : 0, 1);
  is_unsaved_ = !copies_.write(record);
  was_closed_ = is_closed;
  saved_ms_ = now_ms;
}

int32_t ChargeCount::permille() const { return static_cast<int32_t>(charge_ * 1000 / full_); }

int32_t ChargeCount::error_permille() const {
  return static_cast<int32_t>(divide_up(error_ * 1000, full_));
}

}  // namespace bms
