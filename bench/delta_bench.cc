// W6: one thread carries out what happens outside (task states, tasks of others, agents, drains, attributes, instances that leave and come)
// while another runs W2; beside W2 alone on the same cluster. The changes come at a steady pace, as they do from a fleet: the figure is the
// fastest pace at which W2's p99 does not more than double.
#include <benchmark/benchmark.h>

#include <array>
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
constexpr double kP99RatioMax = 2;
// Changes per second, from the slowest on until one is too fast.
constexpr std::array kPaces = {25'000.0, 50'000.0, 100'000.0, 150'000.0, 200'000.0, 250'000.0, 300'000.0, 400'000.0};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

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
  const auto run_both = [&](double pace) {
    std::atomic<bool> is_over{false};
    double rate = 0;
    std::thread other([&] {
      const auto begin = Clock::now();
      const std::uint64_t before = steps;
      while (!is_over.load(std::memory_order_relaxed)) {
        if (static_cast<double>(steps - before) <= pace * seconds_since(begin)) {
          writer.step();
          ++steps;
        }
      }
      rate = static_cast<double>(steps - before) / seconds_since(begin);
    });
    const ChurnRun run = run_at_once(churns, turns());
    is_over.store(true, std::memory_order_relaxed);
    other.join();
    return std::pair(run, rate);
  };
  run_both(kPaces.front());
  Figures runs;
  for (auto _ : state) {
    const ChurnRun alone = run_at_once(churns, turns());
    const auto p99_us = [](const ChurnRun& run) { return static_cast<double>(run.latencies.p99_ns()) / 1000; };
    ChurnRun fastest;
    double fastest_rate = 0;
    for (const double pace : kPaces) {
      const auto [both, rate] = run_both(pace);
      const bool is_too_fast = p99_us(both) > kP99RatioMax * p99_us(alone);
      // What the slowest pace comes to is told even when it is too fast.
      if (is_too_fast && pace != kPaces.front()) {
        break;
      }
      fastest = both;
      fastest_rate = rate;
      if (is_too_fast) {
        break;
      }
    }
    runs.add("W6.deltas_per_second", fastest_rate);
    runs.add("W6.p99_without_us", p99_us(alone));
    runs.add("W6.p99_us", p99_us(fastest));
    runs.add("W6.p999_us", static_cast<double>(fastest.latencies.p999_ns()) / 1000);
    runs.add("W6.placements_per_second_without", static_cast<double>(alone.placed) / alone.seconds);
    runs.add("W6.placements_per_second", static_cast<double>(fastest.placed) / fastest.seconds);
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
