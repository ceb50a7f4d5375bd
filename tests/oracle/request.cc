// Reads RunTask's and StartTask's JSON into the oracle's Request.
#include <algorithm>

#include "tests/oracle/place.h"

namespace berth::oracle {
namespace {

void add_constraints(const Json& owner, const std::string& origin, bool is_definition, Request& request) {
  std::size_t index = 0;
  for (const Json& constraint : list_member(owner, "placementConstraints")) {
    require_known_members(constraint, origin, {"type", "expression"});
    const std::string where = origin + "[" + std::to_string(index++) + "]";
    const std::string type = string_member(constraint, "type").value_or("");
    const auto expression = string_member(constraint, "expression");
    if (type == "distinctInstance") {
      if (is_definition) throw Invalid("constraint.type 'distinctInstance' is not supported.");
      if (expression) throw Invalid("distinctInstance expression should not be specified.");
      request.distinct_instance = true;
    } else if (type == "memberOf") {
      if (!expression || expression->empty()) throw Invalid(where + ": memberOf without expression");
      request.member_of.push_back({Expression(*expression), where, std::nullopt});
    } else {
      throw Invalid(std::string(where).append(": unknown type '").append(type).append("'"));
    }
  }
}

Strategy read_strategy(const Json& json) {
  require_known_members(json, "placementStrategy", {"type", "field"});
  const std::string type = string_member(json, "type").value_or("");
  const std::string field = string_member(json, "field").value_or("");
  if (type == "random") return {Strategy::Kind::kRandom, ""};
  if (type == "binpack" && (field == "cpu" || field == "CPU")) return {Strategy::Kind::kBinpackCpu, ""};
  if (type == "binpack" && (field == "memory" || field == "MEMORY")) return {Strategy::Kind::kBinpackMemory, ""};
  if (type == "spread" && (field == "instanceId" || field == "host")) return {Strategy::Kind::kSpreadInstance, ""};
  if (type == "spread" && field.rfind("attribute:", 0) == 0 && field.size() > 10) {
    return {Strategy::Kind::kSpreadAttribute, field.substr(10)};
  }
  throw Invalid("unknown strategy " + json.dump());
}

void add_strategies(const Json& json, Request& request) {
  for (const Json& strategy : list_member(json, "placementStrategy")) request.strategies.push_back(read_strategy(strategy));
  if (request.strategies.size() > kStrategiesMax) throw Invalid("more than 5 strategies");
  if (!request.strategies.empty()) return;
  const bool is_service =
      boolean_member(object_member(json, "berth"), "service").value_or(false) || request.group.rfind("service:", 0) == 0;
  if (is_service) {
    request.strategies = {{Strategy::Kind::kSpreadAttribute, "ecs.availability-zone"}, {Strategy::Kind::kSpreadInstance, ""}};
  } else {
    request.strategies = {{Strategy::Kind::kRandom, ""}};
  }
}

struct Subnet {
  std::string zone;
  std::string vpc;
};

// Rule D17: what the caller says of the subnet, else what the inventory knows.
Subnet find_subnet(const Fleet& fleet, const Json& json, const std::string& name) {
  if (const Json* given = member(object_member(object_member(json, "berth"), "subnets"), name.c_str())) {
    const auto zone = string_member(*given, "zone");
    if (!zone || zone->empty()) throw Invalid("subnet " + name + " without zone");
    return {*zone, string_member(*given, "vpc").value_or("")};
  }
  for (const Instance& instance : *fleet.instances) {
    const std::string* subnet = instance.attribute("ecs.subnet-id");
    const std::string* zone = instance.attribute("ecs.availability-zone");
    const std::string* vpc = instance.attribute("ecs.vpc-id");
    if (subnet != nullptr && *subnet == name && zone != nullptr) return {*zone, vpc == nullptr ? "" : *vpc};
  }
  throw Invalid("the zone of subnet " + name + " is not known");
}

// A cluster that no instance names, in its region and account, is none of the inventory's; one that no ARN can tell of is believed.
void add_cluster(const Fleet& fleet, const Json& json, Request& request) {
  const auto cluster = string_member(json, "cluster");
  if (!cluster) return;
  request.cluster = cluster->substr(cluster->rfind('/') + 1);
  if (cluster->rfind("arn:", 0) == 0) request.cluster_home = cluster->substr(0, cluster->find(":cluster/"));
  bool is_home_held = fleet.instances->empty();
  bool is_any_named = false;
  bool is_held = false;
  for (const Instance& instance : *fleet.instances) {
    const std::string home = home_of(instance.arn);
    if (!request.cluster_home.empty() && !home.empty() && home != request.cluster_home) continue;
    is_home_held = true;
    is_any_named = is_any_named || !cluster_of(instance.arn).empty();
    is_held = is_held || cluster_of(instance.arn) == *request.cluster;
  }
  if (!is_home_held || (is_any_named && !is_held)) throw Invalid("Cluster not found.");
}

void add_network(const Fleet& fleet, const Json& json, Request& request) {
  const Json* network = member(object_member(json, "networkConfiguration"), "awsvpcConfiguration");
  if (!request.demand.uses_eni) {
    if (network != nullptr) throw Invalid("Network Configuration is not valid for the given networkMode of this task definition.");
    return;
  }
  if (network == nullptr) throw Invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  const Json& subnets = list_member(*network, "subnets");
  if (subnets.empty() || subnets.size() > kSubnetsMax) throw Invalid("1 to 16 subnets");
  for (const Json& name : subnets) {
    const Subnet subnet = find_subnet(fleet, json, name.get<std::string>());
    request.zones.insert(subnet.zone);
    if (!subnet.vpc.empty()) request.demand.attributes["ecs.vpc-id"] = {subnet.vpc, subnet.vpc};
  }
}

void add_own(const Json& json, Request& request) {
  const Json& amounts = object_member(object_member(json, "berth"), "resources");
  if (amounts.size() > 8) throw Invalid("more than 8 resources");
  for (const auto& [name, amount] : amounts.items()) {
    if (!amount.is_number_integer() || amount < 0 || amount > 2147483647) throw Invalid("no amount of " + name);
    request.demand.own[name] = amount.get<std::int64_t>();
  }
}

// A definition's own list of compatibilities, where it has one, and what external instances lack.
void check_compatible(const Json& definition, const Request& request, bool is_external) {
  const std::string type = is_external ? "EXTERNAL" : "EC2";
  const Json& listed = list_member(definition, "compatibilities");
  if (member(definition, "compatibilities") != nullptr && std::find(listed.begin(), listed.end(), type) == listed.end()) {
    throw Invalid("Task definition does not support launch_type " + type + ".");
  }
  if (is_external && request.demand.uses_eni) throw Invalid("EXTERNAL takes no awsvpc");
  for (const Json& volume : list_member(definition, "volumes")) {
    if (is_external && member(volume, "efsVolumeConfiguration") != nullptr) throw Invalid("EXTERNAL takes no EFS volume");
  }
}

// StartTask names no launch type: the instances that it names do.
void check_start(const Fleet& fleet, const Json& definition, const Json& json, const Request& request) {
  bool is_any_found = false;
  for (const Json& name : list_member(json, "containerInstances")) {
    for (const Instance& instance : *fleet.instances) {
      if (!is_named(instance, name.get<std::string>()) || !is_of_cluster(request, instance)) continue;
      is_any_found = true;
      check_compatible(definition, request, instance.attribute("ecs.capability.external") != nullptr);
    }
  }
  if (!is_any_found) check_compatible(definition, request, false);
}

void add_launch(const Json& definition, const Json& json, Request& request) {
  const auto launch = string_member(json, "launchType");
  const Json& providers = list_member(json, "capacityProviderStrategy");
  if (launch && !providers.empty()) throw Invalid("launchType beside capacityProviderStrategy");
  if (providers.size() > 1) throw Invalid("the oracle knows one capacity provider only");
  if (providers.size() == 1) request.capacity_provider = string_member(providers[0], "capacityProvider").value_or("");
  if (launch && *launch != "EC2" && *launch != "EXTERNAL") throw Invalid("the oracle does not know launch type " + *launch);
  request.is_external = launch == "EXTERNAL";
  check_compatible(definition, request, request.is_external);
}

void check_members(const Json& json, bool is_start) {
  if (is_start) {
    require_known_members(
        json, "StartTask",
        {"cluster", "containerInstances", "enableECSManagedTags", "enableExecuteCommand", "group", "networkConfiguration", "overrides",
         "propagateTags", "referenceId", "startedBy", "tags", "taskDefinition", "volumeConfigurations", "berth"});
  } else {
    require_known_members(json, "RunTask",
                          {"capacityProviderStrategy",
                           "cluster",
                           "count",
                           "enableECSManagedTags",
                           "enableExecuteCommand",
                           "group",
                           "launchType",
                           "networkConfiguration",
                           "overrides",
                           "placementConstraints",
                           "placementStrategy",
                           "platformVersion",
                           "propagateTags",
                           "referenceId",
                           "startedBy",
                           "tags",
                           "taskDefinition",
                           "clientToken",
                           "volumeConfigurations",
                           "berth"});
  }
  require_known_members(object_member(json, "berth"), "berth",
                        {"seed", "now", "failuresMax", "subnets", "service", "whyHereMax", "resources"});
}

}  // namespace

Request read_request(const Fleet& fleet, const Json& json, bool is_start) {
  check_members(json, is_start);
  const Json* wrapped = member(json, "taskDefinition");
  if (wrapped == nullptr || !wrapped->is_object()) throw Invalid("taskDefinition must be the definition itself");
  const Json& definition = unwrap_definition(*wrapped);

  Request request;
  request.demand = demand_of(definition, object_member(json, "overrides"), boolean_member(json, "enableExecuteCommand").value_or(false));
  request.count = static_cast<std::size_t>(integer_member(json, "count", 1, kTasksPerRequestMax).value_or(1));
  request.group = string_member(json, "group").value_or("family:" + string_member(definition, "family").value_or(""));
  if (request.group.size() > kGroupBytesMax) throw Invalid("a group of more than 255 characters");
  add_constraints(definition, "taskDefinition.placementConstraints", true, request);
  add_constraints(json, "placementConstraints", false, request);
  if (list_member(definition, "placementConstraints").size() + list_member(json, "placementConstraints").size() > kConstraintsMax) {
    throw Invalid("more than 10 constraints");
  }
  add_strategies(json, request);
  add_cluster(fleet, json, request);
  if (is_start) {
    check_start(fleet, definition, json, request);
  } else {
    add_launch(definition, json, request);
  }
  add_network(fleet, json, request);
  add_own(json, request);
  const Json& berth = object_member(json, "berth");
  if (const Json* seed = member(berth, "seed")) request.seed = seed->get<std::uint64_t>();
  if (const auto bound = integer_member(berth, "failuresMax", 0, 1'000'000'000)) request.failures_max = static_cast<std::size_t>(*bound);
  return request;
}

}  // namespace berth::oracle
