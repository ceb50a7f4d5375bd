#include "tests/oracle/first_fit.h"

#include <gtest/gtest.h>

namespace berth::oracle {
namespace {

TEST(FirstFit, TakesTheFirstBinWithRoomInEveryDimension) {
  EXPECT_EQ(first_fit({}, {10, 10}), 0U);
  // 6+4 fill the first bin, 5 opens a second, 5 joins it.
  EXPECT_EQ(first_fit({{6, 1}, {5, 1}, {4, 1}, {5, 1}}, {10, 10}), 2U);
  // One dimension is enough to keep two items apart.
  EXPECT_EQ(first_fit({{1, 6}, {1, 6}}, {10, 10}), 2U);
}

TEST(FirstFit, OrderMatters) {
  const std::vector<Item> items = {{3, 0}, {3, 0}, {7, 0}, {7, 0}};
  EXPECT_EQ(first_fit(items, {10, 10}), 3U);
  EXPECT_EQ(first_fit(largest_first(items, {10, 10}), {10, 10}), 2U);
}

TEST(FirstFit, LargestFirstGoesByTheLargestShareAndKeepsEqualOnesInOrder) {
  EXPECT_EQ(largest_first({{1, 10}, {4, 1}, {1, 20}, {2, 20}}, {10, 100}), (std::vector<Item>{{4, 1}, {1, 20}, {2, 20}, {1, 10}}));
}

}  // namespace
}  // namespace berth::oracle
