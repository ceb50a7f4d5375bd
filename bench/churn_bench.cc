// W2: a live cluster under steady churn: requests of the zoo's classes and stops at random, one stop per placement, which ends the task at
// once; on one and two threads. Growth: the same on fleets of a tenth and a hundredth.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/bench_fleet.h"
#include "bench/churn_thread.h"
#include "bench/registrations.h"
#include "bench/report/figures.h"
#include "bench/workloads/zoo.h"

namespace berth::bench {
namespace {

// Of one measurement: fewer when the first ones take that long.
constexpr int kRuns = 3;
constexpr double kSecondsMax = 6;

struct Churn {
  std::string prefix;  // Of keys.
  std::uint32_t class_count = 200;
  std::uint32_t threads = 1;  // At most; fewer are measured before.
  std::uint32_t divisor = 1;  // Of the fleet.
};

using Threads = std::span<const std::unique_ptr<ChurnThread>>;

std::uint64_t scans_of(const Classes& classes) {
  std::uint64_t total = 0;
  for (const auto& request_class : classes) {
    total += request_class->scans();
  }
  return total;
}

std::uint64_t refused_by(Threads threads) {
  std::uint64_t total = 0;
  for (const auto& thread : threads) {
    total += thread->refused();
  }
  return total;
}

// Medians over the runs, a percentile being each run's own, and what befell in all of them.
std::map<std::string, double> measure(cluster::Cluster& cluster, const Classes& classes, Threads threads) {
  const std::uint64_t cold_before = cluster.inventory().cold_work.load(std::memory_order_relaxed);
  const std::uint64_t scans_before = scans_of(classes);
  const std::uint64_t refused_before = refused_by(threads);
  Figures runs;
  double seconds = 0;
  for (int time = 0; time < kRuns && seconds < kSecondsMax; ++time) {
    const ChurnRun run = run_at_once(threads, turns());
    seconds += run.seconds;
    runs.add("placements_per_second", static_cast<double>(run.placed) / run.seconds);
    runs.add("us_per_placement", run.seconds * 1e6 * static_cast<double>(threads.size()) / static_cast<double>(run.placed));
    runs.add("p50_us", static_cast<double>(run.latencies.p50_ns()) / 1000);
    runs.add("p99_us", static_cast<double>(run.latencies.p99_ns()) / 1000);
    runs.add("p999_us", static_cast<double>(run.latencies.p999_ns()) / 1000);
    runs.add("max_us", static_cast<double>(run.latencies.max_ns()) / 1000);
  }
  std::map<std::string, double> figures = runs.medians();
  figures["refused"] = static_cast<double>(refused_by(threads) - refused_before);
  figures["scans"] = static_cast<double>(scans_of(classes) - scans_before);
  figures["cold_events"] = static_cast<double>(cluster.inventory().cold_work.load(std::memory_order_relaxed) - cold_before);
  return figures;
}

// One cluster for one thread and for all of them: what a class's first decision costs is paid once.
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
  threads.reserve(what.threads);
  for (std::uint32_t thread = 0; thread < what.threads; ++thread) {
    threads.push_back(std::make_unique<ChurnThread>(cluster, classes, 1 + thread));
  }
  share_tasks(cluster, threads);
  meet_classes(threads);
  for (auto _ : state) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{what.threads}}) {
      const std::string prefix = what.prefix + (count == 1 ? "" : ".two_threads");
      // Also before one thread is measured all threads warm up: what is cold to all is in no measurement then.
      warm_up(cluster, threads, turns());
      const std::string separator = what.divisor == 1 ? "." : "_";
      for (const auto& [key, value] : measure(cluster, classes, Threads(threads).first(count))) {
        state.counters[std::string(prefix).append(separator).append(key)] = value;
      }
      if (what.threads == 1) {
        break;
      }
    }
  }
}

}  // namespace

void register_churn() {
  const auto add = [](const std::string& name, const Churn& what) {
    benchmark::RegisterBenchmark(name.c_str(), churn, what)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(1);
  };
  add("W2/z200", {.prefix = "W2.z200", .class_count = 200, .threads = 2, .divisor = 1});
  add("W2/z5000", {.prefix = "W2.z5000", .class_count = 5000, .threads = 2, .divisor = 1});
  add("growth/hundredth", {.prefix = "growth.hundredth", .class_count = 200, .threads = 1, .divisor = 100});
  add("growth/tenth", {.prefix = "growth.tenth", .class_count = 200, .threads = 1, .divisor = 10});
}

}  // namespace berth::bench
