#include "engine/service/replay.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/placement/model.h"

namespace berth::service::test {
namespace {

using placement::Reason;
using placement::test::build;
using placement::test::Fleet;
using placement::test::make_instance;

// Two instances that offer 1024 CPU units and 2048 MiB each, of 8192 and 16384.
SnapshotPtr two_instances() {
  return build({make_instance("a", "a", 1024, 2048), make_instance("b", "b", 1024, 2048)});
}

Trace read(std::string_view text) {
  Result<Trace> trace = read_trace("trace", text);
  EXPECT_TRUE(trace.ok()) << (trace.ok() ? "" : trace.error().message);
  return *std::move(trace);
}

Replay run(const SnapshotPtr& snapshot, const Trace& trace, const ReplayOptions& options = {}) {
  Result<Replay> done = replay(snapshot, trace, options, placement::test::serial());
  EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message);
  return *std::move(done);
}

std::string refusal(const Trace& trace, const ReplayOptions& options, const SnapshotPtr& snapshot = two_instances()) {
  const Result<Replay> done = replay(snapshot, trace, options, placement::test::serial());
  EXPECT_FALSE(done.ok());
  return done.ok() ? "" : done.error().message;
}

std::vector<std::int64_t> ends_of(const Replay& done) {
  std::vector<std::int64_t> ends;
  for (const Step& step : done.steps) {
    ends.push_back(step.time_ms);
  }
  return ends;
}

TEST(Replay, PlacesRefusesAndGivesBack) {
  const Trace trace = read(
      "arrival,departure,cpu,memory\n"
      "0,10,1024,100\n"
      "1,3,1024,100\n"
      "2,20,1024,100\n"  // Both are full.
      "3,20,1024,100\n"  // The second departs at this very moment, and before.
      "4,20,100,3000\n");
  ReplayOptions options;
  options.step_ms = 5000;
  const Replay done = run(two_instances(), trace, options);
  EXPECT_EQ(done.total.arrived, 5U);
  EXPECT_EQ(done.total.placed, 3U);
  EXPECT_EQ(done.total.departed, 3U);
  EXPECT_EQ(done.running_max, 2U);
  EXPECT_EQ(done.fates[2].reason, Reason::kCpu);
  EXPECT_EQ(done.fates[4].reason, Reason::kCpu);
  EXPECT_EQ(done.fates[1].instance, done.fates[3].instance);
  EXPECT_EQ(ends_of(done), (std::vector<std::int64_t>{0, 5000, 10'000, 15'000, 20'000}));
  EXPECT_EQ(done.steps[0].arrived, 1U);
  EXPECT_EQ(done.steps[1].arrived, 4U);
  EXPECT_EQ(done.steps[1].refused, 2U);
  EXPECT_EQ(done.steps[1].running, 2U);
  EXPECT_EQ(done.steps[2].departed, 1U);
  EXPECT_EQ(done.steps[2].running, 1U);
  EXPECT_EQ(done.steps[2].instances_in_use, 1U);
}

TEST(Replay, SharesAreMeansOverTheStep) {
  // 16,384 CPU units in all, 14,336 in use from before: 87.5 percent. The task takes 6.25 percent for half of the second step.
  ReplayOptions options;
  options.step_ms = 4000;
  const Replay done = run(two_instances(), read("arrival,departure,cpu,memory\n0,0,0,0\n2,4,1024,0\n8,8,0,0\n"), options);
  ASSERT_EQ(done.steps.size(), 3U);
  EXPECT_DOUBLE_EQ(done.steps[0].shares.used[0], 87.5);
  EXPECT_DOUBLE_EQ(done.steps[1].shares.used[0], 90.625);
  EXPECT_DOUBLE_EQ(done.steps[2].shares.used[0], 87.5);
  EXPECT_DOUBLE_EQ(done.total.shares.used[0], 89.0625);
  EXPECT_DOUBLE_EQ(done.peak_used[0], 93.75);
}

TEST(Replay, WhatIsFreeWhereAUsualTaskDoesNotFitIsFragmented) {
  // On each instance 1024 units are free: three of the four tasks of the mix fit there, one does not fit anywhere.
  const Replay done = run(two_instances(), read("arrival,cpu,memory,count\n0,0,0,1\n5,1024,1,3\n5,2048,1,1\n"), {.has_departures = false});
  EXPECT_DOUBLE_EQ(done.steps[0].shares.fragmented[0], 100.0 * (2048.0 / 4) / 16'384);
  // CPU is the reason, and memory is what lies idle for it.
  EXPECT_DOUBLE_EQ(done.steps[0].shares.fragmented[1], 100.0 * (4096.0 / 4) / 32'768);
  EXPECT_DOUBLE_EQ(done.steps.back().shares.fragmented[2], 0);
}

TEST(Replay, CompressionMovesArrivalsTogetherAndKeepsStays) {
  const Trace trace = read("arrival,departure,cpu,memory\n100,110,1,1\n200,210,1,1\n");
  ReplayOptions options;
  options.compress_permille = 20 * kPermille;
  const Replay done = run(two_instances(), trace, options);
  EXPECT_EQ(done.running_max, 2U);
  EXPECT_EQ(done.total.time_ms, 115'000);  // 100 s + 100 s / 20 + 10 s.
}

TEST(Replay, UntilLeavesOutWhatComesLater) {
  const Trace trace = read("arrival,departure,cpu,memory\n10,50,1,1\n20,30,1,1\n41,45,1,1\n");
  ReplayOptions options;
  options.until_ms = 40'000;
  const Replay done = run(two_instances(), trace, options);
  EXPECT_EQ(done.total.arrived, 2U);
  EXPECT_EQ(done.total.running, 1U);
  EXPECT_EQ(done.total.time_ms, 40'000);
}

TEST(Replay, InflationArrivesUntilSoMuchIsDemanded) {
  // 16,384 CPU units and 32,768 MiB: the tasks demand the larger part of CPU.
  const Trace trace = read("arrival,cpu,memory\n0,512,1\n0,256,1\n0,768,1\n");
  ReplayOptions options;
  options.inflate_permille = 150;
  options.order = ReplayOptions::Order::kGiven;
  const Replay done = run(two_instances(), trace, options);
  EXPECT_EQ(done.inflated, Resource::kCpu);
  // 2,457.6 units are wanted: a round of 1,536, and 512, 256 and 768 again.
  EXPECT_EQ(done.arrivals, (std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2}));
  EXPECT_DOUBLE_EQ(done.total.demanded_percent, 18.75);
  EXPECT_EQ(done.total.placed + done.total.refused, 6U);
  options.order = ReplayOptions::Order::kLargest;
  EXPECT_EQ(run(two_instances(), trace, options).arrivals, (std::vector<std::uint32_t>{2, 2, 0, 0, 1, 1}));
  options.order = ReplayOptions::Order::kRandom;
  options.inflate_permille = 2000;
  EXPECT_EQ(run(two_instances(), trace, options).arrivals, run(two_instances(), trace, options).arrivals);
}

TEST(Replay, InflationIsHeldAgainstGpusWhereTheyAreAskedFor) {
  Fleet fleet = {make_instance("a"), make_instance("b")};
  fleet[0].gpus_free = {true, true, true};
  fleet[1].gpus_free = {true};
  ReplayOptions options;
  options.inflate_permille = 1000;
  const Replay done = run(build(fleet), read("arrival,cpu,memory,gpus\n0,1,1,1\n0,1,1,0\n"), options);
  EXPECT_EQ(done.inflated, Resource::kGpu);
  EXPECT_DOUBLE_EQ(done.total.demanded_percent, 100);
  EXPECT_DOUBLE_EQ(done.total.shares.used[2], 100);
}

TEST(Replay, InstancesThatTakeNothingAreNoCapacity) {
  Fleet fleet = {make_instance("a"), make_instance("b")};
  fleet[1].status = InstanceStatus::kDraining;
  const Replay done = run(build(fleet), read("arrival,cpu,memory\n0,1,1\n"));
  EXPECT_EQ(done.instance_count, 1U);
  EXPECT_EQ(done.capacity[0], 8192);
}

TEST(Replay, RefusesWhatCannotBeReplayed) {
  const Trace trace = read("arrival,departure,cpu,memory\n10,1000010,0,0\n");
  EXPECT_EQ(refusal(trace, {.until_ms = 9'000}), "until: no task arrives by then; the first arrives at second 10");
  EXPECT_EQ(refusal(trace, {.step_ms = 9'000}), "step: the trace would fill more than 100000 rows; take steps of at least 11 seconds");
  EXPECT_EQ(refusal(trace, {.inflate_permille = 1000}),
            "inflate: the trace's tasks demand nothing that the fleet has, so they never fill it");
  EXPECT_EQ(refusal(trace, {}, build({})), "snapshot: it holds no instance to replay the trace on");
}

}  // namespace
}  // namespace berth::service::test
