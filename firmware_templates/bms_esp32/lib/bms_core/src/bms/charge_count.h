// State of charge: counts current, and says how far off it may be.
//
// Charge is counted in mA·ms with 64 bits: no rounding, no drift of its own. The bound of its error
// grows with the offset and the gain error of the current path for every moment counted. Two
// anchors reset both: full (high cell voltage at a small charge current) and, after rest and
// outside the plateau only, the open-circuit voltage. "100 %" is the rated capacity; ageing is not
// in the bound.
#pragma once

#include <stdint.h>

#include "bms/measure.h"
#include "bms/pack_config.h"
#include "bms/stored_record.h"

namespace bms {

// One cycle as the count sees it.
struct ChargeMoment {
  uint32_t since_ms = 0;    // time since the cycle before
  bool was_closed = false;  // while that time passed
  bool has_current = false;
  int32_t current_ma = 0;
  bool has_cells = false;  // then there is a current, too
  CellSummary cells;
};

class ChargeCount {
 public:
  explicit ChargeCount(Storage& storage);

  // Without a record that fits: unknown, so the error is 100 %.
  void load(const PackConfig& config);
  // After the settings changed: a count for another capacity is worth nothing.
  void adapt(const PackConfig& config);
  void count(const ChargeMoment& moment, const PackConfig& config);
  // Every soc_save_ms, and soon after the pack closed or opened.
  void save(uint32_t now_ms, bool is_closed, const PackConfig& config);

  int32_t permille() const;
  int32_t error_permille() const;
  bool is_unsaved() const { return is_unsaved_; }

 private:
  void add_current(const ChargeMoment& moment, const PackConfig& config);
  void anchor_full(const ChargeMoment& moment, const PackConfig& config);
  void anchor_at_rest(const ChargeMoment& moment, const PackConfig& config);
  bool is_save_due(uint32_t now_ms, bool is_closed, const PackConfig& config) const;
  void set(int64_t charge, int64_t error);

  TwoCopies copies_;
  int64_t full_ = 1;    // mA·ms, as all below
  int64_t charge_ = 0;  // 0 to full_
  int64_t error_ = 1;   // 0 to full_
  int32_t capacity_mah_ = 0;
  uint32_t tail_ms_ = 0;
  uint32_t rest_ms_ = 0;
  uint32_t saved_ms_ = 0;
  bool was_closed_ = false;  // in the record
  bool is_unsaved_ = false;
};

// Open-circuit voltage as state of charge, straight between the points of the table.
int32_t ocv_permille(int32_t cell_mv, const PackConfig& config);

}  // namespace bms
