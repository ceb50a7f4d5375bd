// Loading a snapshot (verify, validate, index), beside a memcpy of the same bytes.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <vector>

#include "bench/fleet.h"

namespace berth::bench {
namespace {

void memcpy_of_snapshot(benchmark::State& state) {
  const auto bytes = fleet()->bytes();
  std::vector<std::uint8_t> copy(bytes.size());
  for (auto _ : state) {
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}
BENCHMARK(memcpy_of_snapshot)->Unit(benchmark::kMillisecond)->UseRealTime();

void load_snapshot(benchmark::State& state) {
  const auto bytes = fleet()->bytes();
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
    state.ResumeTiming();
    auto loaded = Snapshot::from_bytes(std::move(copy), executor());
    if (!loaded.ok()) {
      state.SkipWithError(loaded.error().message.c_str());
      break;
    }
    benchmark::DoNotOptimize(loaded.value().get());
  }
  const double instances = fleet()->instance_count();
  const double tasks = fleet()->task_count();
  state.counters["bytes"] = static_cast<double>(bytes.size());
  // Tasks at their 40 bytes, the rest spread over the instances.
  state.counters["bytes_per_instance_at_40_per_task"] = (static_cast<double>(bytes.size()) - 40.0 * tasks) / instances;
}
BENCHMARK(load_snapshot)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace berth::bench
