// A thread that is stopped at any step of a commit stops no other: the others complete thousands of decisions meanwhile, and what it
// holds stays bounded.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
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
