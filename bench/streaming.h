// A streaming pass over the columns of a snapshot that a request must read, which is what whole decisions are held against: no decision
// that looks at every instance can be faster.
//
// The columns are: status, agent, attribute set, remaining CPU and memory; used ports, network interfaces where the request needs them;
// tie keys where the chain spreads; the tasks' shapes and desired states where the chain counts the tasks of a group that has some.
// Thread rule: any thread. Lifetime: a plain function.
#pragma once

#include <cstdint>

#include "engine/parallel/executor.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::bench {

// Reads every entry once; returns a sum of them, so that nothing is left out.
std::uint64_t stream_columns(const Snapshot& snapshot, const placement::Request& request, Executor& executor);

}  // namespace berth::bench
