// The conformance cases of section 12.2, and the rules of import, held against the oracle itself.
#include <gtest/gtest.h>

#include "tests/oracle/documents.h"
#include "tests/oracle/place.h"

namespace berth::oracle {
namespace {

Demand demand(const Json& definition, const Json& overrides = Json::object()) {
  return demand_of(definition, overrides, false);
}

TEST(OracleDefinition, TaskSizesWinOverContainers) {
  Json definition = definition_json(512, 512);
  EXPECT_EQ(demand(definition).cpu, 512);
  definition["cpu"] = "1 vCPU";
  definition["memory"] = "2GB";
  EXPECT_EQ(demand(definition).cpu, 1024);
  EXPECT_EQ(demand(definition).memory, 2048);
  definition["runtimePlatform"] = {{"operatingSystemFamily", "WINDOWS_SERVER_2022_CORE"}};
  EXPECT_EQ(demand(definition).cpu, 512) << "Windows ignores the task level";
  EXPECT_EQ(demand(definition).memory, 512);
}

TEST(OracleDefinition, TheReservationIsWhatIsSubtracted) {
  Json definition = definition_json(0, 512);
  definition["containerDefinitions"][0]["memoryReservation"] = 128;
  EXPECT_EQ(demand(definition).memory, 128);
  definition["containerDefinitions"][0]["memoryReservation"] = 512;
  EXPECT_THROW(demand(definition), Invalid);
  definition["containerDefinitions"][0].erase("memory");
  EXPECT_EQ(demand(definition).memory, 512);
  definition["containerDefinitions"][0].erase("memoryReservation");
  EXPECT_THROW(demand(definition), Invalid);
}

TEST(OracleDefinition, OverridesReplaceBeforeTheSum) {
  const Json overrides = {{"containerOverrides",
                           {{{"name", "app"}, {"cpu", 7}, {"memory", 99}, {"resourceRequirements", {{{"type", "GPU"}, {"value", "2"}}}}}}}};
  const Demand result = demand(definition_json(512, 512), overrides);
  EXPECT_EQ(result.cpu, 7);
  EXPECT_EQ(result.memory, 99);
  EXPECT_EQ(result.gpus, 2U);
  EXPECT_EQ(demand(definition_json(512, 512), {{"cpu", "2 vCPU"}}).cpu, 2048);
}

Json with_mapping(const std::string& mode, const Json& mapping) {
  Json definition = definition_json(1, 1);
  definition["networkMode"] = mode;
  definition["containerDefinitions"][0]["portMappings"] = Json::array({mapping});
  return definition;
}

TEST(OracleDefinition, PortsFollowTheNetworkMode) {
  const auto tcp = [](const std::string& mode, const Json& mapping) { return demand(with_mapping(mode, mapping)).tcp; };
  EXPECT_EQ(tcp("bridge", {{"containerPort", 80}}), std::set<int>{});
  EXPECT_EQ(tcp("bridge", {{"containerPort", 80}, {"hostPort", 0}}), std::set<int>{});
  EXPECT_EQ(tcp("bridge", {{"containerPort", 80}, {"hostPort", 8080}}), std::set<int>{8080});
  EXPECT_EQ(tcp("host", {{"containerPort", 80}}), std::set<int>{80});
  EXPECT_EQ(tcp("awsvpc", {{"containerPort", 80}, {"hostPort", 80}}), std::set<int>{});
  EXPECT_EQ(tcp("host", {{"containerPortRange", "80-82"}}), (std::set<int>{80, 81, 82}));
  EXPECT_EQ(tcp("bridge", {{"containerPortRange", "80-82"}}), std::set<int>{});
  EXPECT_EQ(demand(with_mapping("bridge", {{"containerPort", 53}, {"hostPort", 53}, {"protocol", "udp"}})).udp, std::set<int>{53});
  EXPECT_THROW(tcp("host", {{"containerPort", 80}, {"hostPort", 8080}}), Invalid);
  EXPECT_THROW(tcp("awsvpc", {{"containerPort", 80}, {"hostPort", 8080}}), Invalid);
  EXPECT_THROW(tcp("none", {{"containerPort", 80}}), Invalid);
  EXPECT_THROW(tcp("bridge", {{"containerPort", "80"}}), Invalid);
}

TEST(OracleDefinition, RequiredAttributesAreDerivedUnlessGiven) {
  Json definition = definition_json(1, 1);
  EXPECT_TRUE(demand(definition).attributes.empty());
  definition["taskRoleArn"] = "arn:aws:iam::1:role/x";
  definition["executionRoleArn"] = "arn:aws:iam::1:role/y";
  Json& app = definition["containerDefinitions"][0];
  app["image"] = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1";
  app["logConfiguration"] = {{"logDriver", "awslogs"}, {"options", {{"awslogs-group", "g"}}}};
  const std::set<std::string> expected = {"com.amazonaws.ecs.capability.docker-remote-api.1.18",
                                          "com.amazonaws.ecs.capability.docker-remote-api.1.19",
                                          "com.amazonaws.ecs.capability.ecr-auth",
                                          "com.amazonaws.ecs.capability.logging-driver.awslogs",
                                          "com.amazonaws.ecs.capability.task-iam-role",
                                          "ecs.capability.execution-role-awslogs",
                                          "ecs.capability.execution-role-ecr-pull"};
  EXPECT_EQ(derive_required_attributes(definition), expected);
  definition["requiresAttributes"] = {{{"name", "only"}, {"value", "v"}}};
  EXPECT_EQ(demand(definition).attributes.size(), 1U);
}

TEST(OracleDefinition, RefusesUnknownMembersAndNumbersAsText) {
  Json definition = definition_json(1, 1);
  definition["placementStrategy"] = Json::array();
  EXPECT_THROW(demand(definition), Invalid);
  definition = definition_json(1, 1);
  definition["containerDefinitions"][0]["cpu"] = "1";
  EXPECT_THROW(demand(definition), Invalid);
  definition = definition_json(1, 1);
  definition["networkMode"] = "aws-vpc";
  EXPECT_THROW(demand(definition), Invalid);
}

std::vector<std::string> reasons(const Fleet& fleet, const Json& request) {
  const Answer answer = run_task(fleet, request);
  EXPECT_FALSE(answer.error) << *answer.error;
  std::vector<std::string> reasons(answer.placed.size(), "placed");
  for (const Failure& failure : answer.failures) reasons.push_back(failure.reason);
  return reasons;
}

using Reasons = std::vector<std::string>;

TEST(OracleResources, MemoryPortsGpusAndEnisRunOut) {
  EXPECT_EQ(reasons(import_fleet({instance_json("a", 1024, 1000)}, {}), request_json(definition_json(0, 1000), 2)),
            (Reasons{"placed", "RESOURCE:MEMORY"}));

  const Fleet fleet = import_fleet({instance_json("a", 2048, 3768)}, {});
  EXPECT_EQ(reasons(fleet, request_json(with_mapping("bridge", {{"containerPort", 80}, {"hostPort", 80}}), 2)),
            (Reasons{"placed", "RESOURCE:PORTS"}));
  EXPECT_EQ(reasons(fleet, request_json(with_mapping("bridge", {{"containerPort", 80}, {"hostPort", 22}}))), Reasons{"RESOURCE:PORTS"});
  EXPECT_EQ(reasons(fleet, request_json(with_mapping("host", {{"containerPortRange", "1000-1094"}}))), Reasons{"ATTRIBUTE"});
  EXPECT_EQ(reasons(fleet, request_json(with_mapping("host", {{"containerPortRange", "1000-1095"}}))), Reasons{"RESOURCE:PORTS"});

  Json gpu = definition_json(1, 1);
  gpu["containerDefinitions"][0]["resourceRequirements"] = {{{"type", "GPU"}, {"value", "1"}}};
  const Answer answer = run_task(import_fleet({instance_json("a", 1024, 1024, {}, {"g3", "g1", "g2"})}, {}), request_json(gpu, 4));
  ASSERT_EQ(answer.placed.size(), 3U);
  EXPECT_EQ(answer.placed[0].gpu_ids, std::vector<std::string>{"g3"});
  EXPECT_EQ(answer.failures.at(0).reason, "RESOURCE:GPU");

  EniLimits limits;
  limits.documented["c5.large"] = {2, 10};
  Json awsvpc = definition_json(1, 1);
  awsvpc["networkMode"] = "awsvpc";
  Json request = request_json(awsvpc, 3);
  request["networkConfiguration"] = {{"awsvpcConfiguration", {{"subnets", {"subnet-1"}}}}};
  const std::vector<std::pair<std::string, std::string>> attributes = {{"ecs.instance-type", "c5.large"},
                                                                       {"ecs.availability-zone", "z"},
                                                                       {"ecs.subnet-id", "subnet-1"},
                                                                       {"ecs.capability.task-eni", ""},
                                                                       {"com.amazonaws.ecs.capability.docker-remote-api.1.18", ""}};
  EXPECT_EQ(reasons(import_fleet({instance_json("a", 1024, 1024, attributes)}, limits), request),
            (Reasons{"placed", "placed", "RESOURCE:ENI"}));
  request["networkConfiguration"]["awsvpcConfiguration"]["subnets"] = {"subnet-2"};
  EXPECT_TRUE(run_task(import_fleet({instance_json("a", 1024, 1024, attributes)}, limits), request).error);
  request["berth"]["subnets"] = {{"subnet-2", {{"zone", "y"}}}};
  EXPECT_EQ(reasons(import_fleet({instance_json("a", 1024, 1024, attributes)}, limits), request), Reasons{"LOCATION"});
}

TEST(OracleResources, ArchitectureReadsAsX86WhereItIsAbsent) {
  Json arm = definition_json(1, 1);
  arm["runtimePlatform"] = {{"cpuArchitecture", "ARM64"}};
  const Fleet fleet =
      import_fleet({Json::array({instance_json("a", 10, 10), instance_json("b", 10, 10, {{"ecs.cpu-architecture", "arm64"}})})}, {});
  EXPECT_EQ(run_task(fleet, request_json(arm)).placed.at(0).arn, instance_arn("b"));
  arm["runtimePlatform"] = {{"cpuArchitecture", "X86_64"}};
  EXPECT_EQ(run_task(fleet, request_json(arm)).placed.at(0).arn, instance_arn("a"));
}

TEST(OracleFleet, TheNewerVersionWinsAndStoppedTasksHoldNothing) {
  Json old_task = task_json("1", "a", "g");
  Json new_task = old_task;
  new_task["version"] = 2;
  new_task["lastStatus"] = "STOPPED";
  Json fargate = task_json("2", "a", "g");
  fargate["launchType"] = "FARGATE";
  const Json orphan = task_json("3", "nowhere", "g");
  Json old_instance = instance_json("a", 100, 100);
  Json new_instance = instance_json("a", 50, 50);
  new_instance["version"] = 2;
  const Fleet fleet = import_fleet({new_instance, old_instance, {{"tasks", {new_task, old_task, fargate, orphan}}}}, {});
  ASSERT_EQ(fleet.size(), 1U);
  EXPECT_EQ(fleet.states[0].cpu, 50);
  EXPECT_TRUE(fleet.states[0].groups.empty());
}

TEST(OracleFleet, WithoutRemainingResourcesTheTasksAreSubtracted) {
  Json instance = instance_json("a", 1000, 1000, {}, {"g1", "g2"});
  instance.erase("remainingResources");
  instance["runningTasksCount"] = 9;
  Json task = task_json("1", "a", "g");
  task["containers"] = {{{"name", "app"}, {"gpuIds", {"g1"}}, {"networkBindings", {{{"hostPort", 80}, {"protocol", "tcp"}}}}}};
  const State with_task = import_fleet({instance, task}, {}).states[0];
  EXPECT_EQ(with_task.cpu, 872);
  EXPECT_EQ(with_task.memory, 744);
  EXPECT_EQ(with_task.tcp.count(80), 1U);
  EXPECT_EQ(with_task.gpu_free, (std::vector<bool>{false, true}));
  EXPECT_EQ(with_task.running, 1);
  EXPECT_EQ(import_fleet({instance}, {}).states[0].running, 9);
}

TEST(OracleFleet, ReadsTimestampsInAllForms) {
  EXPECT_EQ(timestamp_ms(1557768075.681), 1557768075681);
  EXPECT_EQ(timestamp_ms("2018-06-18T22:28:28+00:00"), 1529360908000);
  EXPECT_EQ(timestamp_ms("2018-06-18T22:28:28.25Z"), 1529360908250);
  EXPECT_EQ(timestamp_ms("2018-06-19T00:28:28+02:00"), 1529360908000);
  EXPECT_EQ(timestamp_ms("2018-06-18"), 1529280000000);
  EXPECT_EQ(timestamp_ms({{"__class__", "datetime"},
                          {"year", 2018},
                          {"month", 6},
                          {"day", 18},
                          {"hour", 22},
                          {"minute", 28},
                          {"second", 28},
                          {"microsecond", 5000}}),
            1529360908005);
  EXPECT_THROW(timestamp_ms("yesterday"), Invalid);
}

}  // namespace
}  // namespace berth::oracle
