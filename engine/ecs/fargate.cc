#include "engine/ecs/fargate.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

#include "engine/ecs/request_members.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kClient = "ClientException";
constexpr std::int64_t kStorageLeast = 21;  // GiB.
constexpr std::int64_t kStorageMost = 200;

// One row of the table of sizes: `least` to `most` MiB in steps.
struct SizeRow {
  std::int64_t cpu_units;
  std::int64_t least;
  std::int64_t most;
  std::int64_t step;
  bool has_windows;
};
constexpr std::array kSizeRows{
    SizeRow{256, 512, 512, 512, false},          SizeRow{256, 1024, 2048, 1024, false},      SizeRow{512, 1024, 4096, 1024, false},
    SizeRow{1024, 2048, 8192, 1024, true},       SizeRow{2048, 4096, 16384, 1024, true},     SizeRow{4096, 8192, 30720, 1024, true},
    SizeRow{8192, 16384, 61440, 4096, false},    SizeRow{16384, 32768, 122880, 8192, false}, SizeRow{32768, 61440, 122880, 61440, false},
    SizeRow{32768, 249856, 249856, 1024, false},
};

Outcome refused(const JsonValue& value, const std::string& member) {
  return value.error(member + " is not supported on Fargate; drop it", kClient);
}

Outcome check_size(const JsonValue& where, const EffectiveTask& task) {
  if (!task.cpu_units.has_value()) {
    return where.error("Fargate requires that 'cpu' be defined at the task level.", kClient);
  }
  if (!task.memory_mib.has_value()) {
    return where.error("Fargate requires that 'memory' be defined at the task level.", kClient);
  }
  if (!is_fargate_size(*task.cpu_units, *task.memory_mib, task.definition->is_windows())) {
    return where.error("No Fargate configuration exists for given values: " + std::to_string(*task.cpu_units) + " CPU, " +
                           std::to_string(*task.memory_mib) + " memory. See the Amazon ECS documentation for the valid values.",
                       kClient);
  }
  return {};
}

// The containers must fit into the task.
Outcome check_shares(const JsonValue& where, const EffectiveTask& task) {
  std::int64_t cpu_units = 0;
  std::int64_t reserved_mib = 0;
  for (std::size_t i = 0; i < task.containers.size(); ++i) {
    const EffectiveContainer& container = task.containers[i];
    cpu_units += container.cpu_units;
    reserved_mib += container.memory_reservation_mib;
    if (container.memory_mib > *task.memory_mib) {
      return where.error("container '" + std::string(task.definition->containers[i].name) + "' has " +
                             std::to_string(container.memory_mib) + " MiB of memory, more than the task's " +
                             std::to_string(*task.memory_mib) + " MiB",
                         kClient);
    }
  }
  if (cpu_units > *task.cpu_units) {
    return where.error(
        "the containers' cpu adds up to " + std::to_string(cpu_units) + " units, more than the task's " + std::to_string(*task.cpu_units),
        kClient);
  }
  if (reserved_mib > *task.memory_mib) {
    return where.error("the containers' memoryReservation adds up to " + std::to_string(reserved_mib) + " MiB, more than the task's " +
                           std::to_string(*task.memory_mib) + " MiB",
                       kClient);
  }
  return {};
}

Outcome check_linux_parameters(const JsonValue& parameters) {
  for (const std::string_view name : {"devices", "tmpfs"}) {
    if (has_entries(parameters, name)) {
      return refused(parameters, "linuxParameters." + std::string(name));
    }
  }
  for (const std::string_view name : {"maxSwap", "swappiness", "sharedMemorySize"}) {
    if (parameters.member(name).has_value()) {
      return refused(parameters, "linuxParameters." + std::string(name));
    }
  }
  Outcome checked;
  if (const auto capabilities = parameters.member("capabilities"); capabilities.has_value()) {
    for_each_item(*capabilities, "add", [&](const JsonValue& item) {
      if (checked.ok() && *item.string() != "SYS_PTRACE") {
        checked =
            capabilities->error("Fargate allows SYS_PTRACE as the only capability to add, found " + std::string(*item.string()), kClient);
      }
    });
  }
  return checked;
}

