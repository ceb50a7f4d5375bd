#include "engine/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace berth {
namespace {

Error lost() {
  return Error{.code = StatusCode::kNotFound, .message = "lost", .offset = 3, .length = 2};
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> value = 7;
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(*value, 7);
  const Result<int> error = lost();
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, StatusCode::kNotFound);
  EXPECT_EQ(error.error().offset, 3U);
  EXPECT_TRUE(error.error().exception.empty());
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Result, AnOutcomeIsSuccessOrAnError) {
  const Outcome good;
  EXPECT_TRUE(good.ok());
  Outcome bad = lost();
  ASSERT_FALSE(bad.ok());
  const Error taken = std::move(bad).error();
  EXPECT_EQ(taken.message, "lost");
  EXPECT_EQ(Error{}.offset, kNoOffset);
}

}  // namespace
}  // namespace berth
