// The command line of simulated_pack, its file of limits and its profiles.
#include "sim/options.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "sim/config_file.h"
#include "sim/profile.h"

namespace {

struct Parsed {
  bool is_done = false;
  sim::Options options;
  std::string reason;
};

Parsed parse(std::vector<const char*> words) {
  words.insert(words.begin(), "simulated_pack");
  Parsed parsed;
  parsed.is_done = sim::parse_options(static_cast<int>(words.size()), words.data(), parsed.options,
                                      parsed.reason);
  return parsed;
}

// A file that goes with its test.
struct TextFile {
  explicit TextFile(const std::string& text) { std::ofstream(path) << text; }
  ~TextFile() { std::remove(path.c_str()); }
  const std::string path = "options_test.txt";
};

}  // namespace

TEST_CASE("limits come from a file, and what a rule forbids is refused with that rule") {
  const TextFile good(
      "# the pack in the cellar\n\ncell_count = 8\nocv_permille="
      "0,50,100,200,300,400,500,600,700,800,900,950,1000\r\n");
  const Parsed parsed = parse({"--config", good.path.c_str()});
  REQUIRE(parsed.is_done);
  CHECK(parsed.options.config.cell_count == 8);

  const TextFile bad("cell_ov_trip_mv=3645\n");
  const Parsed refused = parse({"--config", bad.path.c_str()});
  CHECK_FALSE(refused.is_done);
  CHECK(refused.reason.find("cell_ov_trip_mv + cell_error_mv <= cell_max_mv") != std::string::npos);
}

TEST_CASE("a line that is no limit is refused with its number") {
  for (const char* line : {"cell_count", "cell_counts=8", "cell_count=eight", "cell_count=8,9",
                           "cell_count=", "ocv_mv=1,2", "cell_count=99999999999"}) {
    CAPTURE(line);
    const TextFile file(std::string("ntc_count=4\n") + line + "\n");
    const Parsed parsed = parse({"--config", file.path.c_str()});
    CHECK_FALSE(parsed.is_done);
    CHECK(parsed.reason.find("line 2") != std::string::npos);
  }
  CHECK_FALSE(parse({"--config", "no such file"}).is_done);
}

TEST_CASE("an override goes past the check, wherever it stands") {
  const TextFile file("cell_count=8\n");
  const Parsed parsed =
      parse({"--override", "cell_ov_trip_mv=3800", "--config", file.path.c_str()});
  REQUIRE(parsed.is_done);
  CHECK(parsed.options.config.cell_ov_trip_mv == 3800);
  CHECK(parsed.options.config.cell_count == 8);
  CHECK(parsed.options.checked.cell_ov_trip_mv == 3580);
}

TEST_CASE("what is not understood is refused, and says what it is") {
  for (const char* word : {"--speed", "--fast", "file.txt"}) {
    CAPTURE(word);
    const Parsed parsed = parse({word});
    CHECK_FALSE(parsed.is_done);
    CHECK(parsed.reason.find(word) != std::string::npos);
  }
  CHECK_FALSE(parse({"--speed", "1001"}).is_done);
  CHECK_FALSE(parse({"--speed", "-1"}).is_done);
  CHECK_FALSE(parse({"--tcp", "65536"}).is_done);
  CHECK_FALSE(parse({"--bench", "0"}).is_done);
  CHECK_FALSE(parse({"--seed", "x"}).is_done);
  CHECK(parse({"--speed", "0"}).options.speed_permille == 0);
  CHECK(parse({"--bench", "60"}).options.mode == sim::Mode::kBench);
}

TEST_CASE("a profile from a file holds each current until the next line, and starts again") {
  const TextFile file("seconds,mA\n0,0\n10,-50000\n20,30000\n40,0\n");
  sim::Profile profile;
  std::string reason;
  REQUIRE(profile.load(file.path, {}, reason));
  CHECK(profile.at(5).load_ma == 0);
  CHECK(profile.at(10).load_ma == 50000);
  CHECK(profile.at(39).charger_ma == 30000);
  CHECK(profile.at(39).load_ma == 0);
  CHECK(profile.at(52).load_ma == 50000);
}

TEST_CASE("a profile that is none is refused") {
  sim::Profile profile;
  std::string reason;
  CHECK_FALSE(profile.load("no such profile", {}, reason));
  for (const char* text : {"", "0,0\n5\n", "0,0\n5,1\n5,2\n", "-1,0\n", "0,99999999999\n"}) {
    CAPTURE(text);
    const TextFile file(text);
    CHECK_FALSE(profile.load(file.path, {}, reason));
  }
}

TEST_CASE("every named profile stays below the current that is worth a warning") {
  for (const char* name : {"rest", "constant", "charge", "drive", "day"}) {
    CAPTURE(name);
    const bms::PackConfig config;
    sim::Profile profile;
    std::string reason;
    REQUIRE(profile.load(name, config, reason));
    for (double at_s = 0; at_s < profile.length_s(); at_s += 10) {
      CHECK(profile.at(at_s).load_ma < config.current_warn_ma);
      CHECK(profile.at(at_s).charger_ma < config.current_warn_ma);
    }
  }
}
