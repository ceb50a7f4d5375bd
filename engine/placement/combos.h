// Combos: the combinations of group values that candidates have, numbered. All candidates of one combination stand alike on every group
// level of a chain, whatever the counts.
//
// Thread rule: immutable once made. Lifetime: at most that of the chain.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/base/bitset.h"
#include "engine/placement/chain.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement {

class Combos {
 public:
  Combos(const Snapshot& snapshot, const Chain& chain, const Bitset& candidates);

  // Combinations are below this; with one wide group level not all of them need to occur.
  [[nodiscard]] std::uint32_t count() const { return count_; }
  // REQUIRES: `instance` is one of the candidates that it was made with.
  [[nodiscard]] std::uint32_t of(std::uint32_t instance) const {
    if (!by_instance_.empty()) {
      return by_instance_[instance];
    }
    if (!by_set_.empty()) {
      return by_set_[attribute_set_[instance]];
    }
    return only_column_ == nullptr ? 0 : only_column_->value(instance);
  }
  // The value of a combination on one group level.
  [[nodiscard]] std::uint32_t value(std::uint32_t combo, std::uint32_t slot) const {
    return only_column_ != nullptr ? combo : values_[std::size_t{combo} * level_count_ + slot];
  }

 private:
  std::uint32_t number(std::span<const std::uint32_t> values);

  std::uint32_t level_count_;
  std::uint32_t count_ = 1;
  const GroupColumn* only_column_ = nullptr;  // One group level: a combination is its value.
  std::span<const std::uint32_t> attribute_set_;
  std::vector<std::uint32_t> by_set_;       // Several group levels, none of them wide.
  std::vector<std::uint32_t> by_instance_;  // Several group levels, one of them wide.
  std::vector<std::uint32_t> values_;       // level_count_ per combination.
  // While numbering: pairs (number of the values so far, next value) to numbers, per level after the first.
  std::vector<std::unordered_map<std::uint64_t, std::uint32_t>> numbers_;
};

}  // namespace berth::placement
