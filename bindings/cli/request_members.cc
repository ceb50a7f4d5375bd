#include "bindings/cli/request_members.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <system_error>
#include <utility>

#include "bindings/cli/failure.h"
#include "bindings/cli/json_parameter.h"
#include "bindings/cli/resource_flag.h"

namespace berth::cli {
namespace {

constexpr std::string_view kNoDefinitionsByName =
    "Berth holds no task definitions by name: give a file as aws ecs describe-task-definition prints it";

// Fresh seeds stay below 2^53, so that every JSON reader keeps them exact.
std::uint64_t fresh_seed() {
  std::random_device device;
  const std::uint64_t high = device();
  return ((high << 32U) | device()) >> 11U;
}

class Composer {
 public:
  Composer(RequestVerb verb, const RequestFlags& flags) : verb_(verb), flags_(flags) {}

  ComposedRequest compose() {
    start();
    set_definition();
    set_texts();
    set_structures();
    require_instances();
    set_switches();
    set_own();
    ComposedRequest composed;
    Json& own = own_members();
    Json seed = own.value("seed", Json());
    if (seed.is_null()) {
      composed.fresh_seed = fresh_seed();
      seed = *composed.fresh_seed;
    }
    // Always the last member: the ids of tasks follow from the request's text, which must not depend on where the seed came from.
    own.erase("seed");
    own["seed"] = std::move(seed);
    composed.text = request_.dump();
    composed.expressions = expressions();
    composed.hints = hints();
    composed.instances = request_.value("containerInstances", Json());
    composed.origins = std::move(origins_);
    return composed;
  }

 private:
  // Of well-formed constraints alone: the engine refuses the others.
  [[nodiscard]] std::vector<std::string> expressions() const {
    std::vector<std::string> result;
    const auto collect = [&](const Json& holder) {
      const Json constraints = holder.is_object() ? holder.value("placementConstraints", Json()) : Json();
      for (const Json& constraint : constraints.is_array() ? constraints : Json::array()) {
        if (constraint.is_object() && constraint.contains("expression") && constraint["expression"].is_string()) {
          result.push_back(constraint["expression"].get<std::string>());
        }
      }
    };
    collect(request_);
    collect(definition());
    return result;
  }

  // The definition without its wrapper.
  [[nodiscard]] const Json& definition() const {
    const Json& given = request_["taskDefinition"];
    return given.is_object() && given.contains("taskDefinition") ? given["taskDefinition"] : given;
  }

  [[nodiscard]] bool is_fargate() const {
    const Json providers = request_.value("capacityProviderStrategy", Json());
    return request_.value("launchType", Json()) == "FARGATE" || std::any_of(providers.begin(), providers.end(), [](const Json& provider) {
             const Json name = provider.is_object() ? provider.value("capacityProvider", Json()) : Json();
             return name.is_string() && name.get_ref<const std::string&>().starts_with("FARGATE");
           });
  }

  // What the engine reads and has no use for, where it looks like a mistake.
  [[nodiscard]] std::vector<std::string> hints() const {
    std::vector<std::string> result;
    if (request_.contains("platformVersion") && !request_["platformVersion"].is_null() && !is_fargate()) {
      result.emplace_back("--platform-version is Fargate's; it changes nothing for tasks on container instances");
    }
    const Json declared = definition().is_object() ? definition().value("volumes", Json()) : Json();
    const Json configured = request_.value("volumeConfigurations", Json());
    for (const Json& volume : configured.is_array() ? configured : Json::array()) {
      const Json name = volume.is_object() ? volume.value("name", Json()) : Json();
      const bool is_declared = std::any_of(declared.begin(), declared.end(), [&](const Json& one) {
        return one.is_object() && one.value("name", Json()) == name && one.value("configuredAtLaunch", Json()) == true;
      });
      if (name.is_string() && !is_declared) {
        result.push_back(fmt::format("--volume-configurations: the task definition has no volume \"{}\" with configuredAtLaunch",
                                     name.get_ref<const std::string&>()));
      }
    }
    return result;
  }

  void set(std::string_view member, std::string_view origin, Json value) {
    request_[std::string(member)] = std::move(value);
    origins_.insert_or_assign(std::string(member), std::string(origin));
  }

