// Batches go from whoever gives them to exactly one who takes them.
#include "engine/cluster/batch_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <thread>
#include <vector>

namespace berth::cluster::test {
namespace {

using Pair = std::array<std::uint32_t, 2>;

TEST(BatchStore, KeepsKindsApart) {
  BatchStore<Pair, 2> store;
  Pair taken{};
  EXPECT_FALSE(store.take(0, taken));
  EXPECT_TRUE(store.give(0, {1, 2}));
  EXPECT_TRUE(store.give(0, {3, 4}));
  EXPECT_FALSE(store.take(1, taken));
  EXPECT_TRUE(store.give(1, {5, 6}));
  EXPECT_TRUE(store.take(0, taken));
  EXPECT_EQ(taken, (Pair{3, 4}));
  EXPECT_TRUE(store.take(0, taken));
  EXPECT_EQ(taken, (Pair{1, 2}));
  EXPECT_FALSE(store.take(0, taken));
  EXPECT_TRUE(store.take(1, taken));
  EXPECT_EQ(taken, (Pair{5, 6}));
}

// Every thread takes and gives a few batches over and over; each batch is held by one at a time, so that writing to it is no race.
TEST(BatchStore, GivesEachBatchToOneThread) {
  constexpr std::uint32_t kBatches = 12;
  constexpr int kThreads = 3;
  constexpr int kTurns = 1'000'000;
  struct Held {
    std::uint64_t turns = 0;  // Written by whoever holds the batch.
  };
  std::array<Held, kBatches> held;
  BatchStore<std::uint32_t, 1> store;
  for (std::uint32_t batch = 0; batch < kBatches; ++batch) {
    ASSERT_TRUE(store.give(0, batch));
  }
  std::array<std::uint64_t, kThreads> taken{};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      std::vector<std::uint32_t> mine;
      for (int turn = 0; turn < kTurns; ++turn) {
        std::uint32_t batch = 0;
        if (mine.size() < 3 && store.take(0, batch)) {
          ++held[batch].turns;
          ++taken[static_cast<std::size_t>(thread)];
          mine.push_back(batch);
        } else if (!mine.empty()) {
          store.give(0, mine.front());
          mine.erase(mine.begin());
        }
      }
      for (const std::uint32_t batch : mine) {
        store.give(0, batch);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::uint64_t turns = 0;
  for (const Held& each : held) {
    turns += each.turns;
  }
  EXPECT_EQ(turns, taken[0] + taken[1] + taken[2]);
  std::vector<std::uint32_t> all;
  for (std::uint32_t batch = 0; store.take(0, batch);) {
    all.push_back(batch);
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), kBatches);
  for (std::uint32_t batch = 0; batch < kBatches; ++batch) {
    EXPECT_EQ(all[batch], batch);
  }
}

}  // namespace
}  // namespace berth::cluster::test
