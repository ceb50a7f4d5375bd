// Model fleets for placement tests: plain structs that a test fills by hand, the snapshot made of them, and short-hands for requests.
//
// Thread rule: plain values. Lifetime: own what they hold.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/parallel/executor.h"
#include "engine/placement/decision.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement::test {

struct ModelTask {
  std::string group;
  TaskStatus desired = TaskStatus::kRunning;
  TaskStatus last = TaskStatus::kRunning;
};

struct ModelInstance {
  std::string arn;
  InstanceStatus status = InstanceStatus::kActive;
  bool agent_connected = true;
  std::string capacity_provider;
  std::map<std::string, std::optional<std::string>> attributes;
  std::int32_t cpu = 4096;
  std::int32_t memory = 8192;
  std::set<std::uint16_t> tcp_used;
  std::set<std::uint16_t> udp_used;
  std::optional<std::uint16_t> eni_limit;
  std::uint16_t eni_used = 0;
  std::vector<bool> gpus_free;              // By slot of the instance.
  std::map<std::string, std::int32_t> own;  // What remains of own resources.
  std::vector<ModelTask> tasks;
};

using Fleet = std::vector<ModelInstance>;

// An ARN of the cluster "web". Ids sort as the instances do.
std::string arn_of(const std::string& id);
ModelInstance make_instance(const std::string& id, const std::string& zone = "us-east-1a", std::int32_t cpu = 4096,
                            std::int32_t memory = 8192);
// `count` running tasks of one group.
std::vector<ModelTask> tasks_of(const std::string& group, std::size_t count);

// Fails the test when the builder refuses.
SnapshotPtr build(const Fleet& fleet, std::uint64_t tie_seed = kDefaultTieSeed);

// --- Requests. ---

Strategy spread(const std::string& attribute);
Strategy spread_instance();
Strategy binpack_cpu();
Strategy binpack_memory();
Strategy random_choice();
inline const std::string kZone = "ecs.availability-zone";

// 128 CPU units and 256 MiB per task of the group "service:web", without strategies.
Request make_request(std::uint32_t count, std::vector<Strategy> strategies = {});
// Fails the test when the expression does not compile.
MemberOf member_of(const std::string& expression, const std::string& origin = "placementConstraints[0]");

Executor& serial();

// decide() on the serial executor; fails the test on an error.
Decision decide_on(const SnapshotPtr& snapshot, const Request& request, const DecideOptions& options = {});
Explanation explain_on(const SnapshotPtr& snapshot, const Request& request, const ExplainOptions& options = {});

// The ids (after the last '/') of the instances that took the tasks, in order.
std::vector<std::string> placed_ids(const SnapshotPtr& snapshot, const Decision& decision);
std::string id_of(const SnapshotPtr& snapshot, std::uint32_t instance);
// Reasons by id.
std::map<std::string, Reason> failures_by_id(const SnapshotPtr& snapshot, const Decision& decision);

}  // namespace berth::placement::test
