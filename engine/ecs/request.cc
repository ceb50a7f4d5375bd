#include "engine/ecs/request.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/limits.h"
#include "engine/ecs/attribute_advice.h"
#include "engine/ecs/own_amounts.h"
#include "engine/ecs/request_members.h"
#include "engine/ecs/request_shapes.h"
#include "engine/ecs/timestamp.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kInvalidParameter = "InvalidParameterException";
constexpr std::size_t kOverridesBytesMax = 8192;
constexpr std::size_t kClientTokenBytesMax = 64;
constexpr std::size_t kReferenceIdBytesMax = 1024;
constexpr std::size_t kStartTaskStartedByBytesMax = 36;
constexpr std::size_t kTagsMax = 50;
constexpr std::size_t kTagKeyBytesMax = 128;
constexpr std::size_t kTagValueBytesMax = 256;

// Lengths that the API counts in characters; Berth counts UTF-8 code points.
std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Outcome check_length(const JsonValue& object, std::string_view name, std::size_t most) {
  const auto member = object.member(name);
  if (member.has_value() && character_count(*member->string()) > most) {
    return member->error(std::string(name) + " can have at most " + std::to_string(most) + " characters.", kInvalidParameter);
  }
  return {};
}

Outcome check_tags(const JsonValue& root) {
  const auto tags = root.member("tags");
  if (!tags.has_value()) {
    return {};
  }
  std::size_t count = 0;
  return tags->for_each([&](const JsonValue& tag) -> Outcome {
    if (++count > kTagsMax) {
      return tags->error("at most " + std::to_string(kTagsMax) + " tags are allowed", kInvalidParameter);
    }
    if (text_of(tag, "key").empty()) {
      return tag.error("a tag needs a key", kInvalidParameter);
    }
    if (Outcome key = check_length(tag, "key", kTagKeyBytesMax); !key.ok()) {
      return key;
    }
    return check_length(tag, "value", kTagValueBytesMax);
  });
}

// Limits on what does not bear on placement.
Outcome check_carried_members(const JsonValue& root, std::size_t started_by_most) {
  for (const auto& [name, most] : {std::pair<std::string_view, std::size_t>{"group", kGroupBytesMax},
                                   {"startedBy", started_by_most},
                                   {"clientToken", kClientTokenBytesMax},
                                   {"referenceId", kReferenceIdBytesMax}}) {
    if (Outcome checked = check_length(root, name, most); !checked.ok()) {
      return checked;
    }
  }
  const auto overrides = root.member("overrides");
  if (overrides.has_value() && character_count(simdjson::minify(overrides->element())) > kOverridesBytesMax) {
    return overrides->error("overrides can have at most " + std::to_string(kOverridesBytesMax) + " characters of JSON", kInvalidParameter);
  }
  return check_tags(root);
}

Outcome read_subnet_places(const JsonValue& value, SubnetPlaces& places) {
  if (Outcome typed = value.expect(JsonValue::Type::kObject); !typed.ok()) {
    return typed;
  }
  return value.for_each_member([&](std::string_view id, const JsonValue& entry) -> Outcome {
    if (Outcome shaped = check_shape(entry, berth_subnet_shape(), ""); !shaped.ok()) {
      return shaped;
    }
    places[std::string(id)] = Subnet{std::string(id), std::string(text_of(entry, "zone")), std::string(text_of(entry, "vpc"))};
    return {};
  });
}

// What both requests have: the definition with its overrides, the group, the members that are carried.
Outcome read_common(const JsonValue& root, const DocumentOptions& options, TaskRequest& request) {
  Result<BerthOptions> berth = read_berth(root, options);
  if (!berth.ok()) {
    return std::move(berth).error();
  }
  request.berth = *std::move(berth);
  Result<TaskDefinition> definition = read_task_definition(*root.member("taskDefinition"));
  if (!definition.ok()) {
    return std::move(definition).error();
  }
  request.definition = std::make_unique<const TaskDefinition>(*std::move(definition));
  request.overrides = root.member("overrides");
  Result<EffectiveTask> task = apply_overrides(*request.definition, request.overrides);
  if (!task.ok()) {
    return std::move(task).error();
  }
  request.task = *std::move(task);
  request.placement.seed = request.berth.seed;
  request.placement.group = text_of(root, "group");
  if (request.placement.group.empty()) {
    request.placement.group = "family:" + std::string(request.definition->family);
  }
  request.started_by = text_of(root, "startedBy");
  request.platform_version = text_of(root, "platformVersion");
  request.has_execute_command = is_true(root, "enableExecuteCommand");
  return {};
}

// The network and what the task demands. REQUIRES: launch_type is settled.
Outcome read_demand(const JsonValue& root, const Snapshot& snapshot, TaskRequest& request) {
  Result<Network> network = read_network(root, *request.definition, request.is_fargate(), request.berth.subnets, snapshot);
  if (!network.ok()) {
    return std::move(network).error();
  }
  request.network = *std::move(network);
  request.placement.zones = request.network.zones();
  request.placement.demand = demand_of(request.task, {request.has_execute_command, request.network.vpc()});
  if (request.is_fargate() && !request.berth.resources.empty()) {
    return root.member("berth")
        ->member("resources")
        ->error("these are resources of container instances, which Fargate does not look at", kInvalidParameter);
  }
  request.placement.demand.own = request.berth.resources;
  return {};
}

