#include "bench/fleet.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "bench/workloads/fleet.h"
#include "engine/base/limits.h"

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
    if (const char* path = std::getenv("BERTH_BENCH_SNAPSHOT"); path != nullptr) {
      Result<SnapshotPtr> read = Snapshot::read_file(path, executor());
      if (!read.ok()) {
        std::cerr << "BERTH_BENCH_SNAPSHOT: " << read.error().message << '\n';
        std::exit(1);
      }
      return *std::move(read);
    }
    std::cerr << "making a fleet of " << fleet_instance_count() << " instances\n";
    SnapshotPtr made = workloads::fleet(fleet_instance_count(), 1, executor());
    if (made == nullptr) {
      std::cerr << "BERTH_BENCH_INSTANCES: expected 1 to " << kInstancesMax << " with their tasks within one snapshot\n";
      std::exit(1);
    }
    return made;
  }();
  return snapshot;
}

}  // namespace berth::bench

BENCHMARK_MAIN();
