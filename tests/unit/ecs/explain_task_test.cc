// Explanations: their JSON, and the text that people read.

#include "engine/ecs/explain.h"

#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs::testing {
namespace {

// Two instances too small in memory, one of the wrong stack, one that fails both.
SnapshotPtr fleet() {
  TestInstance a{.id = "a", .memory = 200};
  a.with("stack", "prod");
  TestInstance b{.id = "b", .memory = 128};
  b.with("stack", "prod");
  TestInstance c{.id = "c"};
  c.with("stack", "dev");
  TestInstance d{.id = "d", .memory = 100};
  return snapshot_of({a, b, c, d});
}

Json asking(int count = 1) {
  return request(definition(),
                 {{"count", count},
                  {"placementConstraints",
                   {{{"type", "memberOf"}, {"expression", "attribute:stack == prod and attribute:ecs.instance-type =~ m5.*"}}}}});
}

TEST(Explain, JsonTellsWhyNotAndWhatWouldHelp) {
  const Json answer = Json::parse(explained(fleet(), asking(), Format::kJson));
  EXPECT_EQ(answer["requested"], 1);
  EXPECT_EQ(answer["placed"], 0);
  EXPECT_EQ(answer["examined"], 4);
  EXPECT_EQ(answer["needs"], "128 CPU units, 256 MiB");
  EXPECT_EQ(answer["reasons"],
            (Json{{{"reason", "RESOURCE:MEMORY"}, {"instances", 3}, {"failsAtAll", 3}, {"failsAlone", 2}},
                  {{"reason", "MemberOf placement constraint unsatisfied."}, {"instances", 1}, {"failsAtAll", 2}, {"failsAlone", 1}}}));
  ASSERT_EQ(answer["shortfalls"].size(), 1U);
  EXPECT_EQ(answer["shortfalls"][0]["least"], 56);
  EXPECT_EQ(answer["shortfalls"][0]["most"], 156);
  EXPECT_EQ(answer["shortfalls"][0]["text"], "3 instances short by at most 156 MiB (the nearest by 56 MiB)");
  ASSERT_EQ(answer["conjuncts"].size(), 2U);
  EXPECT_EQ(answer["conjuncts"][0]["text"], "attribute:stack == prod");
  EXPECT_EQ(answer["conjuncts"][0]["selected"], 2);
  EXPECT_EQ(answer["conjuncts"][0]["failed"], 2);
  EXPECT_EQ(answer["conjuncts"][1]["selected"], 4);
  ASSERT_EQ(answer["relaxations"].size(), 2U);
  EXPECT_EQ(answer["relaxations"][0]["text"], "without `attribute:stack == prod` (placementConstraints[0]): 1 instance would fit");
  EXPECT_EQ(answer["relaxations"][1]["text"], "with 56 MiB less (200 instead of 256): 1 instance would fit");
  EXPECT_EQ(answer["relaxations"][1]["kind"], "lowerMemory");
  EXPECT_EQ(answer["relaxations"][1]["amount"], 56);
  EXPECT_FALSE(answer["closest"].is_null());
  EXPECT_TRUE(answer["whyHere"].empty());
}

TEST(Explain, TextIsReadFromTopToBottom) {
  const std::string text = explained(fleet(), asking(), Format::kTable);
  const std::vector<std::string> in_order{"Placed none of 1 task of group family:web (seed 1).",
                                          "Each needs 128 CPU units, 256 MiB. 4 instances were examined.",
                                          "WHY NOT",
                                          "RESOURCE:MEMORY",
                                          "SHORT OF",
                                          "3 instances short by at most 156 MiB",
                                          "CONSTRAINT TERMS",
                                          "attribute:stack == prod",
                                          "CLOSEST",
                                          "WHAT WOULD HELP",
                                          "without `attribute:stack == prod` (placementConstraints[0])",
                                          "with 56 MiB less (200 instead of 256)"};
  std::size_t at = 0;
  for (const std::string& piece : in_order) {
    const std::size_t found = text.find(piece, at);
    ASSERT_NE(found, std::string::npos) << "lacks \"" << piece << "\" after byte " << at << " in\n" << text;
    at = found;
  }
}

TEST(Explain, PlacedTasksTellWhyTheyAreHere) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a", .memory = 500}, TestInstance{.id = "b", .memory = 300}});
  const Json body = request(definition(), {{"placementStrategy", {{{"type", "binpack"}, {"field", "memory"}}}}});
  const Json answer = Json::parse(explained(snapshot, body, Format::kJson));
  ASSERT_EQ(answer["whyHere"].size(), 1U);
  const Json& why = answer["whyHere"][0];
  EXPECT_EQ(why["containerInstanceArn"], std::string(kArnPrefix) + "b");
  EXPECT_EQ(why["runnerUpArn"], std::string(kArnPrefix) + "a");
  EXPECT_EQ(why["candidates"], 2);
  EXPECT_EQ(why["levels"][0]["strategy"], "binpack(memory)");
  EXPECT_EQ(answer["closest"], nullptr);
  const std::string text = explained(snapshot, body, Format::kTable);
  EXPECT_NE(text.find("Placed the task of group family:web"), std::string::npos) << text;
  EXPECT_NE(text.find("WHY TASK 1 IS HERE\n  i-b (m5.large, us-east-1a), one of 2 candidates"), std::string::npos) << text;
  EXPECT_NE(text.find("next would have been i-a"), std::string::npos) << text;
}

TEST(Explain, ManyObstaclesAtOnceAreSaidSo) {
  TestInstance a{.id = "a", .cpu = 1, .memory = 1};
  const std::string text = explained(snapshot_of({a}), request(definition()), Format::kTable);
  EXPECT_NE(text.find("No single change lets an instance take the task"), std::string::npos) << text;
}

TEST(Explain, MissingAttributesAndPortsAreNamed) {
  TestInstance a{.id = "a", .tcp_used = {80}};
  const Json task = definition({{"portMappings", {{{"containerPort", 80}, {"hostPort", 80}}}}}, {{"taskRoleArn", "arn:r"}});
  const Json answer = Json::parse(explained(snapshot_of({a}), request(task), Format::kJson));
  EXPECT_EQ(answer["attributes"], (Json{{{"name", "com.amazonaws.ecs.capability.task-iam-role"}, {"failed", 1}}}));
  EXPECT_EQ(answer["shortfalls"][0]["text"], "1 instance with 1 conflicting port");
  EXPECT_EQ(answer["needs"], "128 CPU units, 256 MiB, host port 80/tcp");
  const Json port_only = Json::parse(
      explained(snapshot_of({a}), request(definition({{"portMappings", {{{"containerPort", 80}, {"hostPort", 80}}}}})), Format::kJson));
  EXPECT_EQ(port_only["relaxations"][0]["text"], "without host port 80/tcp: 1 instance would fit");
}

TEST(Explain, RefusesWhatRunTaskRefuses) {
  auto text = explain(snapshot_of({}), request(definition()).dump(), serial(), {});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().message, "No Container Instances were found in your cluster.");
}

}  // namespace
}  // namespace berth::ecs::testing
