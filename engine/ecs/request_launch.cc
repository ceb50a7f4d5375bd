// launchType and capacityProviderStrategy, and whether a definition can be run so.

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "engine/ecs/request.h"
#include "engine/ecs/request_members.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kInvalidParameter = "InvalidParameterException";
constexpr std::size_t kProvidersMax = 20;
constexpr std::size_t kProviderNameBytesMax = 255;

bool is_fargate_provider(std::string_view name) {
  return name == "FARGATE" || name == "FARGATE_SPOT";
}

Error unsupported(const JsonValue& value, std::string_view message) {
  Error error = value.error(message, "UnsupportedFeatureException");
  error.code = StatusCode::kUnsupported;
  return error;
}

bool is_provider_name(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return !name.empty() && name.size() <= kProviderNameBytesMax && !lower.starts_with("aws") && !lower.starts_with("ecs") &&
         !lower.starts_with("fargate") &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

// The checks that do not depend on which kind of provider it is.
Outcome check_items(const JsonValue& list, const std::vector<FargateProvider>& items) {
  const auto with_base = std::count_if(items.begin(), items.end(), [](const FargateProvider& item) { return item.base > 0; });
  const auto fargate =
      std::count_if(items.begin(), items.end(), [](const FargateProvider& item) { return is_fargate_provider(item.name); });
  const auto count = static_cast<std::ptrdiff_t>(items.size());
  if (items.size() > kProvidersMax) {
    return list.error("a capacity provider strategy can have at most " + std::to_string(kProvidersMax) + " items.", kInvalidParameter);
  }
  if (with_base > 1) {
    return list.error("only one item of a capacity provider strategy can have a base", kInvalidParameter);
  }
  if (fargate > 0 && fargate < count) {
    return list.error(
        "A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate providers. Specify "
        "one or the other and try again.",
        kInvalidParameter);
  }
  const bool has_weight = std::any_of(items.begin(), items.end(), [](const FargateProvider& item) { return item.weight > 0; });
  if (!has_weight && count > 1) {
    return list.error(
        "There are no capacity providers with a weight value greater than zero defined in the default capacity provider strategy. At "
        "least one capacity provider must have a weight value greater than zero specified. Update the cluster's default capacity provider "
        "strategy or specify a valid capacity provider strategy and try again.",
        kInvalidParameter);
  }
  return {};
}

Outcome read_items(const JsonValue& list, std::vector<FargateProvider>& items) {
  return list.for_each([&](const JsonValue& item) -> Outcome {
    const std::string_view name = text_of(item, "capacityProvider");
    if (!is_fargate_provider(name) && !is_provider_name(name)) {
      return item.error(
          "The specified capacity provider name is invalid. Up to 255 characters are allowed, including letters (upper and lowercase), "
          "numbers, underscores, and hyphens. The name cannot be prefixed with \"aws\", \"ecs\", or \"fargate\".",
          kInvalidParameter);
    }
    if (std::any_of(items.begin(), items.end(), [&](const FargateProvider& other) { return other.name == name; })) {
      return item.error("capacity provider '" + std::string(name) + "' stands twice in the strategy", kInvalidParameter);
    }
    items.push_back({name, integer_of(item, "weight").value_or(0), integer_of(item, "base").value_or(0)});
    return {};
  });
}

Outcome read_strategy(const JsonValue& list, TaskRequest& request) {
  std::vector<FargateProvider> items;
  if (Outcome read = read_items(list, items); !read.ok()) {
    return read;
  }
  if (Outcome checked = check_items(list, items); !checked.ok()) {
    return checked;
  }
  if (is_fargate_provider(items.front().name)) {
    request.launch_type = LaunchType::kFargate;
    request.fargate_providers = std::move(items);
    return {};
  }
  if (items.size() > 1) {
    std::string names;
    for (const FargateProvider& item : items) {
      names += (names.empty() ? "" : ", ") + std::string(item.name);
    }
    return unsupported(list, "a capacity provider strategy over several Auto Scaling group providers (" + names +
                                 ") is not supported; send one request per provider");
  }
  request.launch_type = LaunchType::kEc2;
  request.capacity_provider = items.front().name;
  request.placement.capacity_provider = std::string(items.front().name);
  return {};
}

std::string not_compatible_text(LaunchType type) {
  return "Task definition does not support launch_type " + std::string(to_text(type)) + ".";
}

Error not_compatible(const JsonValue& where, LaunchType type, std::string_view detail) {
  std::string message = not_compatible_text(type);
  if (!detail.empty()) {
    message += " (" + std::string(detail) + ")";
  }
  return where.error(message, kInvalidParameter);
}

// Why an external instance cannot run the definition; empty: it can.
std::string_view external_obstacle(const TaskDefinition& definition) {
  if (definition.network_mode == NetworkMode::kAwsvpc) {
    return "external instances have no network mode 'awsvpc'";
  }
  bool has_efs = false;
  for_each_item(definition.json, "volumes",
                [&](const JsonValue& volume) { has_efs = has_efs || volume.member("efsVolumeConfiguration").has_value(); });
  return has_efs ? "external instances have no EFS volumes" : "";
}

Outcome check_fargate(const JsonValue& where, const TaskRequest& request) {
  if (!request.definition->constraints.empty()) {
    return request.definition->json.member("placementConstraints")
        ->error("Placement constraints are not supported with FARGATE launch type.", kInvalidParameter);
  }
  if (Outcome checked = check_fargate_definition(*request.definition); !checked.ok()) {
    // The obstacle names its own place, which is nearer than the launch type's.
    Error error = std::move(checked).error();
    error.message = not_compatible_text(LaunchType::kFargate) + " " + error.message;
    error.exception = kInvalidParameter;
    return error;
  }
  return check_fargate_task(request.overrides.value_or(where), request.task);
}

// ECS's own list of compatibilities stands above what Berth works out.
Outcome check_compatible(const JsonValue& where, const TaskRequest& request, LaunchType type) {
  const TaskDefinition& definition = *request.definition;
  if (definition.compatibilities.has_value() &&
      std::find(definition.compatibilities->begin(), definition.compatibilities->end(), type) == definition.compatibilities->end()) {
    return not_compatible(where, type, "");
  }
  if (type == LaunchType::kFargate) {
    return check_fargate(where, request);
  }
  if (const std::string_view obstacle = external_obstacle(definition); type == LaunchType::kExternal && !obstacle.empty()) {
    return not_compatible(where, type, obstacle);
  }
  return {};
}

}  // namespace

