// `random`: T89, replay, and the fallback by rank.
#include <gtest/gtest.h>

#include "engine/base/rng.h"
#include "engine/placement/random_pool.h"
#include "tests/unit/placement/model.h"

namespace berth::placement::test {
namespace {

TEST(Random, IsUniformOverTheCandidates) {  // T89
  const SnapshotPtr snapshot = build({make_instance("a"), make_instance("b"), make_instance("c"), make_instance("full", "z", 0)});
  Request request = make_request(30'000, {random_choice()});
  request.demand.cpu_units = 0;
  request.demand.memory_mib = 0;
  request.demand.attributes = {};
  request.member_of = {member_of("attribute:ecs.availability-zone == us-east-1a")};
  const Decision decision = decide_on(snapshot, request);
  ASSERT_EQ(decision.placed.size(), 30'000U);
  std::map<std::string, double> counts;
  for (const std::string& id : placed_ids(snapshot, decision)) {
    counts[id] += 1;
  }
  ASSERT_EQ(counts.size(), 3U);
  double chi_square = 0;
  for (const auto& [id, count] : counts) {
    chi_square += (count - 10'000) * (count - 10'000) / 10'000;
  }
  EXPECT_LT(chi_square, 13.8);  // Two degrees of freedom, p = 0.001; the seed is fixed.
}

TEST(Random, FallbackByRankIsUniformToo) {
  // Three candidates in two thousand: 32 misses are likely, (1 - 3/2000)^32 = 0.95.
  Fleet fleet;
  for (int index = 0; index < 2000; ++index) {
    fleet.push_back(make_instance(std::to_string(10'000 + index), index % 700 == 50 ? "here" : "there"));
  }
  const SnapshotPtr snapshot = build(fleet);
  for (const std::vector<Strategy>& chain : {std::vector{random_choice()}, std::vector{spread("none"), random_choice()}}) {
    Request request = make_request(9000, chain);
    request.demand.cpu_units = 0;
    request.demand.memory_mib = 0;
    request.zones = {"here"};
    const Decision decision = decide_on(snapshot, request);
    std::map<std::string, double> counts;
    for (const std::string& id : placed_ids(snapshot, decision)) {
      counts[id] += 1;
    }
    ASSERT_EQ(counts.size(), 3U);
    double chi_square = 0;
    for (const auto& [id, count] : counts) {
      chi_square += (count - 3000) * (count - 3000) / 3000;
    }
    EXPECT_LT(chi_square, 13.8);
  }
}

TEST(Random, OneCandidateOfManyIsFoundByRank) {
  Fleet fleet;
  for (int index = 0; index < 5000; ++index) {
    fleet.push_back(make_instance(std::to_string(10'000 + index), "z", index == 4321 ? 4096 : 0));
  }
  const SnapshotPtr snapshot = build(fleet);
  EXPECT_EQ(placed_ids(snapshot, decide_on(snapshot, make_request(2, {random_choice()}))), (std::vector<std::string>{"14321", "14321"}));
}

TEST(Random, DrawsFromSeedAndTaskIndex) {
  Fleet fleet;
  for (int index = 0; index < 64; ++index) {
    fleet.push_back(make_instance(std::to_string(100 + index)));
  }
  const SnapshotPtr snapshot = build(fleet);
  Request request = make_request(20, {random_choice()});
  request.seed = 99;
  const Decision decision = decide_on(snapshot, request);
  for (std::uint64_t task = 0; task < 20; ++task) {
    EXPECT_EQ(decision.placed[task].instance, bounded(draw64(99, task, 0), 64));
  }
  request.seed = 100;
  EXPECT_NE(placed_ids(snapshot, decide_on(snapshot, request)), placed_ids(snapshot, decision));
}

TEST(Random, EndsTheChain) {
  Fleet fleet;
  for (int index = 0; index < 30; ++index) {
    fleet.push_back(make_instance(std::to_string(100 + index), "z", 1000 + index));
  }
  const SnapshotPtr snapshot = build(fleet);
  EXPECT_EQ(placed_ids(snapshot, decide_on(snapshot, make_request(10, {random_choice(), binpack_cpu()}))),
            placed_ids(snapshot, decide_on(snapshot, make_request(10, {random_choice()}))));
}

TEST(RandomPool, FindsEveryRankWhileMembersLeave) {
  Bitset members(1000);
  std::vector<std::uint32_t> expected;
  for (std::uint32_t instance = 3; instance < 1000; instance += 7) {
    members.set(instance);
    expected.push_back(instance);
  }
  RandomPool pool(members);
  Stream stream(5);
  while (!expected.empty()) {
    ASSERT_EQ(pool.count(), expected.size());
    for (std::size_t rank = 0; rank < expected.size(); ++rank) {
      ASSERT_EQ(pool.at_rank(rank), expected[rank]);
    }
    const auto victim = expected.begin() + static_cast<std::ptrdiff_t>(stream.below(expected.size()));
    pool.remove(*victim);
    EXPECT_FALSE(pool.contains(*victim));
    expected.erase(victim);
  }
  EXPECT_EQ(pool.count(), 0U);
}

}  // namespace
}  // namespace berth::placement::test
