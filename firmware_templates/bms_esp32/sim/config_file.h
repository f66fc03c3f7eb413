// A pack's limits out of text: a file of name=value lines, or one such line from the command line.
#pragma once

#include <string>

#include "bms/pack_config.h"

namespace sim {

// Sets one field from "name=value", or a table from "name=v1,v2,...". False with a reason.
bool set_field(const std::string& line, bms::PackConfig& config, std::string& reason);

// Reads lines of name=value over what `config` holds and checks the whole. Empty lines and those
// that begin with # say nothing. False with one sentence in `reason`.
bool load_config(const std::string& path, bms::PackConfig& config, std::string& reason);

}  // namespace sim
