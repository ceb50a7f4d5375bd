#include "engine/parallel/executor.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace berth {
namespace {

// Keeps the exception of the lowest block that threw, so that the caller sees the same one on every back end that ran that block.
class FirstException {
 public:
  void record(std::size_t block) {
    const std::lock_guard lock(mutex_);
    if (block < block_) {
      block_ = block;
      exception_ = std::current_exception();
    }
  }
  void rethrow_if_any() const {
    if (exception_) {
      std::rethrow_exception(exception_);
    }
  }

 private:
  std::mutex mutex_;
  std::size_t block_ = std::numeric_limits<std::size_t>::max();
  std::exception_ptr exception_;
};

class SerialExecutor final : public Executor {
 public:
  void run(std::size_t block_count, const std::function<void(std::size_t)>& body) override {
    for (std::size_t block = 0; block < block_count; ++block) {
      body(block);
    }
  }
  [[nodiscard]] std::uint32_t worker_count() const override { return 1; }
};

// Starts its threads anew for every run: the plainest thing that ThreadSanitizer can follow.
class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(std::uint32_t worker_count) : worker_count_(worker_count) {}

  void run(std::size_t block_count, const std::function<void(std::size_t)>& body) override {
    const std::size_t workers = std::min<std::size_t>(worker_count_, block_count);
    if (workers <= 1) {
      for (std::size_t block = 0; block < block_count; ++block) {
        body(block);
      }
      return;
    }
    std::atomic<std::size_t> next{0};
    FirstException failure;
    const auto work = [&] {
      for (std::size_t block = next.fetch_add(1); block < block_count; block = next.fetch_add(1)) {
        try {
          body(block);
        } catch (...) {
          failure.record(block);
          next.store(block_count);
        }
      }
    };
    {
      std::vector<std::jthread> threads;
      threads.reserve(workers - 1);
      for (std::size_t worker = 1; worker < workers; ++worker) {
        threads.emplace_back(work);
      }
      work();
    }
    failure.rethrow_if_any();
  }
  [[nodiscard]] std::uint32_t worker_count() const override { return worker_count_; }

 private:
  std::uint32_t worker_count_;
};

class TbbExecutor final : public Executor {
 public:
  explicit TbbExecutor(std::uint32_t worker_count) : worker_count_(worker_count), arena_(static_cast<int>(worker_count)) {}

  void run(std::size_t block_count, const std::function<void(std::size_t)>& body) override {
    if (block_count <= 1) {
      for (std::size_t block = 0; block < block_count; ++block) {
        body(block);
      }
      return;
    }
    FirstException failure;
    arena_.execute([&] {
      tbb::parallel_for(tbb::blocked_range<std::size_t>(0, block_count, 1), [&](const tbb::blocked_range<std::size_t>& range) {
        for (std::size_t block = range.begin(); block != range.end(); ++block) {
          try {
            body(block);
          } catch (...) {
            failure.record(block);
          }
        }
      });
    });
    failure.rethrow_if_any();
  }
  [[nodiscard]] std::uint32_t worker_count() const override { return worker_count_; }

 private:
  std::uint32_t worker_count_;
  tbb::task_arena arena_;
};

std::uint32_t allowed_processors() {
  return static_cast<std::uint32_t>(std::max(1, tbb::this_task_arena::max_concurrency()));
}

}  // namespace

std::unique_ptr<Executor> make_executor(ExecutorKind kind, std::uint32_t worker_count) {
  switch (kind) {
    case ExecutorKind::kSerial:
      return std::make_unique<SerialExecutor>();
    case ExecutorKind::kThreads:
      return std::make_unique<ThreadExecutor>(worker_count == 0 ? std::max(1U, std::thread::hardware_concurrency()) : worker_count);
    case ExecutorKind::kTbb:
      break;
  }
  const std::uint32_t allowed = allowed_processors();
  return std::make_unique<TbbExecutor>(worker_count == 0 ? allowed : std::min(worker_count, allowed));
}

}  // namespace berth
