#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/limits.h"
#include "engine/query/program.h"
#include "tests/unit/query/golden_table.h"

namespace berth::query {
namespace {

ProgramPtr compiled(std::string_view text, const Policy& policy = {}) {
  auto program = Program::compile(text, policy);
  EXPECT_TRUE(program) << text << "\n" << program.error().message;
  return program ? *program : nullptr;
}

std::vector<std::string> conjuncts(const Program& program) {
  std::vector<std::string> pieces;
  for (std::uint32_t i = 0; i < program.conjunct_count(); ++i) {
    pieces.push_back(program.text().substr(program.conjunct(i).offset, program.conjunct(i).length));
  }
  return pieces;
}

std::vector<std::string> leaves(const Program& program) {
  std::vector<std::string> pieces;
  for (std::uint32_t i = 0; i < program.leaf_count(); ++i) {
    pieces.push_back(program.text().substr(program.leaf(i).offset, program.leaf(i).length));
  }
  return pieces;
}

using Texts = std::vector<std::string>;

TEST(Compile, EveryMalformedExpressionNamesThePieceAndWhatWasExpected) {
  const auto rows = test::read_golden("refuse.tsv");
  ASSERT_GT(rows.size(), 100U);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 5U);
    SCOPED_TRACE(row[0]);
    const auto program = Program::compile(row[0]);
    ASSERT_FALSE(program);
    const Error& error = program.error();
    EXPECT_EQ(std::to_string(static_cast<int>(error.code)), row[1]);
    EXPECT_EQ(std::to_string(error.offset), row[2]);
    EXPECT_EQ(std::to_string(error.length), row[3]);
    EXPECT_EQ(error.message, "at byte " + row[2] + ": " + row[4]);
    EXPECT_EQ(error.exception, "InvalidParameterException");
    EXPECT_LE(error.offset + error.length, row[0].size());
    EXPECT_EQ(error.message.find('\n'), std::string::npos);
  }
}

TEST(Compile, TwoThousandCharactersAreTheMost) {
  const std::string head = "attribute:x == '";
  const std::string fits = head + std::string(2000 - head.size() - 1, 'a') + "'";
  ASSERT_EQ(fits.size(), 2000U);
  compiled(fits);
  const auto too_long = Program::compile(fits + " ");
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, StatusCode::kLimitExceeded);
  EXPECT_EQ(too_long.error().offset, 2000U);
  EXPECT_EQ(too_long.error().length, 1U);
}

TEST(Compile, LengthCountsCodePointsNotBytes) {
  const std::string head = "attribute:x == '";
  std::string text = head;
  for (std::size_t i = 0; i < 2000 - head.size() - 1; ++i) {
    text += "\xc3\xa9";
  }
  compiled(text + "'");
  EXPECT_FALSE(Program::compile(text + "\xc3\xa9'"));
}

TEST(Compile, NestingIsBounded) {
  const auto nested = [](std::uint32_t depth, const std::string& open, const std::string& close) {
    std::string text;
    for (std::uint32_t i = 0; i < depth; ++i) {
      text += open;
    }
    text += "attribute:x exists";
    for (std::uint32_t i = 0; i < depth; ++i) {
      text += close;
    }
    return text;
  };
  for (const auto& [open, close] : {std::pair<std::string, std::string>{"(", ")"}, {"!", ""}, {"not ", ""}}) {
    compiled(nested(kExpressionDepthMax, open, close));
    const auto too_deep = Program::compile(nested(kExpressionDepthMax + 1, open, close));
    ASSERT_FALSE(too_deep);
    EXPECT_EQ(too_deep.error().code, StatusCode::kLimitExceeded);
    EXPECT_EQ(too_deep.error().offset, kExpressionDepthMax * open.size());
    EXPECT_EQ(too_deep.error().length, open == "not " ? 3U : 1U);
  }
  compiled(nested(kExpressionDepthMax / 2, "not(", ")"));
  EXPECT_FALSE(Program::compile(nested(kExpressionDepthMax / 2 + 1, "not(", ")")));
}

