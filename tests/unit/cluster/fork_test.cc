// What a fork answers and what it costs, case by case.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/cluster/fork.h"
#include "tests/unit/placement/model.h"

namespace berth::cluster::test {
namespace {

using placement::test::make_request;
using placement::test::serial;

class ForkTest : public testing::Test {
 protected:
  // `count` instances alike, turn about in two zones.
  void make(std::size_t count, const ClusterOptions& options = {}) {
    placement::test::Fleet fleet;
    for (std::size_t index = 0; index < count; ++index) {
      fleet.push_back(placement::test::make_instance("i" + std::to_string(1000 + index), index % 2 == 0 ? "a" : "b", 4096,
                                                     8192 + static_cast<std::int32_t>(index)));
      fleet.back().tasks = placement::test::tasks_of("service:db", 1);
    }
    cluster_ = *Cluster::from_snapshot(placement::test::build(fleet), options);
    worker_ = std::make_unique<Worker>(*cluster_->attach());
  }
  std::unique_ptr<RequestClass> prepare(const placement::Request& request) { return *cluster_->prepare(request, serial()); }
  static Placed place(Fork& fork, RequestClass& request_class) {
    Placed placed;
    std::uint32_t count = 0;
    EXPECT_TRUE(fork.place(request_class, {.seed = 1, .id_base = 1, .first_task = 0}, {&placed, 1}, count).ok());
    EXPECT_EQ(count, 1U);
    return placed;
  }

  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Worker> worker_;
};

TEST_F(ForkTest, HandlesAreGoodWhereTheyComeFromAndTheClustersOnForksToo) {
  make(4);
  const auto request_class = prepare(make_request(1));
  Fork fork(*worker_);
  Fork other(*worker_);
  const Placed placed = place(fork, *request_class);
  const Placed beside = place(other, *request_class);
  EXPECT_EQ(placed.task.slot, beside.task.slot);
  EXPECT_EQ(worker_->release(placed.task), StatusCode::kNotFound);
  EXPECT_EQ(other.release(placed.task), StatusCode::kNotFound);
  EXPECT_EQ(fork.release(beside.task), StatusCode::kNotFound);
  EXPECT_EQ(other.release(beside.task), StatusCode::kOk);
  EXPECT_EQ(fork.stop(placed.task), StatusCode::kOk);

  std::vector<TaskHandle> tasks;
  ASSERT_EQ(worker_->tasks_of(placed.task.slot, tasks), StatusCode::kOk);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(fork.release(tasks.front()), StatusCode::kOk);
  EXPECT_EQ(worker_->stop(tasks.front()), StatusCode::kOk);

  fork.discard();
  EXPECT_EQ(fork.release(placed.task), StatusCode::kNotFound);
  EXPECT_EQ(fork.release(tasks.front()), StatusCode::kOk);
  EXPECT_EQ(fork.set_status(0xFFFFFFFF, InstanceStatus::kDraining), StatusCode::kNotFound);
}

// A task that the cluster has ended since stays on the fork's copy of its instance, under its handle, also when the cluster has given its
// number and GPUs to another one.
TEST_F(ForkTest, CopiedTasksKeepTheirNamesWhenTheClusterGivesTheirNumbersAway) {
  placement::test::Fleet fleet{placement::test::make_instance("i1")};
  fleet.front().gpus_free = {true, true};
  cluster_ = *Cluster::from_snapshot(placement::test::build(fleet));
  worker_ = std::make_unique<Worker>(*cluster_->attach());
  placement::Request request = make_request(1);
  request.demand.gpu_count = 1;
  const auto request_class = prepare(request);
  std::array<Placed, 2> placed;
  std::uint32_t count = 0;
  ASSERT_TRUE(worker_->place(*request_class, {.seed = 1, .id_base = 1, .first_task = 0}, placed, count).ok());
  ASSERT_EQ(count, 2U);
  Fork fork(*worker_);
  ASSERT_EQ(fork.set_agent_connected(placed[0].task.slot, false), StatusCode::kOk);
  // Each turn takes the number that was released before, with the other GPU.
  for (int turn = 0; turn < 1000; ++turn) {
    ASSERT_EQ(worker_->release(placed[0].task), StatusCode::kOk);
    ASSERT_EQ(worker_->release(placed[1].task), StatusCode::kOk);
    Placed next;
    std::swap(placed[0], placed[1]);
    ASSERT_TRUE(worker_->place(*request_class, {.seed = 1, .id_base = 2, .first_task = 0}, {&next, 1}, count).ok());
    placed[1] = next;
    ASSERT_TRUE(worker_->place(*request_class, {.seed = 1, .id_base = 3, .first_task = 0}, {&next, 1}, count).ok());
    placed[0] = next;
  }
  std::vector<TaskHandle> tasks;
  ASSERT_EQ(fork.tasks_of(placed[0].task.slot, tasks), StatusCode::kOk);
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(fork.release(tasks[0]), StatusCode::kOk);
  EXPECT_EQ(fork.record(placed[0].task.slot)->gpu_free, 1U);
  EXPECT_EQ(fork.release(tasks[1]), StatusCode::kOk);
  EXPECT_EQ(fork.record(placed[0].task.slot)->gpu_free, 3U);
}

// Everything that a small window holds is hidden, and what it is filled with anew as well, part by part, until there is nothing left.
class EmptyWindow : public ForkTest, public testing::WithParamInterface<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(WithAndWithoutIndexes, EmptyWindow, testing::Values(0U, 20U, 4096U));

TEST_P(EmptyWindow, EndsAndIsTheClustersAgain) {
  ClusterOptions options;
  options.window_entries = 16;
  options.index_visits = GetParam();
  make(400, options);
  const auto request_class = prepare(make_request(1, {placement::test::spread(placement::test::kZone), placement::test::binpack_memory()}));
  const std::optional<std::uint32_t> best = worker_->look_for(*request_class, {.seed = 1, .id_base = 1, .first_task = 0});
  Fork fork(*worker_);
  for (std::uint32_t instance = 0; instance < 400; ++instance) {
    ASSERT_EQ(fork.set_status(cluster_->slot_of(instance), InstanceStatus::kDraining), StatusCode::kOk);
  }
  const PlaceOptions options_of_all{.seed = 1, .id_base = 1, .first_task = 0};
  const auto scanned = [&] { return request_class->scans() + request_class->fills(); };
  const std::uint64_t scans = scanned();
  EXPECT_FALSE(fork.look_for(*request_class, options_of_all).has_value());
  // 16 more of one part each time: no part begins anew because of what was set aside.
  EXPECT_LE(scanned() - scans, 400U / 16U + 4U);
  EXPECT_EQ(worker_->look_for(*request_class, options_of_all), best);

  // What the cluster knows is as exact as before: instances that were far behind come in between, and one after another is the best.
  for (std::int32_t index = 0; index < 20; ++index) {
    const Result<std::uint32_t> shape = cluster_->make_shape({.group = "service:db",
                                                              .task_definition = {},
                                                              .started_by = {},
                                                              .capacity_provider = {},
                                                              .memory_mib = 320 - index,
                                                              .tcp_ports = {},
                                                              .udp_ports = {}});
    Placed placed;
    StartedTask started;
    started.id = {1, static_cast<std::uint64_t>(index)};
    ASSERT_EQ(worker_->start_elsewhere(cluster_->slot_of(350 + static_cast<std::uint32_t>(index)), *shape, started, placed),
              StatusCode::kOk);
  }
  for (int turn = 0; turn < 80; ++turn) {
    const std::optional<std::uint32_t> now = worker_->look_for(*request_class, options_of_all);
    ASSERT_TRUE(now.has_value());
    const std::unique_ptr<Cluster> fresh = *Cluster::from_snapshot(*cluster_->to_snapshot(*worker_, serial()));
    Worker asked = *fresh->attach();
    const auto prepared = *fresh->prepare(request_class->request, serial());
    ASSERT_EQ(cluster_->instance_arn(*now, *worker_), fresh->instance_arn(*asked.look_for(*prepared, options_of_all), asked));
    ASSERT_EQ(worker_->set_status(*now, InstanceStatus::kDraining), StatusCode::kOk);
  }
}

// Runs something the next time that a thread comes to a step.
class OnceAtStep : public StepHook {
 public:
  void arm(Step step, std::function<void()> action) {
    step_ = step;
    action_ = std::move(action);
  }
  [[nodiscard]] bool is_armed() const { return action_ != nullptr; }
  void at(Step step) override {
    if (step == step_ && action_ != nullptr) {
      std::exchange(action_, nullptr)();
    }
  }

