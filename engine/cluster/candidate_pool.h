// CandidatePool: all candidates of a class in id order, for draws that have to rank them. Kept only for classes whose candidates are so
// few that drawing at random misses.
//
// Thread rule: one thread at a time. Lifetime: a plain container.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "engine/base/bitset.h"

namespace berth::cluster {

class CandidatePool {
 public:
  void start(std::uint32_t size) {
    if (members_.size() != size) {
      members_ = Bitset(size);
    }
    std::fill(members_.words().begin(), members_.words().end(), 0);
    counts_.assign(size / kBlock + 1, 0);
    count_ = 0;
  }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] bool contains(std::uint32_t rank) const { return members_.test(rank); }
  void assign(std::uint32_t rank, bool is_member) {
    if (members_.test(rank) == is_member) {
      return;
    }
    members_.assign(rank, is_member);
    counts_[rank / kBlock] += is_member ? 1U : ~0U;
    count_ += is_member ? 1U : ~0U;
  }

  // The member that `nth` members precede in id order. REQUIRES: nth < count().
  [[nodiscard]] std::uint32_t at(std::uint32_t nth) const {
    std::uint32_t block = 0;
    while (nth >= counts_[block]) {
      nth -= counts_[block++];
    }
    for (std::size_t word = std::size_t{block} * (kBlock / 64);; ++word) {
      std::uint64_t bits = members_.words()[word];
      const auto here = static_cast<std::uint32_t>(std::popcount(bits));
      if (nth < here) {
        for (; nth > 0; --nth) {
          bits &= bits - 1;
        }
        return static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(bits));
      }
      nth -= here;
    }
  }

  // Members below `rank`, which is at most the size.
  [[nodiscard]] std::uint32_t count_below(std::uint32_t rank) const {
    std::uint32_t count = 0;
    for (std::uint32_t block = 0; block < rank / kBlock; ++block) {
      count += counts_[block];
    }
    for (std::size_t word = std::size_t{rank / kBlock} * (kBlock / 64); word < rank / 64; ++word) {
      count += static_cast<std::uint32_t>(std::popcount(members_.words()[word]));
    }
    const std::uint64_t rest = (std::uint64_t{1} << (rank % 64)) - 1;
    return rest == 0 ? count : count + static_cast<std::uint32_t>(std::popcount(members_.words()[rank / 64] & rest));
  }

  template <typename Visit>
  void for_each(const Visit& visit) const {
    members_.for_each([&](std::size_t rank) { visit(static_cast<std::uint32_t>(rank)); });
  }

 private:
  static constexpr std::uint32_t kBlock = 4096;
  Bitset members_;
  std::vector<std::uint32_t> counts_;  // By block.
  std::uint32_t count_ = 0;
};

}  // namespace berth::cluster
