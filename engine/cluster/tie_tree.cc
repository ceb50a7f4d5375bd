#include "engine/cluster/tie_tree.h"

#include <algorithm>

namespace berth::cluster {

void TieTree::start(std::uint32_t slot_count) {
  const std::size_t blocks = (std::size_t{slot_count} + kBlockSlots - 1) / kBlockSlots;
  const std::size_t groups = (blocks + kFanout - 1) / kFanout;
  cells_.assign(blocks * kBlockSlots, {});
  blocks_.assign(blocks, 0);
  groups_.assign(groups, 0);
  regions_.assign((groups + kFanout - 1) / kFanout, 0);
}

void TieTree::set(std::uint32_t slot, const Cell& cell) {
  cells_[slot] = cell;
  const std::uint32_t block = slot / kBlockSlots;
  const std::uint64_t most = most_amounts(blocks_[block], cell.amounts);
  if (most == blocks_[block]) {
    return;
  }
  blocks_[block] = most;
  for (std::uint64_t* above : {&groups_[block / kFanout], &regions_[block / (kFanout * kFanout)]}) {
    *above = most_amounts(*above, most);
  }
}

std::uint32_t TieTree::next_block(std::uint32_t block, const FitRange& enough) const {
  constexpr std::uint32_t kRegion = kFanout * kFanout;
  const std::uint32_t end = block_count();
  while (block < end) {
    if (block % kRegion == 0 && !enough.contains(regions_[block / kRegion])) {
      block += kRegion;
    } else if (block % kFanout == 0 && !enough.contains(groups_[block / kFanout])) {
      block += kFanout;
    } else if (enough.contains(blocks_[block])) {
      return block;
    } else {
      ++block;
    }
  }
  return end;
}

std::uint64_t TieTree::fitting(std::uint32_t block, const FitRange& enough) const {
  const Cell* cells = cells_.data() + std::size_t{block} * kBlockSlots;
  std::uint64_t mask = 0;
  for (std::uint32_t at = 0; at < kBlockSlots; ++at) {
    mask |= std::uint64_t{enough.contains(cells[at].amounts)} << at;
  }
  return mask;
}

std::uint64_t TieTree::most_over(const std::vector<std::uint64_t>& below, std::size_t group) {
  std::uint64_t most = 0;
  for (std::size_t at = group * kFanout; at < std::min<std::size_t>((group + 1) * kFanout, below.size()); ++at) {
    most = most_amounts(most, below[at]);
  }
  return most;
}

void TieTree::tighten(std::uint32_t block) {
  std::uint64_t most = 0;
  for (std::size_t at = std::size_t{block} * kBlockSlots; at < (std::size_t{block} + 1) * kBlockSlots; ++at) {
    most = most_amounts(most, cells_[at].amounts);
  }
  blocks_[block] = most;
  const std::size_t group = block / kFanout;
  groups_[group] = most_over(blocks_, group);
  regions_[group / kFanout] = most_over(groups_, group / kFanout);
}

}  // namespace berth::cluster
