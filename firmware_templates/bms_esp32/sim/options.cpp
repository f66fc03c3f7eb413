#include "sim/options.h"

#include <charconv>
#include <vector>

#include "sim/config_file.h"

namespace sim {

const char* const kHelpText =
    "simulated_pack: the firmware of the battery guard on a simulated pack.\n"
    "It speaks the firmware's serial protocol on standard input and output.\n"
    "\n"
    "  --tcp PORT             speak on 127.0.0.1 instead; 0 takes a free port; either is told on\n"
    "                         standard error as 'listening on 127.0.0.1:PORT'\n"
    "  --speed N              1 to 1000 times real time; 0: only SimAdvance moves time (default "
    "1)\n"
    "  --seed N               spread and noise follow from it (default 1)\n"
    "  --config FILE          limits, as lines of name=value or name=v1,v2,...; checked\n"
    "  --override NAME=VALUE  set after the check and past it, to see that a test finds it\n"
    "  --profile NAME         rest, constant, charge, drive, day, or a CSV file of seconds,mA;\n"
    "                         the pack is then closed without being asked\n"
    "  --storage FILE         what the firmware keeps is kept there; else it ends with the "
    "process\n"
    "  --bench SECONDS        run that long as fast as it goes, print figures as JSON\n"
    "  --campaign             every fault in every state, one line of JSON each\n"
    "  --config-hash          print the hash of the limits\n"
    "  --help, --version\n"
    "\n"
    "Telemetry comes every 100 ms of simulated time, and no more than 100 times a second.\n";

namespace {

template <class Number>
bool parse_number(const std::string& text, Number least, Number most, Number& value) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return parsed.ec == std::errc() && parsed.ptr == end && value >= least && value <= most;
}

// Options that stand alone.
bool take_switch(const std::string& name, Options& options) {
  if (name == "--campaign") {
    options.mode = Mode::kCampaign;
  } else if (name == "--config-hash") {
    options.mode = Mode::kConfigHash;
  } else if (name == "--help") {
    options.mode = Mode::kHelp;
  } else if (name == "--version") {
    options.mode = Mode::kVersion;
  } else {
    return false;
  }
  return true;
}

bool refuse(std::string& reason, const std::string& text) {
  reason = text;
  return false;
}

bool take_number(const std::string& name, const std::string& value, Options& options,
                 std::string& reason) {
  if (name == "--tcp") {
    uint16_t port = 0;
    if (!parse_number<uint16_t>(value, 0, 65535, port)) return refuse(reason, "no port: " + value);
    options.tcp_port = port;
    return true;
  }
  if (name == "--seed") {
    if (parse_number<uint64_t>(value, 0, UINT64_MAX, options.seed)) return true;
    return refuse(reason, "no seed: " + value);
  }
  if (name == "--speed") {
    int32_t speed = 0;
    if (!parse_number<int32_t>(value, 0, 1000, speed)) {
      return refuse(reason, "speed is 0 to 1000, not " + value);
    }
    options.speed_permille = speed * 1000;
    return true;
  }
  options.mode = Mode::kBench;
  int32_t seconds = 0;
  if (!parse_number<int32_t>(value, 1, 100000000, seconds)) {
    return refuse(reason, "no number of seconds: " + value);
  }
  options.bench_s = seconds;
  return true;
}

}  // namespace

bool parse_options(int count, const char* const* arguments, Options& options, std::string& reason) {
  std::vector<std::string> overrides;
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    if (take_switch(name, options)) continue;
    const bool is_number =
        name == "--tcp" || name == "--seed" || name == "--speed" || name == "--bench";
    const bool is_text =
        name == "--config" || name == "--override" || name == "--profile" || name == "--storage";
    if (!is_number && !is_text) return refuse(reason, "there is no option " + name);
    if (i + 1 == count) return refuse(reason, name + " needs a value");
    const std::string value = arguments[++i];
    if (is_number && !take_number(name, value, options, reason)) return false;
    if (name == "--config" && !load_config(value, options.config, reason)) return false;
    if (name == "--override") overrides.push_back(value);
    if (name == "--profile") options.profile = value;
    if (name == "--storage") options.storage = value;
  }
  options.checked = options.config;
  for (const std::string& line : overrides) {
    if (!set_field(line, options.config, reason)) return false;
  }
  return true;
}

}  // namespace sim
