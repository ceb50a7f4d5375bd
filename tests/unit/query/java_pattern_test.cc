#include "engine/query/java_pattern.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/query/automaton.h"
#include "engine/query/pattern.h"
#include "tests/unit/query/golden_table.h"

namespace berth::query {
namespace {

TEST(JavaPattern, MatchesWhatJavaMatches) {
  const auto rows = test::read_golden("java_accept.tsv");
  ASSERT_GT(rows.size(), 150U);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 3U);
    SCOPED_TRACE(row[0] + " on " + row[1]);
    const auto pattern = Pattern::make(row[0], true);
    ASSERT_TRUE(pattern) << pattern.error().message;
    EXPECT_EQ((*pattern)->matches(row[1]), row[2] == "yes") << (*pattern)->re2_text();
    EXPECT_EQ((*pattern)->matches_without_allocation(row[1]), row[2] == "yes");
  }
}

TEST(JavaPattern, RefusesByNameWhatItCannotDoAsJavaDoes) {
  const auto rows = test::read_golden("java_refuse.tsv");
  ASSERT_GT(rows.size(), 100U);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 5U);
    SCOPED_TRACE(row[0]);
    const auto pattern = Pattern::make(row[0], true);
    ASSERT_FALSE(pattern);
    EXPECT_EQ(std::to_string(static_cast<int>(pattern.error().code)), row[1]);
    EXPECT_EQ(std::to_string(pattern.error().offset), row[2]);
    EXPECT_EQ(std::to_string(pattern.error().length), row[3]);
    EXPECT_EQ(pattern.error().message, row[4]);
  }
}

TEST(JavaPattern, SearchRefusesDollarWhichJavaReadsBeforeALastLineTerminatorToo) {
  const auto pattern = Pattern::make("a$", false);
  ASSERT_FALSE(pattern);
  EXPECT_EQ(pattern.error().code, StatusCode::kUnsupported);
  const auto mended = Pattern::make("a\\z", false);
  ASSERT_TRUE(mended);
  EXPECT_TRUE((*mended)->matches("ba"));
  EXPECT_FALSE((*mended)->matches("ba\n"));
  EXPECT_FALSE((*mended)->matches_without_allocation("ba\n"));
}

TEST(JavaPattern, SearchFindsAPartAndWholeDoesNot) {
  for (const bool is_whole : {true, false}) {
    const auto pattern = Pattern::make("b+", is_whole);
    ASSERT_TRUE(pattern);
    EXPECT_EQ((*pattern)->matches("abbc"), !is_whole);
    EXPECT_EQ((*pattern)->matches_without_allocation("abbc"), !is_whole);
    EXPECT_FALSE((*pattern)->matches("ac"));
    EXPECT_FALSE((*pattern)->matches_without_allocation("ac"));
  }
}

TEST(JavaPattern, BytesThatAreNotUtf8MatchNoCharacter) {
  const auto pattern = Pattern::make("a.*", true);
  ASSERT_TRUE(pattern);
  for (const std::string value : {"a\xff", "a\xc3", "a\xed\xa0\x80"}) {
    EXPECT_FALSE((*pattern)->matches(value));
    EXPECT_FALSE((*pattern)->matches_without_allocation(value));
  }
}

TEST(JavaPattern, RepetitionsOfNothingCostNoTime) {
  const auto pattern = Pattern::make("(((){1000}){1000}){1000}", true);
  ASSERT_FALSE(pattern);
  EXPECT_EQ(pattern.error().code, StatusCode::kLimitExceeded);
}

TEST(JavaPattern, NestedStarsStayLinear) {
  const auto pattern = Pattern::make("(((a*)*)*)*b", true);
  ASSERT_TRUE(pattern);
  const std::string value(20'000, 'a');
  EXPECT_FALSE((*pattern)->matches(value));
  EXPECT_FALSE((*pattern)->matches_without_allocation(value));
  EXPECT_TRUE((*pattern)->matches(value + "b"));
  EXPECT_TRUE((*pattern)->matches_without_allocation(value + "b"));
}

TEST(JavaPattern, LongestProgramStillRuns) {
  const auto pattern = Pattern::make(".{1000}a{0,1000}[b-d]{999}", true);
  ASSERT_TRUE(pattern) << pattern.error().message;
  const std::string value = std::string(1500, 'a') + std::string(999, 'c');
  EXPECT_TRUE((*pattern)->matches(value));
  EXPECT_TRUE((*pattern)->matches_without_allocation(value));
  EXPECT_FALSE((*pattern)->matches(value + "a"));
  EXPECT_FALSE((*pattern)->matches_without_allocation(value + "a"));
}

}  // namespace
}  // namespace berth::query
