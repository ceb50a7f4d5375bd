// RandomPool: a set of instances from which members leave one by one and whose r-th member in id order is found fast; what a chain that
// is `random` alone draws from.
//
// Ranks come from a Fenwick tree over the set's words (Fenwick, "A new data structure for cumulative frequency tables", 1994), which is
// built when a rank is first asked for: most requests draw a member long before that.
// Thread rule: one thread. Lifetime: owns its set.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/bitset.h"

namespace berth::placement {

class RandomPool {
 public:
  explicit RandomPool(Bitset members) : members_(std::move(members)), count_(members_.count()) {}

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] bool contains(std::uint32_t instance) const { return members_.test(instance); }
  // REQUIRES: contains(instance).
  void remove(std::uint32_t instance);
  // The member that has `rank` members before it. REQUIRES: rank < count().
  [[nodiscard]] std::uint32_t at_rank(std::uint64_t rank);

 private:
  void build_tree();

  Bitset members_;
  std::uint64_t count_;
  std::vector<std::uint32_t> tree_;  // 1-based; empty until the first rank.
};

}  // namespace berth::placement
