// W2: a live cluster under steady churn: requests of the zoo's classes and stops at random, one stop per placement, which ends
// the task at once.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/fleet.h"
#include "bench/workloads/churn.h"
#include "bench/workloads/latency.h"
#include "bench/workloads/zoo.h"
#include "engine/cluster/cluster.h"
#include "engine/cluster/window.h"

namespace berth::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Placements of each thread and measurement. BERTH_BENCH_TURNS lowers it for a smoke run.
std::uint64_t turns_per_thread() {
  const char* text = std::getenv("BERTH_BENCH_TURNS");
  const std::uint64_t turns = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  return turns == 0 ? 100'000 : turns;
}

// One thread's share of the churn: its own tasks, of which it stops one for each that it places.
class Churn {
 public:
  Churn(cluster::Cluster& cluster, std::vector<std::unique_ptr<cluster::RequestClass>>& classes, std::uint64_t seed)
      : worker_(*cluster.attach()), classes_(classes), seed_(seed) {}

  cluster::Worker& worker() { return worker_; }
  std::vector<cluster::TaskHandle>& tasks() { return tasks_; }

  // Returns how many were placed.
  std::uint64_t run(std::uint64_t placements, workloads::LatencyRecorder& latencies) {
    std::uint64_t placed_count = 0;
    for (std::uint64_t turn = 0; turn < placements; ++turn) {
      const workloads::Operation place = workloads::churn_operation(seed_, 2 * turns_, static_cast<std::uint32_t>(classes_.size()));
      const workloads::Operation stop = workloads::churn_operation(seed_, 2 * turns_ + 1, static_cast<std::uint32_t>(classes_.size()));
      ++turns_;
      cluster::Placed placed;
      std::uint32_t count = 0;
      const Clock::time_point begin = Clock::now();
      const Outcome outcome =
          worker_.place(*classes_[place.class_index], {.seed = place.draw, .id_base = place.draw, .first_task = 0}, {&placed, 1}, count);
      const Clock::time_point end = Clock::now();
      latencies.record(static_cast<std::uint64_t>((end - begin).count()));
      if (!outcome.ok() || count == 0) {
        ++refused_;
        continue;
      }
      ++placed_count;
      const std::size_t picked = static_cast<std::size_t>(workloads::pick_of(stop.pick, tasks_.size()));
      const cluster::TaskHandle stopped = tasks_[picked];
      tasks_[picked] = placed.task;
      worker_.release(stopped);
    }
    return placed_count;
  }

  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  cluster::Worker worker_;
  std::vector<std::unique_ptr<cluster::RequestClass>>& classes_;
  std::uint64_t seed_;
  std::uint64_t turns_ = 0;
  std::uint64_t refused_ = 0;
  std::vector<cluster::TaskHandle> tasks_;
};

void churn(benchmark::State& state, std::uint32_t class_count, std::uint32_t threads) {
  auto made = cluster::Cluster::from_snapshot(fleet());
  if (!made.ok()) {
    state.SkipWithError(made.error().message.c_str());
    return;
  }
  cluster::Cluster& cluster = **made;
  std::vector<std::unique_ptr<cluster::RequestClass>> classes;
  for (const placement::Request& request : workloads::zoo(class_count, 1, *fleet())) {
    classes.push_back(*cluster.prepare(request, executor()));
  }
  std::vector<std::unique_ptr<Churn>> churns;
  churns.reserve(threads);
  for (std::uint32_t thread = 0; thread < threads; ++thread) {
    churns.push_back(std::make_unique<Churn>(cluster, classes, 1 + thread));
  }
  std::vector<cluster::TaskHandle> here;
  for (std::uint32_t instance = 0; instance < fleet()->instance_count(); ++instance) {
    Churn& owner = *churns[instance % threads];
    owner.worker().tasks_of(cluster.slot_of(instance), here);
    owner.tasks().insert(owner.tasks().end(), here.begin(), here.end());
  }
  workloads::LatencyRecorder warm;
  const std::uint64_t turns = turns_per_thread();
  churns.front()->run(std::min(std::uint64_t{class_count} * 20, 10 * turns), warm);
  const auto scans = [&] {
    std::uint64_t total = 0;
    for (const auto& request_class : classes) {
      total += request_class->scans();
    }
    return total;
  };
  const std::uint64_t scans_before = scans();
  workloads::LatencyRecorder all;
  std::uint64_t placed = 0;
  for (auto _ : state) {
    std::vector<workloads::LatencyRecorder> latencies(threads);
    std::vector<std::uint64_t> counts(threads);
    std::vector<std::thread> others;
    for (std::uint32_t thread = 1; thread < threads; ++thread) {
      others.emplace_back([&, thread] { counts[thread] = churns[thread]->run(turns, latencies[thread]); });
    }
    counts[0] = churns[0]->run(turns, latencies[0]);
    for (std::thread& other : others) {
      other.join();
    }
    for (std::uint32_t thread = 0; thread < threads; ++thread) {
      all.merge(latencies[thread]);
      placed += counts[thread];
    }
  }
  std::uint64_t refused = 0;
  for (const auto& one : churns) {
    refused += one->refused();
  }
  state.counters["placements_per_second"] = benchmark::Counter(static_cast<double>(placed), benchmark::Counter::kIsRate);
  state.counters["refused"] = static_cast<double>(refused);
  state.counters["scans"] = static_cast<double>(scans() - scans_before);
  state.counters["p50_us"] = static_cast<double>(all.p50_ns()) / 1000;
  state.counters["p99_us"] = static_cast<double>(all.p99_ns()) / 1000;
  state.counters["p999_us"] = static_cast<double>(all.p999_ns()) / 1000;
  state.counters["max_us"] = static_cast<double>(all.max_ns()) / 1000;
}

[[maybe_unused]] const bool registered = [] {
  for (const std::uint32_t classes : {200U, 5000U}) {
    for (const std::uint32_t threads : {1U, 2U}) {
      benchmark::RegisterBenchmark(("W2/z" + std::to_string(classes) + "/threads" + std::to_string(threads)).c_str(),
                                   [classes, threads](benchmark::State& state) { churn(state, classes, threads); })
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
  return true;
}();

}  // namespace
}  // namespace berth::bench
