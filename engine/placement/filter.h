// filter: which instances a request examines, and which of them pass every check on the snapshot as it is.
//
// Thread rule: pure functions. Lifetime: results own what they hold.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/bitset.h"
#include "engine/base/progress.h"
#include "engine/parallel/executor.h"
#include "engine/placement/checks.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement {

// The instances whose ARN names the request's cluster or none, whatever their status; all where the request names no cluster. An ARN
// that tells of another region or account than cluster_home names another cluster.
Bitset cluster_instances(const Snapshot& snapshot, const Request& request, Executor& executor);

// Whether any of them is registered: of another status than INACTIVE.
bool has_registered(const Snapshot& snapshot, const Request& request, Executor& executor);

// Whether an ARN names the request's cluster, or none. REQUIRES: the request names a cluster.
bool is_of_cluster(std::string_view arn, const Request& request);

// Those of them that are ACTIVE.
Bitset examined_instances(const Snapshot& snapshot, const Request& request, Executor& executor);

// The examined instances that pass every check. `progress` may be null; it advances by instances.
Bitset filter(const Snapshot& snapshot, const Checks& checks, const Bitset& examined, Executor& executor, Progress* progress);

// The first check that each examined instance fails, as Reason values by instance; kNone for candidates and for what is not examined.
std::vector<Reason> first_failures(const Snapshot& snapshot, const Checks& checks, const Bitset& examined, Executor& executor);

}  // namespace berth::placement
