// Fargate: sizes, refused parameters, the spread over zones.

#include "engine/ecs/fargate.h"

#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs::testing {
namespace {

Json fargate_definition(Json container = Json::object(), Json members = Json::object()) {
  Json all{{"networkMode", "awsvpc"}, {"requiresCompatibilities", {"FARGATE"}}, {"cpu", "256"}, {"memory", "512"}};
  if (members.is_object()) {
    all.update(members);
  }
  return definition(std::move(container), all);
}

Json fargate_request(const Json& body, Json members = Json::object()) {
  Json all{{"launchType", "FARGATE"},
           {"networkConfiguration", {{"awsvpcConfiguration", {{"subnets", {"subnet-a", "subnet-b", "subnet-c"}}}}}},
           {"berth",
            {{"subnets",
              {{"subnet-a", {{"zone", "us-east-1a"}, {"vpc", "vpc-1"}}},
               {"subnet-b", {{"zone", "us-east-1b"}}},
               {"subnet-c", {{"zone", "us-east-1a"}}}}}}}};
  all.update(members);
  return request(body, all);
}

const SnapshotPtr& empty() {
  static const SnapshotPtr snapshot = snapshot_of({});
  return snapshot;
}

TEST(Fargate, TheTableHoldsExactlyItsSizes) {
  std::map<std::int64_t, int> linux_sizes;
  std::map<std::int64_t, int> windows_sizes;
  for (std::int64_t cpu = 128; cpu <= 65536; cpu += 128) {
    for (std::int64_t memory = 256; memory <= 262144; memory += 256) {
      linux_sizes[cpu] += is_fargate_size(cpu, memory, false) ? 1 : 0;
      windows_sizes[cpu] += is_fargate_size(cpu, memory, true) ? 1 : 0;
    }
  }
  std::erase_if(linux_sizes, [](const auto& entry) { return entry.second == 0; });
  std::erase_if(windows_sizes, [](const auto& entry) { return entry.second == 0; });
  const std::map<std::int64_t, int> expected{{256, 3}, {512, 4}, {1024, 7}, {2048, 13}, {4096, 23}, {8192, 12}, {16384, 12}, {32768, 3}};
  EXPECT_EQ(linux_sizes, expected);
  EXPECT_EQ(windows_sizes, (std::map<std::int64_t, int>{{1024, 7}, {2048, 13}, {4096, 23}}));
}

TEST(Fargate, TheEndsOfEveryRowAreSizes) {
  for (const auto& [cpu, memory] : std::vector<std::pair<int, int>>{{256, 512},
                                                                    {256, 1024},
                                                                    {256, 2048},
                                                                    {512, 1024},
                                                                    {512, 4096},
                                                                    {1024, 2048},
                                                                    {1024, 8192},
                                                                    {2048, 4096},
                                                                    {2048, 16384},
                                                                    {4096, 8192},
                                                                    {4096, 30720},
                                                                    {8192, 16384},
                                                                    {8192, 61440},
                                                                    {16384, 32768},
                                                                    {16384, 122880},
                                                                    {32768, 61440},
                                                                    {32768, 122880},
                                                                    {32768, 249856}}) {
    EXPECT_TRUE(is_fargate_size(cpu, memory, false)) << cpu << " " << memory;
  }
  for (const auto& [cpu, memory] : std::vector<std::pair<int, int>>{
           {256, 1536}, {256, 4096}, {512, 512}, {1024, 1024}, {8192, 17408}, {16384, 36864}, {32768, 65536}, {0, 0}}) {
    EXPECT_FALSE(is_fargate_size(cpu, memory, false)) << cpu << " " << memory;
  }
}

TEST(Fargate, AWrongSizeIsAnsweredInEcsWords) {
  const Json wrong = fargate_definition({}, {{"cpu", "1024"}, {"memory", "1024"}});
  EXPECT_TRUE(
      holds_text(refusal(empty(), fargate_request(wrong)),
                 "No Fargate configuration exists for given values: 1024 CPU, 1024 memory. See the Amazon ECS documentation for the "
                 "valid values.",
                 "ClientException"));
  const Json by_override{{"overrides", {{"memory", "3 GB"}}}};
  EXPECT_TRUE(holds_text(refusal(empty(), fargate_request(fargate_definition(), by_override)),
                         "No Fargate configuration exists for given values: 256 CPU, 3072 memory.", "ClientException"));
}

TEST(Fargate, TheTextOfEcsComesFirstAndOnce) {
  const std::string size =
      "No Fargate configuration exists for given values: 1024 CPU, 1024 memory. See the Amazon ECS documentation for the valid values. "
      "(at taskDefinition)";
  Json wrong = fargate_definition({}, {{"cpu", "1024"}, {"memory", "1024"}});
  EXPECT_EQ(refusal(empty(), fargate_request(wrong)).message, size);
  // Validated only when it is run: the definition does not ask for Fargate.
  wrong.erase("requiresCompatibilities");
  EXPECT_EQ(refusal(empty(), fargate_request(wrong)).message, "Task definition does not support launch_type FARGATE. " + size);
  Json privileged = fargate_definition({{"privileged", true}});
  privileged.erase("requiresCompatibilities");
  const Error error = refusal(empty(), fargate_request(privileged));
  EXPECT_EQ(error.message,
            "Task definition does not support launch_type FARGATE. privileged is not supported on Fargate; drop it (at "
            "taskDefinition.containerDefinitions[0])");
  EXPECT_EQ(error.exception, "InvalidParameterException");
}

TEST(Fargate, DefinitionsLackWhatFargateNeeds) {
  EXPECT_TRUE(holds_text(refusal(empty(), fargate_request(fargate_definition({}, {{"networkMode", "bridge"}}))),
                         "Fargate only supports network mode 'awsvpc'.", "ClientException"));
  for (const char* size : {"cpu", "memory"}) {
    Json without = fargate_definition();
    without.erase(size);
    EXPECT_TRUE(holds_text(refusal(empty(), fargate_request(without)),
                           "Fargate requires that '" + std::string(size) + "' be defined at the task level.", "ClientException"));
  }
}

TEST(Fargate, ADefinitionForEc2AloneIsNotSupported) {
  Json plain = fargate_definition({}, {{"networkMode", "bridge"}});
  plain.erase("requiresCompatibilities");
  EXPECT_TRUE(holds_text(refusal(empty(), fargate_request(plain)), "Task definition does not support launch_type FARGATE.",
                         "InvalidParameterException"));
  const Json listed = fargate_definition({}, {{"compatibilities", {"EC2"}}});
  EXPECT_TRUE(holds_text(refusal(empty(), fargate_request(listed)), "Task definition does not support launch_type FARGATE."));
}

TEST(Fargate, InvalidParametersAreRefused) {
  const std::vector<std::pair<Json, std::string>> containers{
      {{{"disableNetworking", true}}, "disableNetworking"},
      {{{"dnsSearchDomains", Json::array({"x"})}}, "dnsSearchDomains"},
      {{{"dnsServers", Json::array({"x"})}}, "dnsServers"},
      {{{"dockerSecurityOptions", Json::array({"x"})}}, "dockerSecurityOptions"},
      {{{"extraHosts", {{{"hostname", "h"}, {"ipAddress", "i"}}}}}, "extraHosts"},
      {{{"links", Json::array({"x"})}}, "links"},
      {{{"privileged", true}}, "privileged"},
      {{{"resourceRequirements", {{{"type", "GPU"}, {"value", "1"}}}}}, "GPU"},
      {{{"linuxParameters", {{"maxSwap", 1}}}}, "maxSwap"},
      {{{"linuxParameters", {{"swappiness", 1}}}}, "swappiness"},
      {{{"linuxParameters", {{"sharedMemorySize", 1}}}}, "sharedMemorySize"},
      {{{"linuxParameters", {{"devices", {{{"hostPath", "/d"}}}}}}}, "devices"},
      {{{"linuxParameters", {{"tmpfs", {{{"containerPath", "/t"}, {"size", 1}}}}}}}, "tmpfs"},
      {{{"linuxParameters", {{"capabilities", {{"add", Json::array({"SYS_ADMIN"})}}}}}}, "SYS_PTRACE"},
      {{{"logConfiguration", {{"logDriver", "syslog"}}}}, "log driver 'syslog'"},
      {{{"logConfiguration", {{"logDriver", "awslogs"}}}}, "execution role"},
      {{{"image", "1.dkr.ecr.us-east-1.amazonaws.com/a"}}, "execution role"},
      {{{"ulimits", {{{"name", "core"}, {"softLimit", 1}, {"hardLimit", 1}}}}}, "nofile"},
      {{{"cpu", 257}}, "adds up to 257 units"},
      {{{"memory", 513}}, "more than the task's 512 MiB"},
  };
  for (const auto& [container, text] : containers) {
    EXPECT_TRUE(holds_text(refusal(empty(), fargate_request(fargate_definition(container))), text, "ClientException")) << container;
  }
  const std::vector<std::pair<Json, std::string>> members{
      {{{"ipcMode", "task"}}, "ipcMode"},
      {{{"pidMode", "host"}}, "pidMode"},
      {{{"ephemeralStorage", {{"sizeInGiB", 20}}}}, "should be at least 21"},
      {{{"ephemeralStorage", {{"sizeInGiB", 201}}}}, "at most 200"},
      {{{"volumes", {{{"name", "v"}, {"host", {{"sourcePath", "/x"}}}}}}}, "sourcePath"},
      {{{"volumes", {{{"name", "v"}, {"dockerVolumeConfiguration", {{"driver", "x"}}}}}}}, "dockerVolumeConfiguration"},
      {{{"placementConstraints", {{{"type", "memberOf"}, {"expression", "attribute:a == b"}}}}},
       "Placement constraints are not supported with FARGATE launch type."},
  };
  for (const auto& [member, text] : members) {
    EXPECT_TRUE(holds_text(refusal(empty(), fargate_request(fargate_definition({}, member))), text, "ClientException")) << member;
  }
}

TEST(Fargate, ConstraintsAndStrategiesOfTheRequestAreRefused) {
  EXPECT_TRUE(
      holds_text(refusal(empty(), fargate_request(fargate_definition(), {{"placementConstraints", {{{"type", "distinctInstance"}}}}})),
                 "Placement constraints are not supported with FARGATE launch type.", "InvalidParameterException"));
  EXPECT_TRUE(holds_text(refusal(empty(), fargate_request(fargate_definition(), {{"placementStrategy", {{{"type", "random"}}}}})),
                         "Placement strategies are not supported with FARGATE launch type", "InvalidParameterException"));
}

TEST(Fargate, TasksAreSpreadEvenlyOverZonesAndSubnets) {
  const Ran ran = run(empty(), fargate_request(fargate_definition(), {{"count", 6}}), true);
  std::map<std::string, int> zones;
  std::map<std::string, int> subnets;
  for (const Json& task : ran.answer["tasks"]) {
    ++zones[task["availabilityZone"]];
    ++subnets[task["attachments"][0]["details"][0]["value"]];
    EXPECT_FALSE(task.contains("containerInstanceArn"));
    EXPECT_EQ(task["launchType"], "FARGATE");
    EXPECT_EQ(task["platformVersion"], "1.4.0");
    EXPECT_EQ(task["attachments"][0]["type"], "ElasticNetworkInterface");
  }
  EXPECT_EQ(zones, (std::map<std::string, int>{{"us-east-1a", 3}, {"us-east-1b", 3}}));
  EXPECT_EQ(subnets, (std::map<std::string, int>{{"subnet-a", 2}, {"subnet-b", 3}, {"subnet-c", 1}}));
  EXPECT_TRUE(ran.answer["failures"].empty());
  EXPECT_EQ(ran.next, nullptr);
}

TEST(Fargate, ProvidersShareTheTasksByBaseAndWeight) {
  Json body = fargate_request(
      fargate_definition(),
      {{"count", 10},
       {"capacityProviderStrategy",
        {{{"capacityProvider", "FARGATE"}, {"base", 2}, {"weight", 1}}, {{"capacityProvider", "FARGATE_SPOT"}, {"weight", 1}}}}});
  body.erase("launchType");
  std::map<std::string, int> providers;
  const Ran ran = run(empty(), body);
  for (const Json& task : ran.answer["tasks"]) {
    ++providers[task["capacityProviderName"]];
  }
  EXPECT_EQ(providers, (std::map<std::string, int>{{"FARGATE", 6}, {"FARGATE_SPOT", 4}}));
}

TEST(Fargate, ExplainSaysWhereTheTasksGo) {
  const std::string body = fargate_request(fargate_definition(), {{"count", 4}}).dump();
  auto json = explain(empty(), body, serial(), {});
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_EQ(Json::parse(*json)["fargateZones"], (Json{{"us-east-1a", 2}, {"us-east-1b", 2}}));
  DocumentOptions table;
  table.format = Format::kTable;
  auto text = explain(empty(), body, serial(), table);
  ASSERT_TRUE(text.ok());
  EXPECT_NE(text->find("Placed all 4 tasks"), std::string::npos) << *text;
}

}  // namespace
}  // namespace berth::ecs::testing
