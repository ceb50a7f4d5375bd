#include "engine/query/policy.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/parallel/executor.h"
#include "engine/query/program.h"
#include "tests/unit/query/fixture.h"

namespace berth::query {
namespace {

std::string select(const std::vector<test::PlainInstance>& instances, const std::string& text, const Policy& policy) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  const auto program = Program::compile(text, policy);
  EXPECT_TRUE(program) << text << "\n" << program.error().message;
  const Bitset selected = Binding(*program, test::make_snapshot(instances), *executor).evaluate(*executor);
  std::string names;
  selected.for_each([&](std::size_t i) { names += (names.empty() ? "" : " ") + instances[i].name; });
  return names;
}

TEST(Policy, Anchoring) {
  Policy policy;
  policy.anchoring = Policy::Anchoring::kSearch;
  EXPECT_EQ(select(test::fixture_q(), "attribute:ecs.instance-type =~ 2[.]", policy), "q1 q2 q3 q4");
  EXPECT_EQ(select(test::fixture_q(), "attribute:ecs.instance-type =~ ^g2", policy), "q3 q4");
  EXPECT_EQ(select(test::fixture_q(), "attribute:ecs.instance-type !~ small", policy), "q2 q3 q4");
  EXPECT_EQ(select(test::fixture_q(), "ec2InstanceId =~ abcd", policy), "q1");
  EXPECT_EQ(select(test::fixture_q(), "ec2InstanceId =~ abcd", {}), "");
}

TEST(Policy, Precedence) {
  const std::string text = "runningTasksCount == 0 or runningTasksCount == 1 and attribute:stack == prod";
  Policy policy;
  EXPECT_EQ(select(test::fixture_q(), text, policy), "q1 q3");
  policy.precedence = Policy::Precedence::kLeftToRight;
  EXPECT_EQ(select(test::fixture_q(), text, policy), "q1");
}

TEST(Policy, KeywordCase) {
  Policy policy;
  policy.keyword_case = Policy::KeywordCase::kAny;
  EXPECT_EQ(select(test::fixture_q(), "NOT attribute:stack Exists OR attribute:stack IN [prod] AND attribute:stack !IN [x]", policy),
            "q1 q3 q4");
  EXPECT_EQ(select(test::fixture_q(), "attribute:stack MATCHES PROD or attribute:stack Not_Equals dev", policy), "q1");
  EXPECT_FALSE(Program::compile("AGENTCONNECTED == true", policy));
}

TEST(Policy, DoubleQuotes) {
  Policy policy;
  policy.double_quotes = Policy::DoubleQuotes::kAccept;
  EXPECT_EQ(select(test::fixture_q(), "attribute:stack == \"prod\"", policy), "q1");
  EXPECT_EQ(select(test::fixture_q(), "attribute:stack in [\"prod\", 'dev']", policy), "q1 q2");
  EXPECT_EQ(select(test::fixture_q(), "attribute:stack =~ \"p.*\"", policy), "q1");
  EXPECT_EQ(select(test::fixture_q(), "attribute:stack == \"it's\" or attribute:stack == 'say \"x\"'", policy), "");
  const auto open = Program::compile("attribute:stack == \"prod'", policy);
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().offset, 19U);
}

TEST(Policy, AttributeOrder) {
  Policy policy;
  EXPECT_EQ(select(test::fixture_r(), "attribute:size > 9", policy), "r1 r3");
  policy.attribute_order = Policy::AttributeOrder::kText;
  EXPECT_EQ(select(test::fixture_r(), "attribute:size > 9", policy), "r3");
  EXPECT_EQ(select(test::fixture_r(), "attribute:size < 9", policy), "r1 r4");
}

TEST(Policy, NameOnly) {
  Policy policy;
  policy.name_only = Policy::NameOnly::kAbsent;
  for (const char* text : {"attribute:size != x", "attribute:size =~ .*", "attribute:size !in [x]", "attribute:size !~ x"}) {
    EXPECT_EQ(select(test::fixture_r(), text, {}), "r1 r2 r3 r4") << text;
    EXPECT_EQ(select(test::fixture_r(), text, policy), "r1 r2 r3") << text;
  }
  EXPECT_EQ(select(test::fixture_r(), "attribute:size == ''", policy), "");
  EXPECT_EQ(select(test::fixture_r(), "attribute:size < 1", {}), "r4");
  EXPECT_EQ(select(test::fixture_r(), "attribute:size < 1", policy), "");
  EXPECT_EQ(select(test::fixture_r(), "attribute:size exists", policy), "r1 r2 r3 r4");
  EXPECT_EQ(select(test::fixture_r(), "attribute:size !exists", policy), "");
}

TEST(Policy, GroupAbsent) {
  Policy policy;
  policy.group_absent = Policy::GroupAbsent::kTrue;
  for (const char* text : {"task:group != database", "task:group !in [database]", "task:group !~ database"}) {
    EXPECT_EQ(select(test::fixture_q(), text, {}), "q1 q4") << text;
    EXPECT_EQ(select(test::fixture_q(), text, policy), "q1 q3 q4") << text;
  }
  EXPECT_EQ(select(test::fixture_q(), "task:group == database", policy), "q2");
  EXPECT_EQ(select(test::fixture_q(), "task:group exists", policy), "q1 q2 q4");
}

TEST(Policy, GroupTasks) {
  Policy policy;
  policy.group_tasks = Policy::GroupTasks::kLastRunning;
  EXPECT_EQ(select(test::fixture_r(), "task:group == database", policy), "r3");
  EXPECT_EQ(select(test::fixture_r(), "task:group == task:consulServer", policy), "");
  EXPECT_EQ(select(test::fixture_r(), "task:group == task:consulServer", {}), "r2");
}

TEST(Policy, VersionSuffix) {
  Policy policy;
  policy.version_suffix = Policy::VersionSuffix::kIgnore;
  EXPECT_EQ(select(test::fixture_r(), "agentVersion == 1.70.2", policy), "r1 r2");
  EXPECT_EQ(select(test::fixture_r(), "agentVersion == 1.70.2", {}), "r2");
  EXPECT_EQ(select(test::fixture_r(), "agentVersion > 1.70.2", policy), "");
}

}  // namespace
}  // namespace berth::query
