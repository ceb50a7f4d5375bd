// SetPool gives each distinct sequence of items a number, in order of first arrival: attribute sets and port sets while they are
// built.
//
// Thread rule: one writer, or any number of readers. Lifetime: owns its items; a span from at() is good until the next intern().
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/hash.h"

namespace berth {

template <typename Item>
class SetPool {
 public:
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(begin_.size() - 1); }
  // REQUIRES: set < size().
  [[nodiscard]] std::span<const Item> at(std::uint32_t set) const {
    return std::span<const Item>(items_).subspan(begin_[set], begin_[set + 1] - begin_[set]);
  }
  [[nodiscard]] std::uint64_t item_count() const { return items_.size(); }

  // `word(item)` gives 64 bits that tell items apart. Two sequences are the same set when all their words are equal, in order.
  template <typename Word>
  std::uint32_t intern(std::span<const Item> items, Word&& word) {
    if ((std::size_t{size()} + 1) * 2 > slots_.size()) {
      grow();
    }
    std::uint64_t hash = kGoldenGamma * (items.size() + 1);
    for (const Item& item : items) {
      hash = mix64(hash ^ word(item));
    }
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = hash & mask;
    for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
      const std::uint32_t set = slots_[slot] - 1;
      if (hashes_[set] == hash && std::ranges::equal(at(set), items, {}, word, word)) {
        return set;
      }
    }
    items_.insert(items_.end(), items.begin(), items.end());
    begin_.push_back(items_.size());
    hashes_.push_back(hash);
    slots_[slot] = size();
    return size() - 1;
  }

 private:
  void grow() {
    std::vector<std::uint32_t> slots(slots_.empty() ? 64 : slots_.size() * 2, 0);
    const std::size_t mask = slots.size() - 1;
    for (std::uint32_t set = 0; set < size(); ++set) {
      std::size_t slot = hashes_[set] & mask;
      while (slots[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = set + 1;
    }
    slots_ = std::move(slots);
  }

  std::vector<Item> items_;
  std::vector<std::uint64_t> begin_ = {0};
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint32_t> slots_;  // Set + 1, 0 when empty; a power of two, at most half full.
};

}  // namespace berth
