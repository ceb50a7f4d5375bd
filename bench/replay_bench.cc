// W8: openb, the trace of a real GPU cluster, end to end: nodes and pods read and imported, the trace replayed in time, twenty times as
// fast, and inflated until its tasks demand 130 % of the GPUs, beside the published policies.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/bench_fleet.h"
#include "bench/quality/data_file.h"
#include "bench/quality/openb_inputs.h"
#include "bench/registrations.h"
#include "engine/service/replay.h"

namespace berth::bench {
namespace {

constexpr std::uint32_t kCompressed = 20 * service::kPermille;
constexpr std::uint32_t kInflated = 1300;
constexpr const char* kInflatedPercent = "130";

void replay_in_time(benchmark::State& state) {
  service::ReplayOptions options;
  options.strategies = {{placement::Strategy::Kind::kBinpackCpu, {}}};
  options.compress_permille = kCompressed;
  std::size_t tasks = 0;
  std::uint64_t refused = 0;
  for (auto _ : state) {
    const quality::OpenbInputs inputs = quality::read_openb(one_thread());
    const auto replay = service::replay(inputs.fleet, inputs.trace, options, one_thread());
    if (!replay.ok()) {
      state.SkipWithError(replay.error().message.c_str());
      return;
    }
    tasks = inputs.trace.tasks.size();
    refused = replay->total.refused;
  }
  state.counters["W8.replay_ms"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * 1e-3, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["W8.tasks_per_second"] =
      benchmark::Counter(static_cast<double>(tasks) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["W8.refused"] = static_cast<double>(refused);
}

void inflate(benchmark::State& state) {
  using Kind = placement::Strategy::Kind;
  const quality::OpenbInputs inputs = quality::read_openb(one_thread());
  std::map<std::string, std::vector<placement::Strategy>> chains = {{"random", {{Kind::kRandom, {}}}}};
  for (const quality::NamedChain& chain : quality::packing_chains()) {
    chains[chain.name] = chain.strategies;
  }
  for (auto _ : state) {
    double best = 0;
    for (const auto& [name, strategies] : chains) {
      service::ReplayOptions options;
      options.strategies = strategies;
      options.inflate_permille = kInflated;
      const auto replay = service::replay(inputs.fleet, inputs.trace, options, one_thread());
      if (!replay.ok()) {
        state.SkipWithError(replay.error().message.c_str());
        return;
      }
      const double used = replay->total.shares.used.at(static_cast<std::size_t>(service::Resource::kGpu));
      best = std::max(best, used);
      if (name == "random") {
        state.counters["W8.random_gpu_percent"] = used;
      }
    }
    state.counters["W8.best_gpu_percent"] = best;
  }
  double published_best = 0;
  for (const auto& [policy, by_load] : inputs.published) {
    const auto mean = by_load.find(kInflatedPercent);
    const double used = mean == by_load.end() ? 0 : mean->second;
    published_best = std::max(published_best, used);
    if (policy.find("andom") != std::string::npos) {
      state.counters["W8.published_random_gpu_percent"] = used;
    }
  }
  state.counters["W8.published_best_gpu_percent"] = published_best;
}

}  // namespace

void register_replay() {
  const std::string pods = quality::data_path("openb/openb_pod_list_default.csv.zst");
  if (!std::filesystem::exists(pods)) {
    std::cerr << "W8 is skipped: there is no " << pods << "; set BERTH_DATA to the data's folder\n";
    return;
  }
  benchmark::RegisterBenchmark("W8/replay", replay_in_time)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(1);
  benchmark::RegisterBenchmark("W8/inflate", inflate)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(1);
}

}  // namespace berth::bench
