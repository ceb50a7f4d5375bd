#include "engine/parallel/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/executor_kinds.h"

namespace berth {
namespace {

class ExecutorTest : public ::testing::TestWithParam<ExecutorKind> {
 protected:
  std::unique_ptr<Executor> executor_ = make_executor(GetParam(), 4);
};

TEST_P(ExecutorTest, CallsEveryBlockOnce) {
  for (const std::size_t block_count : {0U, 1U, 2U, 3U, 1000U}) {
    std::vector<std::atomic<unsigned>> calls(block_count);
    executor_->run(block_count, [&](std::size_t block) { calls[block].fetch_add(1); });
    for (std::size_t block = 0; block < block_count; ++block) {
      EXPECT_EQ(calls[block].load(), 1U) << block << " of " << block_count;
    }
  }
}

TEST_P(ExecutorTest, ResultsOfBlocksAreVisibleAfterRun) {
  std::vector<std::size_t> squares(10'000);
  executor_->run(squares.size(), [&](std::size_t block) { squares[block] = block * block; });
  for (std::size_t block = 0; block < squares.size(); ++block) {
    ASSERT_EQ(squares[block], block * block);
  }
}

TEST_P(ExecutorTest, RethrowsWhatABodyThrew) {
  for (const std::size_t block_count : {1U, 100U}) {
    try {
      executor_->run(block_count, [&](std::size_t block) {
        if (block + 1 == block_count) {
          throw std::runtime_error("block " + std::to_string(block));
        }
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(std::string(error.what()), "block " + std::to_string(block_count - 1));
    }
  }
  // It works on after a failure.
  std::atomic<unsigned> calls{0};
  executor_->run(10, [&](std::size_t) { calls.fetch_add(1); });
  EXPECT_EQ(calls.load(), 10U);
}

TEST_P(ExecutorTest, ServesSeveralCallersAtOnce) {
  std::atomic<std::size_t> sum{0};
  {
    std::vector<std::jthread> callers;
    for (unsigned caller = 0; caller < 3; ++caller) {
      callers.emplace_back([&] { executor_->run(200, [&](std::size_t block) { sum.fetch_add(block); }); });
    }
  }
  EXPECT_EQ(sum.load(), 3U * (199U * 200U / 2U));
}

TEST_P(ExecutorTest, MayBeRunFromInsideABody) {
  std::atomic<unsigned> calls{0};
  executor_->run(3, [&](std::size_t) { executor_->run(5, [&](std::size_t) { calls.fetch_add(1); }); });
  EXPECT_EQ(calls.load(), 15U);
}

TEST_P(ExecutorTest, HasAtLeastOneWorker) {
  EXPECT_GE(executor_->worker_count(), 1U);
  EXPECT_GE(make_executor(GetParam(), 0)->worker_count(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ExecutorTest, ::testing::ValuesIn(kExecutorKinds), [](const auto& parameter) {
  switch (parameter.param) {
    case ExecutorKind::kTbb:
      return "Tbb";
    case ExecutorKind::kThreads:
      return "Threads";
    case ExecutorKind::kSerial:
      break;
  }
  return "Serial";
});

}  // namespace
}  // namespace berth
