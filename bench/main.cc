// berth_bench: runs the benches, prints their table, and writes the figures where --json says.
#include <benchmark/benchmark.h>

#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "bench/figure_reporter.h"
#include "bench/registrations.h"
#include "bench/report/figures.h"
#include "bench/report/print.h"
#include "bench/resident_memory.h"

namespace berth::bench {
namespace {

// Takes "--json FILE" or "--json=FILE" out of the arguments. Empty: given without a file.
std::optional<std::string> take_json(std::vector<char*>& arguments) {
  constexpr std::string_view kFlag = "--json";
  for (auto at = arguments.begin() + 1; at != arguments.end(); ++at) {
    const std::string_view text = *at;
    if (text == kFlag) {
      const bool has_file = at + 1 != arguments.end();
      std::string file = has_file ? *(at + 1) : "";
      arguments.erase(at, at + (has_file ? 2 : 1));
      return file;
    }
    if (text.starts_with(kFlag) && text.substr(kFlag.size()).starts_with('=')) {
      std::string file(text.substr(kFlag.size() + 1));
      arguments.erase(at);
      return file;
    }
  }
  return std::nullopt;
}

int run(std::vector<char*> arguments) {
  const std::optional<std::string> json = take_json(arguments);
  if (json.has_value() && json->empty()) {
    std::cerr << "berth_bench: --json needs a file to write to\n";
    return 2;
  }
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) {
    return 2;
  }
  register_memory();
  register_load();
  register_query();
  register_large_request();
  register_first_decision();
  register_churn();
  register_deltas();
  register_forks();
  register_replay();
  Figures figures;
  FigureReporter reporter(figures);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  figures.derive();
  std::cout << to_table(figures);
  if (json.has_value()) {
    std::ofstream file(*json, std::ios::trunc);
    file << to_json(figures);
    if (!file.flush()) {
      std::cerr << "berth_bench: " << *json << " cannot be written\n";
      return 1;
    }
  }
  return reporter.has_failed() ? 1 : 0;
}

}  // namespace
}  // namespace berth::bench

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], berth::bench::kMeasureFlag) == 0) {
    return berth::bench::print_resident_memory(argv[2], argv[3]);
  }
  return berth::bench::run({argv, argv + argc});
}