// The log drivers and ulimits that Fargate has.
Outcome check_logging(const JsonValue& container, bool has_execution_role) {
  if (const auto log = container.member("logConfiguration"); log.has_value()) {
    const std::string_view driver = text_of(*log, "logDriver");
    if (driver != "awslogs" && driver != "splunk" && driver != "awsfirelens") {
      return log->error("log driver '" + std::string(driver) + "' is not supported on Fargate, which has awslogs, splunk and awsfirelens",
                        kClient);
    }
    if (driver == "awslogs" && !has_execution_role) {
      return log->error("Fargate requires task definition to have execution role ARN to support log driver awslogs.", kClient);
    }
  }
  return {};
}

Outcome check_container(const ContainerDefinition& definition, bool has_execution_role) {
  const JsonValue& container = definition.json;
  for (const std::string_view name : {"dnsSearchDomains", "dnsServers", "dockerSecurityOptions", "extraHosts", "links"}) {
    if (has_entries(container, name)) {
      return refused(container, std::string(name));
    }
  }
  for (const std::string_view name : {"disableNetworking", "privileged"}) {
    if (is_true(container, name)) {
      return refused(container, std::string(name));
    }
  }
  if (definition.gpu_count > 0) {
    return refused(container, "a GPU requirement");
  }
  if (const auto parameters = container.member("linuxParameters"); parameters.has_value()) {
    if (Outcome checked = check_linux_parameters(*parameters); !checked.ok()) {
      return checked;
    }
  }
  Outcome checked;
  for_each_item(container, "ulimits", [&](const JsonValue& item) {
    if (checked.ok() && text_of(item, "name") != "nofile") {
      checked = container.error("Fargate allows no other ulimit than nofile, found " + std::string(text_of(item, "name")), kClient);
    }
  });
  if (!checked.ok()) {
    return checked;
  }
  if (!has_execution_role && definition.image.find(".dkr.ecr") != std::string_view::npos) {
    return container.error("Fargate requires task definition to have execution role ARN to support ECR images.", kClient);
  }
  return check_logging(container, has_execution_role);
}

Outcome check_task_members(const TaskDefinition& definition) {
  const JsonValue& json = definition.json;
  if (json.member("ipcMode").has_value()) {
    return refused(json, "ipcMode");
  }
  if (const auto mode = json.member("pidMode"); mode.has_value() && *mode->string() != "task") {
    return mode->error("Fargate supports pidMode 'task' only", kClient);
  }
  if (!definition.constraints.empty()) {
    return json.member("placementConstraints")->error("Placement constraints are not supported with FARGATE launch type.", kClient);
  }
  if (definition.is_windows() && definition.architecture == "ARM64") {
    return json.error("Fargate runs Windows on X86_64 only", kClient);
  }
  Outcome checked;
  for_each_item(json, "volumes", [&](const JsonValue& volume) {
    const auto host = volume.member("host");
    if (checked.ok() && volume.member("dockerVolumeConfiguration").has_value()) {
      checked = refused(json, "volumes[].dockerVolumeConfiguration");
    } else if (checked.ok() && host.has_value() && !text_of(*host, "sourcePath").empty()) {
      checked = refused(json, "volumes[].host.sourcePath");
    }
  });
  return checked;
}

Outcome check_storage(const JsonValue& where, const EffectiveTask& task) {
  const std::int64_t gib = task.ephemeral_storage_gib.value_or(kStorageLeast);
  if (gib < kStorageLeast) {
    return where.error("ephemeralStorage.sizeInGiB should be at least 21, found " + std::to_string(gib), kClient);
  }
  if (gib > kStorageMost) {
    return where.error("ephemeralStorage.sizeInGiB should be at most 200, found " + std::to_string(gib), kClient);
  }
  return {};
}

}  // namespace