Outcome read_launch(const JsonValue& root, TaskRequest& request) {
  const auto launch_type = root.member("launchType");
  const auto strategy = root.member("capacityProviderStrategy");
  const bool has_strategy = has_entries(root, "capacityProviderStrategy");
  if (launch_type.has_value() && has_strategy) {
    return root.error("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
                      kInvalidParameter);
  }
  if (launch_type.has_value()) {
    request.launch_type = *launch_type_from(*launch_type->string());
    if (request.launch_type == LaunchType::kManagedInstances) {
      return unsupported(*launch_type,
                         "launchType MANAGED_INSTANCES is not supported: ECS chooses and starts those instances itself; use EC2, "
                         "EXTERNAL or FARGATE");
    }
  }
  if (has_strategy) {
    if (Outcome read = read_strategy(*strategy, request); !read.ok()) {
      return read;
    }
  }
  if (request.is_fargate() && request.fargate_providers.empty()) {
    request.fargate_providers.push_back({"", 1, 0});
  }
  request.placement.launch_type = request.launch_type;
  return check_compatible(launch_type.value_or(strategy.value_or(root)), request, request.launch_type);
}

Outcome check_start_launch(const JsonValue& root, const Snapshot& snapshot, const TaskRequest& request) {
  const JsonValue list = *root.member("containerInstances");
  bool is_any_found = false;
  Outcome checked = list.for_each([&](const JsonValue& item) -> Outcome {
    const std::optional<std::uint32_t> instance = snapshot.find_instance(*item.string());
    if (!instance.has_value() || !may_be_of_cluster(snapshot.instance_arns().text(*instance), request.placement)) {
      return {};
    }
    is_any_found = true;
    const bool is_external = snapshot.attribute_text(*instance, "ecs.capability.external").has_value();
    return check_compatible(item, request, is_external ? LaunchType::kExternal : LaunchType::kEc2);
  });
  return is_any_found ? checked : check_compatible(list, request, LaunchType::kEc2);
}

}  // namespace berth::ecs
