// StartTask: named instances, their failures, the inventory after it.

#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs::testing {
namespace {

Ran start(const SnapshotPtr& snapshot, const Json& task, std::vector<std::string> instances, Json members = Json::object(),
          bool want_next = false) {
  members["containerInstances"] = std::move(instances);
  auto answer = start_task(snapshot, request(task, members).dump(), want_next, serial(), {});
  if (!answer.ok()) {
    ADD_FAILURE() << answer.error().message;
    return {Json{{"tasks", Json::array()}, {"failures", Json::array()}}, nullptr};
  }
  return {Json::parse(answer->document), answer->next};
}

Error refused(const Json& members) {
  auto answer = start_task(snapshot_of({TestInstance{.id = "a"}}), request(definition(), members).dump(), false, serial(), {});
  EXPECT_FALSE(answer.ok());
  return answer.ok() ? Error{} : answer.error();
}

TEST(StartTask, StartsOneTaskOnEachByIdOrArn) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}, TestInstance{.id = "b"}});
  const Ran ran = start(snapshot, definition(), {"b", std::string(kArnPrefix) + "a"}, {{"startedBy", "me"}}, true);
  ASSERT_EQ(ran.answer["tasks"].size(), 2U);
  EXPECT_EQ(ran.answer["tasks"][0]["containerInstanceArn"], std::string(kArnPrefix) + "b");
  EXPECT_EQ(ran.answer["tasks"][1]["containerInstanceArn"], std::string(kArnPrefix) + "a");
  EXPECT_EQ(ran.answer["tasks"][0]["group"], "family:web");
  EXPECT_EQ(ran.answer["tasks"][0]["startedBy"], "me");
  ASSERT_NE(ran.next, nullptr);
  EXPECT_EQ(ran.next->memory_remaining()[0], 3768 - 256);
  EXPECT_EQ(ran.next->memory_remaining()[1], 3768 - 256);
  EXPECT_EQ(ran.next->pending_tasks_count()[0], 1U);
}

TEST(StartTask, EachFailureHasItsReason) {
  TestInstance other_zone{.id = "zone"};
  other_zone.with("ecs.availability-zone", "us-east-1b");
  TestInstance bare{.id = "bare"};
  std::vector<TestInstance> instances{TestInstance{.id = "draining", .status = InstanceStatus::kDraining},
                                      TestInstance{.id = "lost", .agent_connected = false}, TestInstance{.id = "cpu", .cpu = 1},
                                      TestInstance{.id = "memory", .memory = 1}, other_zone};
  for (TestInstance& instance : instances) {
    instance.with("ecs.capability.task-eni", "").with("com.amazonaws.ecs.capability.docker-remote-api.1.18", "");
  }
  instances.push_back(bare);
  const Json members{{"networkConfiguration", {{"awsvpcConfiguration", {{"subnets", Json::array({"s"})}}}}},
                     {"berth", {{"subnets", {{"s", {{"zone", "us-east-1a"}}}}}}}};
  const Ran ran =
      start(snapshot_of(instances), definition({}, {{"networkMode", "awsvpc"}}),
            {"draining", "lost", "cpu", "memory", "zone", "bare", "none", "arn:aws:ecs:x:1:container-instance/web/gone"}, members);
  EXPECT_EQ(reasons(ran.answer), (std::vector<std::string>{"INACTIVE", "AGENT", "RESOURCE:CPU", "RESOURCE:MEMORY", "LOCATION", "ATTRIBUTE",
                                                           "MISSING", "MISSING"}));
  EXPECT_EQ(ran.answer["failures"][0]["arn"], std::string(kArnPrefix) + "draining");
  EXPECT_EQ(ran.answer["failures"][6]["arn"], "arn:aws:ecs:us-east-1:123456789012:container-instance/web/none");
  EXPECT_EQ(ran.answer["failures"][7]["arn"], "arn:aws:ecs:x:1:container-instance/web/gone");
  EXPECT_EQ(ran.answer["berth"]["requested"], 8);
  EXPECT_EQ(ran.answer["berth"]["examined"], 6);
}

TEST(StartTask, AnInstanceNamedTwiceIsAskedTwice) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a", .memory = 300}, TestInstance{.id = "b"}});
  const Ran ran = start(snapshot, definition(), {"a", "b", "a"});
  EXPECT_EQ(ran.answer["tasks"].size(), 2U);
  EXPECT_EQ(reasons(ran.answer), (std::vector<std::string>{"RESOURCE:MEMORY"}));
  EXPECT_EQ(ran.answer["failures"][0]["arn"], std::string(kArnPrefix) + "a");
}

