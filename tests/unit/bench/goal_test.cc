#include "bench/report/goal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace berth::bench {
namespace {

const Goal kSmall{.workload = "W0", .what = "", .key = "k", .against = "", .against_key = "", .goal = 50, .milestone = 200};
const Goal kLarge{.workload = "W0",
                  .what = "",
                  .key = "k",
                  .against = "",
                  .against_key = "",
                  .direction = Direction::kAtLeast,
                  .goal = 1000,
                  .milestone = 250};

TEST(Goal, ASmallFigureIsWantedAtMost) {
  EXPECT_EQ(reached(kSmall, 49.9), Reached::kGoal);
  EXPECT_EQ(reached(kSmall, 50), Reached::kGoal);
  EXPECT_EQ(reached(kSmall, 50.1), Reached::kMilestone);
  EXPECT_EQ(reached(kSmall, 200), Reached::kMilestone);
  EXPECT_EQ(reached(kSmall, 200.1), Reached::kNeither);
}

TEST(Goal, ALargeFigureIsWantedAtLeast) {
  EXPECT_EQ(reached(kLarge, 1000), Reached::kGoal);
  EXPECT_EQ(reached(kLarge, 999), Reached::kMilestone);
  EXPECT_EQ(reached(kLarge, 250), Reached::kMilestone);
  EXPECT_EQ(reached(kLarge, 249), Reached::kNeither);
}

TEST(Goal, OneBoundAloneIsAsked) {
  Goal only_goal = kSmall;
  only_goal.milestone.reset();
  EXPECT_EQ(reached(only_goal, 50), Reached::kGoal);
  EXPECT_EQ(reached(only_goal, 51), Reached::kNeither);
  Goal only_milestone = kSmall;
  only_milestone.goal.reset();
  EXPECT_EQ(reached(only_milestone, 1), Reached::kMilestone);
  EXPECT_EQ(reached(only_milestone, 201), Reached::kNeither);
  Goal neither = only_goal;
  neither.goal.reset();
  EXPECT_EQ(reached(neither, 1), Reached::kUnbounded);
}

TEST(Goals, MilestonesAreNoStricterThanGoals) {
  for (const Goal& goal : goals()) {
    if (goal.goal.has_value() && goal.milestone.has_value()) {
      EXPECT_TRUE(goal.direction == Direction::kAtMost ? *goal.milestone >= *goal.goal : *goal.milestone <= *goal.goal) << goal.key;
    }
  }
}

TEST(Goals, EachKeyHasOneLineAndWhatItIsHeldAgainstHasAKey) {
  std::set<std::string_view> keys;
  for (const Goal& goal : goals()) {
    EXPECT_TRUE(keys.insert(goal.key).second) << goal.key;
    EXPECT_EQ(goal.against.empty(), goal.against_key.empty()) << goal.key;
    EXPECT_TRUE(goal.key.starts_with(goal.workload)) << goal.key;
  }
}

// The figures that have to be there, with their bounds.
TEST(Goals, HoldTheFiguresThatAreAskedFor) {
  struct Asked {
    std::string_view key;
    double goal, milestone;
  };
  constexpr Asked kAsked[] = {{"W1.ratio", 2, 4},
                              {"W2.z200.placements_per_second", 1e6, 250e3},
                              {"W2.z200.p99_us", 20, 100},
                              {"W2.z200.p999_us", 200, 1000},
                              {"W2.z5000.placements_per_second", 250e3, 50e3},
                              {"W2.two_thread_speedup", 1.7, 1.6},
                              {"W3.service_default_ms", 50, 200},
                              {"W3.spread_zone_binpack_memory_ms", 50, 200},
                              {"W3.binpack_cpu_ms", 50, 200},
                              {"W3.binpack_memory_ms", 50, 200},
                              {"W3.random_ms", 50, 200},
                              {"W3.spread_stack_ms", 50, 200},
                              {"W4.equals_ns_per_instance", 0.5, 2},
                              {"W4.in_ns_per_instance", 0.5, 2},
                              {"W4.pattern_ns_per_instance", 0.5, 2},
                              {"W4.compound_ns_per_instance", 0.5, 2},
                              {"W5.bytes_per_instance", 100, 128},
                              {"W5.bytes_per_task", 40, 48},
                              {"W5.load_ms", 300, 600},
                              {"W5.rss_mib", 512, 768},
                              {"W6.deltas_per_second", 200e3, 100e3},
                              {"growth.ratio", 2, 3}};
  for (const Asked& asked : kAsked) {
    const auto found = std::find_if(goals().begin(), goals().end(), [&](const Goal& goal) { return goal.key == asked.key; });
    ASSERT_NE(found, goals().end()) << asked.key;
    EXPECT_EQ(found->goal, asked.goal) << asked.key;
    EXPECT_EQ(found->milestone, asked.milestone) << asked.key;
  }
}

}  // namespace
}  // namespace berth::bench
