// A thread that is stopped at any step of a commit stops no other: the others complete thousands of decisions meanwhile, and what it
// holds stays bounded. BERTH_PARK_SECONDS says how long each of them is stopped while memory is watched (0.3 s).
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/cluster/cluster.h"
#include "tests/unit/placement/model.h"

namespace berth::cluster::test {
namespace {

constexpr std::uint32_t kDecisions = 20'000;  // Of the others, each time, while a thread is parked.

// Parks a thread when it comes to a step.
class Parking final : public StepHook {
 public:
  void at(Step step) override {
    for (Place& place : places_) {
      if (place.is_armed.load() && place.step == step && place.thread == std::this_thread::get_id()) {
        park(place);
      }
    }
  }

  // The calling thread parks when it comes to `step` next. `place`: 0 or 1.
  void arm(std::size_t place, Step step) {
    places_[place].step = step;
    places_[place].thread = std::this_thread::get_id();
    places_[place].is_armed.store(true);
  }
  void wait_until_parked(std::size_t place) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return places_[place].is_parked; });
  }
  void release(std::size_t place) {
    const std::lock_guard lock(mutex_);
    places_[place].is_released = true;
    changed_.notify_all();
  }

 private:
  struct Place {
    std::atomic<bool> is_armed{false};
    Step step = Step::kSettled;
    std::thread::id thread;
    bool is_parked = false;
    bool is_released = false;
  };
  void park(Place& place) {
    place.is_armed.store(false);
    std::unique_lock lock(mutex_);
    place.is_parked = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return place.is_released; });
  }

  std::array<Place, 2> places_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

double park_seconds() {
  const char* text = std::getenv("BERTH_PARK_SECONDS");
  return text == nullptr ? 0.3 : std::strtod(text, nullptr);
}

// Sanitizers keep what was freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCountsResidentMemory = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool kCountsResidentMemory = false;
#else
constexpr bool kCountsResidentMemory = true;
#endif
#else
constexpr bool kCountsResidentMemory = true;
#endif

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages >> pages;
  EXPECT_GT(pages, 0U) << "/proc/self/statm cannot be read";
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

SnapshotPtr small_fleet() {
  using namespace placement::test;
  Fleet fleet;
  for (int index = 0; index < 12; ++index) {
    fleet.push_back(make_instance("i" + std::to_string(100 + index), index % 2 == 0 ? "a" : "b", 8192, 32768));
  }
  return build(fleet);
}

class ParkedThread : public testing::TestWithParam<Step> {
 protected:
  void SetUp() override {
    ClusterOptions options;
    options.hook = &parking_;
    options.log_capacity = 1024;  // The others go round it many times.
    cluster_ = *Cluster::from_snapshot(small_fleet(), options);
    for (auto& request_class : classes_) {
      placement::Request request =
          placement::test::make_request(1, {placement::test::spread(placement::test::kZone), placement::test::binpack_memory()});
      request_class = *cluster_->prepare(request, placement::test::serial());
    }
  }

  // Places and ends tasks until `decisions` were placed.
  void decide(std::uint32_t decisions) {
    Worker worker = *cluster_->attach();
    for (std::uint32_t made = 0; made < decisions; ++made) {
      Placed placed;
      std::uint32_t count = 0;
      ASSERT_TRUE(
          worker.place(*classes_[made % classes_.size()], {.seed = made, .id_base = made, .first_task = 0}, {&placed, 1}, count).ok());
      ASSERT_EQ(count, 1U);
      ASSERT_EQ(worker.release(placed.task), StatusCode::kOk);
    }
  }

  // One placement that parks at the step on its way.
  std::thread victim(std::size_t place, Step step) {
    return std::thread([this, place, step] {
      Worker worker = *cluster_->attach();
      Placed first;
      std::uint32_t count = 0;
      // Takes what is cold out of the way, and leaves a record to be replaced.
      ASSERT_TRUE(worker.place(*classes_[0], {.seed = 1, .id_base = 1, .first_task = 0}, {&first, 1}, count).ok());
      parking_.arm(place, step);
      Placed placed;
      ASSERT_TRUE(worker.place(*classes_[0], {.seed = 2, .id_base = 2, .first_task = 0}, {&placed, 1}, count).ok());
      ASSERT_EQ(count, 1U);
      ASSERT_EQ(worker.release(placed.task), StatusCode::kOk);
      ASSERT_EQ(worker.release(first.task), StatusCode::kOk);
    });
  }

  void others_decide() {
    std::vector<std::thread> others;
    for (int other = 0; other < 2; ++other) {
      others.emplace_back([this] { decide(kDecisions / 2); });
    }
    for (std::thread& other : others) {
      other.join();
    }
  }

