// Small ECS JSON documents for the oracle's own tests.
//
// Thread rule: pure functions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/oracle/fleet.h"

namespace berth::oracle {

inline std::string instance_arn(const std::string& id) {
  return "arn:aws:ecs:us-east-1:123456789012:container-instance/main/" + id;
}

inline Json resources(int cpu, int memory, const std::vector<std::string>& tcp, const std::vector<std::string>& gpus) {
  Json list = {{{"name", "CPU"}, {"type", "INTEGER"}, {"integerValue", cpu}},
               {{"name", "MEMORY"}, {"type", "INTEGER"}, {"integerValue", memory}},
               {{"name", "PORTS"}, {"type", "STRINGSET"}, {"stringSetValue", tcp}},
               {{"name", "PORTS_UDP"}, {"type", "STRINGSET"}, {"stringSetValue", Json::array()}}};
  if (!gpus.empty()) list.push_back({{"name", "GPU"}, {"type", "STRINGSET"}, {"stringSetValue", gpus}});
  return list;
}

// An ACTIVE, connected instance; attributes with value "" have none.
inline Json instance_json(const std::string& id, int cpu, int memory,
                          const std::vector<std::pair<std::string, std::string>>& attributes = {},
                          const std::vector<std::string>& gpus = {}) {
  const std::vector<std::string> ports = {"22", "2375", "2376", "51678", "51679"};
  Json json = {{"containerInstanceArn", instance_arn(id)},
               {"ec2InstanceId", "i-" + id},
               {"status", "ACTIVE"},
               {"agentConnected", true},
               {"version", 1},
               {"versionInfo", {{"agentVersion", "1.80.0"}}},
               {"registeredAt", 1700000000.5},
               {"runningTasksCount", 0},
               {"pendingTasksCount", 0},
               {"registeredResources", resources(cpu, memory, ports, gpus)},
               {"remainingResources", resources(cpu, memory, ports, gpus)},
               {"attributes", Json::array()}};
  for (const auto& [name, value] : attributes) {
    Json attribute = {{"name", name}};
    if (!value.empty()) attribute["value"] = value;
    json["attributes"].push_back(attribute);
  }
  return json;
}

inline Json task_json(const std::string& id, const std::string& instance, const std::string& group) {
  return {{"taskArn", "arn:aws:ecs:us-east-1:123456789012:task/main/" + id},
          {"containerInstanceArn", instance_arn(instance)},
          {"group", group},
          {"lastStatus", "RUNNING"},
          {"desiredStatus", "RUNNING"},
          {"launchType", "EC2"},
          {"version", 1},
          {"cpu", "128"},
          {"memory", "256"},
          {"containers", Json::array()}};
}

inline Json definition_json(int cpu, int memory) {
  return {{"family", "web"}, {"containerDefinitions", {{{"name", "app"}, {"image", "busybox"}, {"cpu", cpu}, {"memory", memory}}}}};
}

inline Json request_json(const Json& definition, int count = 1) {
  return {{"taskDefinition", definition}, {"count", count}, {"berth", {{"seed", 7}}}};
}

inline Json strategy(const std::string& type, const std::string& field) {
  return {{"type", type}, {"field", field}};
}

}  // namespace berth::oracle
