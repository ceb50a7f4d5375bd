// The one seam through which the engine runs on several threads. Behind it stand oneTBB (production), plain threads (for
// ThreadSanitizer, which cannot see into TBB) and a serial loop (the reference).
//
// Contract: run() calls body(0) ... body(block_count - 1), each exactly once, on any thread and in any order, and returns when all have
// returned. A body that throws: the first exception (lowest block among those that ran) is rethrown to the caller after all running
// bodies ended. Callers write one result per block and combine them in block order, so the answer is the same on every back end.
//
// Thread rule: any thread may call run() on one executor at the same time. Lifetime: outlives its calls; joins its threads on
// destruction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace berth {

class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  virtual void run(std::size_t block_count, const std::function<void(std::size_t block)>& body) = 0;
  // How many bodies may run at once; at least 1.
  [[nodiscard]] virtual std::uint32_t worker_count() const = 0;
};

enum class ExecutorKind : std::uint32_t { kTbb = 1, kThreads = 2, kSerial = 3 };

// worker_count 0 means the processors that this process may use; larger requests are clamped to that number for TBB (which would
// print a warning itself otherwise) and taken as they are for plain threads.
std::unique_ptr<Executor> make_executor(ExecutorKind kind, std::uint32_t worker_count);

}  // namespace berth
