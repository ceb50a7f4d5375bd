// What goes into a SnapshotBuilder comes out of the Snapshot, in any order of arrival, on any executor, once or several times.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "engine/base/rng.h"
#include "tests/unit/executor_kinds.h"
#include "tests/unit/snapshot/plain_fleet.h"

namespace berth::testing {
namespace {

SnapshotPtr load(std::vector<std::uint8_t> bytes, Executor& executor) {
  Result<SnapshotPtr> snapshot = Snapshot::from_bytes(std::move(bytes), executor);
  EXPECT_TRUE(snapshot.ok()) << snapshot.error().message;
  return snapshot.ok() ? *snapshot : nullptr;
}

template <typename T>
void shuffle(std::vector<T>& items, Stream& random) {
  for (std::size_t left = items.size(); left > 1; --left) {
    std::swap(items[left - 1], items[random.below(left)]);
  }
}

RC_GTEST_PROP(RoundTrip, KeepsEveryFieldOfEveryRecord, (std::uint64_t seed)) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  const PlainFleet fleet = make_fleet(seed, *rc::gen::inRange(0U, 200U), *rc::gen::inRange(0U, 5U));
  const SnapshotPtr snapshot = load(bytes_of(fleet, *executor), *executor);
  RC_ASSERT(snapshot != nullptr);
  RC_ASSERT(describe(*snapshot).lines == describe(fleet).lines);
}

RC_GTEST_PROP(RoundTrip, DoesNotDependOnTheOrderOfArrival, (std::uint64_t seed)) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  PlainFleet fleet = make_fleet(seed, 60, 4);
  const std::vector<std::uint8_t> before = bytes_of(fleet, *executor);
  Stream random(seed);
  shuffle(fleet.instances, random);
  shuffle(fleet.tasks, random);
  shuffle(fleet.own_names, random);
  SnapshotBuilder builder;
  builder.intern_name("never used");
  builder.intern_value("never used");
  add(fleet, builder, true);
  const Result<std::vector<std::uint8_t>> after = builder.finish(*executor);
  RC_ASSERT(after.ok());
  RC_ASSERT(*after == before);
}

RC_GTEST_PROP(RoundTrip, FromChangesNothingButTheGeneration, (std::uint64_t seed)) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  const PlainFleet fleet = make_fleet(seed, *rc::gen::inRange(0U, 200U), 3);
  const SnapshotPtr first = load(bytes_of(fleet, *executor), *executor);
  RC_ASSERT(first != nullptr);
  const SnapshotPtr second = load(*SnapshotBuilder::from(*first)->finish(*executor), *executor);
  RC_ASSERT(second != nullptr);
  RC_ASSERT(second->generation() == first->generation() + 1);
  const auto again = SnapshotBuilder::from(*second);
  again->set_generation(first->generation());
  RC_ASSERT(std::ranges::equal(*again->finish(*executor), first->bytes()));
}

RC_GTEST_PROP(RoundTrip, TieKeysAreTheHashesOfTheArns, (std::uint64_t seed)) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  SnapshotBuilder builder;
  builder.set_tie_seed(seed);
  add(make_fleet(seed, 100, 0), builder);
  const SnapshotPtr snapshot = load(*builder.finish(*executor), *executor);
  RC_ASSERT(snapshot != nullptr);
  for (std::uint32_t at = 0; at < snapshot->instance_count(); ++at) {
    RC_ASSERT(snapshot->tie_keys()[at] == hash_bytes(seed, snapshot->instance_arns().text(at)));
  }
}

TEST(RoundTrip, IsTheSameOnEveryExecutor) {
  // More instances than one step looks at, so that several steps meet.
  const PlainFleet fleet = make_fleet(7, 66'000, 0);
  const auto serial = make_executor(ExecutorKind::kSerial, 1);
  const std::vector<std::uint8_t> expected = bytes_of(fleet, *serial);
  for (const ExecutorKind kind : kExecutorKinds) {
    const auto executor = make_executor(kind, 3);
    const std::vector<std::uint8_t> bytes = bytes_of(fleet, *executor);
    EXPECT_TRUE(bytes == expected);
    const SnapshotPtr snapshot = load(bytes, *executor);
    ASSERT_NE(snapshot, nullptr);
    EXPECT_EQ(snapshot->instance_count(), fleet.instances.size());
  }
}

TEST(RoundTrip, AnEmptySnapshotHasNothing) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  const SnapshotPtr snapshot = load(bytes_of({}, *executor), *executor);
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->instance_count(), 0U);
  EXPECT_EQ(snapshot->task_count(), 0U);
  EXPECT_FALSE(snapshot->has_tasks());
  EXPECT_FALSE(snapshot->has_gpus());
  EXPECT_EQ(snapshot->port_set_count(), 1U);
  EXPECT_EQ(snapshot->find_instance("i-0"), std::nullopt);
  EXPECT_EQ(snapshot->generation(), 1U);
  EXPECT_EQ(snapshot->format_version(), 1U);
}

TEST(RoundTrip, FromKeepsWhetherTasksWereImported) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  for (const bool said : {true, false}) {
    SnapshotBuilder builder;
    add(make_fleet(3, 5, said ? 0 : 4), builder);
    builder.set_has_tasks(said);
    const SnapshotPtr snapshot = load(*builder.finish(*executor), *executor);
    ASSERT_NE(snapshot, nullptr);
    EXPECT_EQ(snapshot->has_tasks(), said);
    const SnapshotPtr copy = load(*SnapshotBuilder::from(*snapshot)->finish(*executor), *executor);
    ASSERT_NE(copy, nullptr);
    EXPECT_EQ(copy->has_tasks(), said);
  }
}

}  // namespace
}  // namespace berth::testing
