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
std::uint64_t first_in_tree(AmountTree& tree, std::uint64_t least, std::uint64_t other, bool tightens) {
  for (AmountTree::Place place = tree.find(least); tree.seek(place, other); AmountTree::step(place)) {
    const AmountTree::Leaf& leaf = tree.leaf(place);
    std::uint64_t first = 0;
    for (std::uint32_t at = 0; at < leaf.count; ++at) {
      const std::uint64_t key = leaf.keys.at(at);
      if (key >= least && (leaf.payloads.at(at) & AmountTree::kOtherMask) >= other && (first == 0 || key < first)) {
        first = key;
      }
    }
    if (first != 0) {
      return first;
    }
    if (tightens) {
      tree.tighten(place);
    }
  }
  return 0;
}

std::uint64_t first_in_map(const std::map<std::uint64_t, std::uint64_t>& entries, std::uint64_t least, std::uint64_t other) {
  for (auto entry = entries.lower_bound(least); entry != entries.end(); ++entry) {
    if ((entry->second & AmountTree::kOtherMask) >= other) {
      return entry->first;
    }
  }
  return 0;
}

RC_GTEST_PROP(AmountTree, FindsWhatAPlainSearchFinds, ()) {
  const std::uint64_t seed = *rc::gen::arbitrary<std::uint64_t>();
  // Few amounts: many slots stand level. Many slots: leaves and chunks split, and join again while the tree empties.
  const auto amounts = *rc::gen::element<std::uint64_t>(1, 40, 100'000);
  const auto slots = *rc::gen::element<std::uint64_t>(30, 3'000, 30'000);
  AmountTree tree;
  std::map<std::uint64_t, std::uint64_t> entries;
  std::vector<std::uint64_t> key_of_slot(slots);
  std::uint64_t draws = 0;
  const auto draw = [&](std::uint64_t bound) { return bounded(draw64(seed, draws++, 0), bound); };
  for (const std::uint64_t share_put : {9U, 5U, 1U}) {
    for (std::uint64_t step = 0; step < 2 * slots; ++step) {
      const auto slot = static_cast<std::uint32_t>(draw(slots));
      std::uint64_t& key = key_of_slot[slot];
      const std::uint64_t payload = draw(50) | draw(9) << AmountTree::kTraitShift;
      if (draw(10) >= share_put) {
        if (key != 0) {
          tree.erase(key);
          entries.erase(key);
          key = 0;
        }
      } else if (key != 0 && draw(2) == 0) {
        tree.replace(key, payload);
        entries[key] = payload;
      } else {
        if (key != 0) {
          tree.erase(key);
          entries.erase(key);
        }
        key = AmountTree::key_of(1 + static_cast<std::uint32_t>(draw(amounts)), slot);
        tree.insert(key, payload);
        entries[key] = payload;
      }
      if (step % 16 == 0) {
        const std::uint64_t least = AmountTree::key_of(static_cast<std::uint32_t>(draw(amounts + 2)), 0);
        const std::uint64_t other = draw(52);
        RC_ASSERT(first_in_tree(tree, least, other, draw(2) == 0) == first_in_map(entries, least, other));
      }
    }
    RC_ASSERT(tree.size() == entries.size());
  }
}

RC_GTEST_PROP(TieTree, FindsWhatAPlainSearchFinds, ()) {
  const std::uint64_t seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto slots = *rc::gen::element<std::uint32_t>(64, 640, 40'000);
  std::uint64_t draws = 0;
  const auto draw = [&](std::uint64_t bound) { return bounded(draw64(seed, draws++, 0), bound); };
  TieTree tree;
  tree.start(slots, 0);
  std::vector<std::uint64_t> amounts(slots, 0);
  TieTree::Known known;
  const FitAmounts need = FitAmounts::of(700, 700);
  const FitRange enough(need, kMostAmounts);
  for (std::uint64_t step = 0; step < 4'000; ++step) {
    const auto slot = static_cast<std::uint32_t>(draw(slots));
    // Little fits: mostly one of the two is there and the other is not.
    const auto cpu = static_cast<std::int64_t>(draw(1'000));
    const std::uint64_t before = amounts[slot];
    amounts[slot] = pack_fit(cpu, static_cast<std::int64_t>(draw(20) == 0 ? draw(1'000) : 1'000 - static_cast<std::uint64_t>(cpu)), 0);
    tree.set(slot, amounts[slot]);
    if (!enough.contains(before) && enough.contains(amounts[slot])) {
      tree.note_improvement(slot, step);
    }
    if (step % 8 != 0) {
      continue;
    }
    std::uint32_t block = tree.next_block(0, enough, known);
    for (; block < tree.block_count() && tree.fitting(block, enough) == 0; block = tree.next_block(block + 1, enough, known)) {
      tree.tighten(block);
    }
    std::uint32_t first = 0;
    while (first < slots && !enough.contains(amounts[first])) {
      ++first;
    }
    RC_ASSERT(block == (first < slots ? first / TieTree::kBlockSlots : tree.block_count()));
    known.note(block, step + 1);
  }
}

}  // namespace
}  // namespace berth::cluster
