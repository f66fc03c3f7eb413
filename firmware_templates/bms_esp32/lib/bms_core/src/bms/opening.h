// When a path that must open may open.
//
// MOSFETs open at once. A contactor that opens under load wears, so charger and load are first
// asked for zero current; it opens when that has come, or when open_request_ms are up. What is
// urgent does not ask. Beyond what the contactor breaks it would weld or burn: then it waits up to
// breaking_wait_ms for the fuse, and opens all the same, since a pack that stays closed is worse.
//
// Without any current reading it opens at once: the last known current was below the fast
// over-current limit, or that would have opened it, and waiting blind helps nobody.
#pragma once

#include <stdint.h>

#include "bms/pack_config.h"

namespace bms {

struct KnownCurrent {
  bool is_known = false;
  int32_t magnitude_ma = 0;
};

class Opening {
 public:
  void begin(uint32_t now_ms);
  bool may_open(uint32_t now_ms, bool is_urgent, const KnownCurrent& current,
                const PackConfig& config);

 private:
  bool is_asking_ = false;
  uint32_t asked_ms_ = 0;
  uint32_t waiting_ms_ = 0;  // since when it waits for the fuse
};

}  // namespace bms
