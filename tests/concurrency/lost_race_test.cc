// A placement that loses its position to others, on one thread: a hook lets them commit between the moment at which the tail is known and
// the commit. Whatever came in between, what is committed must be the decision of its own moment, and so must a refusal.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/concurrency/replay.h"

namespace berth::cluster::test {
namespace {

// Lets an actor run at some of the steps of everybody else.
class Interrupter final : public StepHook {
 public:
  explicit Interrupter(std::uint64_t seed) : dice_(seed) {}

  void at(Step step) override {
    if (actor_ == nullptr || is_running_ || (step != Step::kSettled && step != Step::kBuilt && step != Step::kReading)) {
      return;
    }
    if (dice_.rarely(step == Step::kReading ? 24 : 3)) {
      is_running_ = true;
      actor_->run();
      is_running_ = false;
      ++interruptions;
    }
  }
  void set(Actor* actor) { actor_ = actor; }
  std::uint64_t interruptions = 0;

 private:
  placement::test::Dice dice_;
  Actor* actor_ = nullptr;
  bool is_running_ = false;
};

// Adds what it came to.
void lose_races(const Setting& setting, Tally& tally, std::uint64_t& interruptions) {
  Interrupter interrupter(setting.seed);
  Setting with_hook = setting;
  with_hook.options.hook = &interrupter;
  const SnapshotPtr snapshot = placement::test::build(fleet_of(setting));
  Live live = live_of(snapshot, with_hook.options);
  std::vector<Event> events;
  Actor other(*live.cluster, live.classes,
              {.seed = setting.seed, .instances = setting.instances, .threads = 1, .operations = 2, .moves = setting.moves, .options = {}},
              0);
  Worker worker = *live.cluster->attach();
  Worker witness = *live.cluster->attach();
  placement::test::Dice dice(setting.seed + 1);
  std::vector<TaskHandle> tasks;
  for (std::uint32_t turn = 0; turn < setting.operations; ++turn) {
    Event event;
    event.request_class = dice.below(live.classes.size());
    event.seed = dice.below(1'000'000);
    const PlaceOptions options{.seed = event.seed, .id_base = (std::uint64_t{1} << 40U) + turn, .first_task = 0};
    Placed placed;
    std::uint32_t count = 0;
    interrupter.set(&other);
    ASSERT_TRUE(worker.place(*live.classes[event.request_class], options, {&placed, 1}, count).ok());
    interrupter.set(nullptr);
    if (count == 0) {
      // Nothing has happened since.
      ASSERT_EQ(witness.look_for(*live.classes[event.request_class], options), std::nullopt) << "class " << event.request_class;
      ++tally.refused[event.request_class];
    } else {
      event.task = placed.task;
      event.arn = live.cluster->arn_of(placed.identity);
      event.gpu_mask = placed.gpu_mask;
      event.position = *worker.committed_at();
      events.push_back(event);
      ++tally.placed[event.request_class];
      tasks.push_back(placed.task);
    }
    if (tasks.size() > 2 * setting.instances) {
      std::swap(tasks[dice.below(tasks.size())], tasks.back());
      Event ended;
      ended.act = Act::kRelease;
      ended.task = tasks.back();
      tasks.pop_back();
      if (worker.release(ended.task) == StatusCode::kOk) {
        ended.position = *worker.committed_at();
        events.push_back(ended);
      }
    }
  }
  events.insert(events.end(), other.events.begin(), other.events.end());
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.position < b.position; });
  replay(snapshot, events);
  interruptions += interrupter.interruptions;
}

}  // namespace

TEST(LostRace, WhatIsCommittedIsTheDecisionOfItsMoment) {
  Tally tally;
  std::uint64_t interruptions = 0;
  std::uint64_t seed = 1;
  for (const std::size_t instances : {4U, 12U, 60U, 300U}) {
    for (const bool moves : {false, true}) {
      ++seed;
      lose_races({.seed = seed, .instances = instances, .threads = 1, .operations = 1500, .moves = moves, .options = {}}, tally,
                 interruptions);
      if (HasFatalFailure()) {
        return;
      }
    }
  }
  EXPECT_GT(interruptions, 5000U);
  for (std::uint32_t request_class = 0; request_class < kClassCount; ++request_class) {
    EXPECT_GT(tally.placed[request_class], 100U) << "class " << request_class;
    EXPECT_GT(tally.refused[request_class], 0U) << "class " << request_class;
  }
}

TEST(LostRace, HoldsWithWindowsAndLogThatAreTooSmall) {
  Tally tally;
  std::uint64_t interruptions = 0;
  ClusterOptions options;
  options.window_entries = 3;
  options.log_capacity = 16;
  for (const std::uint32_t visits : {0U, 16U}) {
    options.index_visits = visits;
    lose_races({.seed = 41 + visits, .instances = 40, .threads = 1, .operations = 1500, .moves = true, .options = options}, tally,
               interruptions);
  }
  EXPECT_GT(interruptions, 1000U);
}

}  // namespace berth::cluster::test