TEST(Compile, ConjunctsAreTheOperandsOfTheOutermostAnd) {
  EXPECT_EQ(conjuncts(*compiled("attribute:a == x")), Texts({"attribute:a == x"}));
  EXPECT_EQ(conjuncts(*compiled(" attribute:a == x and(attribute:b in [y,z] or not attribute:c exists)&&!attribute:d exists ")),
            Texts({"attribute:a == x", "(attribute:b in [y,z] or not attribute:c exists)", "!attribute:d exists"}));
  EXPECT_EQ(conjuncts(*compiled("attribute:a exists or attribute:b exists and attribute:c exists")),
            Texts({"attribute:a exists or attribute:b exists and attribute:c exists"}));
  EXPECT_EQ(conjuncts(*compiled("((attribute:a exists and attribute:b exists))")), Texts({"attribute:a exists", "attribute:b exists"}));
  EXPECT_EQ(conjuncts(*compiled("(attribute:a exists and attribute:b exists) and attribute:c exists")),
            Texts({"(attribute:a exists and attribute:b exists)", "attribute:c exists"}));
  EXPECT_EQ(conjuncts(*compiled("not not (attribute:a exists and attribute:b exists)")),
            Texts({"not not (attribute:a exists and attribute:b exists)"}));
}

TEST(Compile, ConjunctsFollowThePrecedenceOfThePolicy) {
  Policy policy;
  policy.precedence = Policy::Precedence::kLeftToRight;
  EXPECT_EQ(conjuncts(*compiled("attribute:a exists or attribute:b exists and attribute:c exists", policy)),
            Texts({"attribute:a exists or attribute:b exists", "attribute:c exists"}));
  EXPECT_EQ(conjuncts(*compiled("attribute:a exists and attribute:b exists and attribute:c exists", policy)),
            Texts({"attribute:a exists", "attribute:b exists", "attribute:c exists"}));
  EXPECT_EQ(conjuncts(*compiled("attribute:a exists and attribute:b exists or attribute:c exists", policy)),
            Texts({"attribute:a exists and attribute:b exists or attribute:c exists"}));
}

TEST(Compile, LeavesComeInTheOrderOfTheTextWithTheirSubjects) {
  const ProgramPtr program = compiled(
      "not(task:group == 'a b') and (attribute:x/y =~ (a|b).* or attribute:z !exists) and agentVersion >= 1.2 or ec2InstanceId in "
      "[ i-1 , 'i-2' ] and registeredAt > 2018-06-18T22:28:28+00:00 and runningTasksCount<5 and agentConnected==true");
  EXPECT_EQ(leaves(*program), Texts({"task:group == 'a b'", "attribute:x/y =~ (a|b).*", "attribute:z !exists", "agentVersion >= 1.2",
                                     "ec2InstanceId in [ i-1 , 'i-2' ]", "registeredAt > 2018-06-18T22:28:28+00:00", "runningTasksCount<5",
                                     "agentConnected==true"}));
  const Texts subjects = {"task:group",    "attribute",    "attribute",         "agentVersion",
                          "ec2InstanceId", "registeredAt", "runningTasksCount", "agentConnected"};
  for (std::uint32_t i = 0; i < program->leaf_count(); ++i) {
    EXPECT_EQ(program->leaf_subject(i).subject, subjects[i]);
    EXPECT_EQ(program->leaf_subject(i).attribute_name, i == 1 ? "x/y" : i == 2 ? "z" : "");
  }
}

TEST(Compile, KnowsWhetherTasksMatter) {
  EXPECT_TRUE(compiled("attribute:a exists and task:group != x")->depends_on_tasks());
  EXPECT_TRUE(compiled("runningTasksCount < 1")->depends_on_tasks());
  EXPECT_FALSE(compiled("attribute:a exists and agentConnected == true and agentVersion > 1 and registeredAt > 2018-01-01 and "
                        "ec2InstanceId != i-1")
                   ->depends_on_tasks());
}

TEST(Compile, KeepsItsTextAndPolicy) {
  Policy policy;
  policy.anchoring = Policy::Anchoring::kSearch;
  const ProgramPtr program = compiled(" attribute:a =~ b ", policy);
  EXPECT_EQ(program->text(), " attribute:a =~ b ");
  EXPECT_EQ(program->policy(), policy);
}

TEST(Compile, PatternErrorsPointIntoTheExpression) {
  const std::string text = "attribute:a == b and attribute:x =~ 'ab\\bc'";
  const auto program = Program::compile(text);
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().code, StatusCode::kUnsupported);
  EXPECT_EQ(text.substr(program.error().offset, program.error().length), "\\b");
}

}  // namespace
}  // namespace berth::query
