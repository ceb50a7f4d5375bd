// A cluster is written out as it was at one moment while others go on changing it, and without waiting for a pause.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/cluster/cluster.h"
#include "tests/unit/placement/model.h"

namespace berth::cluster::test {
namespace {

using placement::test::serial;

constexpr std::uint32_t kKept = 40;
constexpr std::int32_t kCpu = 4096;

// Whether what remains and what the tasks take are together what the instances have.
bool is_whole(const Snapshot& snapshot) {
  for (std::uint32_t instance = 0; instance < snapshot.instance_count(); ++instance) {
    std::int32_t cpu = snapshot.cpu_remaining()[instance];
    const Snapshot::TaskRange tasks = snapshot.tasks_of(instance);
    for (std::uint32_t task = tasks.begin; task < tasks.end; ++task) {
      cpu += snapshot.task_shapes()[snapshot.task_shape()[task]].cpu_units;
    }
    if (cpu != kCpu) {
      return false;
    }
  }
  return true;
}

TEST(Export, IsOfOneMomentUnderSteadyChurn) {
  placement::test::Fleet fleet;
  for (int index = 0; index < 200; ++index) {
    fleet.push_back(placement::test::make_instance("i" + std::to_string(1000 + index), "a", kCpu, 32768));
  }
  std::unique_ptr<Cluster> cluster = *Cluster::from_snapshot(placement::test::build(fleet));
  const std::unique_ptr<RequestClass> request_class =
      *cluster->prepare(placement::test::make_request(1, {placement::test::random_choice()}), serial());
  std::atomic<bool> is_over{false};
  std::atomic<std::uint64_t> turns{0};
  // One task comes, then the oldest goes, each time elsewhere: at every moment there are kKept or one more.
  std::thread churn([&] {
    Worker worker = *cluster->attach();
    std::deque<TaskHandle> tasks;
    for (std::uint64_t turn = 0; !is_over; ++turn) {
      Placed placed;
      std::uint32_t count = 0;
      if (!worker.place(*request_class, {.seed = turn, .id_base = turn, .first_task = 0}, {&placed, 1}, count).ok() || count != 1) {
        return;
      }
      tasks.push_back(placed.task);
      if (tasks.size() > kKept) {
        worker.release(tasks.front());
        tasks.pop_front();
      }
      turns.store(turn + 1);
    }
  });
  while (turns.load() < kKept) {
    std::this_thread::yield();
  }
  Worker worker = *cluster->attach();
  for (int round = 0; round < 150; ++round) {
    const Result<SnapshotPtr> snapshot = cluster->to_snapshot(worker, serial());
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().message;
    EXPECT_GE((*snapshot)->task_count(), kKept);
    EXPECT_LE((*snapshot)->task_count(), kKept + 1);
    EXPECT_TRUE(is_whole(**snapshot));
  }
  is_over = true;
  churn.join();
  EXPECT_GT(turns.load(), 1000U);
}

}  // namespace
}  // namespace berth::cluster::test
