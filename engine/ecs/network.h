// The network of tasks with their own ENI: the subnets of a request, their zones and VPCs.
//
// ECS asks EC2 where a subnet lies. Berth learns it from the instances of the inventory that stand in the subnet, or is told by the
// caller in `berth.subnets` (rule D17); what the caller says stands first.
//
// Thread rule: plain values, pure functions. Lifetime: results own what they hold.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ecs/json.h"
#include "engine/ecs/task_definition.h"
#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

struct Subnet {
  std::string id;
  std::string zone;
  std::string vpc;  // Empty: not known.
};

struct Network {
  std::vector<Subnet> subnets;  // In the order of the request; empty: the tasks have no ENI of their own.
  std::vector<std::string> security_groups;
  bool has_public_ip = false;  // assignPublicIp ENABLED; Fargate only.

  [[nodiscard]] std::vector<std::string> zones() const;  // Each once, in the order of the subnets.
  [[nodiscard]] std::string vpc() const;                 // Empty: not known.
};

// What the caller says about subnets, by id: member `berth.subnets`.
using SubnetPlaces = std::map<std::string, Subnet, std::less<>>;

// Reads the member networkConfiguration of a request. REQUIRES: the request has the API's shape. Errors: a definition whose mode needs it
// or excludes it, more subnets or groups than ECS allows, subnets that neither the inventory nor the caller places.
Result<Network> read_network(const JsonValue& request, const TaskDefinition& definition, bool is_fargate, const SubnetPlaces& told,
                             const Snapshot& snapshot);

// Zone and VPC of a subnet from the attributes of instances in it; empty texts for what no instance tells.
Subnet learn_subnet(const Snapshot& snapshot, std::string_view id);

}  // namespace berth::ecs
