// Reference: decide() as the definitions of engine/placement/README.md say it, over model fleets: for every task a look at every
// instance, with no structure kept. Slow, short, and independent of the snapshot.
//
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/unit/placement/model.h"

namespace berth::placement::test {

// What a memberOf expression means, on an instance with `added` tasks of the request's group on it.
using Predicate = std::function<bool(const ModelInstance& instance, std::uint32_t added, const std::string& group)>;

struct ReferencePlaced {
  std::uint32_t instance;                // Rank of the ARN.
  std::vector<std::uint32_t> gpu_slots;  // Of the instance, from 0.
};

struct ReferenceDecision {
  bool is_refused = false;  // The request's cluster has no instance, so that there is nothing to decide.
  std::vector<ReferencePlaced> placed;
  std::vector<InstanceFailure> failures;
  std::uint32_t examined = 0;
};

// `predicates` mean what request.member_of says, in the same order.
ReferenceDecision decide_by_definition(Fleet fleet, const Request& request, const std::vector<Predicate>& predicates,
                                       std::uint64_t tie_seed);

}  // namespace berth::placement::test
