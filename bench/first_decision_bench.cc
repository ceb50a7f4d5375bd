// W1: the first decision of request classes that were never seen, of every chain of the zoo: on a live cluster whose index other classes
// have warmed (prepare and place), and by decide() on the snapshot. Each beside a streaming pass over the columns that the class must read,
// on as many threads.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bench/bench_fleet.h"
#include "bench/registrations.h"
#include "bench/report/figures.h"
#include "bench/streaming.h"
#include "bench/workloads/zoo.h"
#include "engine/cluster/cluster.h"
#include "engine/placement/decision.h"

namespace berth::bench {
namespace {

constexpr std::uint32_t kWarmClasses = 200;
constexpr std::uint32_t kNewClasses = 200;

template <typename Body>
double ms_of(const Body& body) {
  const auto begin = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

// "spread:stack,binpack_memory".
std::string chain_of(const placement::Request& request) {
  std::string text;
  for (const placement::Strategy& strategy : request.strategies) {
    constexpr std::array<const char*, 5> kTexts = {"random", "spread_", "spread_instance", "binpack_cpu", "binpack_memory"};
    using Kind = placement::Strategy::Kind;
    const std::size_t kind = strategy.kind == Kind::kRandom            ? 0
                             : strategy.kind == Kind::kSpreadAttribute ? 1
                             : strategy.kind == Kind::kSpreadInstance  ? 2
                             : strategy.kind == Kind::kBinpackCpu      ? 3
                                                                       : 4;
    text += (text.empty() ? "" : "_") + std::string(kTexts[kind]) + strategy.attribute.substr(strategy.attribute.rfind('-') + 1);
  }
  return text;
}

// Requests of groups that no class of `known` has.
std::vector<placement::Request> never_seen(const std::vector<placement::Request>& known) {
  std::set<std::string> groups;
  for (const placement::Request& request : known) {
    groups.insert(request.group);
  }
  std::vector<placement::Request> fresh;
  for (placement::Request& request : workloads::zoo(kWarmClasses + kNewClasses, 2, *fleet())) {
    if (!groups.contains(request.group) && fresh.size() < kNewClasses) {
      fresh.push_back(std::move(request));
    }
  }
  return fresh;
}

// Milliseconds of each class, and how many passes that is.
struct Times {
  std::vector<double> all;
  std::map<std::string, Figures> by_chain;
  Figures overall;

  void add(const std::string& chain, double ms, double pass_ms) {
    all.push_back(ms);
    by_chain[chain].add("ratio", ms / pass_ms);
    by_chain[chain].add("ms", ms);
    overall.add("ms", ms);
    overall.add("pass", pass_ms);
  }
  [[nodiscard]] double worst_ratio() const {
    double worst = 0;
    for (const auto& [chain, figures] : by_chain) {
      worst = std::max(worst, figures.find("ratio").value_or(0));
    }
    return worst;
  }
  void tell(benchmark::State& state, const std::string& prefix) const {
    for (const auto& [chain, figures] : by_chain) {
      state.counters[std::string(prefix).append(".").append(chain).append("_ms")] = figures.find("ms").value_or(0);
    }
    state.counters[prefix + "_median_ms"] = overall.find("ms").value_or(0);
    state.counters[prefix + "_worst_ms"] = all.empty() ? 0 : *std::max_element(all.begin(), all.end());
  }
};

double pass_ms(const placement::Request& request, Executor& on) {
  double least = 0;
  for (int time = 0; time < 3; ++time) {
    const double ms = ms_of([&] { benchmark::DoNotOptimize(stream_columns(*fleet(), request, on)); });
    least = time == 0 ? ms : std::min(least, ms);
  }
  return least;
}

void live(benchmark::State& state) {
  auto made = cluster::Cluster::from_snapshot(fleet());
  if (!made.ok()) {
    state.SkipWithError(made.error().message.c_str());
    return;
  }
  cluster::Cluster& cluster = **made;
  cluster::Worker worker = *cluster.attach();
  std::vector<std::unique_ptr<cluster::RequestClass>> classes;
  const auto place = [&](const placement::Request& request) {
    classes.push_back(*cluster.prepare(request, executor()));
    cluster::Placed placed;
    std::uint32_t count = 0;
    const Outcome outcome =
        worker.place(*classes.back(), {.seed = request.seed, .id_base = classes.size(), .first_task = 0}, {&placed, 1}, count);
    if (!outcome.ok()) {
      state.SkipWithError(outcome.error().message.c_str());
    }
    return count != 0;
  };
  const std::vector<placement::Request> known = workloads::zoo(kWarmClasses, 1, *fleet());
  for (const placement::Request& request : known) {
    place(request);
  }
  Times times;
  for (auto _ : state) {
    for (const placement::Request& request : never_seen(known)) {
      bool is_placed = false;
      const double ms = ms_of([&] { is_placed = place(request); });
      if (is_placed) {
        times.add(chain_of(request), ms, pass_ms(request, one_thread()));
      }
    }
  }
  times.tell(state, "W1.live");
  state.counters["W1.ratio"] = times.worst_ratio();
  state.counters["W1.streaming_median_ms"] = times.overall.find("pass").value_or(0);
}

void snapshot(benchmark::State& state) {
  Times times;
  for (auto _ : state) {
    for (placement::Request request : never_seen(workloads::zoo(kWarmClasses, 1, *fleet()))) {
      request.count = 1;
      bool is_placed = false;
      const double ms = ms_of([&] {
        const auto decision = placement::decide(fleet(), request, executor());
        is_placed = decision.ok() && !decision->placed.empty();
      });
      if (is_placed) {
        times.add(chain_of(request), ms, pass_ms(request, executor()));
      }
    }
  }
  times.tell(state, "W1.decide");
  state.counters["W1.decide_ratio"] = times.worst_ratio();
  state.counters["W1.streaming_by_all_threads_median_ms"] = times.overall.find("pass").value_or(0);
}

}  // namespace

void register_first_decision() {
  benchmark::RegisterBenchmark("W1/live", live)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
  benchmark::RegisterBenchmark("W1/decide", snapshot)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
}

}  // namespace berth::bench
