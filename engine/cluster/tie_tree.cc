#include "engine/cluster/tie_tree.h"

#include <algorithm>

namespace berth::cluster {

void TieTree::start(std::uint32_t slot_count, std::uint64_t time) {
  const std::size_t blocks = (std::size_t{slot_count} + kBlockSlots - 1) / kBlockSlots;
  const std::size_t groups = (blocks + kFanout - 1) / kFanout;
  amounts_.assign(blocks * kBlockSlots, 0);
  blocks_.assign(blocks, {0, time});
  groups_.assign(groups, {0, time});
  regions_.assign((groups + kFanout - 1) / kFanout, {0, time});
}

void TieTree::set(std::uint32_t slot, std::uint64_t fit_word) {
  const std::uint64_t amounts = fit_word & ~kTagMask;
  amounts_[slot] = amounts;
  const std::uint32_t block = slot / kBlockSlots;
  const std::uint64_t most = most_amounts(blocks_[block].most, amounts);
  if (most == blocks_[block].most) {
    return;
  }
  blocks_[block].most = most;
  for (Summary* above : {&groups_[block / kFanout], &regions_[block / (kFanout * kFanout)]}) {
    above->most = most_amounts(above->most, most);
  }
}

void TieTree::note_improvement(std::uint32_t slot, std::uint64_t time) {
  const std::uint32_t block = slot / kBlockSlots;
  blocks_[block].improved_at = time;
  groups_[block / kFanout].improved_at = time;
  regions_[block / (kFanout * kFanout)].improved_at = time;
}

std::uint32_t TieTree::next_block(std::uint32_t block, const FitRange& enough, const Known& known) const {
  constexpr std::uint32_t kRegion = kFanout * kFanout;
  const std::uint32_t end = block_count();
  const auto may_hold = [&](const Summary& summary, std::uint32_t last) {
    const std::uint64_t since = last > known.near.end ? known.far.since : known.near.since;
    return enough.contains(summary.most) && (last > known.far.end || summary.improved_at >= since);
  };
  while (block < end) {
    if (block % kRegion == 0 && !may_hold(regions_[block / kRegion], block + kRegion)) {
      block += kRegion;
    } else if (block % kFanout == 0 && !may_hold(groups_[block / kFanout], block + kFanout)) {
      block += kFanout;
    } else if (may_hold(blocks_[block], block + 1)) {
      return block;
    } else {
      ++block;
    }
  }
  return end;
}

std::uint64_t TieTree::fitting(std::uint32_t block, const FitRange& enough) const {
  const std::uint64_t* words = amounts_.data() + std::size_t{block} * kBlockSlots;
  std::uint64_t mask = 0;
  for (std::uint32_t at = 0; at < kBlockSlots; ++at) {
    mask |= std::uint64_t{enough.contains(words[at])} << at;
  }
  return mask;
}

std::uint64_t TieTree::most_over(const std::vector<Summary>& summaries, std::size_t group) {
  std::uint64_t most = 0;
  for (std::size_t at = group * kFanout; at < std::min<std::size_t>((group + 1) * kFanout, summaries.size()); ++at) {
    most = most_amounts(most, summaries[at].most);
  }
  return most;
}

void TieTree::tighten(std::uint32_t block) {
  std::uint64_t most = 0;
  for (std::size_t at = std::size_t{block} * kBlockSlots; at < (std::size_t{block} + 1) * kBlockSlots; ++at) {
    most = most_amounts(most, amounts_[at]);
  }
  blocks_[block].most = most;
  const std::size_t group = block / kFanout;
  groups_[group].most = most_over(blocks_, group);
  regions_[group / kFanout].most = most_over(groups_, group / kFanout);
}

}  // namespace berth::cluster
