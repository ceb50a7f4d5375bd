// RunTask's answers, and the inventory after them.

#include <set>

#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs::testing {
namespace {

Json binpack() {
  return {{"placementStrategy", {{{"type", "binpack"}, {"field", "memory"}}}}};
}

TEST(RunTask, AnswersInTheShapeOfTheApi) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "1a"}});
  const Json body = request(definition({}, {{"revision", 3}}),
                            {{"group", "batch"}, {"startedBy", "me"}, {"cluster", "web"}, {"tags", {{{"key", "k"}, {"value", "v"}}}}});
  const Json answer = run(snapshot, body).answer;
  ASSERT_EQ(answer["tasks"].size(), 1U);
  Json task = answer["tasks"][0];
  const std::string arn = task["taskArn"];
  EXPECT_EQ(arn.rfind("arn:aws:ecs:us-east-1:123456789012:task/web/", 0), 0U);
  const std::string id = arn.substr(arn.rfind('/') + 1);
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  task.erase("taskArn");
  task["containers"][0].erase("taskArn");
  const Json expected = Json::parse(R"({
    "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/web",
    "taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3",
    "containerInstanceArn": "arn:aws:ecs:us-east-1:123456789012:container-instance/web/1a",
    "lastStatus": "PENDING", "desiredStatus": "RUNNING", "cpu": "128", "memory": "256", "group": "batch", "launchType": "EC2",
    "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}], "availabilityZone": "us-east-1a",
    "createdAt": 1700000000.1, "version": 1, "healthStatus": "UNKNOWN", "enableExecuteCommand": false, "startedBy": "me",
    "overrides": {"containerOverrides": [{"name": "web"}]},
    "containers": [{"name": "web", "image": "nginx", "lastStatus": "PENDING", "cpu": "128", "memory": "256", "networkInterfaces": []}],
    "attachments": [], "tags": [{"key": "k", "value": "v"}]})");
  EXPECT_EQ(task, expected);
  EXPECT_EQ(answer["failures"], Json::array());
  EXPECT_EQ(answer["berth"], (Json{{"seed", 1}, {"requested", 1}, {"placed", 1}, {"examined", 1}, {"failuresOmitted", 0}}));
}

TEST(RunTask, IdsFollowFromSeedRequestAndGeneration) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}});
  const auto ids = [](const Json& answer) {
    std::set<std::string> result;
    for (const Json& task : answer["tasks"]) {
      result.insert(task["taskArn"]);
    }
    return result;
  };
  const Json body = request(definition(), {{"count", 3}});
  const Ran first = run(snapshot, body, true);
  EXPECT_EQ(ids(first.answer).size(), 3U);
  EXPECT_EQ(ids(first.answer), ids(run(snapshot, body).answer));
  EXPECT_NE(ids(first.answer), ids(run(snapshot, request(definition(), {{"count", 3}, {"berth", {{"seed", 2}}}})).answer));
  ASSERT_NE(first.next, nullptr);
  EXPECT_NE(ids(first.answer), ids(run(first.next, body).answer));
}

TEST(RunTask, AFreshSeedIsReported) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}});
  DocumentOptions options;
  options.fresh_seed = 18446744073709551615ULL;
  options.now_ms = 1500;
  auto answer = run_task(snapshot, Json{{"taskDefinition", definition()}}.dump(), false, serial(), options);
  ASSERT_TRUE(answer.ok());
  const Json parsed = Json::parse(answer->document);
  EXPECT_EQ(parsed["berth"]["seed"], 18446744073709551615ULL);
  EXPECT_EQ(parsed["tasks"][0]["createdAt"], 1.5);
}

TEST(RunTask, PartialSuccessListsOneFailurePerInstance) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a", .memory = 1000}});
  const Json answer = run(snapshot, request(definition({{"memory", 1000}}), {{"count", 2}})).answer;
  EXPECT_EQ(answer["tasks"].size(), 1U);
  ASSERT_EQ(answer["failures"].size(), 1U);
  EXPECT_EQ(answer["failures"][0], (Json{{"arn", std::string(kArnPrefix) + "a"}, {"reason", "RESOURCE:MEMORY"}}));
}

