// A placement that loses its position to others, on one thread: a hook lets them commit between the moment at which the tail is known and
// the commit. Whatever came in between, what is committed must be the decision of its own moment, and so must a refusal.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "engine/cluster/choice.h"
#include "engine/cluster/decision.h"
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

// Does something once, at a step that comes up for the n-th time.
class Once final : public StepHook {
 public:
  void at(Step step) override {
    if (act_ && !is_running_ && step == step_ && ++seen == nth_) {
      is_running_ = true;
      act_();
      is_running_ = false;
    }
  }
  void arm(Step step, std::uint64_t nth, std::function<void()> act) {
    step_ = step;
    nth_ = nth;
    seen = 0;
    act_ = std::move(act);
  }
  void disarm() { act_ = nullptr; }
  std::uint64_t seen = 0;  // Since arm().

 private:
  Step step_ = Step::kReading;
  std::uint64_t nth_ = 0;
  std::function<void()> act_;
  bool is_running_ = false;
};

SnapshotPtr plain_fleet(std::size_t count, bool has_serials) {
  placement::test::Fleet fleet;
  for (std::size_t number = 0; number < count; ++number) {
    fleet.push_back(placement::test::make_instance(std::to_string(1000 + number), std::string(kZones[number % kZones.size()])));
    if (has_serials) {
      fleet.back().attributes["serial"] = "s" + std::to_string(number);
    }
  }
  return placement::test::build(fleet);
}

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
  for (std::uint32_t request_class = 0; request_class < kClassCount; ++request_class) {
    EXPECT_GT(tally.placed[request_class] + tally.refused[request_class], 100U) << "class " << request_class;
  }
}

TEST(LostRace, TurnsAwayFromAnInstanceThatIsDrained) {
  Once once;
  ClusterOptions options;
  options.hook = &once;
  const auto cluster = *Cluster::from_snapshot(plain_fleet(20, false), options);
  const auto request_class =
      *cluster->prepare(placement::test::make_request(1, {placement::test::spread_instance()}), placement::test::serial());
  Worker worker = *cluster->attach();
  Worker other = *cluster->attach();
  for (std::uint32_t turn = 0; turn < 10; ++turn) {
    const PlaceOptions place{.seed = 1, .id_base = turn + 1, .first_task = 0};
    const std::optional<std::uint32_t> best = worker.look_for(*request_class, place);
    ASSERT_TRUE(best.has_value());
    once.arm(Step::kBuilt, 1, [&] { ASSERT_EQ(other.set_status(*best, InstanceStatus::kDraining), StatusCode::kOk); });
    Placed placed;
    std::uint32_t count = 0;
    ASSERT_TRUE(worker.place(*request_class, place, {&placed, 1}, count).ok());
    once.disarm();
    ASSERT_EQ(count, 1U);
    ASSERT_NE(placed.task.slot, *best);
  }
}

// An instance of a zone that nobody has had stands beyond all bounds, and is the best.
TEST(LostRace, SeesANewZone) {
  for (const bool packs : {false, true}) {
    Once once;
    ClusterOptions options;
    options.hook = &once;
    options.window_entries = 3;
    options.index_visits = 16;
    const auto cluster = *Cluster::from_snapshot(plain_fleet(300, false), options);
    placement::Request request = placement::test::make_request(
        1,
        {placement::test::spread(placement::test::kZone), packs ? placement::test::binpack_memory() : placement::test::spread_instance()});
    request.group = "service:g";
    const auto request_class = *cluster->prepare(request, placement::test::serial());
    Worker worker = *cluster->attach();
    Worker other = *cluster->attach();
    // Of every zone there is one task at the least, then and after each turn.
    std::array<Placed, 6> first;
    std::uint32_t count = 0;
    ASSERT_TRUE(worker.place(*request_class, {.seed = 1, .id_base = 999, .first_task = 0}, first, count).ok());
    ASSERT_EQ(count, first.size());
    std::uint32_t seen = 0;
    for (std::uint32_t turn = 0; turn < 40; ++turn) {
      const std::string zone = "new-" + std::to_string(turn);
      std::optional<InstanceHandle> entered;
      std::uint64_t entered_at = 0;
      once.arm(Step::kReading, 1, [&] {
        const std::array<LiveAttribute, 1> attributes = {{{placement::test::kZone, zone}}};
        const std::string arn = placement::test::arn_of("new" + std::to_string(turn));
        entered = *other.register_instance({.arn = arn,
                                            .ec2_instance_id = {},
                                            .capacity_provider = {},
                                            .agent_version = {},
                                            .cpu_units = 8192,
                                            .memory_mib = 16384,
                                            .eni_limit = 2,
                                            .tcp_ports = {},
                                            .udp_ports = {},
                                            .gpu_ids = {},
                                            .attributes = attributes,
                                            .own = {}});
        entered_at = *other.committed_at();
      });
      Placed placed;
      ASSERT_TRUE(worker.place(*request_class, {.seed = 1, .id_base = turn + 1, .first_task = 0}, {&placed, 1}, count).ok());
      once.disarm();
      ASSERT_EQ(count, 1U);
      if (entered.has_value() && placed.position > entered_at) {
        ++seen;
        ASSERT_EQ(placed.identity, entered->identity) << "turn " << turn << (packs ? ", packing" : "");
      }
      ASSERT_TRUE(worker.place(*request_class, {.seed = 1, .id_base = 1000 + turn, .first_task = 0}, {&placed, 1}, count).ok());
    }
    EXPECT_GT(seen, 10U);
  }
}

