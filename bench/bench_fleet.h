// The fleet that all benches share, made once per process by the generator of engine/ecs or read from a file, and how long benches
// measure.
//
// Thread rule: call from the benchmark's main thread. Lifetime: the process.
#pragma once

#include <cstdint>

#include "engine/parallel/executor.h"
#include "engine/snapshot/snapshot.h"

namespace berth::bench {

// F(n): n of BERTH_BENCH_INSTANCES, default 1,000,000, or what BERTH_BENCH_SNAPSHOT holds.
const SnapshotPtr& fleet();
// F(n / divisor) with at least 1,000 instances, of the same seed.
SnapshotPtr smaller_fleet(std::uint32_t divisor);
Executor& executor();           // TBB on all processors.
Executor& one_thread();         // Serial.
std::uint64_t turns();          // Placements of a thread in one measurement of W2 and W6: BERTH_BENCH_TURNS, default 50,000.
std::uint32_t request_tasks();  // Of W3: 100,000, or on smaller fleets a tenth of their instances.

}  // namespace berth::bench
