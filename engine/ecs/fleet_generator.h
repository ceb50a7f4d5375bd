// A fleet that looks like a real one, made from a seed: for demonstrations, tests and measurements. The same options give the same
// snapshot on every machine and executor; all of its arithmetic is on integers.
//
// Thread rule: pure function, any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/progress.h"
#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

struct FleetOptions {
  std::uint32_t instances = 0;  // 1 to kInstancesMax.
  std::uint64_t seed = 1;
  std::uint32_t utilization_percent = 60;  // 0 to 95, of CPU and memory; 0 gives a fleet without tasks.
  std::uint32_t tasks_per_instance = 5;    // On average; 0 to 100.
  std::uint32_t zones = 3;                 // 3 to 6.
  // Every instance registers these amounts and has all of them left: no task of a generated fleet holds any.
  std::vector<placement::OwnDemand> own;
};

// Errors: kLimitExceeded (more than a snapshot holds).
Result<SnapshotPtr> generate_fleet(const FleetOptions& options, Executor& executor, Progress* progress);

}  // namespace berth::ecs
