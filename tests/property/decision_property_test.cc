// The engine's decisions are the oracle's, on every back end: RunTask, StartTask and the filter of ListContainerInstances.
#include "tests/property/random_fleets.h"

namespace berth::property {
namespace {

constexpr int kRequestsPerFleet = 6;

std::string run_difference(const std::vector<Json>& documents, const Json& request) {
  const BothSides sides(documents, eni_limits());
  return difference(run_engine(sides.snapshot(), request), from_oracle(oracle::run_task(sides.fleet(), request)));
}

std::string start_difference(const std::vector<Json>& documents, const Json& request) {
  const BothSides sides(documents, eni_limits());
  return difference(start_engine(sides.snapshot(), request), from_oracle(oracle::start_task(sides.fleet(), request)));
}

std::string list_difference(const BothSides& sides, const Json& request) {
  const std::string filter = request.at("filter");
  const auto listed = ecs::list_container_instances(sides.snapshot(), request.dump(), *executors().serial, {});
  std::vector<std::string> expected;
  try {
    expected = oracle::list_container_instances(sides.fleet(), filter);
  } catch (const oracle::Invalid& invalid) {
    return listed ? "only the oracle refuses " + filter + ": " + invalid.what() : "";
  }
  if (!listed) return "only the engine refuses " + filter + ": " + listed.error().message;
  const auto arns = Json::parse(*listed).at("containerInstanceArns").get<std::vector<std::string>>();
  return arns == expected ? "" : filter + "\n  engine: " + Json(arns).dump() + "\n  oracle: " + Json(expected).dump();
}

TEST(DecisionProperty, RunTaskPlacesWhereTheOraclePlaces) {
  expect_agreement("run_task equals the oracle", [](const Fleet& fleet, Random& random) -> std::string {
    const BothSides sides(fleet.documents, eni_limits());
    for (int i = 0; i < kRequestsPerFleet; ++i) {
      const Json request = generate_run_request(random, fleet.vocabulary);
      const Outcome engine = run_engine(sides.snapshot(), request);
      const Outcome oracle = from_oracle(oracle::run_task(sides.fleet(), request));
      if (!difference(engine, oracle).empty()) return minimized(fleet.documents, request, run_difference);
    }
    return "";
  });
}

// Section 2.7: required attributes are computed when the definition is registered; an override changes none.
TEST(Decision, ALargeDefinitionAsksForItsCapabilityWhateverTheRequestOverrides) {
  const Json documents = {{"containerInstances", generate_fleet(1, {30, true}).documents[0]["containerInstances"]}};
  const Json request = {
      {"taskDefinition",
       {{"family", "large"}, {"cpu", "16384"}, {"memory", "128"}, {"containerDefinitions", {{{"name", "app"}, {"image", "busybox:1"}}}}}},
      {"overrides", {{"cpu", "1 vCPU"}}},
      {"berth", {{"seed", 1}}}};
  EXPECT_EQ(run_difference({documents}, request), "");
}

TEST(DecisionProperty, EveryBackEndAnswersTheSameBytes) {
  expect_agreement("serial, threads and TBB answer alike", [](const Fleet& fleet, Random& random) -> std::string {
    std::vector<std::string> texts;
    for (const Json& document : fleet.documents) texts.push_back(document.dump());
    const auto serial = import_texts(texts, *executors().serial);
    const auto threads = import_texts(texts, *executors().threads);
    const auto tbb = import_texts(texts, *executors().tbb);
    if (!serial || !threads || !tbb) return "the documents are refused";
    for (int i = 0; i < kRequestsPerFleet; ++i) {
      const Json request = generate_run_request(random, fleet.vocabulary);
      const std::string expected = run_text(*serial, request, *executors().serial);
      if (run_text(*threads, request, *executors().threads) != expected) return "threads differ on " + request.dump();
      if (run_text(*tbb, request, *executors().tbb) != expected) return "TBB differs on " + request.dump();
    }
    return "";
  });
}

TEST(DecisionProperty, StartTaskStartsWhereTheOracleStarts) {
  expect_agreement("start_task equals the oracle", [](const Fleet& fleet, Random& random) -> std::string {
    const BothSides sides(fleet.documents, eni_limits());
    for (int i = 0; i < kRequestsPerFleet; ++i) {
      const Json request = generate_start_request(random, fleet.vocabulary);
      const Outcome engine = start_engine(sides.snapshot(), request);
      const Outcome oracle = from_oracle(oracle::start_task(sides.fleet(), request));
      if (!difference(engine, oracle).empty()) return minimized(fleet.documents, request, start_difference);
    }
    return "";
  });
}

TEST(DecisionProperty, FiltersSelectWhatTheOracleSelects) {
  expect_agreement("list_container_instances equals the oracle", [](const Fleet& fleet, Random& random) -> std::string {
    const BothSides sides(fleet.documents, eni_limits());
    for (int i = 0; i < kRequestsPerFleet; ++i) {
      const Json request = {{"filter", generate_expression(random, fleet.vocabulary, 3)}};
      if (list_difference(sides, request).empty()) continue;
      return minimized(fleet.documents, request, [](const std::vector<Json>& documents, const Json& asked) {
        return list_difference(BothSides(documents, eni_limits()), asked);
      });
    }
    return "";
  });
}

}  // namespace
}  // namespace berth::property
