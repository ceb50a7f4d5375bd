#include "bench/bench_fleet.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "bench/workloads/fleet.h"
#include "engine/base/limits.h"

namespace berth::bench {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  const std::uint64_t number = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  return number == 0 ? otherwise : number;
}

SnapshotPtr make_fleet(std::uint32_t instances) {
  std::cerr << "making a fleet of " << instances << " instances\n";
  SnapshotPtr made = workloads::fleet(instances, 1, executor());
  if (made == nullptr) {
    std::cerr << "BERTH_BENCH_INSTANCES: expected 1 to " << kInstancesMax << " with their tasks within one snapshot\n";
    std::exit(1);
  }
  return made;
}

}  // namespace

Executor& executor() {
  static const std::unique_ptr<Executor> all = make_executor(ExecutorKind::kTbb, 0);
  return *all;
}

Executor& one_thread() {
  static const std::unique_ptr<Executor> serial = make_executor(ExecutorKind::kSerial, 1);
  return *serial;
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
    return make_fleet(static_cast<std::uint32_t>(std::min<std::uint64_t>(number_from("BERTH_BENCH_INSTANCES", 1'000'000), kInstancesMax)));
  }();
  return snapshot;
}

SnapshotPtr smaller_fleet(std::uint32_t divisor) {
  return make_fleet(std::max(1000U, fleet()->instance_count() / divisor));
}

std::uint64_t turns() {
  return number_from("BERTH_BENCH_TURNS", 50'000);
}

std::uint32_t request_tasks() {
  return std::min(100'000U, std::max(1U, fleet()->instance_count() / 10));
}

}  // namespace berth::bench
