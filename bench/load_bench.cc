// W5: the snapshot on disk, loading it (verify, validate, index) beside a memcpy of the same bytes, and what it keeps in memory.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/bench_fleet.h"
#include "bench/registrations.h"
#include "bench/resident_memory.h"
#include "engine/ecs/fleet_generator.h"
#include "engine/snapshot/builder.h"

namespace berth::bench {
namespace {

constexpr double kMib = 1024.0 * 1024.0;

benchmark::Counter ms_of(const benchmark::State& state) {
  return benchmark::Counter(static_cast<double>(state.iterations()) * 1e-3, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void memcpy_of_snapshot(benchmark::State& state) {
  const auto bytes = fleet()->bytes();
  std::vector<std::uint8_t> copy(bytes.size());
  for (auto _ : state) {
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  }
  state.counters["W5.memcpy_ms"] = ms_of(state);
}

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
  state.counters["W5.load_ms"] = ms_of(state);
}

// Instances by themselves are measured on the same fleet made without tasks; what tasks add is divided among the tasks.
void bytes_on_disk(benchmark::State& state) {
  const Snapshot& whole = *fleet();
  ecs::FleetOptions options;
  options.instances = whole.instance_count();
  options.utilization_percent = 0;
  options.tasks_per_instance = 0;
  for (auto _ : state) {
    const auto empty = ecs::generate_fleet(options, executor(), nullptr);
    if (!empty.ok()) {
      state.SkipWithError(empty.error().message.c_str());
      return;
    }
    const auto instance_bytes = static_cast<double>((*empty)->bytes().size());
    state.counters["W5.bytes_per_instance"] = instance_bytes / whole.instance_count();
    state.counters["W5.bytes_per_task"] = (static_cast<double>(whole.bytes().size()) - instance_bytes) / whole.task_count();
  }
  state.counters["W5.file_mib"] = static_cast<double>(whole.bytes().size()) / kMib;
  state.counters["fleet.instances"] = whole.instance_count();
  state.counters["fleet.tasks"] = whole.task_count();
}

// A file of this process alone, gone with the bench.
class FleetFile {
 public:
  FleetFile() : path_(std::filesystem::temp_directory_path() / ("berth_bench_" + std::to_string(getpid()) + ".berth")) {}
  FleetFile(const FleetFile&) = delete;
  FleetFile& operator=(const FleetFile&) = delete;
  ~FleetFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] Outcome write() const { return write_file_atomically(path_.string(), fleet()->bytes()); }

 private:
  std::filesystem::path path_;
};

void write_snapshot(benchmark::State& state) {
  const FleetFile file;
  for (auto _ : state) {
    if (const Outcome written = file.write(); !written.ok()) {
      state.SkipWithError(written.error().message.c_str());
      return;
    }
  }
  state.counters["W5.write_ms"] = ms_of(state);
}

void resident_memory(benchmark::State& state, const std::string& what, const char* key) {
  const FleetFile file;
  if (const Outcome written = file.write(); !written.ok()) {
    state.SkipWithError(written.error().message.c_str());
    return;
  }
  for (auto _ : state) {
    const std::optional<double> mib = resident_mib(what, file.path());
    if (!mib.has_value()) {
      state.SkipWithError("a fresh process could not be run");
      return;
    }
    state.counters[key] = *mib;
  }
}

}  // namespace

void register_load() {
  benchmark::RegisterBenchmark("W5/memcpy", memcpy_of_snapshot)->Unit(benchmark::kMillisecond)->UseRealTime();
  benchmark::RegisterBenchmark("W5/load", load_snapshot)->Unit(benchmark::kMillisecond)->UseRealTime();
  benchmark::RegisterBenchmark("W5/write", write_snapshot)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);
  benchmark::RegisterBenchmark("W5/bytes", bytes_on_disk)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
  for (const auto& [what, key] : {std::pair("snapshot", "W5.rss_mib"), std::pair("cluster", "W5.cluster_rss_mib")}) {
    benchmark::RegisterBenchmark((std::string("W5/rss/") + what).c_str(), resident_memory, std::string(what), key)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime()
        ->Iterations(1);
  }
}

}  // namespace berth::bench
