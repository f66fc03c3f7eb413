// What the command line of simulated_pack says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bms/pack_config.h"

namespace sim {

enum class Mode : uint8_t { kServe, kBench, kCampaign, kConfigHash, kHelp, kVersion };

struct Options {
  Mode mode = Mode::kServe;
  std::optional<uint16_t> tcp_port;
  int32_t speed_permille = 1000;
  uint64_t seed = 1;
  double bench_s = 0;
  std::string profile;  // empty: load and charger do nothing until told
  std::string storage;
  bms::PackConfig config;
  bms::PackConfig checked;  // without the overrides
};

extern const char* const kHelpText;

// False with one sentence in `reason`; nothing was done then.
bool parse_options(int count, const char* const* arguments, Options& options, std::string& reason);

}  // namespace sim
