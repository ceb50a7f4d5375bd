// A replay is what one gets by asking decide() anew at every arrival, and leaves nothing behind when all have departed.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/service/replay.h"
#include "tests/unit/placement/random_cases.h"
#include "tests/unit/service/naive_replay.h"

namespace berth::service::test {
namespace {

using placement::test::Dice;
using placement::test::Fleet;

constexpr std::int64_t kSecondMs = 1000;

Fleet random_fleet(Dice& dice, std::size_t count) {
  Fleet fleet;
  for (std::size_t index = 0; index < count; ++index) {
    fleet.push_back(placement::test::random_instance(dice, index, false));
  }
  std::sort(fleet.begin(), fleet.end(), [](const auto& a, const auto& b) { return a.arn < b.arn; });
  return fleet;
}

// One arrival in each second, departures at full seconds, so that nothing changes between two seconds.
Trace random_trace(Dice& dice, std::size_t count, bool all_depart) {
  std::string csv = "arrival,departure,cpu,memory,gpus,group,memberOf\n";
  for (std::size_t second = 0; second < count; ++second) {
    csv += std::to_string(second) + ",";
    if (all_depart || !dice.rarely(4)) {
      csv += std::to_string(second + dice.below(12));
    }
    csv += "," + dice.one_of<std::string>({"0", "64", "128", "128", "512"}) + "," +
           dice.one_of<std::string>({"64", "128", "256", "256", "1024"}) + "," + dice.one_of<std::string>({"0", "0", "0", "0", "1", "2"}) +
           "," + dice.one_of<std::string>({"service:web", "service:db", "family:one"}) + "," +
           dice.one_of<std::string>({"", "", "", "attribute:rack exists", "runningTasksCount < 3"}) + "\n";
  }
  Result<Trace> trace = read_trace("trace", csv);
  RC_ASSERT(trace.ok());
  return *std::move(trace);
}

ReplayOptions random_options(Dice& dice) {
  std::vector<placement::test::Predicate> predicates;
  const placement::Request rules = placement::test::random_request(dice, predicates);
  ReplayOptions options;
  options.strategies = rules.strategies;
  options.member_of = rules.member_of;
  options.distinct_instance = rules.distinct_instance;
  options.seed = dice.below(1000);
  options.step_ms = kSecondMs;
  return options;
}

void check_rows(const Replay& replay, const NaiveReplay& naive, const Amounts& used_at_begin) {
  // A row's mean is how things stood after the second before.
  for (std::size_t row = 1; row < replay.steps.size() && row <= naive.moments.size(); ++row) {
    const NaiveReplay::Moment& moment = naive.moments[row - 1];
    for (std::size_t r = 0; r < kResourceCount; ++r) {
      const auto capacity = static_cast<double>(replay.capacity.at(r));
      const double used = capacity > 0 ? 100.0 * static_cast<double>(used_at_begin.at(r) + moment.used.at(r)) / capacity : 0;
      const double fragmented = capacity > 0 ? 100.0 * moment.fragmented.at(r) / capacity : 0;
      RC_ASSERT(std::abs(replay.steps[row].shares.used.at(r) - used) < 1e-6);
      RC_ASSERT(std::abs(replay.steps[row].shares.fragmented.at(r) - fragmented) < 1e-6);
    }
    RC_ASSERT(replay.steps[row - 1].instances_in_use == moment.instances_in_use);
  }
}

RC_GTEST_PROP(ReplayProperty, EqualsAskingAnewAtEveryArrival, (std::uint64_t seed)) {
  Dice dice(seed);
  const Fleet fleet = random_fleet(dice, 1 + dice.below(12));
  const Trace trace = random_trace(dice, 1 + dice.below(40), false);
  const ReplayOptions options = random_options(dice);
  const SnapshotPtr snapshot = placement::test::build(fleet);
  const Result<Replay> replayed = replay(snapshot, trace, options, placement::test::serial());
  RC_ASSERT(replayed.ok());
  const NaiveReplay naive = replay_naively(fleet, trace, options);
  RC_ASSERT(replayed->fates.size() == naive.fates.size());
  Refusals refusals{};
  for (std::size_t k = 0; k < naive.fates.size(); ++k) {
    RC_ASSERT(replayed->fates[k].instance == naive.fates[k].instance);
    RC_ASSERT(replayed->fates[k].reason == naive.fates[k].reason);
    refusals.at(static_cast<std::size_t>(naive.fates[k].reason)) += naive.fates[k].instance == kNoId ? 1U : 0U;
  }
  RC_ASSERT(replayed->total.refusals == refusals);
  RC_ASSERT(replayed->total.arrived == replayed->total.placed + replayed->total.refused);
  RC_ASSERT(replayed->total.running == replayed->total.placed - replayed->total.departed);
  const Stock at_begin(*snapshot, trace);
  check_rows(*replayed, naive, at_begin.used());
}

RC_GTEST_PROP(ReplayProperty, LeavesTheFleetAsItWasWhenAllHaveDeparted, (std::uint64_t seed)) {
  Dice dice(seed);
  const Trace trace = random_trace(dice, 1 + dice.below(60), true);
  const SnapshotPtr begin = placement::test::build(random_fleet(dice, 1 + dice.below(12)));
  const Result<Replay> replayed = replay(begin, trace, random_options(dice), placement::test::serial(), true);
  RC_ASSERT(replayed.ok());
  RC_ASSERT(replayed->total.running == 0U);
  const SnapshotPtr& end = replayed->at_end;
  RC_ASSERT(end->instance_count() == begin->instance_count());
  RC_ASSERT(end->task_count() == begin->task_count());
  const auto same = [](const auto& a, const auto& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); };
  RC_ASSERT(same(end->cpu_remaining(), begin->cpu_remaining()));
  RC_ASSERT(same(end->memory_remaining(), begin->memory_remaining()));
  RC_ASSERT(same(end->gpu_free(), begin->gpu_free()));
  RC_ASSERT(same(end->running_tasks_count(), begin->running_tasks_count()));
}

}  // namespace
}  // namespace berth::service::test
