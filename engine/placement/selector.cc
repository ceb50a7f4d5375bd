#include "engine/placement/selector.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "engine/placement/blocks.h"
#include "engine/placement/heap.h"

namespace berth::placement {

int Selector::compare_levels(const Entry& a, std::uint32_t combo_a, const Entry& b, std::uint32_t combo_b) const {
  for (const Level& level : chain_->levels()) {
    std::uint32_t key_a = 0;
    std::uint32_t key_b = 0;
    if (level.is_group()) {
      key_a = chain_->group_count(level.slot, combos_.value(combo_a, level.slot));
      key_b = chain_->group_count(level.slot, combos_.value(combo_b, level.slot));
    } else {
      key_a = a.own_key(level.slot);
      key_b = b.own_key(level.slot);
    }
    if (key_a != key_b) {
      return key_a < key_b ? -1 : 1;
    }
  }
  return 0;
}

bool Selector::leaf_less(std::uint32_t a, std::uint32_t b) const {
  const Entry& head_a = head(a);
  const Entry& head_b = head(b);
  const int order = compare_levels(head_a, leaves_[a].combo, head_b, leaves_[b].combo);
  if (order != 0) {
    return order < 0;
  }
  if (head_a.tie_key != head_b.tie_key) {
    return head_a.tie_key < head_b.tie_key;
  }
  return head_a.instance < head_b.instance;
}

auto Selector::entry_moved() {
  return [this](const Entry& entry, std::size_t position) {
    if (!position_.empty()) {
      position_[entry.instance] = static_cast<std::uint32_t>(position);
    }
  };
}
auto Selector::leaf_order() const {
  return [this](std::uint32_t a, std::uint32_t b) { return leaf_less(a, b); };
}
auto Selector::leaf_moved() {
  return [this](std::uint32_t leaf, std::size_t position) { leaves_[leaf].position = static_cast<std::uint32_t>(position); };
}
auto Selector::partition_order() const {
  return [this](std::uint32_t a, std::uint32_t b) { return leaf_less(best_leaf_of(a), best_leaf_of(b)); };
}
auto Selector::partition_moved() {
  return [this](std::uint32_t partition, std::size_t position) { partitions_[partition].position = static_cast<std::uint32_t>(position); };
}

Selector::Entry Selector::make_entry(std::uint32_t instance, std::uint32_t added) const {
  return make_rank_entry(chain_->own_keys(instance, added), chain_->ends_in_random() ? 0 : tie_keys_[instance], instance);
}

// --- Building. ---

Selector::Selector(const Snapshot& snapshot, Chain& chain, const Combos& combos, const Bitset& candidates, Executor& executor)
    : chain_(&chain), combos_(combos), tie_keys_(snapshot.tie_keys()) {
  if (chain.ends_in_random()) {
    position_.resize(snapshot.instance_count());
  }
  choose_slices(snapshot.instance_count());
  choose_pivot();
  count_slices(candidates, executor);
  lay_out_leaves();
  group_leaves();
  fill_leaves(snapshot, candidates, executor);
  make_heaps(executor);
}

void Selector::choose_slices(std::uint32_t instance_count) {
  // Many leaves per value pay off only where a placement changes one leaf, and few values fit into one table per slice.
  constexpr std::uint32_t kSlicedCombosMax = 1024;
  const bool sliced = chain_->group_level_count() <= 1 && combos_.count() <= kSlicedCombosMax;
  slice_instances_ = sliced ? kBlockInstances : std::max<std::uint32_t>(64, (instance_count + 63) / 64 * 64);
  slice_count_ = (instance_count + slice_instances_ - 1) / slice_instances_;
  leaf_of_.assign(std::size_t{slice_count_} * combos_.count(), 0);
}

void Selector::choose_pivot() {
  for (std::uint32_t slot = 1; slot < chain_->group_level_count(); ++slot) {
    if (chain_->group_column(slot).value_count() < chain_->group_column(pivot_).value_count()) {
      pivot_ = slot;
    }
  }
}

void Selector::count_slices(const Bitset& candidates, Executor& executor) {
  executor.run(slice_count_, [&](std::size_t slice) {
    const std::span<std::uint32_t> counts = std::span(leaf_of_).subspan(slice * combos_.count(), combos_.count());
    const auto first = static_cast<std::uint32_t>(slice * slice_instances_);
    const std::uint32_t last = std::min(static_cast<std::uint32_t>(candidates.size()), first + slice_instances_);
    for_each_bit(candidates, {first, last}, [&](std::uint32_t instance) { ++counts[combos_.of(instance)]; });
  });
}

void Selector::lay_out_leaves() {
  constexpr std::uint32_t kNoPartition = 0xFFFFFFFFU;
  const bool grouped = chain_->group_level_count() > 0;
  partition_of_value_.assign(grouped ? chain_->group_column(pivot_).value_count() : 1, kNoPartition);
  std::uint32_t begin = 0;
  for (std::uint32_t combo = 0; combo < combos_.count(); ++combo) {
    for (std::uint32_t slice = 0; slice < slice_count_; ++slice) {
      std::uint32_t& cell = leaf_of_[std::size_t{slice} * combos_.count() + combo];
      const std::uint32_t size = std::exchange(cell, static_cast<std::uint32_t>(leaves_.size()));
      if (size == 0) {
        continue;
      }
      std::uint32_t& partition = partition_of_value_[grouped ? combos_.value(combo, pivot_) : 0];
      if (partition == kNoPartition) {
        partition = static_cast<std::uint32_t>(partitions_.size());
        partitions_.push_back({0, 0, 0});
      }
      ++partitions_[partition].size;
      leaves_.push_back({begin, size, combo, partition, 0});
      begin += size;
    }
  }
  entries_.resize(begin);
}

void Selector::group_leaves() {
  std::uint32_t begin = 0;
  for (Partition& partition : partitions_) {
    partition.begin = begin;
    begin += std::exchange(partition.size, 0);
  }
  members_.resize(leaves_.size());
  leaves_of_value_.resize(chain_->group_level_count());
  for (std::uint32_t leaf = 0; leaf < leaves_.size(); ++leaf) {
    Partition& partition = partitions_[leaves_[leaf].partition];
    members_[partition.begin + partition.size++] = leaf;
    for (std::uint32_t slot = 0; slot < chain_->group_level_count(); ++slot) {
      if (slot != pivot_) {
        leaves_of_value_[slot][combos_.value(leaves_[leaf].combo, slot)].push_back(leaf);
      }
    }
  }
}

void Selector::fill_leaves(const Snapshot& snapshot, const Bitset& candidates, Executor& executor) {
  executor.run(slice_count_, [&](std::size_t slice) {
    const auto first = static_cast<std::uint32_t>(slice * slice_instances_);
    const std::uint32_t last = std::min(snapshot.instance_count(), first + slice_instances_);
    std::vector<std::uint32_t> next(combos_.count());
    const std::span<const std::uint32_t> ids = std::span(leaf_of_).subspan(slice * combos_.count(), combos_.count());
    for (std::uint32_t combo = 0; combo < combos_.count(); ++combo) {
      // The cell of a combination without candidates holds some other leaf; nothing is written through it.
      next[combo] = ids[combo] < leaves_.size() ? leaves_[ids[combo]].begin : 0;
    }
    for_each_bit(candidates, {first, last},
                 [&](std::uint32_t instance) { entries_[next[combos_.of(instance)]++] = make_entry(instance, 0); });
  });
}

void Selector::make_heaps(Executor& executor) {
  constexpr std::size_t kLanes = 64;
  executor.run(std::min(kLanes, leaves_.size()), [&](std::size_t lane) {
    for (std::size_t leaf = lane; leaf < leaves_.size(); leaf += kLanes) {
      heapify(entries_of(leaves_[leaf]), precedes, entry_moved());
    }
  });
  for (Partition& partition : partitions_) {
    heapify(members_of(partition), leaf_order(), leaf_moved());
  }
  root_.resize(partitions_.size());
  for (std::uint32_t partition = 0; partition < partitions_.size(); ++partition) {
    root_[partition] = partition;
  }
  heapify(std::span(root_), partition_order(), partition_moved());
}

// --- Ties. ---

bool Selector::is_tied(std::uint32_t instance) const {
  const Leaf& leaf = leaves_[leaf_of(instance)];
  const std::uint32_t best = best_leaf();
  return compare_levels(entries_[leaf.begin + position_[instance]], leaf.combo, head(best), leaves_[best].combo) == 0;
}

namespace {

// Visits the items that `is_level` accepts, a set that is closed towards the root: a heap keeps those of the smallest key so.
template <typename Item, typename IsLevel, typename Visit>
void visit_level(std::span<const Item> heap, const IsLevel& is_level, const Visit& visit) {
  std::vector<std::size_t> open;
  if (!heap.empty()) {
    open.push_back(0);
  }
  while (!open.empty()) {
    const std::size_t position = open.back();
    open.pop_back();
    if (!is_level(heap[position])) {
      continue;
    }
    visit(heap[position]);
    for (std::size_t child = 2 * position + 1; child <= 2 * position + 2 && child < heap.size(); ++child) {
      open.push_back(child);
    }
  }
}

}  // namespace

void Selector::collect_tied(std::vector<std::uint32_t>& instances) const {
  instances.clear();
  const std::uint32_t best = best_leaf();
  const auto leaf_is_level = [&](std::uint32_t leaf) {
    return compare_levels(head(leaf), leaves_[leaf].combo, head(best), leaves_[best].combo) == 0;
  };
  const auto partition_is_level = [&](std::uint32_t partition) { return leaf_is_level(best_leaf_of(partition)); };
  const auto visit_leaf = [&](std::uint32_t id) {
    const Leaf& leaf = leaves_[id];
    const Entry& first = head(id);
    visit_level(
        std::span(entries_).subspan(leaf.begin, leaf.size),
        [&](const Entry& entry) { return entry.first_keys == first.first_keys && entry.third_key == first.third_key; },
        [&](const Entry& entry) { instances.push_back(entry.instance); });
  };
  visit_level(std::span(root_), partition_is_level, [&](std::uint32_t id) {
    const Partition& partition = partitions_[id];
    visit_level(std::span(members_).subspan(partition.begin, partition.size), leaf_is_level, visit_leaf);
  });
}

// --- Changing. ---

void Selector::place(std::uint32_t instance, std::uint32_t added, bool remains) {
  const std::uint32_t id = leaf_of(instance);
  Leaf& leaf = leaves_[id];
  const std::size_t position = position_.empty() ? 0 : position_[instance];
  assert(entries_[leaf.begin + position].instance == instance);
  if (remains) {
    entries_[leaf.begin + position] = make_entry(instance, added);
    sift(entries_of(leaf), position, precedes, entry_moved());
  } else {
    take_out(entries_of(leaf), position, precedes, entry_moved());
    --leaf.size;
  }
  const std::uint32_t combo = leaf.combo;
  leaf_changed(id);
  for (std::uint32_t slot = 0; slot < chain_->group_level_count(); ++slot) {
    bump(slot, combos_.value(combo, slot));
  }
}

void Selector::leaf_changed(std::uint32_t id) {
  const Leaf& leaf = leaves_[id];
  Partition& partition = partitions_[leaf.partition];
  if (leaf.size > 0) {
    sift(members_of(partition), leaf.position, leaf_order(), leaf_moved());
  } else {
    take_out(members_of(partition), leaf.position, leaf_order(), leaf_moved());
    --partition.size;
  }
  if (partition.size > 0) {
    sift(std::span(root_), partition.position, partition_order(), partition_moved());
  } else {
    take_out(std::span(root_), partition.position, partition_order(), partition_moved());
    root_.pop_back();
  }
}

void Selector::bump(std::uint32_t slot, std::uint32_t value) {
  chain_->bump(slot, value);
  if (slot != pivot_) {
    bump_shared(slot, value);
    return;
  }
  // Within the partition all leaves have this value, so that only its place in the root can change.
  const Partition& partition = partitions_[partition_of_value_[value]];
  if (partition.size > 0) {
    sift_down(std::span(root_), partition.position, partition_order(), partition_moved());
  }
}

void Selector::bump_shared(std::uint32_t slot, std::uint32_t value) {
  // Several keys have grown at once. Sifting them from the last position to the first leaves below each one a heap that is in order.
  struct Change {
    std::uint32_t id;
    std::uint32_t partition;
    std::uint32_t position;
  };
  std::vector<Change> changes;
  for (const std::uint32_t leaf : leaves_of_value_[slot].at(value)) {
    if (leaves_[leaf].size > 0) {
      changes.push_back({leaf, leaves_[leaf].partition, leaves_[leaf].position});
    }
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.position > b.position; });
  for (const Change& change : changes) {
    sift_down(members_of(partitions_[change.partition]), change.position, leaf_order(), leaf_moved());
  }
  for (Change& change : changes) {
    change.id = change.partition;
    change.position = partitions_[change.partition].position;
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.position > b.position; });
  const auto last = std::unique(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.id == b.id; });
  for (auto change = changes.begin(); change != last; ++change) {
    sift_down(std::span(root_), change->position, partition_order(), partition_moved());
  }
}

}  // namespace berth::placement
