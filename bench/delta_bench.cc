// W6: one thread carries out what happens outside (task states, tasks of others, agents, drains, attributes, instances that leave and come)
// while another runs W2; beside W2 alone on the same cluster.
#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "bench/bench_fleet.h"
#include "bench/churn_thread.h"
#include "bench/delta_thread.h"
#include "bench/registrations.h"
#include "bench/report/figures.h"
#include "bench/workloads/zoo.h"

namespace berth::bench {
namespace {

constexpr std::uint32_t kClasses = 200;
constexpr int kRuns = 3;
// Of turns(): a placement commits only at a position that no change takes meanwhile, so that a turn beside a fast writer takes long.
constexpr std::uint64_t kTurnsPart = 5;

void deltas(benchmark::State& state) {
  auto made = cluster::Cluster::from_snapshot(fleet());
  if (!made.ok()) {
    state.SkipWithError(made.error().message.c_str());
    return;
  }
  cluster::Cluster& cluster = **made;
  Classes classes;
  std::vector<std::uint32_t> shapes;
  for (const placement::Request& request : workloads::zoo(kClasses, 1, *fleet())) {
    classes.push_back(*cluster.prepare(request, executor()));
    shapes.push_back(classes.back()->shape);
  }
  std::vector<std::unique_ptr<ChurnThread>> churns;
  churns.push_back(std::make_unique<ChurnThread>(cluster, classes, 1));
  DeltaThread writer(cluster, shapes, 1);
  share_tasks(cluster, churns);
  // Every other one of the tasks is the writer's.
  std::vector<cluster::TaskHandle>& tasks = churns.front()->tasks();
  std::size_t kept = 0;
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    if (task % 2 == 0) {
      tasks[kept++] = tasks[task];
    } else {
      writer.tasks().push_back(tasks[task]);
    }
  }
  tasks.resize(kept);
  meet_classes(churns);
  warm_up(cluster, churns, turns());
  std::uint64_t steps = 0;
  const auto run_both = [&] {
    std::atomic<bool> is_over{false};
    double rate = 0;
    std::thread other([&] {
      const auto begin = std::chrono::steady_clock::now();
      const std::uint64_t before = steps;
      do {
        writer.step();
        ++steps;
      } while (!is_over.load(std::memory_order_relaxed));
      rate = static_cast<double>(steps - before) / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    });
    const ChurnRun run = run_at_once(churns, turns() / kTurnsPart + 1);
    is_over.store(true, std::memory_order_relaxed);
    other.join();
    return std::pair(run, rate);
  };
  run_both();
  Figures runs;
  for (auto _ : state) {
    const ChurnRun alone = run_at_once(churns, turns() / kTurnsPart + 1);
    const auto [both, rate] = run_both();
    runs.add("W6.deltas_per_second", rate);
    runs.add("W6.p99_without_us", static_cast<double>(alone.latencies.p99_ns()) / 1000);
    runs.add("W6.p99_us", static_cast<double>(both.latencies.p99_ns()) / 1000);
    runs.add("W6.p999_us", static_cast<double>(both.latencies.p999_ns()) / 1000);
    runs.add("W6.placements_per_second_without", static_cast<double>(alone.placed) / alone.seconds);
    runs.add("W6.placements_per_second", static_cast<double>(both.placed) / both.seconds);
  }
  for (const auto& [key, value] : runs.medians()) {
    state.counters[key] = value;
  }
  state.counters["W6.without_effect_percent"] = 100.0 * static_cast<double>(writer.without_effect()) / static_cast<double>(steps);
  if (writer.failed() != 0) {
    state.SkipWithError("a change failed that should not");
  }
}

}  // namespace

void register_deltas() {
  benchmark::RegisterBenchmark("W6/deltas", deltas)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(kRuns);
}

}  // namespace berth::bench
