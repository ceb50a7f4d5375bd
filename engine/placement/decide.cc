#include <string>

#include "engine/base/limits.h"
#include "engine/placement/decision.h"
#include "engine/placement/placing.h"
#include "engine/placement/request_rules.h"

namespace berth::placement {
Result<Decision> decide(const SnapshotPtr& snapshot, const Request& request, Executor& executor, const DecideOptions& options) {
  if (Outcome outcome = check_request(request); !outcome) {
    return std::move(outcome).error();
  }
  Placing placing(snapshot, request, executor, options);
  if (Outcome outcome = check_inventory(*snapshot, request, placing.examined().count(), executor); !outcome) {
    return std::move(outcome).error();
  }
  placing.run();
  return std::move(placing.decision());
}

Result<Decision> start(const SnapshotPtr& snapshot, const Request& request, std::span<const std::uint32_t> instances) {
  if (Outcome outcome = check_demand(request.demand); !outcome) {
    return std::move(outcome).error();
  }
  if (instances.size() > kStartInstancesMax) {
    return refused(StatusCode::kLimitExceeded, "StartTask names " + std::to_string(instances.size()) +
                                                   " container instances; the most is " + std::to_string(kStartInstancesMax));
  }
  for (std::size_t index = 0; index < instances.size(); ++index) {
    if (instances[index] >= snapshot->instance_count()) {
      return refused(StatusCode::kInvalidArgument, "instances[" + std::to_string(index) + "] is " + std::to_string(instances[index]) +
                                                       "; the snapshot has " + std::to_string(snapshot->instance_count()) + " instances");
    }
  }
  const Checks checks(snapshot, request);
  Decision decision;
  decision.requested = static_cast<std::uint32_t>(instances.size());
  decision.examined = decision.requested;
  for (const std::uint32_t instance : instances) {
    std::uint32_t added = 0;
    for (const PlacedTask& earlier : decision.placed) {
      added += earlier.instance == instance ? 1 : 0;
    }
    const Reason reason = checks.first_failure(instance, added);
    if (reason == Reason::kNone) {
      add_placed(*snapshot, request.demand, instance, added, decision);
    } else {
      decision.failures.push_back({instance, reason});
      ++decision.lost[static_cast<std::size_t>(reason)];
      ++decision.failure_count;
    }
  }
  return decision;
}

}  // namespace berth::placement