  void start() {
    if (!flags_.cli_input_json.has_value()) {
      return;
    }
    DocumentParameter input =
        document_parameter("--cli-input-json", *flags_.cli_input_json, FileKind::kRequest, "give a path, file://PATH or the JSON itself");
    if (!input.value.is_object()) {
      throw Failure(fmt::format("{}: expected an object with the request's members, found {}", input.source, input.value.type_name()));
    }
    request_ = std::move(input.value);
    for (const auto& [member, value] : request_.items()) {
      origins_[member] = input.source;
    }
  }

  void set_definition() {
    if (flags_.task_definition.has_value()) {
      DocumentParameter definition =
          document_parameter("--task-definition", *flags_.task_definition, FileKind::kTaskDefinition, kNoDefinitionsByName);
      set("taskDefinition", definition.source, std::move(definition.value));
    }
    if (!request_.contains("taskDefinition") || request_["taskDefinition"].is_null()) {
      throw Failure(fmt::format("{}: --task-definition TD is required", verb_name(verb_)));
    }
    if (request_["taskDefinition"].is_string()) {
      throw Failure(fmt::format("{}: taskDefinition: {}, with --task-definition", origins_["taskDefinition"], kNoDefinitionsByName));
    }
  }

  void set_text(std::string_view member, std::string_view flag, const std::optional<std::string>& value) {
    if (value.has_value()) {
      set(member, flag, parameter_text(flag, *value));
    }
  }

  void set_texts() {
    set_text("cluster", "--cluster", flags_.cluster);
    set_text("group", "--group", flags_.group);
    set_text("launchType", "--launch-type", flags_.launch_type);
    set_text("platformVersion", "--platform-version", flags_.platform_version);
    set_text("startedBy", "--started-by", flags_.started_by);
    set_text("propagateTags", "--propagate-tags", flags_.propagate_tags);
    set_text("referenceId", "--reference-id", flags_.reference_id);
    set_text("clientToken", "--client-token", flags_.client_token);
    if (flags_.count.has_value()) {
      set("count", "--count", read_integer("--count", *flags_.count));
    }
  }

  void set_list(std::string_view member, std::string_view flag, const std::vector<std::string>& values, std::span<const TypedPath> types) {
    if (!values.empty()) {
      set(member, flag, structures_parameter(flag, values, types));
    }
  }

  void set_structure(std::string_view member, std::string_view flag, const std::optional<std::string>& value,
                     std::span<const TypedPath> types) {
    if (value.has_value()) {
      set(member, flag, structure_parameter(flag, *value, types));
    }
  }

  void set_structures() {
    set_list("placementConstraints", "--placement-constraints", flags_.placement_constraints, kPlacementConstraintTypes);
    set_list("placementStrategy", "--placement-strategy", flags_.placement_strategy, kPlacementStrategyTypes);
    set_list("capacityProviderStrategy", "--capacity-provider-strategy", flags_.capacity_provider_strategy, kCapacityProviderTypes);
    set_list("tags", "--tags", flags_.tags, kTagTypes);
    set_list("volumeConfigurations", "--volume-configurations", flags_.volume_configurations, kVolumeTypes);
    set_structure("overrides", "--overrides", flags_.overrides, kOverrideTypes);
    set_structure("networkConfiguration", "--network-configuration", flags_.network_configuration, kNetworkTypes);
    if (!flags_.container_instances.empty()) {
      set("containerInstances", "--container-instances", texts_parameter("--container-instances", flags_.container_instances));
    }
  }

  void require_instances() const {
    if (verb_ == RequestVerb::kStartTask && request_.value("containerInstances", Json()).is_null()) {
      throw Failure(fmt::format("{}: --container-instances ID... is required: name the instances to start on", verb_name(verb_)));
    }
  }

  void set_switch(std::string_view member, std::string_view name, bool is_on, bool is_off) {
    if (is_on && is_off) {
      throw Failure(fmt::format("{}: --{} and --no-{} are given together; give one", verb_name(verb_), name, name));
    }
    if (is_on || is_off) {
      set(member, fmt::format("--{}", name), is_on);
    }
  }

  void set_switches() {
    set_switch("enableECSManagedTags", "enable-ecs-managed-tags", flags_.enable_managed_tags, flags_.no_enable_managed_tags);
    set_switch("enableExecuteCommand", "enable-execute-command", flags_.enable_execute_command, flags_.no_enable_execute_command);
  }

