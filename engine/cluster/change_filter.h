// ChangeFilter: which changes of the log concern a window, as far as two words of each tell: a few instructions a change without a branch,
// many changes at a time where the processor can.
//
// Thread rule: immutable. Lifetime: a plain value.
#pragma once

#include <cstdint>
#include <limits>

#include "engine/cluster/change_feed.h"
#include "engine/cluster/columns.h"

namespace berth::cluster {

class ChangeFilter {
 public:
  static constexpr std::uint64_t kNoGroup = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint32_t kTogether = ChangeFeed::kPadding;

  // Passes what can make an instance a better candidate: one of the effects, amounts within `amounts`, a slot below that of `touch_most`
  // (a touch word whose low bits are 0, or kNoLimit). And whatever counts for the group.
  std::uint32_t effects = 0;
  FitRange amounts;
  std::uint64_t touch_most = 0;
  std::uint64_t group_word = kNoGroup;  // The group where a touch word has it; with it what counts for any group.

  [[nodiscard]] bool is_of_group(std::uint64_t touch_word) const { return (touch_word & kGroupMask) == group_word; }
  [[nodiscard]] bool touches_group(std::uint64_t touch_word) const { return is_of_group(touch_word) || (touch_word & regroup_mask()) != 0; }
  // A bit for each of the next kTogether changes of the run from `at` on that passes, as far as the run goes.
  [[nodiscard]] std::uint64_t passing(const ChangeFeed::Run& run, std::uint32_t at) const;

 private:
  static constexpr std::uint64_t kGroupMask = std::uint64_t{kGroupNone} << kLogGroupShift;
  [[nodiscard]] std::uint64_t regroup_mask() const { return group_word == kNoGroup ? 0 : std::uint64_t{kRegroups} << kLogTagBits; }
};

}  // namespace berth::cluster
