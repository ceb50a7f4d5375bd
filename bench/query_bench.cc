// W4: queries over the whole fleet, cold (bound anew each time), beside a streaming pass over one column.
#include <benchmark/benchmark.h>

#include <numeric>
#include <string>
#include <string_view>

#include "bench/bench_fleet.h"
#include "bench/registrations.h"
#include "engine/query/program.h"

namespace berth::bench {
namespace {

benchmark::Counter ns_per_instance(const benchmark::State& state) {
  return benchmark::Counter(static_cast<double>(fleet()->instance_count()) * static_cast<double>(state.iterations()) * 1e-9,
                            benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void streaming_pass(benchmark::State& state) {
  const auto column = fleet()->attribute_set();
  for (auto _ : state) {
    benchmark::DoNotOptimize(std::accumulate(column.begin(), column.end(), std::uint64_t{0}));
  }
  state.counters["W4.streaming_ns_per_instance"] = ns_per_instance(state);
}

void query(benchmark::State& state, const std::string& kind, const std::string& expression) {
  auto program = query::Program::compile(expression);
  if (!program.ok()) {
    state.SkipWithError(program.error().message.c_str());
    return;
  }
  std::size_t selected = 0;
  for (auto _ : state) {
    const query::Binding binding(program.value(), fleet(), executor());
    selected = binding.evaluate(executor()).count();
  }
  state.counters["selected"] = static_cast<double>(selected);
  state.counters["W4." + kind + "_ns_per_instance"] = ns_per_instance(state);
}

}  // namespace

void register_query() {
  struct Kind {
    const char* name;
    const char* expression;
  };
  constexpr Kind kKinds[] = {
      {"equals", "attribute:ecs.instance-type == m5.large"},
      {"in", "attribute:ecs.availability-zone in [us-east-1a, us-east-1b]"},
      {"pattern", "attribute:ecs.instance-type =~ m5.*"},
      {"compound", "attribute:ecs.instance-type =~ c5.* and not(attribute:ecs.availability-zone == us-east-1a)"},
      {"id_equals", "ec2InstanceId == i-00000000000000000"},
      {"id_in", "ec2InstanceId in [i-00000000000000000, i-00000000000000001, i-00000000000000002]"},
      {"id_pattern", "ec2InstanceId =~ i-0.*7"},
      {"task_group", "not(task:group == service:web)"},
      {"running_tasks", "runningTasksCount < 3"},
  };
  benchmark::RegisterBenchmark("W4/streaming_pass", streaming_pass)->Unit(benchmark::kMicrosecond)->UseRealTime();
  for (const Kind& kind : kKinds) {
    benchmark::RegisterBenchmark((std::string("W4/") + kind.name).c_str(), query, std::string(kind.name), std::string(kind.expression))
        ->Unit(benchmark::kMicrosecond)
        ->UseRealTime();
  }
}

}  // namespace berth::bench
