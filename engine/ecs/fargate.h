// Fargate: which definitions it takes, which sizes, and how the tasks of a request are spread over the zones of their subnets.
//
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ecs/network.h"
#include "engine/ecs/requirements.h"
#include "engine/ecs/task_definition.h"

namespace berth::ecs {

// Whether Fargate has a configuration of this size. Windows has those of 1 to 4 vCPUs.
bool is_fargate_size(std::int64_t cpu_units, std::int64_t memory_mib, bool is_windows);

// What registration refuses for a definition that requires FARGATE. Errors: kInvalidArgument with ECS's texts where they are known.
Outcome check_fargate_definition(const TaskDefinition& definition);

// The same for what a request overrides: the size, the containers' shares of it, and GPUs. `where` is the request.
Outcome check_fargate_task(const JsonValue& where, const EffectiveTask& task);

// A Fargate capacity provider's part in a strategy. A request without a strategy has one item with weight 1 and no name.
struct FargateProvider {
  std::string_view name;  // "FARGATE", "FARGATE_SPOT", or "" for the launch type.
  std::int64_t weight = 0;
  std::int64_t base = 0;
};

struct FargatePlace {
  std::uint32_t provider = 0;  // Index into the strategy.
  std::uint32_t subnet = 0;    // Index into the network's subnets.
};

// Where each of `count` tasks runs: first the bases in the order of the items, then each task to the item with the smallest
// (assigned + 1) / weight, ties by order; within a provider to the zone with the fewest of its tasks in this request, and within a zone
// to the subnet with the fewest, ties by the order of the subnets. Nothing is drawn. Each provider is spread for itself.
// REQUIRES: a weight or base above 0 (or one item), and at least one subnet.
std::vector<FargatePlace> spread_fargate(std::uint32_t count, std::span<const FargateProvider> providers, const Network& network);

// "1.4.0" or "1.0.0": what LATEST, or no version at all, stands for.
std::string_view fargate_platform_version(std::string_view requested, bool is_windows);

}  // namespace berth::ecs
