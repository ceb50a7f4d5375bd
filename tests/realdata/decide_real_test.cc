// Every real task definition that can run on container instances, decided on the real instances and on a generated fleet, by the engine
// and by the oracle.
#include <cstdio>
#include <map>

#include "tests/property/both_sides.h"
#include "tests/realdata/real_data.h"

namespace berth::realdata {
namespace {

using property::Outcome;

bool runs_on_instances(const Json& definition) {
  if (!definition.contains("requiresCompatibilities")) return true;
  for (const Json& compatibility : definition["requiresCompatibilities"]) {
    if (compatibility == "EC2") return true;
  }
  return definition["requiresCompatibilities"].empty();
}

// One request for a definition; tasks with an ENI of their own get a subnet in each of the generated fleet's zones.
Json request_for(const Json& definition) {
  Json request = {{"taskDefinition", definition}, {"count", 2}, {"berth", {{"seed", 1}, {"failuresMax", 10000}}}};
  if (definition.value("networkMode", "") != "awsvpc") return request;
  request["networkConfiguration"] = {{"awsvpcConfiguration", {{"subnets", {"subnet-x", "subnet-y", "subnet-z"}}}}};
  request["berth"]["subnets"] = {
      {"subnet-x", {{"zone", "us-east-1a"}}}, {"subnet-y", {{"zone", "us-east-1b"}}}, {"subnet-z", {{"zone", "us-east-1c"}}}};
  return request;
}

// "2 placed", "refused by 8: RESOURCE:MEMORY 5, ATTRIBUTE 3", "invalid: ...".
std::string summary(const Outcome& outcome) {
  if (outcome.is_refused) return "invalid: " + outcome.text;
  std::string text = std::to_string(outcome.placed.size()) + " placed";
  std::map<std::string, int> reasons;
  for (const oracle::Failure& failure : outcome.failures) ++reasons[failure.reason];
  for (const auto& [reason, count] : reasons) text += ", " + std::to_string(count) + " " + reason;
  return text;
}

struct Table {
  int placed = 0;
  int failed = 0;
  int invalid = 0;
};

Table decide_all(const property::BothSides& sides) {
  Table table;
  for (const File& file : read_files("task_definitions")) {
    const Json json = Json::parse(file.text);
    const Json& definition = json.contains("taskDefinition") ? json["taskDefinition"] : json;
    if (!runs_on_instances(definition)) continue;
    const Json request = request_for(definition);
    const Outcome engine = property::run_engine(sides.snapshot(), request);
    const Outcome oracle = property::from_oracle(oracle::run_task(sides.fleet(), request));
    std::printf("%s  %s\n", short_name(file.name).c_str(), summary(engine).c_str());
    EXPECT_EQ(property::difference(engine, oracle).substr(0, 1500), "")
        << file.name << "\nengine: " << summary(engine) << "\noracle: " << summary(oracle);
    (engine.is_refused ? table.invalid : engine.placed.empty() ? table.failed : table.placed)++;
  }
  std::printf("%d placed, %d failed on every instance, %d invalid\n", table.placed, table.failed, table.invalid);
  return table;
}

TEST(RealDefinitions, AreDecidedOnRealInstancesLikeTheOracle) {
  BERTH_REQUIRE_DATA();
  std::vector<Json> documents;
  for (const File& file : read_files("container_instances")) documents.push_back(Json::parse(file.text));
  const property::BothSides sides(documents, oracle::EniLimits::read(data_folder()));
  EXPECT_EQ(sides.snapshot()->instance_count(), 9U);
  const Table table = decide_all(sides);
  EXPECT_GE(table.placed, 5);
  EXPECT_GE(table.placed + table.failed, 40);
}

TEST(RealDefinitions, MostArePlacedOnAGeneratedFleet) {
  BERTH_REQUIRE_DATA();
  const auto generated = ecs::generate(R"({"instances": 5000, "seed": 3})", *property::executors().serial, {});
  ASSERT_TRUE(generated.ok()) << generated.error().message;
  const auto described = ecs::describe_container_instances(*generated, "{}", *property::executors().serial, {});
  ASSERT_TRUE(described.ok()) << described.error().message;
  const property::BothSides sides({Json::parse(*described)}, oracle::EniLimits::read(data_folder()));
  EXPECT_EQ(sides.snapshot()->instance_count(), 5000U);
  const Table table = decide_all(sides);
  EXPECT_GE(table.placed, 3 * table.failed);
  EXPECT_GE(table.placed, 30);
}

}  // namespace
}  // namespace berth::realdata
