// Resources of the user's own, from registeredResources to failures and back: import, requests, answers, explain, describe, generate.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/ecs/import_fixture.h"
#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs {
namespace {

using testing::definition;
using testing::explained;
using testing::holds_text;
using testing::Json;
using testing::reasons;
using testing::refusal;
using testing::request;
using testing::run;

Json amount(const std::string& name, const std::string& type, const std::string& field, const Json& value) {
  return {{"name", name}, {"type", type}, {field, value}};
}

// An instance with these resources beside 2048 CPU units and 7811 MiB.
Json instance_with(const std::string& id, const std::vector<Json>& registered, const std::vector<Json>& remaining = {}) {
  Json instance = Json::parse(instance_json(instance_arn(id)));
  for (const Json& entry : registered) {
    instance["registeredResources"].push_back(entry);
  }
  if (!remaining.empty()) {
    instance["remainingResources"] = instance["registeredResources"];
    for (const Json& entry : remaining) {
      instance["remainingResources"].push_back(entry);
    }
  }
  return instance;
}

SnapshotPtr fleet_of(const std::vector<Json>& instances, const std::string& options = R"({"resources": ["disk", "licence"]})") {
  return imported({Json{{"containerInstances", instances}}.dump()}, options).snapshot;
}

std::int32_t remaining(const Snapshot& snapshot, std::string_view name, std::uint32_t instance) {
  return snapshot.own_resources()[snapshot.find_own_resource(name).value()].remaining[instance];
}

Json asking(const Json& resources, int count = 1) {
  return request(definition(), {{"count", count}, {"berth", {{"resources", resources}}}});
}

TEST(OwnResourcesImport, TakesTheNamesThatItWasToldInEachNumericType) {
  const SnapshotPtr snapshot =
      fleet_of({instance_with("a", {amount("disk", "INTEGER", "integerValue", 100), amount("licence", "LONG", "longValue", 7),
                                    amount("load", "DOUBLE", "doubleValue", 2.75), amount("other", "INTEGER", "integerValue", 5)}),
                instance_with("b", {})},
               R"({"resources": ["load", "disk", "licence"]})");
  ASSERT_EQ(snapshot->own_resources().size(), 3U);
  EXPECT_EQ(remaining(*snapshot, "disk", 0), 100);
  EXPECT_EQ(remaining(*snapshot, "licence", 0), 7);
  EXPECT_EQ(remaining(*snapshot, "load", 0), 2);
  EXPECT_EQ(remaining(*snapshot, "disk", 1), 0);
}

TEST(OwnResourcesImport, WithoutTheOptionTheyAreCountedAsDropped) {
  const Imported result =
      imported({Json{{"containerInstances", {instance_with("a", {amount("disk", "INTEGER", "integerValue", 100)})}}}.dump()});
  EXPECT_TRUE(result.snapshot->own_resources().empty());
  EXPECT_EQ(result.snapshot->format_version(), 1U);
  EXPECT_EQ(Json::parse(result.report)["droppedFields"]["containerInstances[].registeredResources[]:disk"], 1);
}

TEST(OwnResourcesImport, RemainingIsWhatRemainingResourcesSaysElseWhatTheTasksLeave) {
  const std::vector<Json> disk = {amount("disk", "INTEGER", "integerValue", 100)};
  const std::vector<Json> left = {amount("disk", "INTEGER", "integerValue", -3)};
  const std::string held = R"("berth": {"resources": {"disk": 30, "unknown": 1}})";
  const Imported result =
      imported({Json{{"containerInstances", {instance_with("a", disk), instance_with("b", disk, left)}}}.dump(),
                tasks_json({task_json(task_arn("1"), instance_arn("a"), held), task_json(task_arn("2"), instance_arn("b"), held)})},
               R"({"resources": ["disk"]})");
  const Snapshot& snapshot = *result.snapshot;
  EXPECT_EQ(remaining(snapshot, "disk", 0), 70);
  EXPECT_EQ(remaining(snapshot, "disk", 1), -3);
  EXPECT_EQ(snapshot.own_held(snapshot.task_shape()[0])[0], 30);
  EXPECT_EQ(Json::parse(result.report)["droppedFields"]["tasks[].berth.resources.unknown"], 2);
}

TEST(OwnResourcesImport, SaysThatNobodyRegistersAName) {
  const Imported result = imported({instances_json({instance_json(instance_arn("a"))})}, R"({"resources": ["disc"]})");
  EXPECT_NE(result.report.find("resources that no container instance registers: every instance has 0 of them: disc"), std::string::npos)
      << result.report;
}

TEST(OwnResourcesImport, RefusesWhatIsNoListOfNames) {
  const std::string fleet = instances_json({instance_json(instance_arn("a"))});
  EXPECT_EQ(import_error(fleet, R"({"resources": ["disk", "disk"]})"), "import options: resources[1]: resource \"disk\" is named twice");
  EXPECT_NE(import_error(fleet, R"({"resources": ["memory"]})").find("resources[0]: resource \"memory\" is not the user's own"),
            std::string::npos);
  EXPECT_NE(import_error(fleet, R"({"resources": ["a","b","c","d","e","f","g","h","i"]})").find("found more than 8 resources"),
            std::string::npos);
  EXPECT_NE(import_error(fleet, R"({"resources": "disk"})").find("resources"), std::string::npos);
  EXPECT_NE(
      import_error(
          Json{{"containerInstances", {instance_with("a", {{{"name", "disk"}, {"type", "STRINGSET"}, {"stringSetValue", {"1"}}}})}}}.dump(),
          R"({"resources": ["disk"]})")
          .find("resource disk has type \"STRINGSET\""),
      std::string::npos);
}

TEST(OwnResourcesDescribe, GivesBackWhatImportTook) {
  const std::vector<Json> registered = {amount("disk", "LONG", "longValue", 100), amount("licence", "INTEGER", "integerValue", 4)};
  const std::vector<Json> left = {amount("disk", "LONG", "longValue", 55), amount("licence", "INTEGER", "integerValue", 0)};
  const SnapshotPtr snapshot = fleet_of({instance_with("a", registered, left), instance_with("b", {})});
  const Result<std::string> described = describe_container_instances(snapshot, "{}", serial_executor(), {});
  ASSERT_TRUE(described.ok());
  const Json json = Json::parse(*described);
  EXPECT_EQ(json["containerInstances"][1]["registeredResources"].size(), 4U);
  const SnapshotPtr again = imported({*described}, R"({"resources": ["disk", "licence"]})").snapshot;
  for (const std::uint32_t own : {0U, 1U}) {
    for (const std::uint32_t instance : {0U, 1U}) {
      EXPECT_EQ(again->own_resources()[own].registered[instance], snapshot->own_resources()[own].registered[instance]);
      EXPECT_EQ(again->own_resources()[own].remaining[instance], snapshot->own_resources()[own].remaining[instance]);
    }
  }
}

TEST(OwnResourcesRun, TasksTakeThemAndAreRefusedByName) {
  const SnapshotPtr snapshot = fleet_of({instance_with("a", {amount("disk", "INTEGER", "integerValue", 50)})});
  const auto [answer, next] = run(snapshot, asking({{"disk", 20}, {"licence", 0}}, 3), true);
  ASSERT_EQ(answer["tasks"].size(), 2U);
  EXPECT_EQ(answer["tasks"][0]["berth"]["resources"], (Json{{"disk", 20}, {"licence", 0}}));
  EXPECT_EQ(reasons(answer), std::vector<std::string>{"RESOURCE:disk"});
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(remaining(*next, "disk", 0), 10);
  EXPECT_EQ(next->own_held(next->task_shape()[0])[0], 20);
  // The answer's tasks import as what they hold.
  const SnapshotPtr again =
      imported({Json{{"containerInstances", {instance_with("a", {amount("disk", "INTEGER", "integerValue", 50)})}}}.dump(), answer.dump()},
               R"({"resources": ["disk"]})")
          .snapshot;
  EXPECT_EQ(remaining(*again, "disk", 0), 10);
}

TEST(OwnResourcesRun, StartTaskIsRefusedByNameToo) {
  const SnapshotPtr snapshot = fleet_of({instance_with("a", {})});
  Json body = asking({{"licence", 1}});
  body.erase("count");
  body["containerInstances"] = {instance_arn("a")};
  const Result<RunAnswer> answer = start_task(snapshot, body.dump(), false, serial_executor(), {});
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(reasons(Json::parse(answer->document)), std::vector<std::string>{"RESOURCE:licence"});
}

TEST(OwnResourcesRun, ANameThatTheInventoryLacksIsNoted) {
  const SnapshotPtr snapshot = fleet_of({instance_with("a", {amount("disk", "INTEGER", "integerValue", 50)})});
  const Json near = run(snapshot, asking({{"dsik", 1}})).answer;
  EXPECT_EQ(reasons(near), std::vector<std::string>{"RESOURCE:dsik"});
  EXPECT_EQ(near["berth"]["notes"][0], "the inventory holds no resource \"dsik\"; did you mean \"disk\"?");
  const SnapshotPtr without = fleet_of({instance_with("a", {})}, "");
  EXPECT_EQ(run(without, asking({{"disk", 1}})).answer["berth"]["notes"][0],
            "the inventory holds no resource \"disk\"; import takes it from registeredResources when it is told to (--resource disk)");
  // Nothing of what nobody has can be given, and nothing is kept of it.
  const auto [answer, next] = run(without, asking({{"disk", 0}}), true);
  EXPECT_EQ(answer["tasks"].size(), 1U);
  EXPECT_TRUE(next->own_resources().empty());
}

TEST(OwnResourcesRun, RefusesWhatIsNoAmount) {
  const SnapshotPtr snapshot = fleet_of({instance_with("a", {})});
  EXPECT_TRUE(holds_text(refusal(snapshot, asking({{"disk", -1}})), "berth.resources.disk"));
  EXPECT_TRUE(holds_text(refusal(snapshot, asking({{"disk", 1.5}})), "berth.resources.disk"));
  EXPECT_TRUE(holds_text(refusal(snapshot, asking({{"disk", 2147483648}})), "berth.resources.disk"));
  EXPECT_TRUE(holds_text(refusal(snapshot, asking({{"CPU", 1}})), "berth.resources: resource \"CPU\" is not the user's own"));
  EXPECT_TRUE(holds_text(refusal(snapshot, asking(Json::array())), "berth.resources"));
  std::string twice = asking({{"disk", 1}}).dump();
  twice.replace(twice.find("{\"disk\":1}"), 10, "{\"disk\":1,\"disk\":2}");
  const Result<RunAnswer> answer = run_task(snapshot, twice, false, serial_executor(), {});
  ASSERT_FALSE(answer.ok());
  EXPECT_TRUE(holds_text(answer.error(), "resource \"disk\" is named twice"));
}

TEST(OwnResourcesRun, FargateHasNone) {
  const Json body = request(definition(Json::object(), {{"networkMode", "awsvpc"}, {"cpu", "256"}, {"memory", "512"}}),
                            {{"launchType", "FARGATE"},
                             {"networkConfiguration", {{"awsvpcConfiguration", {{"subnets", {"subnet-1"}}}}}},
                             {"berth", {{"resources", {{"disk", 1}}}, {"subnets", {{"subnet-1", {{"zone", "us-east-1a"}}}}}}}});
  EXPECT_TRUE(holds_text(refusal(fleet_of({instance_with("a", {})}), body), "which Fargate does not look at"));
}

TEST(OwnResourcesExplain, TellsShortfallClosestAndRelaxation) {
  const SnapshotPtr snapshot = fleet_of({instance_with("a", {amount("disk", "INTEGER", "integerValue", 12)}),
                                         instance_with("b", {amount("disk", "INTEGER", "integerValue", 5)})});
  const Json json = Json::parse(explained(snapshot, asking({{"disk", 20}}), Format::kJson));
  EXPECT_EQ(json["needs"], "128 CPU units, 256 MiB, 20 of disk");
  EXPECT_EQ(json["reasons"][0], (Json{{"reason", "RESOURCE:disk"}, {"instances", 2}, {"failsAtAll", 2}, {"failsAlone", 2}}));
  EXPECT_EQ(json["shortfalls"][0]["resource"], "RESOURCE:disk");
  EXPECT_EQ(json["shortfalls"][0]["unit"], "disk");
  EXPECT_EQ(json["shortfalls"][0]["text"], "2 instances short by at most 15 of disk (the nearest by 8 of disk)");
  EXPECT_EQ(json["relaxations"][0]["kind"], "lowerResource");
  EXPECT_EQ(json["relaxations"][0]["what"], "disk");
  EXPECT_EQ(json["relaxations"][0]["text"], "with 8 of disk less (12 instead of 20): 1 instance would fit");
  EXPECT_EQ(json["closest"]["checksPassed"], 13);
  const std::string lack = json["closest"]["lack"];
  EXPECT_TRUE(lack == "12 of disk left, 20 needed" || lack == "5 of disk left, 20 needed") << lack;
  const std::string text = explained(snapshot, asking({{"disk", 20}}), Format::kTable);
  EXPECT_NE(text.find("RESOURCE:disk"), std::string::npos) << text;
  EXPECT_NE(text.find("passes 13 of 14 checks"), std::string::npos) << text;
}

TEST(OwnResourcesInspect, SumsThem) {
  const SnapshotPtr snapshot = fleet_of({instance_with("a", {amount("disk", "INTEGER", "integerValue", 12)}),
                                         instance_with("b", {amount("disk", "INTEGER", "integerValue", 5)})});
  const Result<std::string> text = inspect(snapshot, serial_executor(), {});
  ASSERT_TRUE(text.ok());
  const Json json = Json::parse(*text);
  EXPECT_EQ(json["ownResources"]["disk"], (Json{{"registered", 17}, {"remaining", 17}, {"placeable", 17}}));
  EXPECT_EQ(json["ownResources"]["licence"]["registered"], 0);
}

TEST(OwnResourcesGenerate, GivesEveryInstanceTheSame) {
  const std::string plain = R"({"instances": 30, "seed": 5)";
  const Result<SnapshotPtr> without = generate(plain + "}", serial_executor(), {});
  const Result<SnapshotPtr> with = generate(plain + R"(, "resources": {"licence": 4}})", serial_executor(), {});
  ASSERT_TRUE(without.ok() && with.ok());
  ASSERT_EQ((*with)->own_resources().size(), 1U);
  for (std::uint32_t instance = 0; instance < 30; ++instance) {
    EXPECT_EQ((*with)->own_resources()[0].registered[instance], 4);
    EXPECT_EQ((*with)->own_resources()[0].remaining[instance], 4);
    EXPECT_EQ((*with)->instance_arns().text(instance), (*without)->instance_arns().text(instance));
  }
  EXPECT_FALSE(generate(plain + R"(, "resources": {"licence": -4}})", serial_executor(), {}).ok());
}

}  // namespace
}  // namespace berth::ecs
