// How a window decides for a fork.

#include <optional>

#include "engine/cluster/window.h"

namespace berth::cluster {

Window::Shift::Shift(Window& window, const Overlay& overlay, WorkerSlot& self) : window_(window), overlay_(overlay) {
  if (!overlay.is_empty() && window.class_.counts_group && !window.is_counted_) {
    window.count_members(self);
  }
  move(1);
}

Window::Shift::~Shift() {
  move(~std::uint64_t{0});
}

// Takes the members on changed instances out as the cluster has them and puts them in as the fork does; a sign of -1 undoes it.
void Window::Shift::move(std::uint64_t sign) {
  std::vector<GroupLevel>& levels = window_.group_levels_;
  if (!window_.class_.counts_group || levels.empty()) {
    return;
  }
  const auto add = [&](std::uint32_t part, std::uint64_t count) {
    for (std::size_t level = 0; level < levels.size(); ++level) {
      levels[level].counts[window_.parts_[part].values[level]] += count;
    }
  };
  for_each_hidden(window_.members_, overlay_, [&](const Member& known) { add(known.part, std::uint64_t{0} - sign * known.count); });
  const std::uint64_t bit = Overlay::group_bit(window_.class_.group);
  for (const Overlay::Entry& entry : overlay_.entries()) {
    if ((entry.group_bits & bit) == 0) {
      continue;
    }
    const std::uint32_t own = Inventory::count_of(*entry.record, window_.class_.group);
    if (own != 0 && window_.checks_.is_of_cluster(entry.record->identity)) {
      add(window_.part_of(*entry.record), sign * own);
    }
  }
}

std::optional<std::pair<Window::Entry, std::uint32_t>> Window::best_of(const Overlay& overlay) {
  std::optional<std::pair<Entry, std::uint32_t>> best;
  for (const Overlay::Entry& own : overlay.entries()) {
    if (!checks_.may_pass(own.fit_word, own.trait_word) || !checks_.is_candidate(*own.record)) {
      continue;
    }
    const std::uint32_t part = part_of(*own.record);
    const Entry entry = entry_of(*own.record);
    if (!best.has_value() || precedes(entry, parts_[part], best->first, parts_[best->second])) {
      best = {entry, part};
    }
  }
  return best;
}

// Bounds have only grown since the entries were set aside, so that none comes back above its part's.
void Window::put_back() {
  for (const auto& [number, entry] : set_aside_) {
    push(parts_[number], entry);
  }
  set_aside_.clear();
}

void Window::lend_pool(const Overlay& overlay) {
  lent_.clear();
  for (const Overlay::Entry& own : overlay.entries()) {
    lent_.push_back(pool_.held_in(inventory_, own.slot));
    pool_.put(inventory_, own.slot, checks_.is_candidate(*own.record) ? own.record->identity : kNoId);
  }
}

void Window::take_back_pool(const Overlay& overlay) {
  for (std::size_t at = 0; at < lent_.size(); ++at) {
    pool_.put(inventory_, overlay.entries()[at].slot, lent_[at]);
  }
}

}  // namespace berth::cluster
