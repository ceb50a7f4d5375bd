// Queries over the whole fleet, cold (bound anew each time), beside a streaming pass over one column.
#include <benchmark/benchmark.h>

#include <numeric>
#include <string>

#include "bench/fleet.h"
#include "engine/query/program.h"

namespace berth::bench {
namespace {

void streaming_pass(benchmark::State& state) {
  const auto column = fleet()->attribute_set();
  for (auto _ : state) {
    benchmark::DoNotOptimize(std::accumulate(column.begin(), column.end(), std::uint64_t{0}));
  }
  state.counters["ns_per_instance"] =
      benchmark::Counter(static_cast<double>(column.size()) * static_cast<double>(state.iterations()) * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(streaming_pass)->Unit(benchmark::kMicrosecond)->UseRealTime();

void query(benchmark::State& state, const std::string& expression) {
  auto program = query::Program::compile(expression);
  if (!program.ok()) {
    state.SkipWithError(program.error().message.c_str());
    return;
  }
  const SnapshotPtr& snapshot = fleet();
  std::size_t selected = 0;
  for (auto _ : state) {
    const query::Binding binding(program.value(), snapshot, executor());
    selected = binding.evaluate(executor()).count();
  }
  state.counters["selected"] = static_cast<double>(selected);
  state.counters["ns_per_instance"] =
      benchmark::Counter(static_cast<double>(snapshot->instance_count()) * static_cast<double>(state.iterations()) * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
void query_cases(const char* name, const char* expression) {
  benchmark::RegisterBenchmark((std::string("query/") + name).c_str(), query, std::string(expression))
      ->Unit(benchmark::kMicrosecond)
      ->UseRealTime();
}

[[maybe_unused]] const bool registered = [] {
  query_cases("equals", "attribute:ecs.instance-type == m5.large");
  query_cases("in", "attribute:ecs.availability-zone in [us-east-1a, us-east-1b]");
  query_cases("pattern", "attribute:ecs.instance-type =~ m5.*");
  query_cases("compound", "attribute:ecs.instance-type =~ c5.* and not(attribute:ecs.availability-zone == us-east-1a)");
  query_cases("ec2_id_equals", "ec2InstanceId == i-00000000000000000");
  query_cases("ec2_id_pattern", "ec2InstanceId =~ i-0.*7");
  query_cases("task_group", "not(task:group == service:web)");
  query_cases("running_tasks", "runningTasksCount < 3");
  return true;
}();

}  // namespace
}  // namespace berth::bench
