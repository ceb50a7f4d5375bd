// W2: a live cluster under steady churn: requests of the zoo's classes and stops at random, one stop per placement, which ends the task at
// once; on one and two threads. Growth: the same on fleets of a tenth and a hundredth.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/bench_fleet.h"
#include "bench/churn_thread.h"
#include "bench/registrations.h"
#include "bench/report/figures.h"
#include "bench/workloads/zoo.h"

namespace berth::bench {
namespace {

constexpr int kRuns = 5;

struct Churn {
  std::string prefix;  // Of keys.
  std::uint32_t class_count = 200;
  std::uint32_t threads = 1;
  std::uint32_t divisor = 1;  // Of the fleet.
};

std::uint64_t scans_of(const Classes& classes) {
  std::uint64_t total = 0;
  for (const auto& request_class : classes) {
    total += request_class->scans();
  }
  return total;
}

// Medians over the runs; the latencies' percentiles are each run's own.
void churn(benchmark::State& state, const Churn& what) {
  const SnapshotPtr snapshot = what.divisor == 1 ? fleet() : smaller_fleet(what.divisor);
  auto made = cluster::Cluster::from_snapshot(snapshot);
  if (!made.ok()) {
    state.SkipWithError(made.error().message.c_str());
    return;
  }
  cluster::Cluster& cluster = **made;
  Classes classes;
  for (const placement::Request& request : workloads::zoo(what.class_count, 1, *snapshot)) {
    classes.push_back(*cluster.prepare(request, executor()));
  }
  std::vector<std::unique_ptr<ChurnThread>> threads;
  for (std::uint32_t thread = 0; thread < what.threads; ++thread) {
    threads.push_back(std::make_unique<ChurnThread>(cluster, classes, 1 + thread));
  }
  share_tasks(cluster, threads);
  warm_up(cluster, threads, turns());
  const auto refused = [&] {
    std::uint64_t total = 0;
    for (const auto& thread : threads) {
      total += thread->refused();
    }
    return total;
  };
  const std::uint64_t cold_before = cluster.inventory().cold_work.load(std::memory_order_relaxed);
  const std::uint64_t scans_before = scans_of(classes);
  const std::uint64_t refused_before = refused();
  Figures runs;
  for (auto _ : state) {
    const ChurnRun run = run_at_once(threads, turns());
    runs.add("placements_per_second", static_cast<double>(run.placed) / run.seconds);
    runs.add("us_per_placement", run.seconds * 1e6 * what.threads / static_cast<double>(run.placed));
    runs.add("p50_us", static_cast<double>(run.latencies.p50_ns()) / 1000);
    runs.add("p99_us", static_cast<double>(run.latencies.p99_ns()) / 1000);
    runs.add("p999_us", static_cast<double>(run.latencies.p999_ns()) / 1000);
    runs.add("max_us", static_cast<double>(run.latencies.max_ns()) / 1000);
  }
  if (what.divisor != 1) {
    state.counters[what.prefix + "_us_per_placement"] = runs.find("us_per_placement").value_or(0);
    return;
  }
  for (const auto& [key, value] : runs.medians()) {
    state.counters[what.prefix + "." + key] = value;
  }
  state.counters[what.prefix + ".refused"] = static_cast<double>(refused() - refused_before);
  state.counters[what.prefix + ".scans"] = static_cast<double>(scans_of(classes) - scans_before);
  state.counters[what.prefix + ".cold_events"] =
      static_cast<double>(cluster.inventory().cold_work.load(std::memory_order_relaxed) - cold_before);
}

}  // namespace

void register_churn() {
  const auto add = [](const std::string& name, const Churn& what) {
    benchmark::RegisterBenchmark(name.c_str(), churn, what)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(kRuns);
  };
  add("W2/z200/threads1", {.prefix = "W2.z200"});
  add("W2/z200/threads2", {.prefix = "W2.z200.two_threads", .threads = 2});
  add("W2/z5000/threads1", {.prefix = "W2.z5000", .class_count = 5000});
  add("W2/z5000/threads2", {.prefix = "W2.z5000.two_threads", .class_count = 5000, .threads = 2});
  add("growth/hundredth", {.prefix = "growth.hundredth", .divisor = 100});
  add("growth/tenth", {.prefix = "growth.tenth", .divisor = 10});
}

}  // namespace berth::bench
