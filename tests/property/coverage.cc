#include "tests/property/coverage.h"

#include <set>

namespace berth::property {
namespace {

using oracle::Json;
using oracle::Strategy;

std::string strategy_feature(const Strategy& strategy) {
  switch (strategy.kind) {
    case Strategy::Kind::kRandom:
      return "strategy random";
    case Strategy::Kind::kSpreadInstance:
      return "strategy spread instanceId";
    case Strategy::Kind::kSpreadAttribute:
      return "strategy spread attribute";
    case Strategy::Kind::kBinpackCpu:
      return "strategy binpack cpu";
    case Strategy::Kind::kBinpackMemory:
      return "strategy binpack memory";
  }
  return "";
}

void add_definition(const Json& definition, std::set<std::string>& features) {
  features.insert("network mode " + definition.value("networkMode", "absent"));
  for (const char* name : {"runtimePlatform", "requiresAttributes", "taskRoleArn", "executionRoleArn", "volumes"}) {
    if (definition.contains(name)) features.insert(std::string("definition ") + name);
  }
  for (const char* name : {"cpu", "memory"}) {
    if (definition.contains(name)) features.insert(std::string("task level ") + name);
  }
  for (const Json& container : definition["containerDefinitions"]) {
    for (const char* name :
         {"memoryReservation", "logConfiguration", "privileged", "healthCheck", "secrets", "linuxParameters", "dependsOn"}) {
      if (container.contains(name)) features.insert(std::string("container ") + name);
    }
    if (!container.contains("portMappings")) continue;
    for (const Json& mapping : container["portMappings"]) {
      if (mapping.contains("containerPortRange")) features.insert("port range");
      if (mapping.value("hostPort", 0) == 0) features.insert("port dynamic");
    }
  }
}

}  // namespace

std::vector<std::string> features_of(const Json& request, const oracle::Request& read) {
  std::set<std::string> features;
  const Json& definition = oracle::unwrap_definition(request["taskDefinition"]);
  add_definition(definition, features);
  for (const Strategy& strategy : read.strategies) features.insert(strategy_feature(strategy));
  if (request.contains("placementStrategy")) features.insert("chain of " + std::to_string(request["placementStrategy"].size()));
  if (!request.contains("placementStrategy")) features.insert(read.strategies.size() == 2 ? "service default chain" : "standalone default");
  for (const oracle::MemberOf& constraint : read.member_of) {
    for (const std::string& feature : constraint.expression.features()) features.insert(feature);
    features.insert(constraint.origin.rfind("taskDefinition", 0) == 0 ? "memberOf in the definition" : "memberOf in the request");
  }
  if (read.distinct_instance) features.insert("distinctInstance");
  if (!read.demand.tcp.empty()) features.insert("port static tcp");
  if (!read.demand.udp.empty()) features.insert("port static udp");
  if (read.demand.gpus > 0) features.insert("GPU");
  if (read.demand.attributes.size() > 2) features.insert("several required attributes");
  if (!read.demand.own.empty()) features.insert("own resources");
  if (read.demand.own.size() > 1) features.insert("several own resources");
  if (read.is_external) features.insert("launch type EXTERNAL");
  if (read.capacity_provider) features.insert("capacity provider");
  if (read.cluster) features.insert("cluster named");
  if (read.count > 10) features.insert("count above 10");
  if (read.group.rfind("service:", 0) == 0) features.insert("service group");
  if (request.contains("overrides")) features.insert("overrides");
  if (request.contains("enableExecuteCommand")) features.insert("enableExecuteCommand");
  return {features.begin(), features.end()};
}

const std::vector<std::string>& all_features() {
  static const std::vector<std::string> kAll = {"network mode absent",
                                                "network mode bridge",
                                                "network mode host",
                                                "network mode awsvpc",
                                                "network mode none",
                                                "definition runtimePlatform",
                                                "definition requiresAttributes",
                                                "definition taskRoleArn",
                                                "definition executionRoleArn",
                                                "definition volumes",
                                                "task level cpu",
                                                "task level memory",
                                                "container memoryReservation",
                                                "container logConfiguration",
                                                "container privileged",
                                                "container healthCheck",
                                                "container secrets",
                                                "container linuxParameters",
                                                "container dependsOn",
                                                "port range",
                                                "port dynamic",
                                                "port static tcp",
                                                "port static udp",
                                                "strategy random",
                                                "strategy spread instanceId",
                                                "strategy spread attribute",
                                                "strategy binpack cpu",
                                                "strategy binpack memory",
                                                "chain of 1",
                                                "chain of 2",
                                                "chain of 3",
                                                "chain of 4",
                                                "chain of 5",
                                                "service default chain",
                                                "standalone default",
                                                "and",
                                                "or",
                                                "not",
                                                "subject agentConnected",
                                                "subject agentVersion",
                                                "subject attribute",
                                                "subject ec2InstanceId",
                                                "subject registeredAt",
                                                "subject runningTasksCount",
                                                "subject task:group",
                                                "operator ==",
                                                "operator !=",
                                                "operator <",
                                                "operator <=",
                                                "operator >",
                                                "operator >=",
                                                "operator in",
                                                "operator !in",
                                                "operator =~",
                                                "operator !~",
                                                "operator exists",
                                                "operator !exists",
                                                "memberOf in the definition",
                                                "memberOf in the request",
                                                "distinctInstance",
                                                "GPU",
                                                "own resources",
                                                "several own resources",
                                                "several required attributes",
                                                "launch type EXTERNAL",
                                                "capacity provider",
                                                "cluster named",
                                                "count above 10",
                                                "service group",
                                                "overrides",
                                                "enableExecuteCommand"};
  return kAll;
}

}  // namespace berth::property
