// What an explanation proposes where a single check stands in the way, and that its counts say of which moment they are.

#include "engine/ecs/explain.h"

#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs::testing {
namespace {

// Expects one mend, in the JSON and in the text, and no word of instances that fail more than one check.
void expect_mend(const SnapshotPtr& snapshot, const Json& body, const std::string& reason, int instances, const std::string& change) {
  const Json answer = Json::parse(explained(snapshot, body, Format::kJson));
  const std::string fit = std::to_string(instances) + (instances == 1 ? " instance" : " instances");
  EXPECT_EQ(
      answer["mends"],
      (Json{{{"reason", reason}, {"instances", instances}, {"text", std::string(change).append(": ").append(fit).append(" would fit")}}}));
  EXPECT_EQ(answer["reasons"][0]["failsAlone"], instances);
  const std::string text = explained(snapshot, body, Format::kTable);
  EXPECT_NE(text.find(fit + "  " + change + "\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("No single change"), std::string::npos) << text;
}

Json of_provider(const std::string& name) {
  return request(definition(), {{"capacityProviderStrategy", {{{"capacityProvider", name}, {"weight", 1}}}}});
}

TEST(ExplainMends, TheOtherLaunchTypeIsProposed) {
  const SnapshotPtr ec2 = snapshot_of({TestInstance{.id = "a"}, TestInstance{.id = "b"}, TestInstance{.id = "c", .memory = 1}});
  expect_mend(ec2, request(definition(), {{"launchType", "EXTERNAL"}}), "LAUNCH_TYPE", 2,
              "with launchType EC2 (--launch-type EC2) instead of EXTERNAL");
  TestInstance external{.id = "a"};
  external.with("ecs.capability.external", "");
  expect_mend(snapshot_of({external}), request(definition()), "LAUNCH_TYPE", 1,
              "with launchType EXTERNAL (--launch-type EXTERNAL) instead of EC2");
}

TEST(ExplainMends, TheCapacityProvidersThatThereAreAreNamedNearestFirst) {
  const SnapshotPtr snapshot =
      snapshot_of({TestInstance{.id = "a", .capacity_provider = "batch-cp"}, TestInstance{.id = "b", .capacity_provider = "web-cp"},
                   TestInstance{.id = "c"}, TestInstance{.id = "d", .status = InstanceStatus::kDraining, .capacity_provider = "old-cp"}});
  expect_mend(snapshot, of_provider("web-pc"), "CAPACITY_PROVIDER", 3,
              "without capacity provider web-pc (the instances have web-cp, batch-cp)");
  expect_mend(snapshot_of({TestInstance{.id = "a"}}), of_provider("nope"), "CAPACITY_PROVIDER", 1,
              "without capacity provider nope (no instance has any)");
}

TEST(ExplainMends, TheZonesOfTheInstancesAreNamed) {
  const Json body = request(definition({}, {{"networkMode", "awsvpc"}}),
                            {{"networkConfiguration", {{"awsvpcConfiguration", {{"subnets", {"subnet-1"}}}}}},
                             {"berth", {{"subnets", {{"subnet-1", {{"zone", "mars"}}}}}}}});
  TestInstance a{.id = "a"};
  a.with("ecs.capability.task-eni", "").with("com.amazonaws.ecs.capability.docker-remote-api.1.18", "");
  TestInstance b = a;
  b.id = "b";
  b.with("ecs.availability-zone", "us-east-1b");
  expect_mend(snapshot_of({a, b}), body, "LOCATION", 2,
              "with subnets in other zones than mars (the instances are in us-east-1a, us-east-1b)");
}

TEST(ExplainMends, AgentsThatAreNotConnectedAreTold) {
  const TestInstance a{.id = "a", .agent_connected = false};
  expect_mend(snapshot_of({a}), request(definition()), "AGENT", 1, "with its agent connected");
}

TEST(ExplainMends, AllIsSilentWhereAllWasPlaced) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}, TestInstance{.id = "b", .agent_connected = false}});
  const Json answer = Json::parse(explained(snapshot, request(definition()), Format::kJson));
  EXPECT_TRUE(answer["mends"].empty());
  EXPECT_EQ(answer["reasons"][0]["failsAlone"], 1);
}

TEST(ExplainMends, OneCheckThatNeedsTwoChangesIsNoTwoChecks) {
  TestInstance a{.id = "a", .tcp_used = {80, 81}};
  const Json two_ports =
      definition({{"portMappings", {{{"containerPort", 80}, {"hostPort", 80}}, {{"containerPort", 81}, {"hostPort", 81}}}}});
  const std::string text = explained(snapshot_of({a}), request(two_ports), Format::kTable);
  EXPECT_NE(text.find("No single change lets an instance take the task.\n"
                      "  1 instance fails only RESOURCE:PORTS, where no single change is enough.\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("at least two checks"), std::string::npos) << text;
}

TEST(ExplainMends, CountsAfterTheLastTaskSayThatTheyAreForOneMore) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a", .memory = 300}});
  const std::string placed = explained(snapshot, request(definition()), Format::kTable);
  EXPECT_NE(placed.find("\nRULED OUT (for one more task)\n"), std::string::npos) << placed;
  EXPECT_NE(placed.find("\nSHORT OF (for one more task)\n"), std::string::npos) << placed;
  const std::string short_of = explained(snapshot, request(definition(), {{"count", 2}}), Format::kTable);
  EXPECT_NE(short_of.find("\nSHORT OF\n"), std::string::npos) << short_of;
}

}  // namespace
}  // namespace berth::ecs::testing
