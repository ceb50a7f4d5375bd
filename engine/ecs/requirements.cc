#include "engine/ecs/requirements.h"

#include <algorithm>
#include <utility>

#include "engine/ecs/request_members.h"
#include "engine/ecs/task_definition_ports.h"

namespace berth::ecs {
namespace {

void sort_unique(std::vector<std::uint16_t>& ports) {
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
}

std::int64_t container_cpu(const EffectiveTask& task) {
  std::int64_t units = 0;
  for (const EffectiveContainer& container : task.containers) {
    units += container.cpu_units;
  }
  return units;
}

std::int64_t container_memory(const EffectiveTask& task) {
  std::int64_t mib = 0;
  for (const EffectiveContainer& container : task.containers) {
    mib += container.memory_reservation_mib > 0 ? container.memory_reservation_mib : container.memory_mib;
  }
  return mib;
}

Outcome override_container(const JsonValue& value, const TaskDefinition& definition, EffectiveTask& task) {
  const std::string_view wanted = text_of(value, "name");
  if (wanted.empty()) {
    return value.error("a container override needs the name of the container that it overrides", "InvalidParameterException");
  }
  const auto found = std::find_if(definition.containers.begin(), definition.containers.end(),
                                  [&](const ContainerDefinition& container) { return container.name == wanted; });
  if (found == definition.containers.end()) {
    return value.error("Override for container named " + std::string(wanted) + " is not a container in the TaskDefinition.",
                       "InvalidParameterException");
  }
  EffectiveContainer& container = task.containers[static_cast<std::size_t>(found - definition.containers.begin())];
  if (container.override_json.has_value()) {
    return value.error("container '" + std::string(wanted) + "' is overridden twice", "InvalidParameterException");
  }
  container.override_json = value;
  container.cpu_units = integer_of(value, "cpu").value_or(container.cpu_units);
  container.memory_mib = integer_of(value, "memory").value_or(container.memory_mib);
  container.memory_reservation_mib = integer_of(value, "memoryReservation").value_or(container.memory_reservation_mib);
  if (const auto requirements = value.member("resourceRequirements"); requirements.has_value()) {
    Result<std::uint32_t> gpus = read_gpu_count(*requirements);
    if (!gpus.ok()) {
      return std::move(gpus).error();
    }
    if (*gpus > 0 && definition.is_windows()) {
      return requirements->error("GPUs are not supported on Windows", "InvalidParameterException");
    }
    container.gpu_count = *gpus;
  }
  task.has_environment_files = task.has_environment_files || has_entries(value, "environmentFiles");
  return {};
}

// Sizes of the task level. Both may stand in an override although the definition has none.
Outcome override_task(const JsonValue& overrides, EffectiveTask& task) {
  if (const auto cpu = overrides.member("cpu"); cpu.has_value()) {
    Result<std::int64_t> units = read_task_cpu(*cpu);
    if (!units.ok()) {
      return std::move(units).error();
    }
    task.cpu_units = *units;
  }
  if (const auto memory = overrides.member("memory"); memory.has_value()) {
    Result<std::int64_t> mib = read_task_memory(*memory);
    if (!mib.ok()) {
      return std::move(mib).error();
    }
    task.memory_mib = *mib;
  }
  task.has_task_role = task.has_task_role || overrides.member("taskRoleArn").has_value();
  task.has_execution_role = task.has_execution_role || overrides.member("executionRoleArn").has_value();
  if (const auto storage = overrides.member("ephemeralStorage"); storage.has_value()) {
    task.ephemeral_storage_gib = integer_of(*storage, "sizeInGiB");
  }
  return {};
}

EffectiveTask as_defined(const TaskDefinition& definition) {
  EffectiveTask task;
  task.definition = &definition;
  task.cpu_units = definition.cpu_units;
  task.memory_mib = definition.memory_mib;
  for (const ContainerDefinition& container : definition.containers) {
    task.containers.push_back({container.cpu_units, container.memory_mib, container.memory_reservation_mib, container.gpu_count, {}});
    task.has_environment_files = task.has_environment_files || has_entries(container.json, "environmentFiles");
  }
  task.has_task_role = !text_of(definition.json, "taskRoleArn").empty();
  task.has_execution_role = !text_of(definition.json, "executionRoleArn").empty();
  if (const auto storage = definition.json.member("ephemeralStorage"); storage.has_value()) {
    task.ephemeral_storage_gib = integer_of(*storage, "sizeInGiB");
  }
  return task;
}

}  // namespace

std::int64_t EffectiveTask::shown_cpu_units() const {
  return cpu_units.has_value() ? *cpu_units : container_cpu(*this);
}

std::int64_t EffectiveTask::shown_memory_mib() const {
  return memory_mib.has_value() ? *memory_mib : container_memory(*this);
}

std::int64_t EffectiveTask::reserved_cpu_units() const {
  return definition->is_windows() ? container_cpu(*this) : shown_cpu_units();
}

std::int64_t EffectiveTask::reserved_memory_mib() const {
  return definition->is_windows() ? container_memory(*this) : shown_memory_mib();
}

std::uint32_t EffectiveTask::gpu_count() const {
  std::uint32_t count = 0;
  for (const EffectiveContainer& container : containers) {
    count += container.gpu_count;
  }
  return count;
}

Result<EffectiveTask> apply_overrides(const TaskDefinition& definition, const std::optional<JsonValue>& overrides) {
  EffectiveTask task = as_defined(definition);
  if (!overrides.has_value()) {
    return task;
  }
  if (Outcome applied = override_task(*overrides, task); !applied.ok()) {
    return std::move(applied).error();
  }
  if (const auto containers = overrides->member("containerOverrides"); containers.has_value()) {
    Outcome applied = containers->for_each([&](const JsonValue& item) { return override_container(item, definition, task); });
    if (!applied.ok()) {
      return std::move(applied).error();
    }
  }
  for (std::size_t i = 0; i < task.containers.size(); ++i) {
    const EffectiveContainer& container = task.containers[i];
    Outcome checked = check_container_memory(*overrides, definition.containers[i].name, container.memory_mib,
                                             container.memory_reservation_mib, task.memory_mib.has_value() && !definition.is_windows());
    if (!checked.ok()) {
      return std::move(checked).error();
    }
  }
  return task;
}

placement::AttributeRequirement attribute_requirement(std::string_view name, std::optional<std::string> value) {
  placement::AttributeRequirement requirement{std::string(name), std::move(value), std::nullopt};
  if (name == "ecs.cpu-architecture") {
    requirement.absent_reads_as = "x86_64";
  } else if (name == "ecs.os-type") {
    requirement.absent_reads_as = "linux";
  }
  return requirement;
}

namespace {

// Attributes that the definition's own list names already are not asked for twice.
void require(placement::Demand& demand, placement::AttributeRequirement requirement) {
  const bool is_there = std::any_of(demand.attributes.begin(), demand.attributes.end(),
                                    [&](const auto& other) { return other.name == requirement.name && other.value == requirement.value; });
  if (!is_there) {
    demand.attributes.push_back(std::move(requirement));
  }
}

}  // namespace

placement::Demand demand_of(const EffectiveTask& task, const LaunchNeeds& needs) {
  const TaskDefinition& definition = *task.definition;
  placement::Demand demand;
  demand.cpu_units = task.reserved_cpu_units();
  demand.memory_mib = task.reserved_memory_mib();
  demand.gpu_count = task.gpu_count();
  demand.uses_eni = definition.network_mode == NetworkMode::kAwsvpc;
  for (const ContainerDefinition& container : definition.containers) {
    for (const PortMapping& mapping : container.ports) {
      for_each_host_port(mapping, definition.network_mode,
                         [&](std::uint16_t port, bool is_udp) { (is_udp ? demand.udp_ports : demand.tcp_ports).push_back(port); });
    }
  }
  sort_unique(demand.tcp_ports);
  sort_unique(demand.udp_ports);
  // ECS derives them when the definition is registered: what a request overrides changes none of them.
  demand.attributes = required_attributes(as_defined(definition));
  if (needs.execute_command) {
    require(demand, attribute_requirement("ecs.capability.execute-command", std::nullopt));
  }
  if (!definition.architecture.empty()) {
    require(demand, attribute_requirement("ecs.cpu-architecture", definition.architecture == "ARM64" ? "arm64" : "x86_64"));
  }
  if (definition.is_windows()) {
    require(demand, attribute_requirement("ecs.os-family", std::string(definition.os_family)));
  } else if (!definition.os_family.empty()) {
    require(demand, attribute_requirement("ecs.os-type", "linux"));
  }
  if (!needs.vpc.empty()) {
    // Instances without the attribute are taken to be in the task's VPC: zones and other attributes decide about them.
    require(demand, {"ecs.vpc-id", needs.vpc, needs.vpc});
  }
  return demand;
}

}  // namespace berth::ecs
