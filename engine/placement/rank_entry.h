// RankEntry: a candidate in the order of its own keys, then tie key, then index: the order within one combination of group values.
//
// Thread rule: plain values and pure functions.
#pragma once

#include <cstdint>

#include "engine/placement/chain.h"

namespace berth::placement {

struct RankEntry {
  std::uint64_t first_keys;  // Own keys 0 and 1.
  std::uint64_t tie_key;     // 0 when the chain ends in random.
  std::uint32_t third_key;   // Own key 2.
  std::uint32_t instance;

  [[nodiscard]] std::uint32_t own_key(std::uint32_t slot) const {
    return slot == 2 ? third_key : static_cast<std::uint32_t>(first_keys >> (slot == 0 ? 32U : 0U));
  }
};

inline RankEntry make_rank_entry(const OwnKeys& keys, std::uint64_t tie_key, std::uint32_t instance) {
  return {std::uint64_t{keys[0]} << 32U | keys[1], tie_key, keys[2], instance};
}

inline bool precedes(const RankEntry& a, const RankEntry& b) {
  if (a.first_keys != b.first_keys) {
    return a.first_keys < b.first_keys;
  }
  if (a.third_key != b.third_key) {
    return a.third_key < b.third_key;
  }
  if (a.tie_key != b.tie_key) {
    return a.tie_key < b.tie_key;
  }
  return a.instance < b.instance;
}

}  // namespace berth::placement
