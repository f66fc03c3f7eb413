// simulated_pack: see kHelpText in options.cpp.
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>

#include "bms/config_hash.h"
#include "sim/byte_port.h"
#include "sim/campaign.h"
#include "sim/options.h"
#include "sim/profile.h"
#include "sim/server.h"
#include "sim/simulated_pack.h"
#include "sim/simulated_storage.h"
#include "telemetry/version.h"

namespace {

constexpr int kRefused = 2;

int refuse(const std::string& reason) {
  std::fprintf(stderr, "simulated_pack: %s\n", reason.c_str());
  return kRefused;
}

int bench(const sim::Options& options, sim::SimulatedStorage& storage,
          const sim::Profile& profile) {
  sim::SilentSink sink;
  sim::SimulatedPack pack({options.config, options.seed, 0, options.checked}, storage, sink);
  pack.follow(profile);
  const auto began = std::chrono::steady_clock::now();
  pack.advance(static_cast<uint64_t>(options.bench_s * 1e6));
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
  std::printf("{\"simulated_s\": %.0f, \"cycles\": %" PRIu64
              ", \"elapsed_s\": %.3f, \"simulated_s_per_s\": %.0f, \"state\": \"%s\", "
              "\"latched\": %u}\n",
              options.bench_s, pack.cycles(), taken.count(), options.bench_s / taken.count(),
              bms::kStateNames[static_cast<size_t>(pack.guard().snapshot().state)],
              pack.guard().snapshot().latched);
  return 0;
}

int serve(const sim::Options& options, sim::SimulatedStorage& storage,
          const sim::Profile* profile) {
  std::unique_ptr<sim::BytePort> port;
  if (options.tcp_port) {
    uint16_t number = *options.tcp_port;
    std::string reason;
    port = sim::open_tcp_port(number, reason);
    if (!port) return refuse("port " + std::to_string(number) + " can't be opened: " + reason);
    std::fprintf(stderr, "listening on 127.0.0.1:%u\n", number);
  } else {
    port = sim::open_standard_port();
  }
  sim::PortSink sink(*port);
  sim::SimulatedPack pack({options.config, options.seed, 0, options.checked}, storage, sink);
  pack.set_speed_permille(options.speed_permille);
  if (profile != nullptr) pack.follow(*profile);
  sim::serve(pack, *port, sink);
  return 0;
}

// What failed is for the reader of the rows: the campaign itself came to its end.
int campaign(const sim::Options& options) {
  for (const sim::CampaignRow& row : sim::run_campaign(options.config, options.seed)) {
    std::printf("%s\n", sim::to_json(row).c_str());
  }
  return 0;
}

int run(const sim::Options& options) {
  sim::SimulatedStorage storage;
  if (!options.storage.empty() && !storage.keep_in(options.storage)) {
    return refuse("'" + options.storage + "' can't be read or made as a storage file");
  }
  const bool is_bench = options.mode == sim::Mode::kBench;
  const bool has_profile = is_bench || !options.profile.empty();
  sim::Profile profile;
  std::string reason;
  const std::string name = options.profile.empty() ? "day" : options.profile;
  if (has_profile && !profile.load(name, options.config, reason)) return refuse(reason);
  if (is_bench) return bench(options, storage, profile);
  return serve(options, storage, has_profile ? &profile : nullptr);
}

}  // namespace

int main(int count, char** arguments) {
  sim::Options options;
  std::string reason;
  if (!sim::parse_options(count, arguments, options, reason)) return refuse(reason);
  switch (options.mode) {
    case sim::Mode::kHelp:
      std::fputs(sim::kHelpText, stdout);
      return 0;
    case sim::Mode::kVersion:
      std::printf("simulated_pack %s\n", telemetry::kFirmwareVersion);
      return 0;
    case sim::Mode::kConfigHash:
      std::printf("%016" PRIx64 "\n", bms::config_hash(options.config));
      return 0;
    case sim::Mode::kCampaign:
      return campaign(options);
    case sim::Mode::kServe:
    case sim::Mode::kBench:
      break;
  }
  return run(options);
}
