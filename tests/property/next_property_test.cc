// What a decision leaves behind: the next inventory decides like the oracle that carried its own state over, and survives a round trip
// through DescribeContainerInstances.
#include "tests/property/random_fleets.h"

namespace berth::property {
namespace {

// Placing what fits in two calls; says where the second call differs.
std::string second_difference(const std::vector<Json>& documents, const Json& both) {
  const BothSides sides(documents, eni_limits());
  const auto first = ecs::run_task(sides.snapshot(), both.at("first").dump(), true, *executors().serial, {});
  const oracle::Answer oracle_first = oracle::run_task(sides.fleet(), both.at("first"));
  if (!first) return oracle_first.error ? "" : "only the engine refuses the first request: " + first.error().message;
  if (first->next == nullptr && !oracle_first.placed.empty()) return "no next inventory";
  const Outcome engine = run_engine(first->next == nullptr ? sides.snapshot() : first->next, both.at("second"));
  return difference(engine, from_oracle(oracle::run_task(oracle_first.next, both.at("second"))));
}

TEST(NextProperty, TheNextInventoryDecidesLikeTheOracleThatWentOn) {
  expect_agreement("two requests one after another", [](const Fleet& fleet, Random& random) -> std::string {
    if (fleet.vocabulary.instance_arns.empty()) return "";
    for (int i = 0; i < 3; ++i) {
      Json both = {{"first", generate_run_request(random, fleet.vocabulary)}, {"second", generate_run_request(random, fleet.vocabulary)}};
      if (random.chance(50)) both["second"]["group"] = both["first"].value("group", "family:web");
      if (!second_difference(fleet.documents, both).empty()) return minimized(fleet.documents, both, second_difference);
    }
    return "";
  });
}

Json described(const SnapshotPtr& snapshot) {
  const auto text = ecs::describe_container_instances(snapshot, "{}", *executors().serial, {});
  return text ? Json::parse(*text) : Json{{"error", text.error().message}};
}

std::string round_trip_difference(const std::vector<Json>& documents, const Json& both) {
  const BothSides sides(documents, eni_limits());
  const auto first = ecs::run_task(sides.snapshot(), both.at("first").dump(), true, *executors().serial, {});
  const SnapshotPtr next = first && first->next != nullptr ? first->next : sides.snapshot();
  const BothSides again({described(next)}, eni_limits());
  return difference(run_engine(again.snapshot(), both.at("second")), from_oracle(oracle::run_task(again.fleet(), both.at("second"))));
}

TEST(NextProperty, WhatIsDescribedDecidesLikeTheOracle) {
  expect_agreement("describe, import, run", [](const Fleet& fleet, Random& random) -> std::string {
    if (fleet.vocabulary.instance_arns.empty()) return "";
    const Json both = {{"first", generate_run_request(random, fleet.vocabulary)},
                       {"second", generate_run_request(random, fleet.vocabulary)}};
    return round_trip_difference(fleet.documents, both).empty() ? "" : minimized(fleet.documents, both, round_trip_difference);
  });
}

// A request whose answer does not depend on tasks, which DescribeContainerInstances does not print.
Json without_tasks_in_sight(Json request) {
  Json& definition =
      request["taskDefinition"].contains("taskDefinition") ? request["taskDefinition"]["taskDefinition"] : request["taskDefinition"];
  definition.erase("placementConstraints");
  if (definition.value("networkMode", "") == "awsvpc") {
    definition["networkMode"] = "bridge";
    request.erase("networkConfiguration");
  }
  request.erase("placementConstraints");
  request["placementStrategy"] = {{{"type", "binpack"}, {"field", "memory"}}, {{"type", "binpack"}, {"field", "cpu"}}};
  return request;
}

TEST(NextProperty, WhatIsDescribedDecidesLikeWhatWasDescribed) {
  expect_agreement("describe loses nothing that an instance shows", [](const Fleet& fleet, Random& random) -> std::string {
    if (fleet.vocabulary.instance_arns.empty()) return "";
    const BothSides sides(fleet.documents, eni_limits());
    const BothSides again({described(sides.snapshot())}, eni_limits());
    for (int i = 0; i < 4; ++i) {
      const Json request = without_tasks_in_sight(generate_run_request(random, fleet.vocabulary));
      const std::string found = difference(run_engine(sides.snapshot(), request), run_engine(again.snapshot(), request));
      if (!found.empty()) return "(before and after) " + found + "\nrequest: " + request.dump();
    }
    return "";
  });
}

}  // namespace
}  // namespace berth::property
