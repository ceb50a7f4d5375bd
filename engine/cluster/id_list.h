// IdList: numbers of instances in the order of their ids, with ranks: what came and went stays sorted, and the one of a rank is found in
// time that hardly grows with their number. Kept in chunks, so that an insertion moves few entries.
//
// Thread rule: a plain container. Lifetime: owns its entries; `less` is given with each call and is always the same order.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace berth::cluster {

class IdList {
 public:
  [[nodiscard]] std::uint32_t size() const { return size_; }
  void clear() {
    chunks_.clear();
    spare_.clear();
    order_.clear();
    sums_.clear();
    size_ = 0;
  }

  // REQUIRES: no entry comes after `id`.
  void append(std::uint32_t id) {
    if (order_.empty() || chunks_[order_.back()].count == kChunk) {
      open_chunk(order_.size());
    }
    Chunk& chunk = chunks_[order_.back()];
    chunk.ids[chunk.count++] = id;
    ++sums_[(order_.size() - 1) / kGroup];
    ++size_;
  }

  // Nothing happens to what is there already, or is not.
  template <typename Less>
  void insert(std::uint32_t id, const Less& less) {
    if (order_.empty()) {
      append(id);
      return;
    }
    std::size_t place = place_of(id, less);
    if (chunks_[order_[place]].count == kChunk) {
      split(place);
      place = place_of(id, less);
    }
    Chunk& chunk = chunks_[order_[place]];
    const auto end = chunk.ids.begin() + chunk.count;
    const auto at = std::lower_bound(chunk.ids.begin(), end, id, less);
    if (at != end && *at == id) {
      return;
    }
    std::copy_backward(at, end, end + 1);
    *at = id;
    ++chunk.count;
    ++sums_[place / kGroup];
    ++size_;
  }
  template <typename Less>
  void erase(std::uint32_t id, const Less& less) {
    if (order_.empty()) {
      return;
    }
    const std::size_t place = place_of(id, less);
    Chunk& chunk = chunks_[order_[place]];
    const auto end = chunk.ids.begin() + chunk.count;
    const auto at = std::lower_bound(chunk.ids.begin(), end, id, less);
    if (at == end || *at != id) {
      return;
    }
    std::copy(at + 1, end, at);
    --chunk.count;
    --sums_[place / kGroup];
    --size_;
    join(place);
  }

  // REQUIRES: nth < size().
  [[nodiscard]] std::uint32_t at(std::uint32_t nth) const {
    std::size_t group = 0;
    while (nth >= sums_[group]) {
      nth -= sums_[group++];
    }
    for (std::size_t place = group * kGroup;; ++place) {
      const Chunk& chunk = chunks_[order_[place]];
      if (nth < chunk.count) {
        return chunk.ids[nth];
      }
      nth -= chunk.count;
    }
  }

 private:
  static constexpr std::uint32_t kChunk = 256;
  static constexpr std::size_t kGroup = 64;
  struct Chunk {
    std::uint32_t count = 0;
    std::array<std::uint32_t, kChunk> ids;
  };

  // The place of the chunk where `id` is or belongs: the last one that begins with it or before it, else the first.
  template <typename Less>
  [[nodiscard]] std::size_t place_of(std::uint32_t id, const Less& less) const {
    const auto after = std::upper_bound(order_.begin(), order_.end(), id,
                                        [&](std::uint32_t wanted, std::uint32_t chunk) { return less(wanted, chunks_[chunk].ids[0]); });
    return after == order_.begin() ? 0 : static_cast<std::size_t>(after - order_.begin()) - 1;
  }
  void open_chunk(std::size_t place) {
    if (spare_.empty()) {
      spare_.push_back(static_cast<std::uint32_t>(chunks_.size()));
      chunks_.emplace_back();
    }
    const bool is_last = place == order_.size();
    order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(place), spare_.back());
    chunks_[spare_.back()].count = 0;
    spare_.pop_back();
    if (!is_last) {
      sum();
    } else if (sums_.size() * kGroup < order_.size()) {
      sums_.push_back(0);
    }
  }
  void close_chunk(std::size_t place) {
    spare_.push_back(order_[place]);
    order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(place));
    sum();
  }
  void split(std::size_t place) {
    open_chunk(place + 1);
    Chunk& left = chunks_[order_[place]];
    Chunk& right = chunks_[order_[place + 1]];
    constexpr std::uint32_t kHalf = kChunk / 2;
    std::copy(left.ids.begin() + kHalf, left.ids.end(), right.ids.begin());
    left.count = kHalf;
    right.count = kChunk - kHalf;
    sum();
  }
  // A chunk that shrank goes when it is empty, or joins the next one while both are small.
  void join(std::size_t place) {
    Chunk& chunk = chunks_[order_[place]];
    if (chunk.count == 0) {
      close_chunk(place);
      return;
    }
    if (place + 1 == order_.size()) {
      return;
    }
    const Chunk& next = chunks_[order_[place + 1]];
    if (chunk.count + next.count <= kChunk / 2) {
      std::copy(next.ids.begin(), next.ids.begin() + next.count, chunk.ids.begin() + chunk.count);
      chunk.count += next.count;
      close_chunk(place + 1);
    }
  }
  void sum() {
    sums_.assign((order_.size() + kGroup - 1) / kGroup, 0);
    for (std::size_t place = 0; place < order_.size(); ++place) {
      sums_[place / kGroup] += chunks_[order_[place]].count;
    }
  }

  std::vector<Chunk> chunks_;
  std::vector<std::uint32_t> spare_;  // Chunks that hold nothing.
  std::vector<std::uint32_t> order_;  // The chunks of the list; none is empty.
  std::vector<std::uint32_t> sums_;   // Entries of every kGroup chunks of order_.
  std::uint32_t size_ = 0;
};

}  // namespace berth::cluster
