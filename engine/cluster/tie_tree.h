// TieTree: what remains on every slot, in the order of slots, with the most of each amount over 64, 1,024 and 16,384 slots: whoever looks
// for the first slot that fits passes over what cannot.
//
// The maxima are upper bounds: they grow with what they cover, and shrink when a search was let into a block for nothing (tighten).
//
// Beside them stand the times of the last improvements: whoever has found nothing before a block, and asks again later, need only see
// those blocks before it in which something has become better since.
//
// Thread rule: one thread at a time. Lifetime: owns its words.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/cluster/columns.h"

namespace berth::cluster {

class TieTree {
 public:
  static constexpr std::uint32_t kBlockSlots = 64;

  // Every slot begins with less than nothing, improved at `time`.
  void start(std::uint32_t slot_count, std::uint64_t time);

  // A fit word; its tag does not matter. 0: fits no task.
  [[nodiscard]] std::uint64_t amounts(std::uint32_t slot) const { return amounts_[slot]; }
  void set(std::uint32_t slot, std::uint64_t fit_word);
  void prefetch(std::uint32_t slot) const {
    __builtin_prefetch(amounts_.data() + slot);
    __builtin_prefetch(blocks_.data() + slot / kBlockSlots);
  }
  // Something about the slot may have become better for somebody. REQUIRES: times never fall.
  void note_improvement(std::uint32_t slot, std::uint64_t time);

  // What earlier searches know: nothing for them in blocks before near.end, except where something improved at near.since or later, nor
  // in those from there to far.end but for improvements at far.since or later. REQUIRES: near.end <= far.end, far.since <= near.since.
  struct Span {
    std::uint32_t end = 0;
    std::uint64_t since = 0;
  };
  struct Known {
    Span near;
    Span far;

    // What holds for both.
    [[nodiscard]] Known also(const Known& other) const {
      return {{std::min(near.end, other.near.end), std::min(near.since, other.near.since)},
              {std::min(far.end, other.far.end), std::min(far.since, other.far.since)}};
    }
    // A search has just gone through all blocks before `end` for nothing.
    void note(std::uint32_t end, std::uint64_t now) {
      near = {end, now};
      if (end >= far.end) {
        far = near;
      }
    }
  };

  [[nodiscard]] std::uint32_t block_count() const { return static_cast<std::uint32_t>(blocks_.size()); }
  // The first block from `block` on in which something may fit that is not known; block_count() when there is none.
  [[nodiscard]] std::uint32_t next_block(std::uint32_t block, const FitRange& enough, const Known& known) const;
  // A bit per slot of the block that has enough.
  [[nodiscard]] std::uint64_t fitting(std::uint32_t block, const FitRange& enough) const;
  // Works the maxima over the block out anew.
  void tighten(std::uint32_t block);

 private:
  static constexpr std::uint32_t kFanout = 16;

  std::vector<std::uint64_t> amounts_;  // By slot, without tags.
  struct Summary {
    std::uint64_t most = 0;
    std::uint64_t improved_at = 0;
  };
  static std::uint64_t most_over(const std::vector<Summary>& summaries, std::size_t group);

  std::vector<Summary> blocks_;   // Over kBlockSlots slots,
  std::vector<Summary> groups_;   // over kFanout blocks,
  std::vector<Summary> regions_;  // and over kFanout groups.
};

}  // namespace berth::cluster