  // Places, stops, releases, drains, changes attributes and states, until `turns` were made.
  void churn(std::uint32_t turns) {
    constexpr std::array<std::string_view, 3> kZones = {"a", "b", "c"};
    Worker worker = *cluster_->attach();
    std::vector<TaskHandle> tasks;
    for (std::uint32_t turn = 0; turn < turns; ++turn) {
      Placed placed;
      std::uint32_t count = 0;
      ASSERT_TRUE(
          worker.place(*classes_[turn % classes_.size()], {.seed = turn, .id_base = turn, .first_task = 0}, {&placed, 1}, count).ok());
      if (count == 1) {
        tasks.push_back(placed.task);
        worker.set_task_state(placed.task, {.last_status = TaskStatus::kRunning,
                                            .desired_status = {},
                                            .health = {},
                                            .started_at_ms = turn,
                                            .is_protected = {},
                                            .protected_until_ms = {}});
      }
      const std::uint32_t slot = cluster_->slot_of(turn % 12);
      if (turn % 7 == 0) {
        worker.put_attribute(slot, placement::test::kZone, kZones[turn / 7 % 3]);
      } else if (turn % 5 == 0) {
        worker.set_status(slot, turn % 10 == 0 ? InstanceStatus::kDraining : InstanceStatus::kActive);
      }
      // Up to some forty tasks of each thread, so that records of several sizes come and go.
      while (tasks.size() > 20 + turn % 20) {
        ASSERT_EQ(worker.stop(tasks.front()), StatusCode::kOk);
        ASSERT_EQ(worker.release(tasks.front()), StatusCode::kOk);
        tasks.erase(tasks.begin());
      }
    }
    for (const TaskHandle& task : tasks) {
      ASSERT_EQ(worker.release(task), StatusCode::kOk);
    }
    for (std::uint32_t instance = 0; instance < 12; ++instance) {
      worker.set_status(cluster_->slot_of(instance), InstanceStatus::kActive);
    }
  }

  // Everything was given back: each instance is as it was, and nobody is left in the way.
  void expect_as_new() {
    Worker worker = *cluster_->attach();
    const SnapshotPtr now = *cluster_->to_snapshot(worker, placement::test::serial());
    ASSERT_EQ(now->task_count(), 0U);
    for (std::uint32_t instance = 0; instance < now->instance_count(); ++instance) {
      EXPECT_EQ(now->cpu_remaining()[instance], 8192);
      EXPECT_EQ(now->memory_remaining()[instance], 32768);
      EXPECT_EQ(now->running_tasks_count()[instance], 0U);
    }
  }

  Parking parking_;
  std::unique_ptr<Cluster> cluster_;
  std::array<std::unique_ptr<RequestClass>, 3> classes_;
};

TEST_P(ParkedThread, StopsNobodyElse) {
  std::thread parked = victim(0, GetParam());
  parking_.wait_until_parked(0);
  others_decide();
  others_decide();
  // A megabyte for each worker that there ever was; the records of these decisions, had they piled up, would take several times that.
  EXPECT_LE(cluster_->inventory().ledger.record_bytes(), std::size_t{3} << 20U) << "records pile up behind the parked thread";
  parking_.release(0);
  parked.join();
  expect_as_new();
}

// However long it is stopped: once everything is warm, the churn of others takes no more memory.
TEST_P(ParkedThread, LeavesMemoryBounded) {
  constexpr std::uint32_t kTurns = 4'000;
  constexpr int kWarmRounds = 4;
  std::thread parked = victim(0, GetParam());
  parking_.wait_until_parked(0);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(park_seconds());
  std::size_t record_bytes = 0;
  std::size_t resident = 0;
  std::uint64_t rounds = 0;
  for (; rounds <= kWarmRounds || std::chrono::steady_clock::now() < end; ++rounds) {
    std::thread other([this] { churn(kTurns); });
    churn(kTurns);
    other.join();
    if (rounds + 1 == kWarmRounds) {
      record_bytes = cluster_->inventory().ledger.record_bytes();
      resident = resident_bytes();
    }
  }
  const std::size_t record_bytes_now = cluster_->inventory().ledger.record_bytes();
  const std::size_t resident_now = resident_bytes();
  std::cout << "step " << static_cast<int>(GetParam()) << ": " << 2 * kTurns * rounds << " turns, records " << record_bytes << " -> "
            << record_bytes_now << " bytes, resident " << resident / 1024 << " -> " << resident_now / 1024 << " KiB\n";
  EXPECT_LE(record_bytes_now, record_bytes + (std::size_t{1} << 20U)) << "records pile up behind the parked thread";
  if (kCountsResidentMemory) {
    EXPECT_LE(resident_now, resident + (std::size_t{4} << 20U)) << "memory piles up behind the parked thread";
  }
  parking_.release(0);
  parked.join();
  expect_as_new();
}

INSTANTIATE_TEST_SUITE_P(EveryStep, ParkedThread,
                         testing::Values(Step::kSettled, Step::kBuilt, Step::kLogged, Step::kRecordPublished, Step::kColumnsPublished,
                                         Step::kPublished, Step::kRetired, Step::kReading),
                         [](const auto& instance) { return "Step" + std::to_string(static_cast<int>(instance.param)); });

class ParkedHelper : public ParkedThread {};
TEST_P(ParkedHelper, OfAParkedThreadStopsNobodyElse) {
  std::thread parked = victim(0, Step::kLogged);
  parking_.wait_until_parked(0);
  // Its change is committed and not published: the next one helps, and parks while it does.
  std::thread second = std::thread([this] {
    parking_.arm(1, GetParam());
    decide(1);
  });
  parking_.wait_until_parked(1);
  others_decide();
  parking_.release(1);
  second.join();
  parking_.release(0);
  parked.join();
  expect_as_new();
}

INSTANTIATE_TEST_SUITE_P(WhileHelping, ParkedHelper, testing::Values(Step::kHelping, Step::kRecordPublished, Step::kColumnsPublished),
                         [](const auto& instance) { return "Step" + std::to_string(static_cast<int>(instance.param)); });

}  // namespace
}  // namespace berth::cluster::test
