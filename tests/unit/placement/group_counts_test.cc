#include "engine/placement/group_counts.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "bench/workloads/fleet.h"
#include "engine/base/limits.h"
#include "engine/base/rng.h"

namespace berth::placement {
namespace {

// One task after another, as the definition says it.
std::vector<std::uint32_t> counted_plainly(const Snapshot& snapshot, std::string_view group, const Bitset& counted) {
  std::vector<std::uint32_t> counts(snapshot.instance_count());
  for (std::uint32_t instance = 0; instance < snapshot.instance_count(); ++instance) {
    const Snapshot::TaskRange tasks = snapshot.tasks_of(instance);
    for (std::uint32_t task = tasks.begin; task < tasks.end && counted.test(instance); ++task) {
      const std::uint32_t id = snapshot.task_shapes()[snapshot.task_shape()[task]].group;
      const bool runs = snapshot.task_desired_status()[task] == static_cast<std::uint8_t>(TaskStatus::kRunning);
      counts[instance] += id != kNoId && snapshot.groups().at(id) == group && runs ? 1U : 0U;
    }
  }
  return counts;
}

TEST(GroupCounts, AreThoseOfTheDefinition) {
  const std::unique_ptr<Executor> executor = make_executor(ExecutorKind::kThreads, 2);
  // Several blocks, the last one small, and no whole number of tasks looked at together.
  const SnapshotPtr snapshot = workloads::fleet(2 * kBlockInstances + 77, 3, *executor);
  Bitset counted(snapshot->instance_count());
  for (std::uint32_t instance = 0; instance < snapshot->instance_count(); ++instance) {
    counted.assign(instance, bounded(draw64(5, instance, 0), 10) != 0);
  }
  std::uint64_t all = 0;
  for (std::uint32_t group = 0; group < snapshot->groups().size(); ++group) {
    const std::string name(snapshot->groups().at(group));
    const std::vector<std::uint32_t> expected = counted_plainly(*snapshot, name, counted);
    const GroupCounts counts(*snapshot, name, counted, *executor);
    std::vector<std::uint32_t> instances;
    for (std::uint32_t instance = 0; instance < snapshot->instance_count(); ++instance) {
      ASSERT_EQ(counts.of(instance), expected[instance]) << name << " on " << instance;
      all += expected[instance];
      if (expected[instance] != 0) {
        instances.push_back(instance);
      }
    }
    ASSERT_EQ(std::vector<std::uint32_t>(counts.instances().begin(), counts.instances().end()), instances) << name;
    ASSERT_EQ(counts.any(), !instances.empty());
    if (group == 20) {
      break;
    }
  }
  EXPECT_GT(all, 100U);
}

TEST(GroupCounts, OfAGroupThatNobodyHasAreNone) {
  const std::unique_ptr<Executor> executor = make_executor(ExecutorKind::kSerial, 1);
  const SnapshotPtr snapshot = workloads::fleet(100, 3, *executor);
  const GroupCounts counts(*snapshot, "service:nobody", Bitset(100, true), *executor);
  EXPECT_FALSE(counts.any());
  EXPECT_EQ(counts.of(7), 0U);
  EXPECT_TRUE(counts.instances().empty());
}

}  // namespace
}  // namespace berth::placement