TEST(RunTask, SixInstancesWithThePortInUseAreSixFailures) {
  std::vector<TestInstance> instances;
  for (int i = 0; i < 6; ++i) {
    instances.push_back(TestInstance{.id = std::to_string(i), .tcp_used = {22, 80}});
  }
  const Json task = definition({{"portMappings", {{{"containerPort", 80}, {"hostPort", 80}}}}});
  EXPECT_EQ(reasons(run(snapshot_of(instances), request(task)).answer), std::vector<std::string>(6, "RESOURCE:PORTS"));
  const Json bounded = run(snapshot_of(instances), request(task, {{"berth", {{"failuresMax", 2}}}})).answer;
  EXPECT_EQ(bounded["failures"].size(), 2U);
  EXPECT_EQ(bounded["berth"]["failuresOmitted"], 4);
}

TEST(RunTask, ReservedPortsAreRefusedEverywhereAndDynamicOnesNowhere) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}});
  const auto mapped = [](int port) { return definition({{"portMappings", {{{"containerPort", 80}, {"hostPort", port}}}}}); };
  EXPECT_EQ(reasons(run(snapshot, request(mapped(22))).answer), (std::vector<std::string>{"RESOURCE:PORTS"}));
  EXPECT_TRUE(run(snapshot, request(mapped(0), {{"count", 3}})).answer["failures"].empty());
}

TEST(RunTask, NextHoldsWhatTheTaskTook) {
  TestInstance instance{.id = "a", .tcp_used = {22, 2375, 2376, 51678}};
  const SnapshotPtr snapshot = snapshot_of({instance});
  const Json task = definition({{"cpu", 100}, {"memory", 100}, {"portMappings", {{{"containerPort", 80}, {"hostPort", 80}}}}});
  const SnapshotPtr next = run(snapshot, request(task, {{"startedBy", "me"}}), true).next;
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->generation(), snapshot->generation() + 1);
  EXPECT_EQ(next->cpu_remaining()[0], 1948);
  EXPECT_EQ(next->memory_remaining()[0], 3668);
  const PortSet ports = next->port_set(next->ports_used()[0]);
  EXPECT_EQ(std::vector<std::uint16_t>(ports.tcp.begin(), ports.tcp.end()), (std::vector<std::uint16_t>{22, 80, 2375, 2376, 51678}));
  EXPECT_EQ(next->running_tasks_count()[0], 1U);
  EXPECT_EQ(next->pending_tasks_count()[0], 1U);
  ASSERT_EQ(next->task_count(), 1U);
  const TaskShape& shape = next->task_shapes()[next->task_shape()[0]];
  EXPECT_EQ(next->groups().at(shape.group), "family:web");
  EXPECT_EQ(next->texts().at(shape.started_by), "me");
  EXPECT_EQ(shape.cpu_units, 100);
  EXPECT_EQ(static_cast<TaskStatus>(next->task_last_status()[0]), TaskStatus::kPending);
  EXPECT_EQ(static_cast<TaskStatus>(next->task_desired_status()[0]), TaskStatus::kRunning);
  EXPECT_EQ(reasons(run(next, request(task)).answer), (std::vector<std::string>{"RESOURCE:PORTS"}));
}

TEST(RunTask, NothingPlacedLeavesNoNext) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a", .memory = 10}});
  EXPECT_EQ(run(snapshot, request(definition()), true).next, nullptr);
}

TEST(RunTask, GpusAreDealtToTheContainersInTheirOrder) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a", .gpus = {"GPU-0", "GPU-1", "GPU-2", "GPU-3"}}});
  Json task = definition({{"resourceRequirements", {{{"type", "GPU"}, {"value", "1"}}}}});
  Json second = task["containerDefinitions"][0];
  second["name"] = "train";
  second["resourceRequirements"][0]["value"] = "2";
  task["containerDefinitions"].push_back(second);
  const Ran ran = run(snapshot, request(task), true);
  const Json& containers = ran.answer["tasks"][0]["containers"];
  EXPECT_EQ(containers[0]["gpuIds"], (Json::array({"GPU-0"})));
  EXPECT_EQ(containers[1]["gpuIds"], (Json{"GPU-1", "GPU-2"}));
  ASSERT_NE(ran.next, nullptr);
  EXPECT_EQ(ran.next->gpu_free()[3], 1);
  EXPECT_EQ(ran.next->gpu_free()[2], 0);
  EXPECT_EQ(ran.next->task_gpus().size(), 3U);
  EXPECT_EQ(reasons(run(ran.next, request(task)).answer), (std::vector<std::string>{"RESOURCE:GPU"}));
}

