// What an explanation says, in words and in JSON: the shape is stated in engine/ecs/README.md under "Explain".
//
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ecs/attribute_advice.h"
#include "engine/ecs/request.h"
#include "engine/parallel/executor.h"
#include "engine/placement/decision.h"
#include "engine/placement/reason.h"
#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

// A change that is no Relaxation: of a launch type, a capacity provider, subnets, or of the instances' agents.
struct Mend {
  placement::Reason reason = placement::Reason::kNone;
  std::uint64_t instances = 0;  // Examined instances that fail this check alone: those that would then take the task.
  std::string change;           // "with launchType EC2 (--launch-type EC2) instead of EXTERNAL".
};

// An explanation with what the words of it need beside.
struct Explained {
  placement::Explanation explanation;
  std::string closest_lack;                                 // closest_lack() below.
  std::vector<std::optional<AttributeAdvice>> leaf_advice;  // One per leaf of the explanation.
  std::vector<std::string> notes;                           // request_notes().
  std::vector<Mend> mends;                                  // find_mends() below.
};

std::string explanation_json(const TaskRequest& request, const Snapshot& snapshot, const Explained& explained);
// For people: what was asked, why not, what is closest, what would help, why here.
std::string explanation_text(const TaskRequest& request, const Snapshot& snapshot, const Explained& explained);

// Fargate looks at no instance: the answer says where its tasks go.
std::string fargate_explanation_json(const TaskRequest& request);
std::string fargate_explanation_text(const TaskRequest& request);

// The sentences that both share.

// "412 instances short by at most 256 MiB".
std::string shortfall_text(const placement::Shortfall& shortfall, const placement::Demand& demand);
// "without `attribute:x != y` (placementConstraints[0]): 18 instances would fit".
std::string relaxation_text(const placement::Relaxation& relaxation, const placement::Demand& demand);
// The change alone: "without `attribute:x != y` (placementConstraints[0])".
std::string relaxed_change(const placement::Relaxation& relaxation, const placement::Demand& demand);
// What the closest instance lacks at the first check that it fails: "host port 8080/tcp is in use"; "" without a closest instance.
std::string closest_lack(const TaskRequest& request, const SnapshotPtr& snapshot, const placement::Explanation& explanation,
                         Executor& executor);
// For checks that no Relaxation covers and that some instance fails alone; most instances first. Empty when all was placed.
std::vector<Mend> find_mends(const TaskRequest& request, const Snapshot& snapshot, const placement::Explanation& explanation);
// "with their agents connected: 2 instances would fit".
std::string mend_text(const Mend& mend);
// "i-0123 (m5.large, us-east-1a)", or the container instance's id where it has no EC2 id.
std::string instance_text(const Snapshot& snapshot, std::uint32_t instance);
// "3 of disk": an amount of an own resource.
std::string own_text(std::int64_t amount, std::string_view name);
// What one task needs: "1,024 CPU units, 2,048 MiB, 1 GPU, 3 of disk, host port 80/tcp".
std::string demand_text(const TaskRequest& request);

}  // namespace berth::ecs
