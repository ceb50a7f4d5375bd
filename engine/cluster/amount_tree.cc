#include "engine/cluster/amount_tree.h"

#include <algorithm>
#include <numeric>

namespace berth::cluster {
namespace {

constexpr std::uint32_t kJoinedMost = AmountTree::kLeafEntries * 3 / 4;

constexpr std::size_t kLineKeys = 64 / sizeof(std::uint64_t);

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
  leaves_.clear();
  chunks_.clear();
  tops_.clear();
  free_leaves_.clear();
  free_chunks_.clear();
  size_ = 0;
  const std::uint32_t first = new_chunk();
  chunks_[first].count = 1;
  chunks_[first].first_keys[0] = 0;
  chunks_[first].most_other[0] = 0;
  chunks_[first].leaves[0] = new_leaf();
  tops_.push_back({0, 0, first});
}

void AmountTree::reserve(std::size_t entries) {
  const std::size_t leaves = entries / (kLeafEntries / 4) + 16;
  const std::size_t chunks = leaves / (kChunkLeaves / 4) + 16;
  leaves_.reserve(leaves);
  free_leaves_.reserve(leaves);
  chunks_.reserve(chunks);
  free_chunks_.reserve(chunks);
  tops_.reserve(chunks);
}

std::uint32_t AmountTree::new_leaf() {
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

std::uint32_t AmountTree::top_of(std::uint64_t key) const {
  const auto top = std::upper_bound(tops_.begin() + 1, tops_.end(), key,
                                    [](std::uint64_t wanted, const Top& entry) { return wanted < entry.first_key; });
  return static_cast<std::uint32_t>(top - tops_.begin()) - 1;
}

AmountTree::Place AmountTree::find(std::uint64_t key) const {
  Place place{top_of(key), 0};
  const Chunk& found = chunk(place);
  const auto begin = found.first_keys.begin();
  place.at = static_cast<std::uint32_t>(std::upper_bound(begin + 1, begin + found.count, key) - begin) - 1;
  return place;
}

void AmountTree::prefetch_chunk(std::uint64_t key) const {
  const Chunk& touched = chunk({top_of(key), 0});
  __builtin_prefetch(&touched.count);
  for (std::size_t at = 0; at < kChunkLeaves; at += kLineKeys) {
    __builtin_prefetch(&touched.first_keys[at]);
  }
}

void AmountTree::prefetch_leaf(std::uint64_t key) const {
  const Place place = find(key);
  const Leaf& touched = leaf(place);
  __builtin_prefetch(&chunk(place).most_other[place.at]);
  __builtin_prefetch(&touched.count);
  for (std::size_t at = 0; at < kLeafEntries; at += kLineKeys) {
    __builtin_prefetch(&touched.keys[at]);
  }
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
    most = std::max(most, leaf.payloads[at] & kOtherMask);
  }
  return most;
}

std::uint64_t AmountTree::most_other_of(const Chunk& chunk) {
  return *std::max_element(chunk.most_other.begin(), chunk.most_other.begin() + chunk.count);
}

void AmountTree::tighten(const Place& place) {
  Chunk& here = chunk(place);
  here.most_other[place.at] = most_other_of(leaves_[here.leaves[place.at]]);
  tops_[place.top].most_other = most_other_of(here);
}

void AmountTree::insert(std::uint64_t key, std::uint64_t payload) {
  Place place = find(key);
  if (leaf(place).count == kLeafEntries) {
    split_leaf(place);
    place = find(key);
  }
  Chunk& here = chunk(place);
  Leaf& into = leaves_[here.leaves[place.at]];
  into.keys[into.count] = key;
  into.payloads[into.count] = payload;
  ++into.count;
  ++size_;
  here.most_other[place.at] = std::max(here.most_other[place.at], payload & kOtherMask);
  tops_[place.top].most_other = std::max(tops_[place.top].most_other, payload & kOtherMask);
}

void AmountTree::erase(std::uint64_t key) {
  const Place place = find(key);
  Leaf& from = leaves_[chunk(place).leaves[place.at]];
  const auto at = static_cast<std::size_t>(std::find(from.keys.begin(), from.keys.begin() + from.count, key) - from.keys.begin());
  --from.count;
  --size_;
  from.keys[at] = from.keys[from.count];
  from.payloads[at] = from.payloads[from.count];
  if (from.count < kLeafEntries / 4) {
    join(place);
  }
}

void AmountTree::replace(std::uint64_t key, std::uint64_t payload) {
  const Place place = find(key);
  Chunk& here = chunk(place);
  Leaf& in = leaves_[here.leaves[place.at]];
  const auto at = static_cast<std::size_t>(std::find(in.keys.begin(), in.keys.begin() + in.count, key) - in.keys.begin());
  in.payloads[at] = payload;
  here.most_other[place.at] = std::max(here.most_other[place.at], payload & kOtherMask);
  tops_[place.top].most_other = std::max(tops_[place.top].most_other, payload & kOtherMask);
}

// The upper half of a full leaf goes to a new one behind it.
void AmountTree::split_leaf(const Place& place) {
  if (chunk(place).count == kChunkLeaves) {
    split_chunk(place.top);
    constexpr std::uint32_t kHalf = kChunkLeaves / 2;
    split_leaf(place.at < kHalf ? place : Place{place.top + 1, place.at - kHalf});
    return;
  }
  const std::uint32_t right_number = new_leaf();
  Chunk& here = chunk(place);
  Leaf& left = leaves_[here.leaves[place.at]];
  Leaf& right = leaves_[right_number];
  std::array<std::uint32_t, kLeafEntries> order;
  std::iota(order.begin(), order.end(), 0U);
  const auto middle = order.begin() + kLeafEntries / 2;
  std::nth_element(order.begin(), middle, order.end(), [&](std::uint32_t a, std::uint32_t b) { return left.keys[a] < left.keys[b]; });
  const std::uint64_t boundary = left.keys[*middle];
  Leaf lower;
  for (std::uint32_t at = 0; at < kLeafEntries; ++at) {
    Leaf& into = left.keys[at] < boundary ? lower : right;
    into.keys[into.count] = left.keys[at];
    into.payloads[into.count] = left.payloads[at];
    ++into.count;
  }
  left = lower;
  open_gap(here.first_keys, place.at + 1, here.count);
  open_gap(here.most_other, place.at + 1, here.count);
  open_gap(here.leaves, place.at + 1, here.count);
  ++here.count;
  here.first_keys[place.at + 1] = boundary;
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
  tops_.insert(tops_.begin() + top + 1, Top{right.first_keys[0], most_other_of(right), right_number});
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
    std::copy(next.keys.begin(), next.keys.begin() + next.count, small.keys.begin() + small.count);
    std::copy(next.payloads.begin(), next.payloads.begin() + next.count, small.payloads.begin() + small.count);
    small.count += next.count;
    here.most_other[place.at] = std::max(here.most_other[place.at], here.most_other[place.at + 1]);
    remove_leaf({place.top, place.at + 1});
  } else if (small.count == 0 && (here.count > 1 || tops_.size() > 1)) {
    remove_leaf(place);
  }
}

void AmountTree::remove_leaf(const Place& place) {
  Chunk& here = chunk(place);
  free_leaves_.push_back(here.leaves[place.at]);
  // The first leaf of all begins at 0; whichever becomes it takes over that beginning, as any leaf does of the one before it.
  if (place.at == 0 && here.count > 1) {
    here.first_keys[1] = here.first_keys[0];
  }
  close_gap(here.first_keys, place.at, here.count);
  close_gap(here.most_other, place.at, here.count);
  close_gap(here.leaves, place.at, here.count);
  --here.count;
  if (here.count == 0) {
    free_chunks_.push_back(tops_[place.top].chunk);
    if (place.top == 0) {
      tops_[1].first_key = 0;
      chunks_[tops_[1].chunk].first_keys[0] = 0;
    }
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
  tops_.erase(tops_.begin() + top + 1);
}

}  // namespace berth::cluster
