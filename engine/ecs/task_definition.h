// TaskDefinition: what register-task-definition takes or describe-task-definition prints, parsed and validated as ECS validates it.
//
// Thread rule: a plain value, any thread once made. Lifetime: string_views and JsonValues look into the JsonDocument that the
// definition was read from, which must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ecs/json.h"
#include "engine/query/program.h"
#include "engine/snapshot/states.h"

namespace berth::ecs {

enum class NetworkMode : std::uint8_t { kBridge, kHost, kAwsvpc, kNone };

std::string_view to_text(NetworkMode mode);

// One port mapping: a single container port, or a range of them.
struct PortMapping {
  std::uint16_t container_first = 0;
  std::uint16_t container_last = 0;        // Equal to container_first unless containerPortRange was given.
  std::optional<std::uint16_t> host_port;  // As given; 0 and absent mean a dynamic port in bridge mode.
  bool is_udp = false;
};

struct ContainerDefinition {
  explicit ContainerDefinition(JsonValue value) : json(value) {}

  std::string_view name;
  std::string_view image;
  std::int64_t cpu_units = 0;               // 0: not given.
  std::int64_t memory_mib = 0;              // Hard limit; 0: not given.
  std::int64_t memory_reservation_mib = 0;  // 0: not given.
  std::uint32_t gpu_count = 0;
  std::vector<PortMapping> ports;
  JsonValue json;
};

// A memberOf constraint of the definition.
struct DefinitionConstraint {
  query::ProgramPtr program;
  std::string origin;  // "taskDefinition.placementConstraints[0]".
};

struct TaskDefinition {
  explicit TaskDefinition(JsonValue value) : json(value) {}

  JsonValue json;  // The definition itself, without a wrapper.
  std::string_view family;
  std::optional<std::int64_t> revision;
  std::string_view arn;  // Empty: none was given.
  NetworkMode network_mode = NetworkMode::kBridge;
  std::optional<std::int64_t> cpu_units;   // Task level.
  std::optional<std::int64_t> memory_mib;  // Task level.
  std::vector<ContainerDefinition> containers;
  std::vector<DefinitionConstraint> constraints;
  std::string_view os_family;                              // "LINUX", "WINDOWS_SERVER_2022_CORE", ...; empty: not given.
  std::string_view architecture;                           // "X86_64" or "ARM64"; empty: not given.
  std::vector<LaunchType> required_launch_types;           // requiresCompatibilities.
  std::optional<std::vector<LaunchType>> compatibilities;  // As ECS computed them; nullopt: not given.
  std::optional<JsonValue> tags;                           // Of the definition or of its wrapper.

  [[nodiscard]] bool is_windows() const { return os_family.starts_with("WINDOWS"); }
  [[nodiscard]] bool requires_launch_type(LaunchType type) const;
};

// Reads a definition, with or without the {"taskDefinition": {...}} wrapper. Errors: kInvalidArgument naming the member; where ECS is
// known to answer with a certain text, the message holds it, and `exception` is its exception.
Result<TaskDefinition> read_task_definition(const JsonValue& value);

// The task-level sizes, which the API has as strings: "1024", "1 vCPU", ".5 vcpu" to CPU units, "2048", "2GB", "0.5 gb" to MiB. The
// unit's case does not matter; blanks may stand before it. nullopt for anything else, and for what is no whole unit or MiB.
std::optional<std::int64_t> parse_task_cpu(std::string_view text);
std::optional<std::int64_t> parse_task_memory(std::string_view text);

// The same on a member, with ECS's text for what is refused. CPU is 128 to 196608 units.
Result<std::int64_t> read_task_cpu(const JsonValue& value);
Result<std::int64_t> read_task_memory(const JsonValue& value);

// The GPUs that a list of ResourceRequirement asks for.
Result<std::uint32_t> read_gpu_count(const JsonValue& requirements);

// An error of an expression: the program's error with `value`'s path in front, ECS's exception, and the offset kept.
Error expression_error(const JsonValue& value, const Error& cause);

// Reads one container's numbers against each other: memory above memoryReservation, and at least one of them where the task has none.
Outcome check_container_memory(const JsonValue& where, std::string_view name, std::int64_t memory_mib, std::int64_t reservation_mib,
                               bool has_task_memory);

}  // namespace berth::ecs
