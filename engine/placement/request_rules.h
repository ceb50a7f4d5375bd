// The rules that a Request must keep before anything is placed for it: limits and shapes that the checks and sums rely on.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement {

// The most CPU units, MiB or amount of an own resource that one task may ask for: far beyond any instance, and small enough that the sum
// over all tasks of a request stays within 64 bits.
inline constexpr std::int64_t kDemandUnitsMax = std::int64_t{1} << 40U;

// The error of a request that breaks a rule, with the exception that ECS answers with.
Error refused(StatusCode code, std::string message);

// Errors: kInvalidArgument or kLimitExceeded, naming the member, its value and the range.
Outcome check_demand(const Demand& demand);
Outcome check_request(const Request& request);
// The request's cluster must have a registered instance (README.md, "Failures"). `examined`: how many the request examines, which spares
// the look at the others.
Outcome check_inventory(const Snapshot& snapshot, const Request& request, std::size_t examined, Executor& executor);

}  // namespace berth::placement