bool is_fargate_size(std::int64_t cpu_units, std::int64_t memory_mib, bool is_windows) {
  return std::any_of(kSizeRows.begin(), kSizeRows.end(), [&](const SizeRow& row) {
    return row.cpu_units == cpu_units && memory_mib >= row.least && memory_mib <= row.most && (memory_mib - row.least) % row.step == 0 &&
           (row.has_windows || !is_windows);
  });
}

Outcome check_fargate_definition(const TaskDefinition& definition) {
  if (definition.network_mode != NetworkMode::kAwsvpc) {
    return definition.json.error("Fargate only supports network mode 'awsvpc'.", kClient);
  }
  Result<EffectiveTask> task = apply_overrides(definition, std::nullopt);
  if (!task.ok()) {
    return std::move(task).error();
  }
  if (Outcome checked = check_fargate_task(definition.json, *task); !checked.ok()) {
    return checked;
  }
  if (Outcome checked = check_task_members(definition); !checked.ok()) {
    return checked;
  }
  for (const ContainerDefinition& container : definition.containers) {
    if (Outcome checked = check_container(container, task->has_execution_role); !checked.ok()) {
      return checked;
    }
  }
  return {};
}

Outcome check_fargate_task(const JsonValue& where, const EffectiveTask& task) {
  Outcome checked = check_size(where, task);
  if (checked.ok()) {
    checked = check_shares(where, task);
  }
  if (checked.ok()) {
    checked = check_storage(where, task);
  }
  if (checked.ok() && task.gpu_count() > 0) {
    checked = refused(where, "a GPU requirement");
  }
  return checked;
}

std::vector<FargatePlace> spread_fargate(std::uint32_t count, std::span<const FargateProvider> providers, const Network& network) {
  struct Tally {
    std::uint64_t assigned = 0;
    std::map<std::string_view, std::uint64_t> zones;
    std::vector<std::uint64_t> subnets;
  };
  std::vector<Tally> tallies(providers.size());
  for (Tally& tally : tallies) {
    tally.subnets.resize(network.subnets.size(), 0);
  }
  // The provider of the next task: whoever lacks its base, else the smallest (assigned beyond the base + 1) / weight.
  const auto next_provider = [&] {
    std::size_t best = 0;
    double best_key = std::numeric_limits<double>::infinity();
    for (std::size_t p = 0; p < providers.size(); ++p) {
      const auto base = static_cast<std::uint64_t>(providers[p].base);
      if (tallies[p].assigned < base) {
        return p;
      }
      const auto weight = static_cast<double>(providers[p].weight);
      const double key =
          providers[p].weight > 0 ? static_cast<double>(tallies[p].assigned - base + 1) / weight : std::numeric_limits<double>::infinity();
      if (key < best_key) {
        best = p;
        best_key = key;
      }
    }
    return best;
  };
  std::vector<FargatePlace> places;
  places.reserve(count);
  for (std::uint32_t k = 0; k < count; ++k) {
    const std::size_t provider = next_provider();
    Tally& tally = tallies[provider];
    std::size_t best = 0;
    for (std::size_t s = 1; s < network.subnets.size(); ++s) {
      const auto key = [&](std::size_t subnet) { return std::pair(tally.zones[network.subnets[subnet].zone], tally.subnets[subnet]); };
      best = key(s) < key(best) ? s : best;
    }
    ++tally.assigned;
    ++tally.zones[network.subnets[best].zone];
    ++tally.subnets[best];
    places.push_back({static_cast<std::uint32_t>(provider), static_cast<std::uint32_t>(best)});
  }
  return places;
}

std::string_view fargate_platform_version(std::string_view requested, bool is_windows) {
  if (requested.empty() || requested == "LATEST") {
    return is_windows ? "1.0.0" : "1.4.0";
  }
  return requested;
}

}  // namespace berth::ecs
