// Files of the data folder (environment variable BERTH_DATA), unpacked by zstdcat where their name ends in .zst, and chains by name.
//
// Thread rule: one thread. Lifetime: results own their text.
#pragma once

#include <string>
#include <vector>

#include "engine/placement/request.h"

namespace berth::quality {

// Where a file of the data folder is, or would be.
std::string data_path(const std::string& path);

// Ends the program with one line when the file cannot be read.
std::string read_data(const std::string& path);

struct NamedChain {
  std::string name;
  std::vector<placement::Strategy> strategies;
};

const std::vector<NamedChain>& packing_chains();

}  // namespace berth::quality
