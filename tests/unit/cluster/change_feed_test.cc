// What a feed has of a log that others go on writing.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

#include "engine/cluster/change_feed.h"
#include "engine/cluster/cluster.h"
#include "tests/unit/placement/model.h"

namespace berth::cluster::test {
namespace {

TEST(ChangeFeed, HasNothingThatTheLogWroteOverMeanwhile) {
  const SnapshotPtr snapshot = placement::test::build({placement::test::make_instance("i1")});
  const std::unique_ptr<Cluster> cluster = *Cluster::from_snapshot(snapshot, {.log_capacity = 16});
  const Ledger& ledger = cluster->inventory().ledger;
  Worker worker = *cluster->attach();
  const std::uint32_t slot = cluster->slot_of(0);
  std::uint64_t published = 0;
  const auto change = [&](std::uint32_t times) {
    for (std::uint32_t time = 0; time < times; ++time) {
      ASSERT_EQ(worker.set_agent_connected(slot, published % 2 == 1), StatusCode::kOk);
      ASSERT_EQ(worker.committed_at(), published);
      ++published;
    }
  };
  ChangeFeed feed(8);
  feed.catch_up(ledger, 0);
  change(4);
  feed.catch_up(ledger, 4);
  EXPECT_EQ(feed.begin(), 0U);
  EXPECT_EQ(feed.end(), 4U);
  // A thread that settled at 6 and was stopped finds the log one lap further: 4 and 5 are not there any more.
  change(17);
  feed.catch_up(ledger, 6);
  EXPECT_EQ(feed.begin(), 6U);
  EXPECT_EQ(feed.end(), 6U);
  feed.catch_up(ledger, 14);
  EXPECT_EQ(feed.begin(), 6U);
  feed.catch_up(ledger, 21);
  EXPECT_EQ(feed.begin(), 13U);
  EXPECT_EQ(feed.end(), 21U);
}

}  // namespace
}  // namespace berth::cluster::test
