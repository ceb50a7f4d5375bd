// How a window is filled from the columns.

#include <algorithm>

#include "engine/cluster/window.h"
#include "engine/cluster/window_keys.h"

namespace berth::cluster {
namespace {

// Of one part, however many parts share a window.
constexpr std::uint32_t kPartEntriesMin = 16;

}  // namespace

// Tie keys are scanned in their order, so that filling a window again costs little; other keys need a pass over all slots, which a
// larger window puts off at the price of more changes that concern it.
std::uint32_t Window::entries_wanted() const {
  if (inventory_.window_entries() != 0) {
    return inventory_.window_entries();
  }
  return class_.follows_tie_order ? 256 : std::clamp(inventory_.base_count() / 160, 256U, 6144U);
}

void Window::choose_parts(std::optional<std::uint32_t> only) {
  meet_new_sets();
  const std::uint32_t wanted = entries_wanted();
  part_capacity_ =
      std::max(std::min(kPartEntriesMin, wanted), wanted / static_cast<std::uint32_t>(std::max<std::size_t>(parts_.size(), 1)));
  is_wanted_.assign(parts_.size(), false);
  wanted_count_ = 0;
  full_count_ = 0;
  for (std::uint32_t number = 0; number < parts_.size(); ++number) {
    Part& part = parts_[number];
    const bool is_unfilled = !part.has_bound && !part.is_complete;
    // A part from which a fork's entries were set aside is not: it would be filled with them again.
    const bool is_half_empty =
        !class_.follows_tie_order && part.has_bound && part.heap.size() < part_capacity_ / 2 && only != number && set_aside_.empty();
    if (!is_unfilled && !is_half_empty && only != number) {
      continue;
    }
    is_wanted_[number] = true;
    ++wanted_count_;
    part.heap.reserve(2 * std::size_t{part_capacity_} + 66);
    if (is_half_empty) {
      part.heap.clear();
      part.has_bound = false;
    }
  }
}

void Window::scan(std::optional<std::uint32_t> only, WorkerSlot& self) {
  choose_parts(only);
  std::uint32_t first_bucket = 0;
  if (only.has_value() && wanted_count_ == 1 && class_.follows_tie_order && parts_[*only].has_bound &&
      parts_[*only].bound.first_keys == 0) {
    first_bucket = inventory_.bucket_of(parts_[*only].bound.tie_key);
  }
  scan_slots(0, inventory_.spill_end(), self);
  const bool may_stop = class_.follows_tie_order && !has_wide_level_;
  bool is_stopped = false;
  for (std::uint32_t bucket = first_bucket; bucket < inventory_.bucket_count() && !is_stopped; ++bucket) {
    scan_slots(inventory_.bucket_begin(bucket), inventory_.bucket_begin(bucket + 1), self);
    is_stopped = may_stop && full_count_ == wanted_count_ && all_filled_by_tie(bucket);
  }
  if (!is_stopped) {
    // What comes before the bound in the order of tie keys can still stand behind it by its tasks of the group.
    scan_slots(inventory_.bucket_begin(0), inventory_.bucket_begin(first_bucket), self);
  }
  for (std::uint32_t number = 0; number < parts_.size(); ++number) {
    Part& part = parts_[number];
    if (number < is_wanted_.size() && !is_wanted_[number]) {
      continue;
    }
    part.has_bound = part.heap.size() >= part_capacity_;
    part.is_complete = !part.has_bound;
    if (part.has_bound) {
      part.bound = part.heap.front();  // The largest, as long as the scan lasts.
    }
    std::make_heap(part.heap.begin(), part.heap.end(), reversed(less));
  }
}

// Whether no instance further on in the order of tie keys can displace an entry of a wanted part.
// What the spill brought may belong to a later bucket.
bool Window::all_filled_by_tie(std::uint32_t bucket) const {
  for (std::size_t number = 0; number < is_wanted_.size(); ++number) {
    if (!is_wanted_[number]) {
      continue;
    }
    const Part& part = parts_[number];
    if (part.heap.size() < part_capacity_ || part.heap.front().first_keys != 0 ||
        inventory_.bucket_of(part.heap.front().tie_key) > bucket) {
      return false;
    }
  }
  return true;
}

void Window::scan_slots(std::uint32_t begin, std::uint32_t end, WorkerSlot& self) {
  const FitRange enough(class_.need, kMostAmounts);
  for (std::uint32_t slot = begin; slot < end; ++slot) {
    scan_slot(slot, enough, self);
  }
}

void Window::scan_slot(std::uint32_t slot, const FitRange& enough, WorkerSlot& self) {
  const std::uint64_t fit_word = inventory_.ledger.fit_word(slot);
  if (!enough.contains(fit_word)) {
    return;
  }
  const std::uint64_t trait_word = inventory_.ledger.trait_word(slot);
  if (!checks_.may_pass(fit_word, trait_word)) {
    return;
  }
  std::uint32_t number = 0;
  if (!has_wide_level_) {
    number = part_of_set(Traits::in(trait_word).attribute_set);
    if (number < is_wanted_.size() && !is_wanted_[number]) {
      return;
    }
  }
  const bool told = is_told(FitAmounts::in(fit_word));
  Entry entry{};
  if (told) {
    const Member* member = members_.find(slot);
    if (member != nullptr && class_.request.distinct_instance) {
      return;
    }
    entry = entry_in(slot, fit_word, member);
    if (!wants(parts_[number], entry)) {
      return;
    }
  }
  if (!told || needs_record_) {
    const Record* record = inventory_.look(slot, self);
    if (record == nullptr || !checks_.is_candidate(*record)) {
      return;
    }
    number = part_of(*record);
    if (number < is_wanted_.size() && !is_wanted_[number]) {
      return;
    }
    entry = entry_of(*record);
    if (!wants(parts_[number], entry)) {
      return;
    }
  }
  Part& part = parts_[number];
  part.heap.push_back(entry);
  std::push_heap(part.heap.begin(), part.heap.end(), less);
  if (part.heap.size() > part_capacity_) {
    std::pop_heap(part.heap.begin(), part.heap.end(), less);
    part.heap.pop_back();
  } else if (part.heap.size() == part_capacity_) {
    ++full_count_;
  }
}

bool Window::wants(const Part& part, const Entry& entry) const {
  if (part.has_bound && !less(part.bound, entry)) {
    return false;
  }
  return part.heap.size() < part_capacity_ || less(entry, part.heap.front());
}

}  // namespace berth::cluster
