#include "bindings/cli/caret.h"

#include <gtest/gtest.h>

#include <string>

namespace berth::cli {
namespace {

TEST(Caret, StandsBelowThePiece) {
  EXPECT_EQ(caret_picture("a === b", 2, 3), "a === b\n  ^^^\n");
}

TEST(Caret, PointsBehindTheEnd) {
  EXPECT_EQ(caret_picture("a ==", 4, 0), "a ==\n    ^\n");
  EXPECT_EQ(caret_picture("", 0, 0), "\n^\n");
  EXPECT_EQ(caret_picture("a", 99, 5), "a\n ^\n");
}

TEST(Caret, CountsColumnsNotBytes) {
  // Two bytes and one column, three bytes and two columns, a mark that combines.
  EXPECT_EQ(caret_picture("\xC3\xA9 x", 3, 1), "\xC3\xA9 x\n  ^\n");
  EXPECT_EQ(caret_picture("\xE6\x97\xA5 x", 4, 1), "\xE6\x97\xA5 x\n   ^\n");
  EXPECT_EQ(caret_picture("e\xCC\x81 x", 4, 1), "e\xCC\x81 x\n  ^\n");
}

TEST(Caret, ShowsOnlyTheLineOfThePiece) {
  EXPECT_EQ(caret_picture("one\ntwo three\nfour", 8, 5), "two three\n    ^^^^^\n");
}

TEST(Caret, ReplacesWhatWouldMoveTheCursor) {
  EXPECT_EQ(caret_picture("a\tb", 2, 1), "a b\n  ^\n");
  EXPECT_EQ(caret_picture("\xFF x", 2, 1), "? x\n  ^\n");
}

TEST(Caret, CutsLongLinesAroundThePiece) {
  const std::string text = std::string(300, 'a') + "XYZ" + std::string(300, 'b');
  const std::string picture = caret_picture(text, 300, 3);
  const std::size_t newline = picture.find('\n');
  EXPECT_LE(newline, kPictureColumnsMax + 3);
  EXPECT_EQ(picture.substr(0, 3), "...");
  EXPECT_EQ(picture.find("XYZ"), picture.find("^^^") - newline - 1);
}

}  // namespace
}  // namespace berth::cli