  Json& own_members() {
    Json& own = request_["berth"];
    if (own.is_null()) {
      own = Json::object();
    }
    if (!own.is_object()) {
      throw Failure(fmt::format("{}: berth: expected an object, found {}", origins_["berth"], own.type_name()));
    }
    return own;
  }

  void set_own() {
    Json& own = own_members();
    const auto note = [&](const char* member, const char* flag) { origins_.insert_or_assign(member, flag); };
    if (flags_.seed.has_value()) {
      note("berth.seed", "--seed");
      own["seed"] = read_unsigned_integer("--seed", *flags_.seed);
    }
    if (flags_.now.has_value()) {
      note("berth.now", "--now");
      own["now"] = time_value(*flags_.now);
    }
    if (flags_.failures_max.has_value()) {
      note("berth.failuresMax", "--max-failures");
      own["failuresMax"] = read_unsigned_integer("--max-failures", *flags_.failures_max);
    }
    if (flags_.why_here_max.has_value()) {
      note("berth.whyHereMax", "--max-why-here");
      own["whyHereMax"] = read_unsigned_integer("--max-why-here", *flags_.why_here_max);
    }
    if (flags_.has_service_defaults) {
      own["service"] = true;
    }
    for (const std::string& subnet : flags_.subnets) {
      set_subnet(own["subnets"], parameter_text("--subnets", subnet));
    }
    if (!flags_.resources.empty()) {
      note("berth.resources", "--resource");
      set_amounts(own["resources"], flags_.resources);
    }
  }

  // Unix seconds stay a number, everything else is a text that the engine reads.
  static Json time_value(const std::string& value) {
    const std::string text = parameter_text("--now", value);
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    return is_number && Json::accept(text) ? Json::parse(text) : Json(text);
  }

  static void set_subnet(Json& subnets, const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::size_t comma = text.find(',', equals == std::string::npos ? 0 : equals);
    if (equals == 0 || equals == std::string::npos || equals + 1 == std::min(comma, text.size())) {
      throw Failure(fmt::format("--subnets: expected SUBNET=ZONE[,VPC], found '{}'", text));
    }
    const std::string name = text.substr(0, equals);
    if (subnets.contains(name)) {
      throw Failure(fmt::format("--subnets: {} is given twice; give it one zone", name));
    }
    Json& subnet = subnets[name];
    subnet["zone"] = text.substr(equals + 1, comma == std::string::npos ? comma : comma - equals - 1);
    if (comma != std::string::npos) {
      std::string vpc = text.substr(comma + 1);
      if (vpc.find_first_of("=,") != std::string::npos) {
        throw Failure(fmt::format("--subnets: expected SUBNET=ZONE[,VPC], found '{}'; separate subnets by blanks", text));
      }
      subnet["vpc"] = std::move(vpc);
    }
  }

  RequestVerb verb_;
  const RequestFlags& flags_;
  Json request_ = Json::object();
  Origins origins_;
};

}  // namespace

ComposedRequest compose_request(RequestVerb verb, const RequestFlags& flags) {
  return Composer(verb, flags).compose();
}

std::string request_skeleton(RequestVerb verb) {
  Json skeleton = Json::object();
  const bool is_start = verb == RequestVerb::kStartTask;
  for (const std::string_view member : {"cluster", "enableECSManagedTags", "enableExecuteCommand", "group", "networkConfiguration",
                                        "overrides", "propagateTags", "referenceId", "startedBy", "taskDefinition"}) {
    skeleton[std::string(member)] = nullptr;
  }
  skeleton["tags"] = Json::array();
  skeleton["volumeConfigurations"] = Json::array();
  if (is_start) {
    skeleton["containerInstances"] = Json::array();
  } else {
    for (const std::string_view member : {"clientToken", "count", "launchType", "platformVersion"}) {
      skeleton[std::string(member)] = nullptr;
    }
    for (const std::string_view member : {"capacityProviderStrategy", "placementConstraints", "placementStrategy"}) {
      skeleton[std::string(member)] = Json::array();
    }
  }
  return skeleton.dump(2) + "\n";
}

std::string_view verb_name(RequestVerb verb) {
  switch (verb) {
    case RequestVerb::kRunTask:
      return "run-task";
    case RequestVerb::kStartTask:
      return "start-task";
    case RequestVerb::kExplain:
      break;
  }
  return "explain";
}

std::string_view operation_name(RequestVerb verb) {
  return verb == RequestVerb::kStartTask ? "StartTask" : "RunTask";
}

}  // namespace berth::cli
