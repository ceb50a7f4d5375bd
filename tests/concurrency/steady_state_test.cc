// In the steady state a decision, a stop and a change of state allocate nothing and take no lock of any kind: operator new, what
// the pools of records take, and the locking calls of pthreads are counted while they run.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>
#include <vector>

#include "bench/workloads/churn.h"
#include "bench/workloads/fleet.h"
#include "bench/workloads/zoo.h"
#include "engine/cluster/cluster.h"
#include "engine/cluster/fork.h"

namespace {

thread_local bool is_counting = false;
thread_local std::size_t allocations = 0;
thread_local std::size_t allocated_bytes = 0;
thread_local std::size_t locks = 0;

template <typename Function>
Function* real(Function*& cached, const char* name) {
  if (cached == nullptr) {
    cached = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
  }
  return cached;
}

void* counted_new(std::size_t size, std::size_t alignment) {
  allocations += is_counting ? 1 : 0;
  allocated_bytes += is_counting ? size : 0;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* memory = alignment > alignof(std::max_align_t) ? std::aligned_alloc(alignment, rounded) : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return counted_new(size, 1);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted_new(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

extern "C" {
int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  static decltype(pthread_mutex_lock)* next = nullptr;
  locks += is_counting ? 1 : 0;
  return real(next, "pthread_mutex_lock")(mutex);
}
int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  static decltype(pthread_mutex_trylock)* next = nullptr;
  locks += is_counting ? 1 : 0;
  return real(next, "pthread_mutex_trylock")(mutex);
}
int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  static decltype(pthread_rwlock_rdlock)* next = nullptr;
  locks += is_counting ? 1 : 0;
  return real(next, "pthread_rwlock_rdlock")(lock);
}
int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  static decltype(pthread_rwlock_wrlock)* next = nullptr;
  locks += is_counting ? 1 : 0;
  return real(next, "pthread_rwlock_wrlock")(lock);
}
int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  static decltype(pthread_cond_wait)* next = nullptr;
  locks += is_counting ? 1 : 0;
  return real(next, "pthread_cond_wait")(condition, mutex);
}
}

namespace berth::cluster::test {
namespace {

class SteadyState : public testing::Test {
 protected:
  static constexpr std::uint32_t kClasses = 100;

  void SetUp() override {
    executor_ = make_executor(ExecutorKind::kSerial, 1);
    const SnapshotPtr snapshot = workloads::fleet(1000, 1, *executor_);
    cluster_ = *Cluster::from_snapshot(snapshot);
    for (const placement::Request& request : workloads::zoo(kClasses, 1, *snapshot)) {
      classes_.push_back(*cluster_->prepare(request, *executor_));
    }
    worker_ = std::make_unique<Worker>(*cluster_->attach());
    std::vector<TaskHandle> here;
    for (std::uint32_t instance = 0; instance < snapshot->instance_count(); ++instance) {
      worker_->tasks_of(cluster_->slot_of(instance), here);
      tasks_.insert(tasks_.end(), here.begin(), here.end());
    }
  }