TEST(RunTask, EniTasksGetAnAttachmentInTheirZoneAndCountAgainstTheLimit) {
  TestInstance instance{.id = "a", .eni_limit = 2};
  instance.with("ecs.subnet-id", "subnet-a")
      .with("ecs.capability.task-eni", "")
      .with("com.amazonaws.ecs.capability.docker-remote-api.1.18", "");
  const SnapshotPtr snapshot = snapshot_of({instance});
  const Json members{{"count", 3},
                     {"networkConfiguration", {{"awsvpcConfiguration", {{"subnets", {"subnet-x", "subnet-a", "subnet-a2"}}}}}},
                     {"berth", {{"subnets", {{"subnet-x", {{"zone", "us-east-1x"}}}, {"subnet-a2", {{"zone", "us-east-1a"}}}}}}}};
  const Ran ran = run(snapshot, request(definition({}, {{"networkMode", "awsvpc"}}), members), true);
  ASSERT_EQ(ran.answer["tasks"].size(), 2U);
  EXPECT_EQ(reasons(ran.answer), (std::vector<std::string>{"RESOURCE:ENI"}));
  EXPECT_EQ(ran.answer["tasks"][0]["attachments"][0]["details"][0]["value"], "subnet-a");
  EXPECT_EQ(ran.answer["tasks"][1]["attachments"][0]["details"][0]["value"], "subnet-a2");
  EXPECT_EQ(ran.next->eni_used()[0], 2);
  EXPECT_TRUE(run(ran.next, request(definition())).answer["failures"].empty());
}

TEST(RunTask, ZonesVpcAndAttributesAreHardRules) {
  TestInstance other_zone{.id = "a"};
  other_zone.with("ecs.availability-zone", "us-east-1b");
  TestInstance other_vpc{.id = "b"};
  other_vpc.with("ecs.vpc-id", "vpc-2");
  TestInstance fits{.id = "c"};
  for (TestInstance* instance : {&other_zone, &other_vpc, &fits}) {
    instance->with("ecs.capability.task-eni", "").with("com.amazonaws.ecs.capability.docker-remote-api.1.18", "");
  }
  const Json members{{"count", 1},
                     {"networkConfiguration", {{"awsvpcConfiguration", {{"subnets", Json::array({"subnet-a"})}}}}},
                     {"berth", {{"subnets", {{"subnet-a", {{"zone", "us-east-1a"}, {"vpc", "vpc-1"}}}}}}}};
  const Json task = definition({}, {{"networkMode", "awsvpc"}});
  const Json placed = run(snapshot_of({other_zone, other_vpc, fits}), request(task, members)).answer;
  EXPECT_EQ(placed["tasks"][0]["containerInstanceArn"], std::string(kArnPrefix) + "c");
  EXPECT_EQ(reasons(run(snapshot_of({other_zone, other_vpc}), request(task, members)).answer),
            (std::vector<std::string>{"LOCATION", "ATTRIBUTE"}));
  EXPECT_EQ(reasons(run(snapshot_of({TestInstance{.id = "a"}}), request(definition({}, {{"taskRoleArn", "arn:r"}}))).answer),
            (std::vector<std::string>{"ATTRIBUTE"}));
}

TEST(RunTask, ArchitectureChoosesTheInstance) {
  TestInstance intel{.id = "a"};
  TestInstance arm{.id = "b"};
  arm.with("ecs.cpu-architecture", "arm64");
  const Json task = definition({}, {{"runtimePlatform", {{"cpuArchitecture", "ARM64"}}}});
  const Json answer = run(snapshot_of({intel, arm}), request(task)).answer;
  EXPECT_EQ(answer["tasks"][0]["containerInstanceArn"], std::string(kArnPrefix) + "b");
  EXPECT_EQ(answer["tasks"][0]["attributes"][0]["value"], "arm64");
}

TEST(RunTask, BinpackTakesTheLeastThatFits) {
  const SnapshotPtr snapshot =
      snapshot_of({TestInstance{.id = "a", .memory = 500}, TestInstance{.id = "b", .memory = 300}, TestInstance{.id = "c", .memory = 100}});
  const Json answer = run(snapshot, request(definition({{"memory", 200}}), binpack())).answer;
  EXPECT_EQ(answer["tasks"][0]["containerInstanceArn"], std::string(kArnPrefix) + "b");
}

TEST(RunTask, DistinctInstanceStopsWhenTheInstancesRunOut) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}, TestInstance{.id = "b"}, TestInstance{.id = "c"}});
  const Json members{{"count", 4}, {"group", "service:x"}, {"placementConstraints", {{{"type", "distinctInstance"}}}}};
  const Ran ran = run(snapshot, request(definition(), members), true);
  EXPECT_EQ(ran.answer["tasks"].size(), 3U);
  EXPECT_EQ(reasons(ran.answer), std::vector<std::string>(3, "DistinctInstance placement constraint unsatisfied."));
  EXPECT_EQ(reasons(run(ran.next, request(definition(), members)).answer),
            std::vector<std::string>(3, "DistinctInstance placement constraint unsatisfied."));
  Json other = members;
  other["group"] = "service:y";
  EXPECT_EQ(run(ran.next, request(definition(), other)).answer["tasks"].size(), 3U);
}

