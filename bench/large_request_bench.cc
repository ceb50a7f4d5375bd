// W3: one request for many tasks on a snapshot, from filter to decision, for each chain of the zoo; beside a pass over the columns that it
// must read. The same chains with one task and with a thousand tell what of it is the tasks.
#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "bench/bench_fleet.h"
#include "bench/registrations.h"
#include "bench/streaming.h"
#include "engine/placement/decision.h"

namespace berth::bench {
namespace {

using placement::Strategy;

benchmark::Counter ms_of(const benchmark::State& state) {
  return benchmark::Counter(static_cast<double>(state.iterations()) * 1e-3, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

placement::Request request_of(const std::vector<Strategy>& chain, std::uint32_t count) {
  placement::Request request;
  request.demand.cpu_units = 128;
  request.demand.memory_mib = 256;
  request.count = count;
  request.group = "service:bench";
  request.strategies = chain;
  request.seed = 1;
  return request;
}

void decide(benchmark::State& state, const std::string& key, const std::vector<Strategy>& chain, std::uint32_t count) {
  const placement::Request request = request_of(chain, count);
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
  state.counters[key] = ms_of(state);
}

void streaming_pass(benchmark::State& state) {
  const placement::Request request = request_of({{Strategy::Kind::kSpreadInstance, {}}}, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(stream_columns(*fleet(), request, executor()));
  }
  state.counters["W3.streaming_ms"] = ms_of(state);
}

}  // namespace

void register_large_request() {
  using Kind = Strategy::Kind;
  const Strategy zone{Kind::kSpreadAttribute, "ecs.availability-zone"};
  const std::vector<std::pair<std::string, std::vector<Strategy>>> chains = {
      {"service_default", {zone, {Kind::kSpreadInstance, {}}}},
      {"spread_zone_binpack_memory", {zone, {Kind::kBinpackMemory, {}}}},
      {"binpack_cpu", {{Kind::kBinpackCpu, {}}}},
      {"binpack_memory", {{Kind::kBinpackMemory, {}}}},
      {"random", {{Kind::kRandom, {}}}},
      {"spread_stack", {{Kind::kSpreadAttribute, "stack"}}},
  };
  benchmark::RegisterBenchmark("W3/streaming_pass", streaming_pass)->Unit(benchmark::kMillisecond)->UseRealTime();
  for (const auto& [name, chain] : chains) {
    const auto add = [&](const std::string& title, const std::string& key, std::uint32_t count) {
      benchmark::RegisterBenchmark((std::string("W3/").append(name) + "/" + title).c_str(), decide, key, chain, count)
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    };
    add("1", "W3.one_task." + name + "_ms", 1);
    add("1000", "W3.thousand_tasks." + name + "_ms", 1000);
    add("all", "W3." + name + "_ms", request_tasks());
  }
}

}  // namespace berth::bench
