// The golden cases of tests/golden/ecs, answered by the oracle.
#include <gtest/gtest.h>

#include "tests/golden/golden_calls.h"
#include "tests/oracle/place.h"

namespace berth::oracle {
namespace {

std::string answer_text(const Answer& answer) {
  std::vector<std::string> placed;
  std::map<std::string, std::string> failures;
  placed.reserve(answer.placed.size());
  for (const Placed& task : answer.placed) placed.push_back(golden::id_of(task.arn));
  for (const Failure& failure : answer.failures) failures[golden::id_of(failure.arn)] = failure.reason;
  return golden::text_of(placed, failures);
}

TEST(OracleGolden, EveryCallIsAnsweredAsTheRulesDemand) {
  const auto cases = golden::read_cases(BERTH_GOLDEN_ECS);
  ASSERT_GE(cases.size(), 8U);
  for (const auto& [name, golden_case] : cases) {
    const Fleet fleet = import_fleet(golden_case["documents"].get<std::vector<Json>>(), {});
    for (const Json& call : golden_case["calls"]) {
      const Answer answer = call["call"] == "start-task" ? start_task(fleet, call["request"]) : run_task(fleet, call["request"]);
      if (call.contains("error")) {
        EXPECT_TRUE(answer.error.has_value()) << name << ": " << call.dump();
      } else {
        EXPECT_EQ(answer.error ? "refused: " + *answer.error : answer_text(answer), golden::expected_text(call))
            << name << ": " << call.dump();
      }
    }
  }
}

}  // namespace
}  // namespace berth::oracle
