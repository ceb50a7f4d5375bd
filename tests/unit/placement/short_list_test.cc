// The short list against the selector, which orders all candidates: the same instance at every step, whatever was guessed about how far
// down the order tasks reach.
#include "engine/placement/short_list.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/workloads/fleet.h"
#include "engine/base/rng.h"
#include "engine/placement/filter.h"
#include "engine/placement/selector.h"

namespace berth::placement {
namespace {

using Kind = Strategy::Kind;

const Strategy kSpreadInstance{Kind::kSpreadInstance, {}};
const Strategy kBinpackCpu{Kind::kBinpackCpu, {}};
const Strategy kBinpackMemory{Kind::kBinpackMemory, {}};
const Strategy kZone{Kind::kSpreadAttribute, "ecs.availability-zone"};
const Strategy kStack{Kind::kSpreadAttribute, "stack"};

struct Case {
  std::string name;
  std::vector<Strategy> chain;
  std::uint32_t guess;      // Tasks that the list is made for,
  std::uint32_t tasks;      // and those that are placed.
  bool is_group_new;        // Else the fleet's largest group.
  std::uint32_t keeps_one;  // An instance stops being a candidate after one task in so many.
};

class ShortListCase : public testing::TestWithParam<Case> {
 protected:
  static const SnapshotPtr& fleet() {
    static const SnapshotPtr made = [] { return workloads::fleet(20'000, 1, *make_executor(ExecutorKind::kSerial, 1)); }();
    return made;
  }
  static std::string largest_group() {
    std::map<std::uint32_t, std::uint32_t> tasks;
    for (const std::uint32_t shape : fleet()->task_shape()) {
      ++tasks[fleet()->task_shapes()[shape].group];
    }
    std::uint32_t largest = tasks.begin()->first;
    for (const auto& [group, count] : tasks) {
      largest = count > tasks[largest] ? group : largest;
    }
    return std::string(fleet()->groups().at(largest));
  }
};

TEST_P(ShortListCase, ChoosesWhatTheSelectorChooses) {
  const std::unique_ptr<Executor> executor = make_executor(ExecutorKind::kThreads, 2);
  const Snapshot& snapshot = *fleet();
  Request request;
  request.demand.cpu_units = 128;
  request.demand.memory_mib = 256;
  request.strategies = GetParam().chain;
  request.group = GetParam().is_group_new ? "service:new" : largest_group();
  const GroupCounts counts(snapshot, request.group, Bitset(snapshot.instance_count(), true), *executor);
  ASSERT_EQ(counts.any(), !GetParam().is_group_new);
  // A third are no candidates, one whole stretch among them.
  Bitset candidates(snapshot.instance_count());
  for (std::uint32_t instance = 0; instance < snapshot.instance_count(); ++instance) {
    candidates.assign(instance, instance / 1000 != 3 && bounded(draw64(7, instance, 0), 10) < 7);
  }
  Chain chain_of_list(snapshot, request, counts);
  Chain chain_of_selector(snapshot, request, counts);
  const Combos combos(snapshot, chain_of_list, candidates);
  ASSERT_TRUE(ShortList::suits(chain_of_list, combos));
  ShortList list(snapshot, chain_of_list, combos, candidates, GetParam().guess, *executor);
  Selector selector(snapshot, chain_of_selector, combos, candidates, *executor);
  std::vector<std::uint32_t> added(snapshot.instance_count());
  std::uint32_t placed = 0;
  for (; placed < GetParam().tasks && !selector.empty(); ++placed) {
    ASSERT_FALSE(list.empty()) << placed;
    const std::uint32_t instance = selector.best();
    ASSERT_EQ(list.best(), instance) << placed;
    ++added[instance];
    const bool remains = bounded(draw64(9, instance, added[instance]), GetParam().keeps_one) != 0;
    list.place(added[instance], remains);
    selector.place(instance, added[instance], remains);
  }
  EXPECT_EQ(list.empty(), selector.empty());
  // With as many tasks as that, all candidates have left.
  EXPECT_EQ(selector.empty(), GetParam().tasks == ~0U);
}

std::vector<Case> cases() {
  std::vector<Case> cases;
  const std::vector<std::pair<std::string, std::vector<Strategy>>> chains = {{"none", {}},
                                                                             {"spread_instance", {kSpreadInstance}},
                                                                             {"binpack_cpu", {kBinpackCpu}},
                                                                             {"binpack_memory_cpu", {kBinpackMemory, kBinpackCpu}},
                                                                             {"zone_spread_instance", {kZone, kSpreadInstance}},
                                                                             {"zone_binpack_memory", {kZone, kBinpackMemory}},
                                                                             {"stack", {kStack}},
                                                                             {"instance_zone", {kSpreadInstance, kZone}},
                                                                             {"zone_stack_binpack_cpu", {kZone, kStack, kBinpackCpu}}};
  for (const auto& [name, chain] : chains) {
    for (const bool is_new : {false, true}) {
      const std::string title = name + (is_new ? "_new" : "_known");
      cases.push_back({title + "_one_guessed", chain, 1, 5000, is_new, 3});
      cases.push_back({title + "_guessed", chain, 1500, 1500, is_new, 5});
      cases.push_back({title + "_all", chain, 100, ~0U, is_new, 2});
    }
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Chains, ShortListCase, testing::ValuesIn(cases()), [](const auto& one) { return one.param.name; });

TEST(ShortList, LeavesDrawsAndManyCombinationsToTheSelector) {
  const std::unique_ptr<Executor> executor = make_executor(ExecutorKind::kSerial, 1);
  const SnapshotPtr snapshot = workloads::fleet(2000, 1, *executor);
  const Bitset candidates(snapshot->instance_count(), true);
  const auto suits = [&](std::vector<Strategy> strategies) {
    Request request;
    request.strategies = std::move(strategies);
    const GroupCounts counts;
    const Chain chain(*snapshot, request, counts);
    return ShortList::suits(chain, Combos(*snapshot, chain, candidates));
  };
  EXPECT_TRUE(suits({kZone, kSpreadInstance}));
  EXPECT_FALSE(suits({kZone, {Kind::kRandom, {}}}));
  EXPECT_FALSE(suits({kZone, {Kind::kSpreadAttribute, "ecs.instance-type"}}));
}

}  // namespace
}  // namespace berth::placement
