// Requests for all or nothing that race for the same room: each is whole or leaves nothing, and nothing is over-committed.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/cluster/cluster.h"
#include "tests/unit/placement/model.h"

namespace berth::cluster::test {
namespace {

using placement::test::serial;

constexpr std::uint32_t kGang = 5;

TEST(Gangs, AreWholeOrLeaveNothing) {
  // Room for 32 tasks: six gangs, and two more tasks.
  placement::test::Fleet fleet;
  for (int index = 0; index < 8; ++index) {
    fleet.push_back(placement::test::make_instance("i" + std::to_string(index), "a", 512, 8192));
  }
  std::unique_ptr<Cluster> cluster = *Cluster::from_snapshot(placement::test::build(fleet));
  const std::unique_ptr<RequestClass> request_class =
      *cluster->prepare(placement::test::make_request(kGang, {placement::test::binpack_memory()}), serial());
  std::atomic<bool> is_broken{false};
  std::atomic<int> running{3};
  std::atomic<std::uint64_t> whole{0};
  std::vector<std::thread> threads;
  for (std::uint64_t number = 0; number < 3; ++number) {
    threads.emplace_back([&, number] {
      Worker worker = *cluster->attach();
      std::vector<std::array<Placed, kGang>> held;
      for (std::uint64_t turn = 0; turn < 3000; ++turn) {
        std::array<Placed, kGang> placed;
        std::uint32_t count = 0;
        const PlaceOptions options{.seed = turn, .id_base = number << 32U | turn, .first_task = 0, .all_or_nothing = true};
        is_broken = is_broken || !worker.place(*request_class, options, placed, count).ok() || (count != 0 && count != kGang);
        if (count == kGang) {
          held.push_back(placed);
          whole.fetch_add(1);
        }
        while (held.size() > 2 || (count == 0 && !held.empty())) {
          for (const Placed& task : held.back()) {
            is_broken = is_broken || worker.release(task.task) != StatusCode::kOk;
          }
          held.pop_back();
        }
      }
      for (const std::array<Placed, kGang>& gang : held) {
        for (const Placed& task : gang) {
          is_broken = is_broken || worker.release(task.task) != StatusCode::kOk;
        }
      }
      running.fetch_sub(1);
    });
  }
  Worker watcher = *cluster->attach();
  while (running.load() > 0) {
    for (std::uint32_t instance = 0; instance < fleet.size(); ++instance) {
      std::vector<TaskHandle> tasks;
      watcher.tasks_of(cluster->slot_of(instance), tasks);
      is_broken = is_broken || tasks.size() > 4;
    }
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_FALSE(is_broken.load());
  EXPECT_GT(whole.load(), 1000U);
  const SnapshotPtr after = *cluster->to_snapshot(watcher, serial());
  EXPECT_EQ(after->task_count(), 0U);
  for (std::uint32_t instance = 0; instance < after->instance_count(); ++instance) {
    EXPECT_EQ(after->cpu_remaining()[instance], 512);
  }
}

TEST(Gangs, GiveBackWhatIsTooLittle) {
  placement::test::Fleet fleet;
  for (int index = 0; index < 4; ++index) {
    fleet.push_back(placement::test::make_instance("i" + std::to_string(index), "a", 128, 8192));
  }
  std::unique_ptr<Cluster> cluster = *Cluster::from_snapshot(placement::test::build(fleet));
  const std::unique_ptr<RequestClass> request_class = *cluster->prepare(placement::test::make_request(4), serial());
  Worker worker = *cluster->attach();
  std::array<Placed, 4> placed;
  std::uint32_t count = 0;
  std::array<Placed, 5> too_many;
  const PlaceOptions options{.seed = 1, .id_base = 1, .first_task = 0, .all_or_nothing = true};
  ASSERT_TRUE(worker.place(*request_class, options, too_many, count).ok());
  EXPECT_EQ(count, 0U);
  ASSERT_TRUE(worker.place(*request_class, options, placed, count).ok());
  EXPECT_EQ(count, 4U);
}

}  // namespace
}  // namespace berth::cluster::test