// Values that only candidates have are not known before there is a candidate.
TEST(LostRace, SeesTheFirstCandidateAmongWideValues) {
  constexpr std::uint32_t kInstances = 100;
  Once once;
  ClusterOptions options;
  options.hook = &once;
  const auto cluster = *Cluster::from_snapshot(plain_fleet(kInstances, true), options);
  ASSERT_EQ(cluster->inventory().wide_count(), 1U);
  const auto class_of = [&](std::string group, std::vector<placement::Strategy> strategies) {
    placement::Request request = placement::test::make_request(1, std::move(strategies));
    request.group = std::move(group);
    request.demand.tcp_ports = {8080};
    return *cluster->prepare(request, placement::test::serial());
  };
  const auto blocking = class_of("service:b", {placement::test::spread_instance()});
  const auto blocked = class_of("service:w", {placement::test::spread("serial")});
  Worker worker = *cluster->attach();
  Worker other = *cluster->attach();
  std::vector<Placed> all(kInstances);
  std::uint32_t count = 0;
  ASSERT_TRUE(other.place(*blocking, {.seed = 1, .id_base = 7, .first_task = 0}, all, count).ok());
  ASSERT_EQ(count, kInstances);
  Placed placed;
  for (std::uint32_t round = 0; round < 2; ++round) {
    once.arm(Step::kReading, 1U << 30U, [] {});
    ASSERT_TRUE(worker.place(*blocked, {.seed = 1, .id_base = 8, .first_task = 0}, {&placed, 1}, count).ok());
    ASSERT_EQ(count, 0U);
  }
  std::sort(all.begin(), all.end(), [](const Placed& a, const Placed& b) { return a.task.slot < b.task.slot; });
  bool is_released = false;
  once.arm(Step::kReading, once.seen, [&] { is_released = other.release(all.front().task) == StatusCode::kOk; });
  ASSERT_TRUE(worker.place(*blocked, {.seed = 1, .id_base = 9, .first_task = 0}, {&placed, 1}, count).ok());
  EXPECT_TRUE(is_released);
  EXPECT_EQ(count, 1U);
}

// A refusal, and then the first instance whose attributes pass.
TEST(LostRace, SeesTheFirstSetThatPasses) {
  const auto cluster = *Cluster::from_snapshot(plain_fleet(50, false), {});
  placement::Request request = placement::test::make_request(1, {placement::test::binpack_memory()});
  request.demand.attributes.push_back({.name = "team", .value = "x", .absent_reads_as = {}});
  const auto request_class = *cluster->prepare(request, placement::test::serial());
  Inventory& inventory = cluster->inventory();
  WorkerSlot* self = inventory.ledger.attach();
  Worker other = *cluster->attach();
  {
    Roster roster(inventory);
    Choice choice(inventory, *request_class, *self);
    Decision decision(inventory, *request_class, choice, roster, *self);
    EXPECT_FALSE(decision.at(inventory.ledger.settle(*self), 1, 0).has_value());
    ASSERT_EQ(other.put_attribute(inventory.slot_of_base(7), "team", "x"), StatusCode::kOk);
    EXPECT_EQ(decision.at(inventory.ledger.settle(*self), 1, 0), std::optional(inventory.slot_of_base(7)));
  }
  inventory.ledger.detach(*self);
}

}  // namespace berth::cluster::test
