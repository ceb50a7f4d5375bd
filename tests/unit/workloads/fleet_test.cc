// F(n) is what its definition says: types from large to 4xlarge with a tail, 3 to 6 zones, an agent's attributes and two more, filled to
// 60 % with 5 tasks on average.
#include "bench/workloads/fleet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "engine/base/limits.h"
#include "tests/unit/workloads/executor.h"

namespace berth::workloads {
namespace {

constexpr std::uint32_t kInstances = 5000;

const SnapshotPtr& sample() {
  static const SnapshotPtr snapshot = fleet(kInstances, 1, serial_executor());
  return snapshot;
}

TEST(Fleet, OneSeedGivesOneFleetOnEveryExecutor) {
  const auto threads = make_executor(ExecutorKind::kThreads, 3);
  const SnapshotPtr again = fleet(kInstances, 1, *threads);
  ASSERT_NE(again, nullptr);
  EXPECT_TRUE(std::ranges::equal(sample()->bytes(), again->bytes()));
  EXPECT_FALSE(std::ranges::equal(sample()->bytes(), fleet(kInstances, 2, *threads)->bytes()));
}

TEST(Fleet, ImpossibleSizesGiveNone) {
  EXPECT_EQ(fleet(0, 1, serial_executor()), nullptr);
  EXPECT_EQ(fleet(kInstancesMax + 1, 1, serial_executor()), nullptr);
  EXPECT_EQ(fleet(kInstancesMax, 1, serial_executor()), nullptr) << "its tasks are more than a snapshot holds";
}

TEST(Fleet, SeedsCoverThreeToSixZones) {
  std::set<std::size_t> counts;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const SnapshotPtr small = fleet(300, seed, serial_executor());
    std::set<std::string_view> zones;
    for (std::uint32_t i = 0; i < small->instance_count(); ++i) {
      zones.insert(small->attribute_text(i, "ecs.availability-zone").value_or("none"));
    }
    counts.insert(zones.size());
  }
  EXPECT_EQ(counts, (std::set<std::size_t>{3, 4, 5, 6}));
}

TEST(Fleet, IsFilledToSixtyPercentWithFiveTasksEach) {
  const SnapshotPtr& snapshot = sample();
  std::int64_t cpu = 0;
  std::int64_t cpu_left = 0;
  std::int64_t memory = 0;
  std::int64_t memory_left = 0;
  for (std::uint32_t i = 0; i < kInstances; ++i) {
    cpu += snapshot->cpu_registered()[i];
    cpu_left += snapshot->cpu_remaining()[i];
    memory += snapshot->memory_registered()[i];
    memory_left += snapshot->memory_remaining()[i];
  }
  EXPECT_NEAR(1 - static_cast<double>(cpu_left) / static_cast<double>(cpu), 0.6, 0.03);
  EXPECT_NEAR(1 - static_cast<double>(memory_left) / static_cast<double>(memory), 0.6, 0.03);
  EXPECT_NEAR(static_cast<double>(snapshot->task_count()) / kInstances, 5.0, 0.25);
  RecordProperty("cpu_used", std::to_string(1 - static_cast<double>(cpu_left) / static_cast<double>(cpu)));
  RecordProperty("memory_used", std::to_string(1 - static_cast<double>(memory_left) / static_cast<double>(memory)));
}

// In units of a size: large is 2 vCPUs, 4xlarge 16.
TEST(Fleet, CapacityIsAMixOfLargeToFourXlargeWithATail) {
  std::map<int, double> share;
  for (const std::int32_t cpu : sample()->cpu_registered()) {
    share[cpu / 1024] += 1.0 / kInstances;
  }
  EXPECT_EQ(share.begin()->first, 2);
  for (const int vcpus : {2, 4, 8, 16}) {
    EXPECT_GT(share[vcpus], 0.08) << vcpus << " vCPUs";
  }
  double tail = 0;
  for (const auto& [vcpus, part] : share) {
    tail += vcpus > 16 ? part : 0;
  }
  EXPECT_GT(tail, 0.03);
  EXPECT_LT(tail, 0.10);
  EXPECT_GE(share.rbegin()->first, 64);
}

TEST(Fleet, AttributesAreAnAgentsAndTwoCustomOnesMostTheSameEverywhere) {
  const SnapshotPtr& snapshot = sample();
  const StringTable& names = snapshot->attribute_names();
  std::uint32_t custom = 0;
  std::uint32_t everywhere_the_same = 0;
  for (std::uint32_t name = 0; name < names.size(); ++name) {
    std::set<std::uint32_t> values;
    for (std::uint32_t i = 0; i < kInstances; ++i) {
      values.insert(snapshot->attribute(i, name));
    }
    everywhere_the_same += values.size() == 1 ? 1U : 0U;
    const bool is_agents = names.at(name).starts_with("ecs.") || names.at(name).starts_with("com.amazonaws.ecs.");
    custom += is_agents ? 0U : 1U;
    EXPECT_TRUE(is_agents || !values.contains(kAttributeAbsent)) << names.at(name);
  }
  EXPECT_EQ(custom, 2U);
  EXPECT_GE(names.size(), 40U);
  EXPECT_LE(names.size(), 52U);
  EXPECT_GE(everywhere_the_same * 100, names.size() * 75);
}

}  // namespace
}  // namespace berth::workloads
