// Forks: opening one on a live cluster and asking ten questions of classes that the cluster knows, beside the same questions asked of the
// cluster itself; and what a fork's own changes cost its questions.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bench/bench_fleet.h"
#include "bench/registrations.h"
#include "bench/workloads/churn.h"
#include "bench/workloads/latency.h"
#include "bench/workloads/zoo.h"
#include "engine/cluster/fork.h"

namespace berth::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kClasses = 200;
constexpr std::uint32_t kQuestions = 10;

// A cluster whose classes have all been asked.
struct Known {
  std::unique_ptr<cluster::Cluster> cluster = *cluster::Cluster::from_snapshot(fleet());
  std::unique_ptr<cluster::Worker> worker = std::make_unique<cluster::Worker>(*cluster->attach());
  std::vector<std::unique_ptr<cluster::RequestClass>> classes;

  Known() {
    for (const placement::Request& request : workloads::zoo(kClasses, 1, *fleet())) {
      classes.push_back(*cluster->prepare(request, executor()));
    }
    for (std::uint64_t turn = 0; turn < 20; ++turn) {
      for (const auto& request_class : classes) {
        cluster::Placed placed;
        std::uint32_t count = 0;
        if (worker->place(*request_class, {.seed = turn, .id_base = turn, .first_task = 0}, {&placed, 1}, count).ok() && count == 1) {
          worker->release(placed.task);
        }
      }
    }
  }
};

Known& known() {
  static Known one;
  return one;
}

void report(benchmark::State& state, const std::string& key, const workloads::LatencyRecorder& latencies) {
  state.counters[key + "_p50_us"] = static_cast<double>(latencies.p50_ns()) / 1000;
  state.counters[key + "_p99_us"] = static_cast<double>(latencies.p99_ns()) / 1000;
  state.counters[key + "_max_us"] = static_cast<double>(latencies.max_ns()) / 1000;
}

// Opens a fork and asks the next ten classes of the zoo. `places`: each question places a task, else it only looks where one would go.
void open_and_ask(benchmark::State& state, bool places) {
  Known& on = known();
  workloads::LatencyRecorder latencies;
  std::size_t bytes_max = 0;
  std::uint64_t turn = 0;
  for (auto _ : state) {
    const Clock::time_point begin = Clock::now();
    cluster::Fork fork(*on.worker);
    for (std::uint32_t question = 0; question < kQuestions; ++question, ++turn) {
      cluster::RequestClass& asked = *on.classes[turn % kClasses];
      if (places) {
        cluster::Placed placed;
        std::uint32_t count = 0;
        benchmark::DoNotOptimize(fork.place(asked, {.seed = turn, .id_base = turn, .first_task = 0}, {&placed, 1}, count).ok());
      } else {
        benchmark::DoNotOptimize(fork.look_for(asked, {.seed = turn, .id_base = turn, .first_task = 0}));
      }
    }
    latencies.record(static_cast<std::uint64_t>((Clock::now() - begin).count()));
    bytes_max = std::max(bytes_max, fork.bytes() + sizeof(fork));
  }
  const std::string key = places ? "fork.open_place_ten" : "fork.open_ask_ten";
  report(state, key, latencies);
  state.counters[key + "_bytes"] = static_cast<double>(bytes_max);
}

// The same questions of the cluster itself.
void ask_the_cluster(benchmark::State& state) {
  Known& on = known();
  workloads::LatencyRecorder latencies;
  std::uint64_t turn = 0;
  for (auto _ : state) {
    const Clock::time_point begin = Clock::now();
    for (std::uint32_t question = 0; question < kQuestions; ++question, ++turn) {
      benchmark::DoNotOptimize(on.worker->look_for(*on.classes[turn % kClasses], {.seed = turn, .id_base = turn, .first_task = 0}));
    }
    latencies.record(static_cast<std::uint64_t>((Clock::now() - begin).count()));
  }
  report(state, "fork.cluster_asked_ten", latencies);
}

// One question of a fork that has drained so many instances.
void ask_after_draining(benchmark::State& state, std::uint32_t drained) {
  Known& on = known();
  cluster::Fork fork(*on.worker);
  for (std::uint64_t draw = 0; fork.changed_count() < std::min(drained, fleet()->instance_count() / 2); ++draw) {
    const auto instance = static_cast<std::uint32_t>(workloads::pick_of(draw64(7, draw, 0), fleet()->instance_count()));
    fork.set_status(on.cluster->slot_of(instance), InstanceStatus::kDraining);
  }
  workloads::LatencyRecorder latencies;
  std::uint64_t turn = 0;
  for (auto _ : state) {
    const Clock::time_point begin = Clock::now();
    benchmark::DoNotOptimize(fork.look_for(*on.classes[turn % kClasses], {.seed = turn, .id_base = turn, .first_task = 0}));
    latencies.record(static_cast<std::uint64_t>((Clock::now() - begin).count()));
    ++turn;
  }
  const std::string key = "fork.ask_one.drained" + std::to_string(drained);
  report(state, key, latencies);
  state.counters[key + "_bytes_per_change"] = static_cast<double>(fork.bytes()) / static_cast<double>(fork.changed_count());
}

}  // namespace

void register_forks() {
  benchmark::RegisterBenchmark("fork/cluster_asked_ten", ask_the_cluster)->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("fork/open_ask_ten", [](benchmark::State& state) {
    open_and_ask(state, false);
  })->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("fork/open_place_ten", [](benchmark::State& state) {
    open_and_ask(state, true);
  })->Unit(benchmark::kMicrosecond);
  for (const std::uint32_t drained : {100U, 1'000U, 10'000U}) {
    benchmark::RegisterBenchmark(("fork/ask_one/drained" + std::to_string(drained)).c_str(), [drained](benchmark::State& state) {
      ask_after_draining(state, drained);
    })->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace berth::bench
