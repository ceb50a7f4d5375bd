// Whole decisions on a snapshot: one never-seen request, and one request for many tasks, per chain.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "bench/fleet.h"
#include "engine/placement/decision.h"

namespace berth::bench {
namespace {

using placement::Strategy;

const Strategy kSpreadZone{Strategy::Kind::kSpreadAttribute, "ecs.availability-zone"};
const Strategy kSpreadInstance{Strategy::Kind::kSpreadInstance, {}};
const Strategy kBinpackMemory{Strategy::Kind::kBinpackMemory, {}};
const Strategy kRandom{Strategy::Kind::kRandom, {}};

void decide(benchmark::State& state, const std::vector<Strategy>& chain) {
  placement::Request request;
  request.demand.cpu_units = 128;
  request.demand.memory_mib = 256;
  request.count = static_cast<std::uint32_t>(state.range(0));
  request.group = "service:bench";
  request.strategies = chain;
  request.seed = 1;
  std::size_t placed = 0;
  for (auto _ : state) {
    auto decision = placement::decide(fleet(), request, executor());
    if (!decision.ok()) {
      state.SkipWithError(decision.error().message.c_str());
      return;
    }
    placed = decision->placed.size();
  }
  state.counters["placed"] = static_cast<double>(placed);
  state.counters["us_per_task"] = benchmark::Counter(static_cast<double>(placed) * static_cast<double>(state.iterations()) * 1e-6,
                                                     benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

[[maybe_unused]] const bool registered = [] {
  const std::vector<std::pair<const char*, std::vector<Strategy>>> chains = {
      {"service_default", {kSpreadZone, kSpreadInstance}},
      {"spread_zone_binpack_memory", {kSpreadZone, kBinpackMemory}},
      {"binpack_memory", {kBinpackMemory}},
      {"random", {kRandom}},
  };
  for (const auto& [name, chain] : chains) {
    benchmark::RegisterBenchmark((std::string("decide/") + name).c_str(), decide, chain)
        ->Arg(1)
        ->Arg(1000)
        ->Arg(100'000)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
  return true;
}();

}  // namespace
}  // namespace berth::bench
