// The two trees of an index against plain searches over everything.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <vector>

#include "engine/base/rng.h"
#include "engine/cluster/amount_tree.h"
#include "engine/cluster/tie_tree.h"

namespace berth::cluster {
namespace {

// What a search for the least amount that is enough finds, as a caller of the tree goes about it; 0: nothing.
std::uint64_t first_in_tree(AmountTree& tree, std::uint64_t least, std::uint64_t other, bool cleans) {
  for (AmountTree::Place place = tree.find(least); tree.seek(place, other); AmountTree::step(place)) {
    const AmountTree::Leaf& leaf = tree.leaf(place);
    std::uint64_t first = 0;
    for (std::uint32_t at = 0; at < leaf.count; ++at) {
      const AmountTree::Entry& entry = leaf.entries.at(at);
      RC_ASSERT(entry.key >= tree.first_key(place));
      if (entry.key >= least && (entry.payload & AmountTree::kOtherMask) >= other && tree.is_current(entry) &&
          (first == 0 || entry.key < first)) {
        first = entry.key;
      }
    }
    if (first != 0) {
      return first;
    }
    if (cleans) {
      tree.clean(place);
    }
  }
  return 0;
}

std::uint64_t first_in_map(const std::map<std::uint64_t, std::uint64_t>& others, std::uint64_t least, std::uint64_t other) {
  for (auto entry = others.lower_bound(least); entry != others.end(); ++entry) {
    if (entry->second >= other) {
      return entry->first;
    }
  }
  return 0;
}

RC_GTEST_PROP(AmountTree, FindsWhatAPlainSearchFinds, ()) {
  const std::uint64_t seed = *rc::gen::arbitrary<std::uint64_t>();
  const bool by_memory = *rc::gen::arbitrary<bool>();
  // Few amounts: many slots stand level. Many slots: leaves and chunks split, and join again while the tree empties.
  const auto amounts = *rc::gen::element<std::uint64_t>(1, 40, 100'000);
  const auto slots = *rc::gen::element<std::uint32_t>(30, 3'000, 30'000);
  TieTree ties;
  ties.start(slots);
  AmountTree tree(ties, by_memory);
  std::map<std::uint64_t, std::uint64_t> others;
  std::vector<std::uint64_t> key_of_slot(slots);
  std::uint64_t draws = 0;
  const auto draw = [&](std::uint64_t bound) { return bounded(draw64(seed, draws++, 0), bound); };
  for (const std::uint64_t share_put : {9U, 5U, 1U}) {
    for (std::uint64_t step = 0; step < 2 * std::uint64_t{slots}; ++step) {
      const auto slot = static_cast<std::uint32_t>(draw(slots));
      std::uint64_t& key = key_of_slot[slot];
      if (key != 0) {
        others.erase(key);
        key = 0;
      }
      TieTree::Cell cell{0, draw(9) << AmountTree::kTraitShift};
      if (draw(10) < share_put) {
        const auto ranked = static_cast<std::int64_t>(draw(amounts));
        const auto other = static_cast<std::int64_t>(draw(50));
        cell.amounts = by_memory ? pack_fit(other, ranked, 0) : pack_fit(ranked, other, 0);
        key = AmountTree::key_of(1 + static_cast<std::uint32_t>(ranked), slot);
        others[key] = 1 + static_cast<std::uint64_t>(other);
      }
      ties.set(slot, cell);
      tree.note(slot);
      if (step % 16 == 0) {
        tree.bring_up();
        const std::uint64_t least = AmountTree::key_of(static_cast<std::uint32_t>(draw(amounts + 2)), 0);
        const std::uint64_t other = draw(52);
        RC_ASSERT(first_in_tree(tree, least, other, draw(2) == 0) == first_in_map(others, least, other));
      }
    }
  }
  // However long slots come and go, leaves do not become ever more.
  RC_ASSERT(tree.leaf_count() <= slots / 8 + 64);
}

// Whatever is left goes on changing, and the round of cleaning with it.
TEST(AmountTree, LeavesGoOnceNothingIsLeftInThem) {
  constexpr std::uint32_t kSlots = 30'000;
  TieTree ties;
  ties.start(kSlots);
  AmountTree tree(ties, true);
  tree.bring_up();
  const auto set = [&](std::uint32_t slot, std::uint64_t amounts) {
    ties.set(slot, {amounts, 0});
    tree.note(slot);
  };
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    set(slot, pack_fit(1, slot % 500, 0));
  }
  tree.bring_up();
  EXPECT_GE(tree.leaf_count(), kSlots / AmountTree::kLeafEntries);
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    set(slot, 0);
  }
  for (std::uint32_t step = 0; step < 400'000; ++step) {
    set(7, pack_fit(1, 400 + step % 100, 0));
  }
  tree.bring_up();
  EXPECT_LE(tree.leaf_count(), 20U);
  EXPECT_EQ(first_in_tree(tree, 0, 1, false), AmountTree::key_of(1 + 499, 7));
  set(3, pack_fit(1, 0, 0));
  tree.bring_up();
  EXPECT_EQ(first_in_tree(tree, 0, 1, false), AmountTree::key_of(1, 3));
}

// As when every instance of a fleet gets a task of the same service, again and again, and nobody searches meanwhile.
TEST(AmountTree, LeavesDoNotGrowInNumberWhileAllAmountsMove) {
  constexpr std::uint32_t kSlots = 20'000;
  TieTree ties;
  ties.start(kSlots);
  AmountTree tree(ties, true);
  for (std::int64_t moves = 0; moves < 60; ++moves) {
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      ties.set(slot, {pack_fit(4096, 65536 - 1000 * moves, 0), 0});
      tree.note(slot);
    }
    tree.bring_up();
    ASSERT_LE(tree.leaf_count(), 2 * (64 + kSlots / (AmountTree::kLeafEntries / 2)));
  }
}

RC_GTEST_PROP(TieTree, FindsWhatAPlainSearchFinds, ()) {
  const std::uint64_t seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto slots = *rc::gen::element<std::uint32_t>(64, 640, 40'000);
  std::uint64_t draws = 0;
  const auto draw = [&](std::uint64_t bound) { return bounded(draw64(seed, draws++, 0), bound); };
  TieTree tree;
  tree.start(slots);
  std::vector<std::uint64_t> amounts(slots, 0);
  const FitRange enough(FitAmounts::of(700, 700), kMostAmounts);
  for (std::uint64_t step = 0; step < 4'000; ++step) {
    const auto slot = static_cast<std::uint32_t>(draw(slots));
    // Little fits: mostly one of the two is there and the other is not.
    const auto cpu = static_cast<std::int64_t>(draw(1'000));
    amounts[slot] = pack_fit(cpu, static_cast<std::int64_t>(draw(20) == 0 ? draw(1'000) : 1'000 - static_cast<std::uint64_t>(cpu)), 0);
    tree.set(slot, {amounts[slot], step << 40U});
    RC_ASSERT(tree.cell(slot).traits == step << 40U);
    if (step % 8 != 0) {
      continue;
    }
    const auto from = static_cast<std::uint32_t>(draw(tree.block_count()));
    std::uint32_t block = tree.next_block(from, enough);
    for (; block < tree.block_count() && tree.fitting(block, enough) == 0; block = tree.next_block(block + 1, enough)) {
      tree.tighten(block);
    }
    std::uint32_t first = from * TieTree::kBlockSlots;
    while (first < slots && !enough.contains(amounts[first])) {
      ++first;
    }
    RC_ASSERT(block == (first < slots ? first / TieTree::kBlockSlots : tree.block_count()));
  }
}

}  // namespace
}  // namespace berth::cluster
