#include "bench/quality/data_file.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace berth::quality {

std::string data_path(const std::string& path) {
  const char* folder = std::getenv("BERTH_DATA");
  return std::string(folder != nullptr ? folder : BERTH_DATA_DEFAULT) + "/" + path;
}

std::string read_data(const std::string& path) {
  const std::string whole = data_path(path);
  std::string text;
  if (std::filesystem::exists(whole) && whole.find('\'') == std::string::npos) {
    const std::string command = fmt::format("{} '{}'", whole.ends_with(".zst") ? "zstdcat" : "cat", whole);
    if (std::FILE* pipe = popen(command.c_str(), "r"); pipe != nullptr) {
      std::array<char, 65536> part{};
      for (std::size_t bytes = 0; (bytes = std::fread(part.data(), 1, part.size(), pipe)) > 0;) {
        text.append(part.data(), bytes);
      }
      text = pclose(pipe) == 0 ? text : "";
    }
  }
  if (text.empty()) {
    fmt::print(stderr, "{} cannot be read; set BERTH_DATA to the data's folder, and install zstd\n", whole);
    std::exit(1);
  }
  return text;
}

const std::vector<NamedChain>& packing_chains() {
  using Kind = placement::Strategy::Kind;
  const placement::Strategy cpu{Kind::kBinpackCpu, {}};
  const placement::Strategy memory{Kind::kBinpackMemory, {}};
  static const std::vector<NamedChain> chains = {
      {"binpack cpu", {cpu}}, {"binpack memory", {memory}}, {"binpack cpu, memory", {cpu, memory}}, {"binpack memory, cpu", {memory, cpu}}};
  return chains;
}

}  // namespace berth::quality
