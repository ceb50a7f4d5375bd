// The fleet that all benches share: made once per process by the generator of engine/ecs.
//
// Thread rule: call from the benchmark's main thread. Lifetime: the process.
#pragma once

#include <cstdint>

#include "engine/parallel/executor.h"
#include "engine/snapshot/snapshot.h"

namespace berth::bench {

// Instances of the fleet: BERTH_BENCH_INSTANCES, default 1,000,000; about five tasks each.
std::uint32_t fleet_instance_count();
const SnapshotPtr& fleet();
Executor& executor();  // TBB on all processors.

}  // namespace berth::bench
