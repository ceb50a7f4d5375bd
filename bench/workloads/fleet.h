// The fleet F(n) that every figure is measured on: n container instances with about 5 tasks each, filled to 60 %.
//
// Thread rule: pure function, any thread.
#pragma once

#include <cstdint>

#include "engine/parallel/executor.h"
#include "engine/snapshot/snapshot.h"

namespace berth::workloads {

// The same instances and seed give the same bytes on every executor. Zones: 3 + seed modulo 4, so that seeds cover 3 to 6 and all sizes
// of fleet under one seed agree. nullptr when `instances` is 0 or more than a snapshot holds.
SnapshotPtr fleet(std::uint32_t instances, std::uint64_t seed, Executor& executor);

}  // namespace berth::workloads
