// Request: what one RunTask asks of the placement engine, in its own terms. `ecs/` makes it from ECS JSON; embedders may fill it.
//
// Thread rule: a plain value. Lifetime: owns what it names; programs are shared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/placement/reason.h"
#include "engine/query/program.h"
#include "engine/snapshot/states.h"

namespace berth::placement {

// An attribute that an instance must have; with a value, the value must be equal.
struct AttributeRequirement {
  std::string name;
  std::optional<std::string> value;
  // What an instance without the attribute reads as; nullopt: it fails. (Rule D9: no ecs.cpu-architecture reads as x86_64.)
  std::optional<std::string> absent_reads_as;
};

// An amount of one own resource (engine/snapshot/own_resource.h). An instance, or an inventory, that does not know the name has 0 of it.
struct OwnDemand {
  std::string name;
  std::int64_t amount = 0;
};

// What one task takes from an instance.
struct Demand {
  std::int64_t cpu_units = 0;  // 1024 = 1 vCPU.
  std::int64_t memory_mib = 0;
  std::uint32_t gpu_count = 0;
  bool uses_eni = false;
  std::vector<std::uint16_t> tcp_ports;  // Static host ports, ascending, each once.
  std::vector<std::uint16_t> udp_ports;
  std::vector<AttributeRequirement> attributes;  // Required attributes, operating system and architecture.
  std::vector<OwnDemand> own;                    // Ascending by name, each once, at most kOwnResourcesMax.
};

// One memberOf constraint and where it came from, such as "placementConstraints[0]" or "taskDefinition.placementConstraints[1]".
struct MemberOf {
  query::ProgramPtr program;
  std::string origin;
};

struct Strategy {
  enum class Kind : std::uint8_t { kRandom = 1, kSpreadInstance = 2, kSpreadAttribute = 3, kBinpackCpu = 4, kBinpackMemory = 5 };
  Kind kind = Kind::kRandom;
  std::string attribute;  // For kSpreadAttribute: the attribute's name, without "attribute:".
};

struct Request {
  Demand demand;
  std::uint32_t count = 1;  // Tasks; 1 to kTasksPerRequestMax.
  std::string group;        // Whose tasks spread and distinctInstance count.
  bool distinct_instance = false;
  std::vector<MemberOf> member_of;               // All must hold.
  std::vector<Strategy> strategies;              // Applied in order; empty: the order is the tie order alone.
  LaunchType launch_type = LaunchType::kEc2;     // kEc2 or kExternal; a capacity provider implies kEc2.
  std::optional<std::string> capacity_provider;  // Only instances of this provider.
  std::optional<std::string> cluster;            // Only instances whose ARN names this cluster, or none.
  std::string cluster_home;                      // The cluster's partition, region and account, "arn:aws:ecs:REGION:ACCOUNT"; empty: any.
  std::vector<std::string> zones;                // For tasks with their own ENI: zones of the task's subnets; empty: no rule.
  std::uint64_t seed = 0;
};

// The string of `failures[].reason`: to_text(), and "RESOURCE:NAME" for the own resources of `demand`.
std::string reason_text(Reason reason, const Demand& demand);

// The chain that ECS applies when a request names none (rules D14, D16).
std::vector<Strategy> default_strategies(bool is_service);

}  // namespace berth::placement
