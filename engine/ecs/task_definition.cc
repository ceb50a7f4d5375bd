#include "engine/ecs/task_definition.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/limits.h"
#include "engine/ecs/fargate.h"
#include "engine/ecs/request_members.h"
#include "engine/ecs/task_definition_ports.h"
#include "engine/ecs/task_definition_shapes.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kClient = "ClientException";
constexpr std::size_t kFamilyBytesMax = 255;

std::vector<LaunchType> launch_types_of(const JsonValue& list) {
  std::vector<LaunchType> types;
  (void)list.for_each([&](const JsonValue& item) -> Outcome {
    types.push_back(*launch_type_from(*item.string()));
    return {};
  });
  return types;
}

NetworkMode network_mode_from(std::string_view text) {
  for (const NetworkMode mode : {NetworkMode::kHost, NetworkMode::kAwsvpc, NetworkMode::kNone}) {
    if (text == to_text(mode)) {
      return mode;
    }
  }
  return NetworkMode::kBridge;
}

Result<ContainerDefinition> read_container(const JsonValue& value, const TaskDefinition& definition) {
  ContainerDefinition container(value);
  container.name = text_of(value, "name");
  if (container.name.empty()) {
    return value.error("Container.name should not be null or empty.", kClient);
  }
  container.image = text_of(value, "image");
  container.cpu_units = integer_of(value, "cpu").value_or(0);
  container.memory_mib = integer_of(value, "memory").value_or(0);
  container.memory_reservation_mib = integer_of(value, "memoryReservation").value_or(0);
  if (Outcome checked = check_container_memory(value, container.name, container.memory_mib, container.memory_reservation_mib,
                                               definition.memory_mib.has_value() && !definition.is_windows());
      !checked.ok()) {
    return std::move(checked).error();
  }
  if (const auto requirements = value.member("resourceRequirements"); requirements.has_value()) {
    Result<std::uint32_t> gpus = read_gpu_count(*requirements);
    if (!gpus.ok()) {
      return std::move(gpus).error();
    }
    container.gpu_count = *gpus;
    if (*gpus > 0 && definition.is_windows()) {
      return requirements->error("GPUs are not supported on Windows; drop the requirement or the Windows operatingSystemFamily", kClient);
    }
  }
  Result<std::vector<PortMapping>> ports = read_port_mappings(value, definition.network_mode);
  if (!ports.ok()) {
    return std::move(ports).error();
  }
  container.ports = *std::move(ports);
  return container;
}

Outcome read_containers(const JsonValue& value, TaskDefinition& definition) {
  const JsonValue list = *value.member("containerDefinitions");
  Outcome read = list.for_each([&](const JsonValue& item) -> Outcome {
    Result<ContainerDefinition> container = read_container(item, definition);
    if (!container.ok()) {
      return std::move(container).error();
    }
    const auto same_name = [&](const ContainerDefinition& other) { return other.name == container->name; };
    if (std::any_of(definition.containers.begin(), definition.containers.end(), same_name)) {
      return item.error("two containers are named '" + std::string(container->name) + "'; names must differ within a definition", kClient);
    }
    definition.containers.push_back(*std::move(container));
    return {};
  });
  if (!read.ok()) {
    return read;
  }
  if (definition.containers.empty()) {
    return list.error("Container list cannot be empty.", kClient);
  }
  if (definition.containers.size() > kContainersMax) {
    return list.error("a task definition can have at most " + std::to_string(kContainersMax) + " containers, found " +
                          std::to_string(definition.containers.size()),
                      kClient);
  }
  return check_port_conflicts(list, definition.containers, definition.network_mode);
}

Result<DefinitionConstraint> read_constraint(const JsonValue& value, std::size_t index) {
  const std::string_view type = text_of(value, "type");
  if (type != "memberOf") {
    return value.error("constraint.type '" + std::string(type) + "' is not supported.", kClient);
  }
  const std::optional<JsonValue> expression = value.member("expression");
  if (!expression.has_value()) {
    return value.error("Invalid placement constraint expression: memberOf needs an expression", "InvalidParameterException");
  }
  Result<query::ProgramPtr> program = query::Program::compile(*expression->string());
  if (!program.ok()) {
    return expression_error(*expression, program.error());
  }
  return DefinitionConstraint{*std::move(program), "taskDefinition.placementConstraints[" + std::to_string(index) + "]"};
}

Outcome read_constraints(const JsonValue& list, TaskDefinition& definition) {
  Outcome read = list.for_each([&](const JsonValue& item) -> Outcome {
    Result<DefinitionConstraint> constraint = read_constraint(item, definition.constraints.size());
    if (!constraint.ok()) {
      return std::move(constraint).error();
    }
    definition.constraints.push_back(*std::move(constraint));
    return {};
  });
  if (read.ok() && definition.constraints.size() > kConstraintsMax) {
    return list.error("at most " + std::to_string(kConstraintsMax) + " placement constraints are allowed, found " +
                          std::to_string(definition.constraints.size()),
                      "InvalidParameterException");
  }
  return read;
}

