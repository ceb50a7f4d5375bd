#include "bench/fleet.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "engine/ecs/documents.h"

namespace berth::bench {

std::uint32_t fleet_instance_count() {
  static const std::uint32_t count = [] {
    const char* text = std::getenv("BERTH_BENCH_INSTANCES");
    return text == nullptr ? 1'000'000U : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
  }();
  return count;
}

Executor& executor() {
  static const std::unique_ptr<Executor> all = make_executor(ExecutorKind::kTbb, 0);
  return *all;
}

const SnapshotPtr& fleet() {
  static const SnapshotPtr snapshot = [] {
    std::cerr << "making a fleet of " << fleet_instance_count() << " instances\n";
    auto made = ecs::generate("{\"instances\": " + std::to_string(fleet_instance_count()) + ", \"seed\": 1}", executor(), {});
    if (!made.ok()) {
      std::cerr << made.error().message << '\n';
      std::exit(1);
    }
    return std::move(made).value();
  }();
  return snapshot;
}

}  // namespace berth::bench

BENCHMARK_MAIN();
