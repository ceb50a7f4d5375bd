// TaskRequest: a RunTask or StartTask request, read, validated as ECS validates it, and turned into the placement engine's terms.
//
// Thread rule: a plain value, any thread once made. Lifetime: looks into the JsonDocument of the request, which must outlive it. The
// definition lives on the heap because `task` points to it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ecs/documents.h"
#include "engine/ecs/fargate.h"
#include "engine/ecs/json.h"
#include "engine/ecs/network.h"
#include "engine/ecs/requirements.h"
#include "engine/ecs/task_definition.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

// What the member "berth" says, or its defaults.
struct BerthOptions {
  std::uint64_t seed = 0;
  std::int64_t now_ms = 0;
  std::uint32_t failures_max = 0;
  std::uint32_t why_here_max = 1;
  bool is_service = false;
  SubnetPlaces subnets;
  std::vector<placement::OwnDemand> resources;  // Ascending by name.
};

struct TaskRequest {
  explicit TaskRequest(JsonValue root) : json(root) {}

  JsonValue json;
  std::unique_ptr<const TaskDefinition> definition;
  EffectiveTask task;
  placement::Request placement;
  Network network;
  BerthOptions berth;

  LaunchType launch_type = LaunchType::kEc2;       // kFargate: placement.launch_type says nothing.
  std::vector<FargateProvider> fargate_providers;  // At least one item for Fargate.
  std::string_view capacity_provider;              // Of an Auto Scaling group; empty: none.

  // Carried into the answer.
  std::string_view started_by;
  std::string_view platform_version;
  std::optional<JsonValue> overrides;
  bool has_execute_command = false;

  std::vector<std::string_view> instances;  // StartTask: the instances that it names, as given.

  [[nodiscard]] bool is_fargate() const { return launch_type == LaunchType::kFargate; }
};

// `root` is the request. Errors name the member; where ECS is known to answer with a certain text, the message begins with it, and
// Error::exception is its exception.
Result<TaskRequest> read_run_task(const JsonValue& root, const Snapshot& snapshot, const DocumentOptions& options);
Result<TaskRequest> read_start_task(const JsonValue& root, const Snapshot& snapshot, const DocumentOptions& options);

// --- Parts of the above, each of one idea. ---

// placementConstraints and placementStrategy, together with the definition's constraints and the default chains (rules D14, D16).
// REQUIRES: request.definition, request.placement.group, request.berth.
Outcome read_placement_rules(const JsonValue& root, TaskRequest& request);

// launchType and capacityProviderStrategy, and whether the definition fits the launch type that follows from them.
Outcome read_launch(const JsonValue& root, TaskRequest& request);

// StartTask names no launch type: the definition must fit the kind, EC2 or external, of every instance that it names and the inventory
// holds; where it holds none of them, EC2.
Outcome check_start_launch(const JsonValue& root, const Snapshot& snapshot, const TaskRequest& request);

// The member "berth".
Result<BerthOptions> read_berth(const JsonValue& root, const DocumentOptions& options);

// The cluster that the request names, by name or by ARN, into placement.cluster and placement.cluster_home; neither when it names none.
// Error: ClusterNotFoundException when the inventory's ARNs tell that it holds no such cluster.
Outcome read_cluster(const JsonValue& root, const Snapshot& snapshot, placement::Request& placement);

// The clusters that the inventory's ARNs name, ascending: their names, or their ARNs where one name stands in several places.
std::vector<std::string> clusters_of(const Snapshot& snapshot);

// Whether an instance's ARN leaves it open that it is of the request's cluster; every one does where the request names none.
bool may_be_of_cluster(std::string_view instance_arn, const placement::Request& placement);

}  // namespace berth::ecs
