#include "engine/cluster/amount_tree.h"

#include <algorithm>

namespace berth::cluster {
namespace {

constexpr std::uint32_t kJoinedMost = AmountTree::kLeafEntries * 3 / 4;

// The round of cleaning takes up one leaf behind so many entries that were added: seldom as long as leaves are few, and more often than
// leaves can split when they are more than what there is would need.
constexpr std::uint32_t kAddedPerCleaning = 256;
constexpr std::uint32_t kAddedPerCleaningOfMany = 16;

template <typename Array>
void open_gap(Array& values, std::uint32_t at, std::uint32_t count) {
  std::copy_backward(values.begin() + at, values.begin() + count, values.begin() + count + 1);
}

template <typename Array>
void close_gap(Array& values, std::uint32_t at, std::uint32_t count) {
  std::copy(values.begin() + at + 1, values.begin() + count, values.begin() + at);
}

}  // namespace

void AmountTree::clear() {
  is_built_ = false;
  leaves_.clear();
  chunks_.clear();
  top_keys_.clear();
  tops_.clear();
  free_leaves_.clear();
  free_chunks_.clear();
  pending_.clear();
  clean_from_ = 0;
  added_ = 0;
}

AmountTree::Entry AmountTree::entry_of(std::uint32_t slot) const {
  const TieTree::Cell& cell = slots_.cell(slot);
  const FitAmounts amounts = FitAmounts::in(cell.amounts);
  const std::uint64_t ranked = by_memory_ ? amounts.memory : amounts.cpu;
  const std::uint64_t other = by_memory_ ? amounts.cpu : amounts.memory;
  return {key_of(static_cast<std::uint32_t>(ranked), slot), (cell.traits & ~kOtherMask) | other};
}

// --- Filing. ---

// Whole leaves one after another, three quarters full: what a tree of sorted entries looks like.
void AmountTree::build() {
  std::vector<Entry> entries;
  for (std::uint32_t slot = 0; slot < slots_.slot_count(); ++slot) {
    if (slots_.cell(slot).amounts != 0) {
      entries.push_back(entry_of(slot));
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  clear();
  reserve(entries.size() + entries.size() / 4);
  std::size_t next = 0;
  do {
    if (tops_.empty() || chunks_[tops_.back().chunk].count == kChunkLeaves * 3 / 4) {
      const std::uint32_t made = new_chunk();
      top_keys_.push_back(tops_.empty() ? 0 : entries[next].key);
      tops_.push_back({0, made});
    }
    const Place place{static_cast<std::uint32_t>(tops_.size()) - 1, chunks_[tops_.back().chunk].count};
    const std::uint32_t made = new_leaf();
    Chunk& here = chunk(place);
    here.first_keys[place.at] = next == 0 ? 0 : entries[next].key;
    here.most_other[place.at] = 0;
    here.leaves[place.at] = made;
    ++here.count;
    for (const std::size_t end = std::min(entries.size(), next + kJoinedMost); next < end; ++next) {
      append(place, entries[next]);
    }
  } while (next < entries.size());
  is_built_ = true;
}

void AmountTree::bring_up() {
  if (!is_built_) {
    build();
    return;
  }
  // Each pass asks for the memory that the next one needs.
  std::array<Place, kPendingMax> places;
  for (std::size_t at = 0; at < pending_.size(); ++at) {
    places[at].top = top_of(entry_of(pending_[at]).key);
    const Chunk& touched = chunk(places[at]);
    for (std::size_t key = 0; key < kChunkLeaves; key += 64 / sizeof(std::uint64_t)) {
      __builtin_prefetch(&touched.first_keys[key]);
      __builtin_prefetch(&touched.most_other[key]);
    }
    __builtin_prefetch(&touched.leaves);
  }
  for (std::size_t at = 0; at < pending_.size(); ++at) {
    places[at] = find_in(places[at].top, entry_of(pending_[at]).key);
    __builtin_prefetch(&leaf(places[at]).count);
  }
  for (std::size_t at = 0; at < pending_.size(); ++at) {
    const Leaf& touched = leaf(places[at]);
    __builtin_prefetch(&touched.entries[touched.count % kLeafEntries]);
  }
  // Places are good until a leaf is split or goes.
  const std::uint64_t shape = shape_;
  for (std::size_t at = 0; at < pending_.size(); ++at) {
    if (const Entry entry = entry_of(pending_[at]); slots_.cell(pending_[at]).amounts != 0) {
      add(entry, shape == shape_ ? places[at] : find(entry.key));
    }
  }
  pending_.clear();
}

void AmountTree::raise(const Place& place, std::uint64_t other) {
  std::uint64_t& most = chunk(place).most_other[place.at];
  most = std::max(most, other);
  tops_[place.top].most_other = std::max(tops_[place.top].most_other, other);
}

// REQUIRES: the leaf is not full.
void AmountTree::append(const Place& place, const Entry& entry) {
  Leaf& into = leaf_at(place);
  into.entries[into.count] = entry;
  ++into.count;
  raise(place, entry.payload & kOtherMask);
}

void AmountTree::add(const Entry& entry, Place place) {
  if (leaf(place).count == kLeafEntries) {
    clean(place);
    if (leaf(place).count > kJoinedMost) {
      split_leaf(place);
      place = find(entry.key);
    }
  }
  append(place, entry);
  if (++added_ >= (has_many_leaves() ? kAddedPerCleaningOfMany : kAddedPerCleaning)) {
    added_ = 0;
    clean_next();
  }
}

void AmountTree::clean(const Place& place) {
  Chunk& here = chunk(place);
  Leaf& leaf = leaf_at(place);
  for (std::uint32_t at = 0; at < leaf.count; ++at) {
    slots_.prefetch(slot_of(leaf.entries[at].key));
  }
  const auto begin = leaf.entries.begin();
  auto end = std::remove_if(begin, begin + leaf.count, [&](const Entry& entry) { return !is_current(entry); });
  std::sort(begin, end, [](const Entry& a, const Entry& b) { return a.key < b.key; });
  end = std::unique(begin, end, [](const Entry& a, const Entry& b) { return a.key == b.key; });
  leaf.count = static_cast<std::uint32_t>(end - begin);
  here.most_other[place.at] = most_other_of(leaf);
  tops_[place.top].most_other = most_other_of(here);
}

// The leaf of the round, and then the one behind it; small ones are joined.
void AmountTree::clean_next() {
  const Place place = find(clean_from_);
  clean(place);
  const Chunk& here = chunk(place);
  const bool is_last = place.at + 1 == here.count && place.top + 1 == tops_.size();
  clean_from_ = is_last ? 0 : (place.at + 1 < here.count ? here.first_keys[place.at + 1] : top_keys_[place.top + 1]);
  if (leaf(place).count < kLeafEntries / 4) {
    join(place);
  }
}

void AmountTree::reserve(std::size_t entries) {
  const std::size_t leaves = entries / (kLeafEntries / 4) + 16;
  const std::size_t chunks = leaves / (kChunkLeaves / 4) + 16;
  leaves_.reserve(leaves);
  free_leaves_.reserve(leaves);
  chunks_.reserve(chunks);
  free_chunks_.reserve(chunks);
  top_keys_.reserve(chunks);
  tops_.reserve(chunks);
  pending_.reserve(kPendingMax);
}

std::uint32_t AmountTree::new_leaf() {
  ++shape_;
  if (free_leaves_.empty()) {
    leaves_.emplace_back();
    return static_cast<std::uint32_t>(leaves_.size() - 1);
  }
  const std::uint32_t leaf = free_leaves_.back();
  free_leaves_.pop_back();
  leaves_[leaf].count = 0;
  return leaf;
}

std::uint32_t AmountTree::new_chunk() {
  if (free_chunks_.empty()) {
    chunks_.emplace_back();
    return static_cast<std::uint32_t>(chunks_.size() - 1);
  }
  const std::uint32_t chunk = free_chunks_.back();
  free_chunks_.pop_back();
  chunks_[chunk].count = 0;
  return chunk;
}

// The last whose first key is not above `key`; the first one's is 0. Halves without a branch: where a key is cannot be foreseen.
std::uint32_t AmountTree::top_of(std::uint64_t key) const {
  const std::uint64_t* first = top_keys_.data();
  for (std::size_t count = top_keys_.size(); count > 1;) {
    const std::size_t half = count / 2;
    first += first[half] <= key ? half : 0;
    count -= half;
  }
  return static_cast<std::uint32_t>(first - top_keys_.data());
}

AmountTree::Place AmountTree::find(std::uint64_t key) const {
  return find_in(top_of(key), key);
}

AmountTree::Place AmountTree::find_in(std::uint32_t top, std::uint64_t key) const {
  Place place{top, 0};
  const Chunk& found = chunk(place);
  const auto begin = found.first_keys.begin();
  place.at = static_cast<std::uint32_t>(std::upper_bound(begin + 1, begin + found.count, key) - begin) - 1;
  return place;
}

bool AmountTree::seek(Place& place, std::uint64_t other) const {
  for (; place.top < tops_.size(); ++place.top, place.at = 0) {
    if (tops_[place.top].most_other < other) {
      continue;
    }
    const Chunk& here = chunk(place);
    for (; place.at < here.count; ++place.at) {
      if (here.most_other[place.at] >= other) {
        return true;
      }
    }
  }
  return false;
}

std::uint64_t AmountTree::most_other_of(const Leaf& leaf) {
  std::uint64_t most = 0;
  for (std::uint32_t at = 0; at < leaf.count; ++at) {
    most = std::max(most, leaf.entries[at].payload & kOtherMask);
  }
  return most;
}

std::uint64_t AmountTree::most_other_of(const Chunk& chunk) {
  return *std::max_element(chunk.most_other.begin(), chunk.most_other.begin() + chunk.count);
}

// The upper half of a leaf that was cleaned, and so is sorted, goes to a new one behind it.
void AmountTree::split_leaf(const Place& place) {
  if (chunk(place).count == kChunkLeaves) {
    split_chunk(place.top);
    constexpr std::uint32_t kHalf = kChunkLeaves / 2;
    split_leaf(place.at < kHalf ? place : Place{place.top + 1, place.at - kHalf});
    return;
  }
  const std::uint32_t right_number = new_leaf();
  Chunk& here = chunk(place);
  Leaf& left = leaf_at(place);
  Leaf& right = leaves_[right_number];
  const std::uint32_t half = left.count / 2;
  std::copy(left.entries.begin() + half, left.entries.begin() + left.count, right.entries.begin());
  right.count = left.count - half;
  left.count = half;
  open_gap(here.first_keys, place.at + 1, here.count);
  open_gap(here.most_other, place.at + 1, here.count);
  open_gap(here.leaves, place.at + 1, here.count);
  ++here.count;
  here.first_keys[place.at + 1] = right.entries[0].key;
  here.leaves[place.at + 1] = right_number;
  here.most_other[place.at] = most_other_of(left);
  here.most_other[place.at + 1] = most_other_of(right);
}

void AmountTree::split_chunk(std::uint32_t top) {
  const std::uint32_t right_number = new_chunk();
  Chunk& left = chunks_[tops_[top].chunk];
  Chunk& right = chunks_[right_number];
  constexpr std::uint32_t kHalf = kChunkLeaves / 2;
  std::copy(left.first_keys.begin() + kHalf, left.first_keys.end(), right.first_keys.begin());
  std::copy(left.most_other.begin() + kHalf, left.most_other.end(), right.most_other.begin());
  std::copy(left.leaves.begin() + kHalf, left.leaves.end(), right.leaves.begin());
  left.count = kHalf;
  right.count = kChunkLeaves - kHalf;
  tops_[top].most_other = most_other_of(left);
  top_keys_.insert(top_keys_.begin() + top + 1, right.first_keys[0]);
  tops_.insert(tops_.begin() + top + 1, Top{most_other_of(right), right_number});
}

// A leaf that became small takes in the one behind it, or goes when it is empty.
void AmountTree::join(const Place& place) {
  Chunk& here = chunk(place);
  Leaf& small = leaves_[here.leaves[place.at]];
  if (place.at + 1 < here.count) {
    Leaf& next = leaves_[here.leaves[place.at + 1]];
    if (small.count + next.count > kJoinedMost) {
      return;
    }
    std::copy(next.entries.begin(), next.entries.begin() + next.count, small.entries.begin() + small.count);
    small.count += next.count;
    here.most_other[place.at] = std::max(here.most_other[place.at], here.most_other[place.at + 1]);
    remove_leaf({place.top, place.at + 1});
  } else if (small.count == 0 && (here.count > 1 || tops_.size() > 1)) {
    remove_leaf(place);
  }
}

// REQUIRES: it is not the first of several in its chunk: the leaf before it takes over what it covered.
void AmountTree::remove_leaf(const Place& place) {
  ++shape_;
  Chunk& here = chunk(place);
  free_leaves_.push_back(here.leaves[place.at]);
  close_gap(here.first_keys, place.at, here.count);
  close_gap(here.most_other, place.at, here.count);
  close_gap(here.leaves, place.at, here.count);
  --here.count;
  if (here.count == 0) {
    free_chunks_.push_back(tops_[place.top].chunk);
    // The first leaf of all begins at 0.
    if (place.top == 0) {
      top_keys_[1] = 0;
      chunks_[tops_[1].chunk].first_keys[0] = 0;
    }
    top_keys_.erase(top_keys_.begin() + place.top);
    tops_.erase(tops_.begin() + place.top);
  } else if (here.count < kChunkLeaves / 4) {
    join_chunks(place.top);
  }
}

void AmountTree::join_chunks(std::uint32_t top) {
  if (top + 1 >= tops_.size()) {
    return;
  }
  Chunk& left = chunks_[tops_[top].chunk];
  const Chunk& right = chunks_[tops_[top + 1].chunk];
  if (left.count + right.count > kChunkLeaves * 3 / 4) {
    return;
  }
  std::copy(right.first_keys.begin(), right.first_keys.begin() + right.count, left.first_keys.begin() + left.count);
  std::copy(right.most_other.begin(), right.most_other.begin() + right.count, left.most_other.begin() + left.count);
  std::copy(right.leaves.begin(), right.leaves.begin() + right.count, left.leaves.begin() + left.count);
  left.count += right.count;
  tops_[top].most_other = std::max(tops_[top].most_other, tops_[top + 1].most_other);
  free_chunks_.push_back(tops_[top + 1].chunk);
  top_keys_.erase(top_keys_.begin() + top + 1);
  tops_.erase(tops_.begin() + top + 1);
}

}  // namespace berth::cluster
