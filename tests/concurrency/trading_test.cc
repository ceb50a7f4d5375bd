// One thread only places, another only releases: the records and numbers that the one has too many of are those that the other needs, so
// that memory stays bounded.
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/cluster/cluster.h"
#include "tests/unit/placement/model.h"

namespace berth::cluster::test {
namespace {

constexpr std::uint32_t kDecisions = 20'000;  // Of one round.
constexpr int kRounds = 8;

// Hands tasks over; at most so many are under way.
class Queue {
 public:
  void push(const TaskHandle& task) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return tasks_.size() < 64; });
    tasks_.push_back(task);
    changed_.notify_all();
  }
  TaskHandle pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !tasks_.empty(); });
    const TaskHandle task = tasks_.front();
    tasks_.pop_front();
    changed_.notify_all();
    return task;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<TaskHandle> tasks_;
};

class Trading : public testing::Test {
 protected:
  void SetUp() override {
    placement::test::Fleet fleet;
    for (int index = 0; index < 12; ++index) {
      fleet.push_back(placement::test::make_instance("i" + std::to_string(100 + index), "a", 1 << 24, 1 << 24));
    }
    cluster_ = *Cluster::from_snapshot(placement::test::build(fleet), {});
    const placement::Request request = placement::test::make_request(1, {placement::test::spread_instance()});
    class_ = *cluster_->prepare(request, placement::test::serial());
  }

  TaskHandle place(Worker& worker) {
    Placed placed;
    std::uint32_t count = 0;
    EXPECT_TRUE(worker.place(*class_, {.seed = 1, .id_base = ++ids_, .first_task = 0}, {&placed, 1}, count).ok());
    EXPECT_EQ(count, 1U);
    return placed.task;
  }

  struct Memory {
    std::size_t record_bytes;
    std::uint32_t tasks;
  };
  [[nodiscard]] Memory memory() const { return {cluster_->inventory().ledger.record_bytes(), cluster_->inventory().tasks.end()}; }

  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<RequestClass> class_;
  std::uint64_t ids_ = 0;
};

TEST_F(Trading, LeavesMemoryBoundedWhileOnePlacesAndOneReleases) {
  Worker placer = *cluster_->attach();
  Worker releaser = *cluster_->attach();
  Memory first{};
  for (int round = 0; round < kRounds; ++round) {
    Queue queue;
    std::thread placing([&] {
      for (std::uint32_t task = 0; task < kDecisions; ++task) {
        queue.push(place(placer));
      }
    });
    std::thread releasing([&] {
      for (std::uint32_t task = 0; task < kDecisions; ++task) {
        ASSERT_EQ(releaser.release(queue.pop()), StatusCode::kOk);
      }
    });
    placing.join();
    releasing.join();
    first = round == 0 ? memory() : first;
  }
  // What both keep and what is under way, of numbers; of records a chunk more or less.
  EXPECT_LE(memory().tasks, 4'000U);
  EXPECT_LE(memory().record_bytes, first.record_bytes + (std::size_t{2} << 20U));
}

// First all are placed, then all are released: what lies there between them is as much as there was at once.
TEST_F(Trading, LeavesMemoryBoundedInTides) {
  Worker placer = *cluster_->attach();
  Worker releaser = *cluster_->attach();
  constexpr std::uint32_t kTide = 3'000;
  Memory first{};
  for (int round = 0; round < kRounds; ++round) {
    std::vector<TaskHandle> tasks;
    for (std::uint32_t task = 0; task < kTide; ++task) {
      tasks.push_back(place(placer));
    }
    for (const TaskHandle& task : tasks) {
      ASSERT_EQ(releaser.release(task), StatusCode::kOk);
    }
    first = round == 0 ? memory() : first;
  }
  EXPECT_LE(memory().tasks, first.tasks + 2'000);
  EXPECT_LE(memory().record_bytes, first.record_bytes + first.record_bytes / 2);
}

}  // namespace
}  // namespace berth::cluster::test