TEST(StartTask, ExternalInstancesTakeTheirOwnKindOfTask) {
  TestInstance external{.id = "b"};
  external.with("ecs.capability.external", "");
  const Ran ran = start(snapshot_of({TestInstance{.id = "a"}, external}), definition(), {"b", "a"});
  ASSERT_EQ(ran.answer["tasks"].size(), 2U);
  EXPECT_EQ(ran.answer["tasks"][0]["launchType"], "EXTERNAL");
  EXPECT_EQ(ran.answer["tasks"][1]["launchType"], "EC2");
}

TEST(StartTask, AnotherClustersInstanceIsMissing) {
  TestInstance other{.id = "b"};
  other.prefix = "arn:aws:ecs:us-east-1:123456789012:container-instance/db/";
  const Ran ran = start(snapshot_of({TestInstance{.id = "a"}, other}), definition(), {"a", "b"}, {{"cluster", "web"}});
  EXPECT_EQ(ran.answer["tasks"].size(), 1U);
  EXPECT_EQ(reasons(ran.answer), (std::vector<std::string>{"MISSING"}));
}

TEST(StartTask, ADefinitionThatTheNamedInstancesCannotRunIsRefused) {
  TestInstance external{.id = "b"};
  external.with("ecs.capability.external", "");
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}, external});
  const auto error_of = [&](std::vector<const char*> types, std::vector<const char*> instances) {
    const Json members{{"containerInstances", std::move(instances)}};
    auto answer =
        start_task(snapshot, request(definition({}, {{"compatibilities", std::move(types)}}), members).dump(), false, serial(), {});
    return answer.ok() ? Error{} : answer.error();
  };
  const std::string text = "Task definition does not support launch_type ";
  EXPECT_TRUE(holds_text(error_of({"FARGATE"}, {"a"}), text + "EC2. (at containerInstances[0])", "InvalidParameterException"));
  EXPECT_TRUE(holds_text(error_of({"FARGATE"}, {"gone"}), text + "EC2.", "InvalidParameterException"));
  EXPECT_TRUE(holds_text(error_of({"EC2", "FARGATE"}, {"a", "b"}), text + "EXTERNAL. (at containerInstances[1])"));
  EXPECT_EQ(error_of({"EC2"}, {"a"}).message, "");
  EXPECT_EQ(error_of({"EXTERNAL"}, {"b"}).message, "");
}

TEST(StartTask, AnotherAccountsInstanceIsMissing) {
  TestInstance other{.id = "b"};
  other.prefix = "arn:aws:ecs:us-east-1:999999999999:container-instance/web/";
  const Ran ran = start(snapshot_of({TestInstance{.id = "a"}, other}), definition(), {"a", "b", "c"},
                        {{"cluster", "arn:aws:ecs:us-east-1:999999999999:cluster/web"}});
  ASSERT_EQ(ran.answer["tasks"].size(), 1U);
  EXPECT_EQ(ran.answer["tasks"][0]["clusterArn"], "arn:aws:ecs:us-east-1:999999999999:cluster/web");
  EXPECT_EQ(reasons(ran.answer), (std::vector<std::string>{"MISSING", "MISSING"}));
  EXPECT_EQ(ran.answer["failures"][1]["arn"], "arn:aws:ecs:us-east-1:999999999999:container-instance/web/c");
}

TEST(StartTask, OddRequestsAreRefused) {
  EXPECT_TRUE(holds_text(refused(Json::object()), "the required member \"containerInstances\" is missing"));
  EXPECT_TRUE(holds_text(refused({{"containerInstances", Json::array()}}), "Container instances cannot be empty."));
  EXPECT_TRUE(holds_text(refused({{"containerInstances", Json(11, "a")}}), "at most 10 container instances", "InvalidParameterException"));
  EXPECT_TRUE(holds_text(refused({{"containerInstances", Json(1, "a")}, {"count", 2}}), "count: unknown member"));
  EXPECT_TRUE(holds_text(refused({{"containerInstances", Json(1, "a")}, {"startedBy", std::string(37, 's')}}), "at most 36 characters"));
}

}  // namespace
}  // namespace berth::ecs::testing
