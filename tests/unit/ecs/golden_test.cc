// The golden cases of tests/golden/ecs, answered by the engine.

#include "tests/golden/golden_calls.h"
#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs::testing {
namespace {

SnapshotPtr import_all(const Json& documents) {
  std::vector<std::string> texts;
  texts.reserve(documents.size());
  for (const Json& document : documents) {
    texts.push_back(document.dump());
  }
  std::vector<Document> given;
  given.reserve(texts.size());
  for (const std::string& text : texts) {
    given.push_back({"golden", text});
  }
  Result<Imported> imported = import_documents(given, "", serial(), {});
  if (!imported.ok()) {
    ADD_FAILURE() << imported.error().message;
    return nullptr;
  }
  return imported->snapshot;
}

std::string answer_text(const std::string& document) {
  const Json answer = Json::parse(document);
  std::vector<std::string> placed;
  std::map<std::string, std::string> failures;
  for (const Json& task : answer["tasks"]) {
    placed.push_back(golden::id_of(task["containerInstanceArn"]));
  }
  for (const Json& failure : answer["failures"]) {
    failures[golden::id_of(failure["arn"])] = failure["reason"];
  }
  return golden::text_of(placed, failures);
}

TEST(Golden, EveryCallIsAnsweredAsTheRulesDemand) {
  const auto cases = golden::read_cases(BERTH_GOLDEN_ECS);
  ASSERT_GE(cases.size(), 8U);
  for (const auto& [name, golden_case] : cases) {
    const SnapshotPtr snapshot = import_all(golden_case["documents"]);
    ASSERT_NE(snapshot, nullptr) << name;
    for (const Json& call : golden_case["calls"]) {
      const std::string body = call["request"].dump();
      const auto answer =
          call["call"] == "start-task" ? start_task(snapshot, body, false, serial(), {}) : run_task(snapshot, body, false, serial(), {});
      if (call.contains("error")) {
        EXPECT_EQ(answer.ok() ? "(answered)" : answer.error().message, call["error"].get<std::string>()) << name << ": " << body;
      } else {
        EXPECT_EQ(answer.ok() ? answer_text(answer->document) : answer.error().message, golden::expected_text(call))
            << name << ": " << body;
      }
    }
  }
}

}  // namespace
}  // namespace berth::ecs::testing