 private:
  Step step_ = Step::kReading;
  std::function<void()> action_;
};

TEST_F(ForkTest, AnswersOfNoMomentThatPassedWhileItLooked) {
  OnceAtStep hook;
  ClusterOptions options;
  options.hook = &hook;
  make(4, options);
  Worker other = *cluster_->attach();
  const auto request_class = prepare(make_request(1, {placement::test::binpack_memory()}));
  const std::uint32_t shape = *cluster_->make_shape({.group = "service:db",
                                                     .task_definition = {},
                                                     .started_by = {},
                                                     .capacity_provider = {},
                                                     .memory_mib = 1024,
                                                     .tcp_ports = {},
                                                     .udp_ports = {}});
  Fork fork(*worker_);
  const PlaceOptions first{.seed = 1, .id_base = 1, .first_task = 0};
  ASSERT_EQ(fork.look_for(*request_class, first), cluster_->slot_of(0));
  Placed started;
  hook.arm(Step::kReading, [&] { ASSERT_EQ(other.start_elsewhere(cluster_->slot_of(3), shape, StartedTask{}, started), StatusCode::kOk); });
  EXPECT_EQ(fork.look_for(*request_class, first), cluster_->slot_of(3));
  EXPECT_FALSE(hook.is_armed());

  hook.arm(Step::kReading, [&] { ASSERT_EQ(other.release(started.task), StatusCode::kOk); });
  const Placed placed = place(fork, *request_class);
  EXPECT_FALSE(hook.is_armed());
  EXPECT_EQ(placed.task.slot, cluster_->slot_of(0));
  EXPECT_EQ(placed.position, *other.committed_at() + 1);
  // The fork's own instance is the best now, and what happens elsewhere makes it so no more.
  hook.arm(Step::kSettled, [&] { ASSERT_EQ(other.start_elsewhere(cluster_->slot_of(3), shape, StartedTask{}, started), StatusCode::kOk); });
  EXPECT_EQ(place(fork, *request_class).task.slot, cluster_->slot_of(3));
  EXPECT_FALSE(hook.is_armed());
}

TEST_F(ForkTest, RefusedForAllOrNothingLeavesNothing) {
  make(2);
  placement::Request request = make_request(1);
  request.demand.cpu_units = 4096;
  const auto request_class = prepare(request);
  Fork fork(*worker_);
  std::array<Placed, 3> placed;
  std::uint32_t count = 0;
  ASSERT_TRUE(fork.place(*request_class, {.seed = 1, .id_base = 1, .first_task = 0, .all_or_nothing = true}, placed, count).ok());
  EXPECT_EQ(count, 0U);
  for (std::uint32_t instance = 0; instance < 2; ++instance) {
    EXPECT_EQ(fork.record(cluster_->slot_of(instance))->task_count, 1U);
    EXPECT_EQ(fork.record(cluster_->slot_of(instance))->cpu_remaining, 4096);
  }
  ASSERT_TRUE(fork.place(*request_class, {.seed = 1, .id_base = 1, .first_task = 0}, placed, count).ok());
  EXPECT_EQ(count, 2U);
}

// The memory of a fork follows what it changes, and is used again after discard().
TEST_F(ForkTest, TakesMemoryForWhatItChangesAlone) {
  make(400);
  const auto request_class = prepare(make_request(1));
  Fork fork(*worker_);
  EXPECT_EQ(fork.bytes(), 0U);
  static_cast<void>(fork.look_for(*request_class, {.seed = 1, .id_base = 1, .first_task = 0}));
  EXPECT_EQ(fork.bytes(), 0U);
  static_cast<void>(place(fork, *request_class));
  EXPECT_EQ(fork.changed_count(), 1U);
  EXPECT_LE(fork.bytes(), 6U << 10U);
  const auto drain_all = [&] {
    for (std::uint32_t instance = 0; instance < 400; ++instance) {
      ASSERT_EQ(fork.set_status(cluster_->slot_of(instance), InstanceStatus::kDraining), StatusCode::kOk);
      // Nothing to change is no change.
      ASSERT_EQ(fork.set_agent_connected(cluster_->slot_of(instance), true), StatusCode::kOk);
    }
  };
  drain_all();
  const std::size_t bytes = fork.bytes();
  EXPECT_LE(bytes, 400U * 1024U);
  for (int round = 0; round < 10; ++round) {
    fork.discard();
    EXPECT_EQ(fork.changed_count(), 0U);
    drain_all();
  }
  EXPECT_EQ(fork.bytes(), bytes);
}

}  // namespace
}  // namespace berth::cluster::test
