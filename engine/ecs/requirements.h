// Requirements: what one task of a definition takes from an instance and demands of it, after the overrides of a request.
//
// The arithmetic is that of the ECS agent: task-level CPU and memory where they are given, else the sum over the containers, in which a
// container counts its memoryReservation where it has one and its memory otherwise. Windows ignores the task level.
//
// Thread rule: plain values, pure functions. Lifetime: an EffectiveTask looks into its TaskDefinition and the JSON of its request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ecs/json.h"
#include "engine/ecs/task_definition.h"
#include "engine/placement/request.h"

namespace berth::ecs {

struct EffectiveContainer {
  std::int64_t cpu_units = 0;
  std::int64_t memory_mib = 0;
  std::int64_t memory_reservation_mib = 0;
  std::uint32_t gpu_count = 0;
  std::optional<JsonValue> override_json;  // The container's own entry in the request's overrides.
};

// A definition as it will be run.
struct EffectiveTask {
  const TaskDefinition* definition = nullptr;
  std::optional<std::int64_t> cpu_units;       // Task level.
  std::optional<std::int64_t> memory_mib;      // Task level.
  std::vector<EffectiveContainer> containers;  // One per container of the definition, in its order.
  bool has_task_role = false;
  bool has_execution_role = false;
  bool has_environment_files = false;
  std::optional<std::int64_t> ephemeral_storage_gib;

  // What Task.cpu and Task.memory of the API show: the task level, else the sum over the containers.
  [[nodiscard]] std::int64_t shown_cpu_units() const;
  [[nodiscard]] std::int64_t shown_memory_mib() const;
  // What one task subtracts from an instance.
  [[nodiscard]] std::int64_t reserved_cpu_units() const;
  [[nodiscard]] std::int64_t reserved_memory_mib() const;
  [[nodiscard]] std::uint32_t gpu_count() const;
};

// Applies TaskOverride (absent: nothing is overridden). REQUIRES: `overrides` has the shape of the API. Errors: a container that the
// definition lacks, sizes that ECS refuses; the path names the member.
Result<EffectiveTask> apply_overrides(const TaskDefinition& definition, const std::optional<JsonValue>& overrides);

// What depends on the request rather than on the definition.
struct LaunchNeeds {
  bool execute_command = false;  // ECS Exec.
  std::string vpc;               // Of the task's subnets; empty: not known, or no ENI.
};

placement::Demand demand_of(const EffectiveTask& task, const LaunchNeeds& needs);

// The attributes that ECS derives from a definition (`requiresAttributes`), ascending by name, each once. A list that the definition
// carries itself stands in place of the derivation (rule D9).
std::vector<placement::AttributeRequirement> required_attributes(const EffectiveTask& task);

// A requirement with what an instance without the attribute reads as: x86_64 for the architecture, linux for the operating system.
placement::AttributeRequirement attribute_requirement(std::string_view name, std::optional<std::string> value);

}  // namespace berth::ecs