Outcome read_run_members(const JsonValue& root, const Snapshot& snapshot, const DocumentOptions& options, TaskRequest& request) {
  if (Outcome read = read_common(root, options, request); !read.ok()) {
    return read;
  }
  request.placement.count = static_cast<std::uint32_t>(integer_of(root, "count").value_or(1));
  if (Outcome read = read_launch(root, request); !read.ok()) {
    return read;
  }
  if (Outcome read = read_placement_rules(root, request); !read.ok()) {
    return read;
  }
  if (Outcome read = read_cluster(root, snapshot, request.placement); !read.ok()) {
    return read;
  }
  if (snapshot.instance_count() == 0 && !request.is_fargate()) {
    return Error{.code = StatusCode::kInvalidArgument,
                 .message = "No Container Instances were found in your cluster.",
                 .exception = kInvalidParameter,
                 .source = {}};
  }
  return read_demand(root, snapshot, request);
}

Outcome read_instances(const JsonValue& root, TaskRequest& request) {
  const JsonValue list = *root.member("containerInstances");
  for_each_item(root, "containerInstances", [&](const JsonValue& item) { request.instances.push_back(*item.string()); });
  if (request.instances.empty()) {
    return list.error("Container instances cannot be empty.", kInvalidParameter);
  }
  if (request.instances.size() > kStartInstancesMax) {
    return list.error("StartTask takes at most " + std::to_string(kStartInstancesMax) + " container instances, found " +
                          std::to_string(request.instances.size()),
                      kInvalidParameter);
  }
  return {};
}

Outcome read_start_members(const JsonValue& root, const Snapshot& snapshot, const DocumentOptions& options, TaskRequest& request) {
  if (Outcome read = read_common(root, options, request); !read.ok()) {
    return read;
  }
  if (Outcome read = read_instances(root, request); !read.ok()) {
    return read;
  }
  request.placement.count = static_cast<std::uint32_t>(request.instances.size());
  if (Outcome read = read_cluster(root, snapshot, request.placement); !read.ok()) {
    return read;
  }
  if (Outcome checked = check_start_launch(root, snapshot, request); !checked.ok()) {
    return checked;
  }
  return read_demand(root, snapshot, request);
}

}  // namespace

Result<BerthOptions> read_berth(const JsonValue& root, const DocumentOptions& options) {
  BerthOptions berth;
  berth.seed = options.fresh_seed;
  berth.now_ms = options.now_ms;
  berth.failures_max = kFailuresDefaultMax;
  const auto member = root.member("berth");
  if (!member.has_value()) {
    return berth;
  }
  if (const auto seed = member->member("seed"); seed.has_value()) {
    Result<std::uint64_t> value = seed->unsigned_integer();
    if (!value.ok()) {
      return std::move(value).error();
    }
    berth.seed = *value;
  }
  if (const auto now = member->member("now"); now.has_value()) {
    berth.now_ms = *read_timestamp_ms(*now);
  }
  berth.failures_max = static_cast<std::uint32_t>(integer_of(*member, "failuresMax").value_or(berth.failures_max));
  berth.why_here_max = static_cast<std::uint32_t>(integer_of(*member, "whyHereMax").value_or(berth.why_here_max));
  berth.is_service = is_true(*member, "service");
  if (const auto subnets = member->member("subnets"); subnets.has_value()) {
    if (Outcome read = read_subnet_places(*subnets, berth.subnets); !read.ok()) {
      return std::move(read).error();
    }
  }
  if (const auto resources = member->member("resources"); resources.has_value()) {
    if (Outcome read = read_own_amounts(*resources, berth.resources); !read.ok()) {
      return std::move(read).error();
    }
  }
  return berth;
}

Result<TaskRequest> read_run_task(const JsonValue& root, const Snapshot& snapshot, const DocumentOptions& options) {
  if (Outcome shaped = check_shape(root, run_task_shape(), kInvalidParameter); !shaped.ok()) {
    return std::move(shaped).error();
  }
  if (Outcome checked = check_carried_members(root, kStartedByBytesMax); !checked.ok()) {
    return std::move(checked).error();
  }
  TaskRequest request(root);
  if (Outcome read = read_run_members(root, snapshot, options, request); !read.ok()) {
    Error error = std::move(read).error();
    propose_known_attribute(snapshot, error);
    return error;
  }
  return request;
}

Result<TaskRequest> read_start_task(const JsonValue& root, const Snapshot& snapshot, const DocumentOptions& options) {
  if (Outcome shaped = check_shape(root, start_task_shape(), kInvalidParameter); !shaped.ok()) {
    return std::move(shaped).error();
  }
  if (Outcome checked = check_carried_members(root, kStartTaskStartedByBytesMax); !checked.ok()) {
    return std::move(checked).error();
  }
  TaskRequest request(root);
  if (Outcome read = read_start_members(root, snapshot, options, request); !read.ok()) {
    return std::move(read).error();
  }
  return request;
}

}  // namespace berth::ecs