TEST(RunTask, ProvidersAndExternalInstancesAreKeptApart) {
  TestInstance external{.id = "b"};
  external.with("ecs.capability.external", "");
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a", .capacity_provider = "cp-1"}, external});
  const Json by_provider = run(snapshot, request(definition(), {{"capacityProviderStrategy", {{{"capacityProvider", "cp-1"}}}}})).answer;
  EXPECT_EQ(by_provider["tasks"][0]["containerInstanceArn"], std::string(kArnPrefix) + "a");
  EXPECT_EQ(by_provider["tasks"][0]["capacityProviderName"], "cp-1");
  const Json outside = run(snapshot, request(definition(), {{"launchType", "EXTERNAL"}})).answer;
  EXPECT_EQ(outside["tasks"][0]["containerInstanceArn"], std::string(kArnPrefix) + "b");
  EXPECT_EQ(outside["tasks"][0]["launchType"], "EXTERNAL");
}

TEST(RunTask, OverridesAreEchoed) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}});
  const Json overrides{{"cpu", "256"}, {"containerOverrides", {{{"name", "web"}, {"command", {"a", "b"}}, {"memory", 300}}}}};
  const Json task = run(snapshot, request(definition(), {{"overrides", overrides}})).answer["tasks"][0];
  EXPECT_EQ(task["overrides"], overrides);
  EXPECT_EQ(task["cpu"], "256");
  EXPECT_EQ(task["containers"][0]["memory"], "300");
}

TEST(RunTask, TagsOfDefinitionAndClusterArePropagated) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}});
  const Json task = definition({}, {{"tags", {{{"key", "k"}, {"value", "old"}}, {{"key", "d"}, {"value", "1"}}}}});
  const Json members{{"tags", {{{"key", "k"}, {"value", "new"}}}}, {"propagateTags", "TASK_DEFINITION"}, {"enableECSManagedTags", true}};
  const Json expected = {
      {{"key", "aws:ecs:clusterName"}, {"value", "web"}}, {{"key", "d"}, {"value", "1"}}, {{"key", "k"}, {"value", "new"}}};
  EXPECT_EQ(run(snapshot, request(task, members)).answer["tasks"][0]["tags"], expected);
}

TEST(RunTask, ArnsWithoutClusterTakeTheRequests) {
  TestInstance old{.id = "0a"};
  old.prefix = "arn:aws-cn:ecs:cn-north-1:999:container-instance/";
  const SnapshotPtr snapshot = snapshot_of({old});
  const Json plain = run(snapshot, request(definition())).answer["tasks"][0];
  EXPECT_EQ(plain["clusterArn"], "arn:aws-cn:ecs:cn-north-1:999:cluster/default");
  EXPECT_EQ(std::string(plain["taskArn"]).rfind("arn:aws-cn:ecs:cn-north-1:999:task/", 0), 0U);
  const Json named = run(snapshot, request(definition(), {{"cluster", "x"}})).answer["tasks"][0];
  EXPECT_EQ(named["clusterArn"], "arn:aws-cn:ecs:cn-north-1:999:cluster/x");
  EXPECT_EQ(std::string(named["taskArn"]).rfind("arn:aws-cn:ecs:cn-north-1:999:task/x/", 0), 0U);
}

TEST(RunTask, TheTableNamesTasksAndGroupsFailures) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a", .memory = 300}, TestInstance{.id = "b", .memory = 10}});
  DocumentOptions options;
  options.format = Format::kTable;
  auto answer = run_task(snapshot, request(definition(), {{"count", 2}}).dump(), false, serial(), options);
  ASSERT_TRUE(answer.ok());
  const std::string& text = answer->document;
  EXPECT_NE(text.find("Placed 1 of 2 tasks of group family:web (seed 1)."), std::string::npos) << text;
  EXPECT_NE(text.find("i-a"), std::string::npos) << text;
  EXPECT_NE(text.find("m5.large"), std::string::npos) << text;
  EXPECT_NE(text.find("        2  RESOURCE:MEMORY"), std::string::npos) << text;
}

TEST(RunTask, TextThatIsNoJsonIsAnError) {
  auto answer = run_task(snapshot_of({}), "{", false, serial(), {});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace berth::ecs::testing
