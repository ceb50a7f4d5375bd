// What explanations name: attributes that no instance has, and what the closest instance lacks.

#include "engine/ecs/explain.h"

#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs::testing {
namespace {

std::string lack(const TestInstance& instance, const Json& body) {
  return Json::parse(explained(snapshot_of({instance}), body, Format::kJson))["closest"].value("lack", "");
}

Json member_of(const std::string& expression) {
  return request(definition(), {{"placementConstraints", {{{"type", "memberOf"}, {"expression", expression}}}}});
}

TEST(ExplainAdvice, MisspeltAttributesAreToldWithTheNearest) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}});
  const Json body = member_of("attribute:ecs.instance-typ == m5.large and runningTasksCount < 5");
  const Json leaves = Json::parse(explained(snapshot, body, Format::kJson))["leaves"];
  ASSERT_EQ(leaves.size(), 2U);
  EXPECT_EQ(leaves[0]["unknownAttribute"], "ecs.instance-typ");
  EXPECT_EQ(leaves[0]["nearestAttribute"], "ecs.instance-type");
  EXPECT_EQ(leaves[0]["note"], R"(no instance has the attribute "ecs.instance-typ"; did you mean "ecs.instance-type"?)");
  EXPECT_FALSE(leaves[1].contains("unknownAttribute"));
  const std::string text = explained(snapshot, body, Format::kTable);
  EXPECT_NE(text.find(R"(did you mean "ecs.instance-type"?)"), std::string::npos) << text;
}

TEST(ExplainAdvice, AttributesWithoutANearNameAreToldAlone) {
  const Json leaf =
      Json::parse(explained(snapshot_of({TestInstance{.id = "a"}}), member_of("attribute:colour == red"), Format::kJson))["leaves"][0];
  EXPECT_EQ(leaf["note"], R"(no instance has the attribute "colour")");
  EXPECT_FALSE(leaf.contains("nearestAttribute"));
}

TEST(ExplainAdvice, ValuesThatNoInstanceHasAreToldWithTheNearest) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}});
  const Json leaf = Json::parse(explained(snapshot, member_of("attribute:ecs.instance-type == m5.lrge"), Format::kJson))["leaves"][0];
  EXPECT_EQ(leaf["note"], R"(no instance has "m5.lrge"; did you mean "m5.large"?)");
  EXPECT_FALSE(leaf.contains("unknownAttribute"));
  EXPECT_FALSE(leaf.contains("nearestAttribute"));
}

TEST(ExplainAdvice, TermsThatHoldNowhereAreNotedAndOthersTakeNoColumn) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}});
  const std::string text = explained(snapshot, member_of("attribute:ecs.instance-type == c5.large"), Format::kTable);
  EXPECT_NE(text.find("FROM                     NOTE\n"), std::string::npos) << text;
  EXPECT_NE(text.find("holds nowhere"), std::string::npos) << text;
  const std::string plain = explained(snapshot, member_of("attribute:ecs.instance-type == m5.large"), Format::kTable);
  EXPECT_EQ(plain.find("NOTE"), std::string::npos) << plain;
}

TEST(ExplainAdvice, TheClosestInstanceNamesWhatItLacks) {
  const Json port = request(definition({{"portMappings", {{{"containerPort", 80}, {"hostPort", 80}}}}}));
  EXPECT_EQ(lack({.id = "a", .tcp_used = {80}}, port), "host port 80/tcp is in use");
  EXPECT_EQ(lack({.id = "a", .memory = 100}, request(definition())), "100 MiB left, 256 needed");
  EXPECT_EQ(lack({.id = "a"}, request(definition({}, {{"taskRoleArn", "arn:r"}}))),
            "it has no attribute com.amazonaws.ecs.capability.task-iam-role");
  EXPECT_EQ(lack({.id = "a"}, member_of("attribute:ecs.instance-type == c5.large")),
            "`attribute:ecs.instance-type == c5.large` does not hold (it has m5.large)");
  EXPECT_EQ(lack({.id = "a"}, member_of("runningTasksCount > 4")), "`runningTasksCount > 4` does not hold");
  EXPECT_EQ(lack({.id = "a", .agent_connected = false}, request(definition())), "its agent is not connected");
  EXPECT_EQ(lack({.id = "a", .capacity_provider = "cp"},
                 request(definition(), {{"capacityProviderStrategy", {{{"capacityProvider", "other"}, {"weight", 1}}}}})),
            "its provider is cp, other is needed");
}

TEST(ExplainAdvice, TheClosestInstanceCountsTheTasksThatItTook) {
  const Json two = request(definition({{"portMappings", {{{"containerPort", 81}, {"hostPort", 81}}}}}), {{"count", 2}});
  EXPECT_EQ(lack({.id = "a"}, two), "host port 81/tcp is in use");
  EXPECT_EQ(lack({.id = "a", .memory = 300}, request(definition(), {{"count", 2}})), "44 MiB left, 256 needed");
  EXPECT_EQ(lack({.id = "a"}, request(definition(), {{"count", 2}, {"placementConstraints", {{{"type", "distinctInstance"}}}}})),
            "a task of group family:web is there already");
}

TEST(ExplainAdvice, ZonesAreNamed) {
  const Json task = definition({}, {{"networkMode", "awsvpc"}});
  const Json body = request(task, {{"networkConfiguration", {{"awsvpcConfiguration", {{"subnets", {"subnet-1"}}}}}},
                                   {"berth", {{"seed", 1}, {"subnets", {{"subnet-1", {{"zone", "us-east-1f"}}}}}}}});
  TestInstance a{.id = "a"};
  a.with("ecs.capability.task-eni", "").with("com.amazonaws.ecs.capability.docker-remote-api.1.18", "");
  EXPECT_EQ(lack(a, body), "it is in us-east-1a, the subnets are in us-east-1f");
}

}  // namespace
}  // namespace berth::ecs::testing
