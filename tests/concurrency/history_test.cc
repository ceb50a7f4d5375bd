// Threads that place, stop and change instances of a small cluster at once. Every commit has its position in one order; replayed in
// that order by one thread, each placement must be the decision of that moment, and nothing may be missing.
#include <gtest/gtest.h>

#include "tests/concurrency/replay.h"

namespace berth::cluster::test {

TEST(ConcurrentHistory, ReplaysInItsOrderOnFewInstances) {
  Tally tally;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    race_and_replay({.seed = seed, .instances = 6, .threads = 3, .operations = 3000, .moves = false, .options = {}}, tally);
  }
  expect_all_raced(tally, {});
}

TEST(ConcurrentHistory, ReplaysInItsOrderOnManyInstances) {
  Tally tally;
  race_and_replay({.seed = 11, .instances = 300, .threads = 2, .operations = 6000, .moves = false, .options = {}}, tally);
}

TEST(ConcurrentHistory, ReplaysInItsOrderWhileInstancesMove) {
  Tally tally;
  for (std::uint64_t seed = 31; seed <= 33; ++seed) {
    race_and_replay({.seed = seed, .instances = 12, .threads = 3, .operations = 2500, .moves = true, .options = {}}, tally);
  }
  expect_all_raced(tally, {.seed = 0, .instances = 0, .threads = 0, .operations = 0, .moves = true, .options = {}});
  ClusterOptions options;
  options.window_entries = 3;
  options.log_capacity = 16;
  race_and_replay({.seed = 34, .instances = 40, .threads = 4, .operations = 1500, .moves = true, .options = options}, tally);
}

TEST(ConcurrentHistory, ReplaysWithWindowsAndLogThatAreTooSmall) {
  Tally tally;
  ClusterOptions options;
  options.window_entries = 3;
  options.log_capacity = 16;
  options.index_visits = 0;
  for (std::uint64_t seed = 21; seed <= 23; ++seed) {
    race_and_replay({.seed = seed, .instances = 40, .threads = 4, .operations = 1500, .moves = false, .options = options}, tally);
  }
}

}  // namespace berth::cluster::test