  // Places a task and ends another, and tells the states of both on the way.
  void turn(std::uint64_t index) {
    const workloads::Operation place = workloads::churn_operation(1, 2 * index, kClasses);
    const workloads::Operation stop = workloads::churn_operation(1, 2 * index + 1, kClasses);
    Placed placed;
    std::uint32_t count = 0;
    ASSERT_TRUE(
        worker_->place(*classes_[place.class_index], {.seed = place.draw, .id_base = place.draw, .first_task = 0}, {&placed, 1}, count)
            .ok());
    placed_ += count;
    if (count == 0) {
      return;
    }
    TaskHandle& picked = tasks_[static_cast<std::size_t>(workloads::pick_of(stop.pick, tasks_.size()))];
    ASSERT_EQ(worker_->stop(picked), StatusCode::kOk);
    ASSERT_EQ(worker_->release(picked), StatusCode::kOk);
    picked = placed.task;
  }

  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Cluster> cluster_;
  std::vector<std::unique_ptr<RequestClass>> classes_;
  std::unique_ptr<Worker> worker_;
  std::vector<TaskHandle> tasks_;
  std::uint64_t placed_ = 0;
};

TEST_F(SteadyState, NeitherAllocatesNorLocks) {
  // Until every task of the fleet was replaced several times: the sizes of groups, and the tables of them, have settled.
  constexpr std::uint64_t kWarm = 60'000;
  constexpr std::uint64_t kRounds = 5;
  constexpr std::uint64_t kTurns = 4'000;
  std::uint64_t index = 0;
  for (; index < kWarm; ++index) {
    turn(index);
  }
  // A table that grows still is no part of the steady state: one round may meet one.
  std::uint64_t free_rounds = 0;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    const std::size_t record_bytes = cluster_->inventory().ledger.record_bytes();
    placed_ = 0;
    allocations = 0;
    is_counting = true;
    for (const std::uint64_t end = index + kTurns; index < end; ++index) {
      turn(index);
    }
    is_counting = false;
    EXPECT_GT(placed_, kTurns / 2);
    free_rounds += allocations == 0 && cluster_->inventory().ledger.record_bytes() == record_bytes ? 1U : 0U;
  }
  EXPECT_GE(free_rounds, kRounds - 1);
  EXPECT_EQ(locks, 0U);
}

// A fork takes memory for what it changes, and its questions none of the cluster's.
TEST_F(SteadyState, AForkTakesLittle) {
  constexpr std::uint64_t kWarm = 20'000;
  constexpr std::uint64_t kRounds = 50;
  constexpr std::uint64_t kQuestions = 10;
  constexpr std::size_t kBytesMax = std::size_t{64} << 10U;
  for (std::uint64_t index = 0; index < kWarm; ++index) {
    turn(index);
  }
  const std::size_t record_bytes = cluster_->inventory().ledger.record_bytes();
  std::uint64_t question = 0;
  std::uint64_t found = 0;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    allocations = 0;
    allocated_bytes = 0;
    locks = 0;
    is_counting = true;
    Fork fork(*worker_);
    for (const std::uint64_t end = question + kQuestions; question < end; ++question) {
      found +=
          fork.look_for(*classes_[question % kClasses], {.seed = question, .id_base = question, .first_task = 0}).has_value() ? 1U : 0U;
    }
    EXPECT_EQ(allocations, 0U);
    EXPECT_EQ(fork.bytes(), 0U);
    for (std::uint64_t task = 0; task < kQuestions; ++task) {
      Placed placed;
      std::uint32_t count = 0;
      EXPECT_TRUE(
          fork.place(*classes_[(question + task) % kClasses], {.seed = task, .id_base = task, .first_task = 0}, {&placed, 1}, count).ok());
    }
    is_counting = false;
    EXPECT_EQ(locks, 0U);
    // Records come from elsewhere than operator new; the fork's own account knows of both.
    EXPECT_LE(allocated_bytes + fork.bytes(), kBytesMax);
  }
  EXPECT_GT(found, kRounds * kQuestions / 2);
  EXPECT_EQ(cluster_->inventory().ledger.record_bytes(), record_bytes);
}

// The counters see what they are there for.
TEST_F(SteadyState, CountsAnAllocationAndALock) {
  std::mutex mutex;
  is_counting = true;
  const auto allocated = std::make_unique<std::vector<int>>(100);
  {
    const std::lock_guard lock(mutex);
  }
  is_counting = false;
  EXPECT_GE(allocations, 2U);
  EXPECT_GE(locks, 1U);
}

// What the snapshot does not have is looked up under a lock only once.
TEST_F(SteadyState, KnowsWhatCameLaterWithoutALock) {
  const std::uint32_t slot = cluster_->slot_of(0);
  const auto change = [&](std::string_view value) {
    ASSERT_EQ(worker_->put_attribute(slot, "came-later", value), StatusCode::kOk);
    ASSERT_EQ(worker_->set_agent_version(slot, value), StatusCode::kOk);
  };
  change("blue");
  change("green");
  locks = 0;
  is_counting = true;
  change("blue");
  change("green");
  is_counting = false;
  EXPECT_EQ(locks, 0U);
}

}  // namespace
}  // namespace berth::cluster::test
