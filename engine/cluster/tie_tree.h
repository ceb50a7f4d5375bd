// TieTree: what remains on every slot, in the order of slots, with the most of each amount over 64, 1,024 and 16,384 slots: whoever looks
// for the first slot that fits passes over what cannot.
//
// The maxima are upper bounds: they grow with what they cover, and shrink when a search was let into a block for nothing (tighten).
//
// Thread rule: one thread at a time. Lifetime: owns its words.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/cluster/columns.h"
#include "engine/cluster/huge_pages.h"

namespace berth::cluster {

class TieTree {
 public:
  static constexpr std::uint32_t kBlockSlots = 64;

  // Every slot begins with less than nothing.
  void start(std::uint32_t slot_count);

  struct alignas(16) Cell {
    std::uint64_t amounts = 0;  // A fit word without its tag. 0: fits no task.
    std::uint64_t traits = 0;   // A trait word without its tag; nothing here depends on it.

    friend bool operator==(const Cell&, const Cell&) = default;
  };
  [[nodiscard]] std::uint32_t slot_count() const { return static_cast<std::uint32_t>(cells_.size()); }
  [[nodiscard]] const Cell& cell(std::uint32_t slot) const { return cells_[slot]; }
  void set(std::uint32_t slot, const Cell& cell);
  void prefetch(std::uint32_t slot) const { __builtin_prefetch(cells_.data() + slot); }

  [[nodiscard]] std::uint32_t block_count() const { return static_cast<std::uint32_t>(blocks_.size()); }
  // The first block from `block` on in which something may fit; block_count() when there is none.
  [[nodiscard]] std::uint32_t next_block(std::uint32_t block, const FitRange& enough) const;
  // A bit per slot of the block that has enough.
  [[nodiscard]] std::uint64_t fitting(std::uint32_t block, const FitRange& enough) const;
  // Works the maxima over the block out anew.
  void tighten(std::uint32_t block);

 private:
  static constexpr std::uint32_t kFanout = 16;

  HugeVector<Cell> cells_;  // By slot.
  static std::uint64_t most_over(const std::vector<std::uint64_t>& below, std::size_t group);

  std::vector<std::uint64_t> blocks_;   // The most over kBlockSlots slots,
  std::vector<std::uint64_t> groups_;   // over kFanout blocks,
  std::vector<std::uint64_t> regions_;  // and over kFanout groups.
};

}  // namespace berth::cluster