Outcome read_sizes(const JsonValue& value, TaskDefinition& definition) {
  if (const auto cpu = value.member("cpu"); cpu.has_value()) {
    Result<std::int64_t> units = read_task_cpu(*cpu);
    if (!units.ok()) {
      return std::move(units).error();
    }
    definition.cpu_units = *units;
  }
  if (const auto memory = value.member("memory"); memory.has_value()) {
    Result<std::int64_t> mib = read_task_memory(*memory);
    if (!mib.ok()) {
      return std::move(mib).error();
    }
    definition.memory_mib = *mib;
  }
  return {};
}

// The members without rules of their own. REQUIRES: `value` has the definition's shape.
void read_plain_members(const JsonValue& value, TaskDefinition& definition) {
  definition.family = text_of(value, "family");
  definition.arn = text_of(value, "taskDefinitionArn");
  definition.network_mode = network_mode_from(text_of(value, "networkMode"));
  if (const auto revision = value.member("revision"); revision.has_value()) {
    definition.revision = *revision->integer(1, INT32_MAX);
  }
  if (const auto platform = value.member("runtimePlatform"); platform.has_value()) {
    definition.os_family = text_of(*platform, "operatingSystemFamily");
    definition.architecture = text_of(*platform, "cpuArchitecture");
  }
  if (const auto types = value.member("requiresCompatibilities"); types.has_value()) {
    definition.required_launch_types = launch_types_of(*types);
  }
  if (const auto types = value.member("compatibilities"); types.has_value()) {
    definition.compatibilities = launch_types_of(*types);
  }
  if (const auto tags = value.member("tags"); tags.has_value()) {
    definition.tags = tags;
  }
}

Outcome check_family(const JsonValue& value, std::string_view family) {
  if (family.empty()) {
    return value.error("Family should not be null or empty.", kClient);
  }
  if (family.size() > kFamilyBytesMax) {
    return value.member("family")->error("a family has at most 255 characters", kClient);
  }
  return {};
}

Result<JsonValue> unwrap(const JsonValue& value, std::optional<JsonValue>& tags) {
  if (value.type() == JsonValue::Type::kString) {
    return value.error(
        "Berth holds no task definitions by name; put the definition itself here, the object that "
        "`aws ecs describe-task-definition` prints");
  }
  if (Outcome typed = value.expect(JsonValue::Type::kObject); !typed.ok()) {
    return std::move(typed).error();
  }
  const std::optional<JsonValue> inner = value.member("taskDefinition");
  if (!inner.has_value()) {
    return value;
  }
  if (Outcome shaped = check_shape(value, task_definition_wrapper_shape(), kClient); !shaped.ok()) {
    return std::move(shaped).error();
  }
  tags = value.member("tags");
  return *inner;
}

}  // namespace

std::string_view to_text(NetworkMode mode) {
  constexpr std::array<std::string_view, 4> kTexts{"bridge", "host", "awsvpc", "none"};
  return kTexts[static_cast<std::size_t>(mode)];
}

bool TaskDefinition::requires_launch_type(LaunchType type) const {
  return std::find(required_launch_types.begin(), required_launch_types.end(), type) != required_launch_types.end();
}

Error expression_error(const JsonValue& value, const Error& cause) {
  Error error = value.error("Invalid placement constraint expression: " + cause.message, "InvalidParameterException");
  error.code = cause.code;
  error.offset = cause.offset;
  error.length = cause.length;
  error.source = value.path();
  return error;
}

Outcome check_container_memory(const JsonValue& where, std::string_view name, std::int64_t memory_mib, std::int64_t reservation_mib,
                               bool has_task_memory) {
  const std::string container = "Invalid setting for container '" + std::string(name) + "'. ";
  if (memory_mib == 0 && reservation_mib == 0 && !has_task_memory) {
    return where.error(container + "At least one of 'memory' or 'memoryReservation' must be specified.", kClient);
  }
  if (memory_mib > 0 && reservation_mib > 0 && memory_mib <= reservation_mib) {
    return where.error(container + "'memory' (" + std::to_string(memory_mib) + " MiB) must be greater than 'memoryReservation' (" +
                           std::to_string(reservation_mib) + " MiB).",
                       kClient);
  }
  return {};
}

Result<TaskDefinition> read_task_definition(const JsonValue& value) {
  std::optional<JsonValue> wrapper_tags;
  Result<JsonValue> unwrapped = unwrap(value, wrapper_tags);
  if (!unwrapped.ok()) {
    return std::move(unwrapped).error();
  }
  if (Outcome shaped = check_shape(*unwrapped, task_definition_shape(), kClient); !shaped.ok()) {
    return std::move(shaped).error();
  }
  TaskDefinition definition(*unwrapped);
  definition.tags = wrapper_tags;
  read_plain_members(*unwrapped, definition);
  Outcome read = check_family(*unwrapped, definition.family);
  if (read.ok()) {
    read = read_sizes(*unwrapped, definition);
  }
  if (read.ok()) {
    read = read_containers(*unwrapped, definition);
  }
  if (const auto constraints = unwrapped->member("placementConstraints"); read.ok() && constraints.has_value()) {
    read = read_constraints(*constraints, definition);
  }
  if (read.ok() && definition.requires_launch_type(LaunchType::kFargate)) {
    read = check_fargate_definition(definition);
  }
  if (!read.ok()) {
    return std::move(read).error();
  }
  return definition;
}

}  // namespace berth::ecs
