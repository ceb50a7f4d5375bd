// Selector: the candidates of one request in the order of its chain, kept exact while tasks are placed (README.md, "How select works").
//
// Three storeys of heaps: candidates in leaves (one combination of group values each), leaves in partitions (one value of the pivot
// level each), partitions in the root. Every storey is ordered by the whole chain key of the best candidate below.
// Thread rule: one thread; only the constructor uses the executor. Lifetime: at most that of the snapshot, the chain and the
// combinations.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/base/bitset.h"
#include "engine/parallel/executor.h"
#include "engine/placement/chain.h"
#include "engine/placement/combos.h"
#include "engine/placement/rank_entry.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement {

class Selector {
 public:
  // Changes the counts of `chain` as tasks are placed.
  Selector(const Snapshot& snapshot, Chain& chain, const Combos& combos, const Bitset& candidates, Executor& executor);

  [[nodiscard]] bool empty() const { return root_.empty(); }
  // The first candidate by the chain, then tie key, then index. REQUIRES: !empty().
  [[nodiscard]] std::uint32_t best() const { return best_entry().instance; }

  // For chains that end in `random`: whether a candidate stands level with the best one, and all that do, in no order.
  // REQUIRES: the chain ends in random; `instance` is a candidate; !empty().
  [[nodiscard]] bool is_tied(std::uint32_t instance) const;
  void collect_tied(std::vector<std::uint32_t>& instances) const;

  // A task was placed on a candidate, which has `added` tasks of the request now and either remains a candidate or not.
  // REQUIRES: `instance` is best(), or the chain ends in random.
  void place(std::uint32_t instance, std::uint32_t added, bool remains);

 private:
  using Entry = RankEntry;
  struct Leaf {
    std::uint32_t begin;  // Heap entries_[begin, begin + size).
    std::uint32_t size;
    std::uint32_t combo;
    std::uint32_t partition;
    std::uint32_t position;  // In the partition's heap.
  };
  struct Partition {
    std::uint32_t begin;  // Heap members_[begin, begin + size).
    std::uint32_t size;
    std::uint32_t position;  // In root_.
  };

  // --- Building. ---
  void choose_slices(std::uint32_t instance_count);
  void choose_pivot();
  void count_slices(const Bitset& candidates, Executor& executor);
  void lay_out_leaves();
  void group_leaves();
  void fill_leaves(const Snapshot& snapshot, const Bitset& candidates, Executor& executor);
  void make_heaps(Executor& executor);

  // --- Order. ---
  // Compares the levels of the chain, without tie key and index: negative, 0 or positive.
  [[nodiscard]] int compare_levels(const Entry& a, std::uint32_t combo_a, const Entry& b, std::uint32_t combo_b) const;
  [[nodiscard]] bool leaf_less(std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] std::uint32_t best_leaf_of(std::uint32_t partition) const { return members_[partitions_[partition].begin]; }
  [[nodiscard]] std::uint32_t best_leaf() const { return best_leaf_of(root_.front()); }
  [[nodiscard]] const Entry& head(std::uint32_t leaf) const { return entries_[leaves_[leaf].begin]; }
  [[nodiscard]] const Entry& best_entry() const { return head(best_leaf()); }
  [[nodiscard]] std::uint32_t leaf_of(std::uint32_t instance) const {
    return leaf_of_[std::size_t{instance / slice_instances_} * combos_.count() + combos_.of(instance)];
  }
  [[nodiscard]] Entry make_entry(std::uint32_t instance, std::uint32_t added) const;

  // --- Changing. ---
  [[nodiscard]] std::span<Entry> entries_of(const Leaf& leaf) { return std::span(entries_).subspan(leaf.begin, leaf.size); }
  [[nodiscard]] std::span<std::uint32_t> members_of(const Partition& partition) {
    return std::span(members_).subspan(partition.begin, partition.size);
  }
  void leaf_changed(std::uint32_t leaf);
  void bump(std::uint32_t slot, std::uint32_t value);
  void bump_shared(std::uint32_t slot, std::uint32_t value);
  // The heap operations' callbacks.
  [[nodiscard]] auto entry_moved();
  [[nodiscard]] auto leaf_order() const;
  [[nodiscard]] auto leaf_moved();
  [[nodiscard]] auto partition_order() const;
  [[nodiscard]] auto partition_moved();

  Chain* chain_;
  const Combos& combos_;
  std::span<const std::uint64_t> tie_keys_;
  std::vector<std::uint32_t> position_;  // Chains that end in random: a candidate's place in its leaf's heap, by instance.

  // Slices of consecutive instances have leaves of their own, so that they can be built at once.
  std::uint32_t slice_instances_ = 1;
  std::uint32_t slice_count_ = 1;
  std::vector<std::uint32_t> leaf_of_;  // By slice and combination; while building, the number of candidates.

  std::uint32_t pivot_ = 0;                        // Slot of the pivot level; meaningless without group levels.
  std::vector<std::uint32_t> partition_of_value_;  // By value of the pivot level.
  std::vector<Entry> entries_;
  std::vector<Leaf> leaves_;
  std::vector<std::uint32_t> members_;  // Leaf ids, by partition.
  std::vector<Partition> partitions_;
  std::vector<std::uint32_t> root_;  // Partition ids.
  // Several group levels: the leaves of each value, per slot but the pivot's.
  std::vector<std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>> leaves_of_value_;
};

}  // namespace berth::placement
