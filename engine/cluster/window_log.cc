// How a window follows the log of changes.

#include <algorithm>
#include <bit>
#include <limits>

#include "engine/cluster/window.h"
#include "engine/cluster/window_keys.h"

namespace berth::cluster {
namespace {

using Kind = placement::Strategy::Kind;

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

}  // namespace

void Window::forget() {
  for (Part& part : parts_) {
    part.heap.clear();
    part.has_bound = false;
    part.is_complete = false;
  }
  for (GroupLevel& level : group_levels_) {
    std::fill(level.counts.begin(), level.counts.end(), 0);
  }
  members_.clear();
  is_counted_ = false;
  has_pool_ = false;
}

void Window::note_bounds() {
  FitAmounts most{0, 0};
  std::uint32_t slot_most = 0;
  // The parts of wide values are met with the candidates only: any change may bring a new one.
  bool is_limited = !has_wide_level_;
  bool any_filled = false;
  // Which own key rules: the first that is no count of tasks. Instances with tasks of the group come by the group, not by amounts.
  const bool counts_first = !class_.own_levels.empty() && class_.own_levels.front() == Kind::kSpreadInstance;
  const std::size_t ruling = counts_first ? 1 : 0;
  const bool by_tie = ruling == class_.own_levels.size();
  for (const Part& part : parts_) {
    if (!part.has_bound && !part.is_complete) {
      continue;
    }
    any_filled = true;
    if (part.is_complete || (counts_first && key_at(part.bound.first_keys, 0, 0) > 0)) {
      is_limited = false;
      break;
    }
    if (by_tie) {
      slot_most = std::max(slot_most, inventory_.bucket_begin(inventory_.bucket_of(part.bound.tie_key)) + kBucketSlots - 1);
      continue;
    }
    const std::int64_t amount = amount_of_key(key_at(part.bound.first_keys, part.bound.third_key, static_cast<std::uint32_t>(ruling)));
    const FitAmounts bound = FitAmounts::of(amount, amount);
    most = {std::max(most.cpu, bound.cpu), std::max(most.memory, bound.memory)};
  }
  if (!any_filled) {
    relevant_amounts_ = FitRange();
    return;
  }
  FitAmounts limit = kMostAmounts;
  if (is_limited && !by_tie) {
    (class_.own_levels[ruling] == Kind::kBinpackCpu ? limit.cpu : limit.memory) =
        class_.own_levels[ruling] == Kind::kBinpackCpu ? most.cpu : most.memory;
  }
  relevant_amounts_ = FitRange(class_.need, limit);
  touch_most_ = is_limited && by_tie ? (std::uint64_t{slot_most} + 1) << kLogSlotShift : kNoLimit;
}

bool Window::touches_group(const Ledger::Change& change) const {
  return (change.touch_word & kGroupMask) == group_word_ ||
         (class_.counts_group && (change.touch_word & std::uint64_t{kRegroups} << kLogTagBits) != 0);
}

bool Window::is_relevant(const Ledger::Change& change) const {
  // Numbers instead of branches: nearly nothing of a log concerns a window, and which does cannot be foreseen.
  const unsigned has_effect = (change.touch_word & std::uint64_t{effects_} << kLogTagBits) != 0 ? 1U : 0U;
  const unsigned within = relevant_amounts_.contains(change.fit_word) ? 1U : 0U;
  const unsigned before = change.touch_word < touch_most_ ? 1U : 0U;
  const unsigned passes = checks_.set_passes_known(Traits::in(change.trait_word).attribute_set) ? 1U : 0U;
  return ((has_effect & within & before & passes) | (touches_group(change) ? 1U : 0U)) != 0;
}

// Whether the words tell that the instance, if it is a candidate, stands behind the bound of its part.
bool Window::is_beyond_bound(const Ledger::Change& change) {
  const FitAmounts amounts = FitAmounts::in(change.fit_word);
  if (has_wide_level_ || is_saturated(amounts)) {
    return false;
  }
  const Part& part = parts_[part_of_set(Traits::in(change.trait_word).attribute_set)];
  // A count of 0 is the least that it can have.
  const Entry least =
      make_entry(change.touch().slot, 0, 0, static_cast<std::int64_t>(amounts.cpu) - 1, static_cast<std::int64_t>(amounts.memory) - 1);
  return !part.is_complete && (!part.has_bound || less(part.bound, least));
}

void Window::catch_up(std::uint64_t position, WorkerSlot& self) {
  const bool is_too_late = position - position_ >= inventory_.ledger.log_capacity() / 2;
  const bool reads = !class_.is_random_alone || has_pool_;
  if (!is_started_ || (reads && (is_too_late || !read_log(position, self)))) {
    is_started_ = true;
    forget();
  }
  position_ = position;
}

// A part that no scan has filled makes the next decision scan: no instance can become its candidate unseen.
void Window::meet_new_sets() {
  checks_.work_out_sets();
  if (has_wide_level_ || class_.is_random_alone) {
    return;
  }
  for (; sets_met_ < inventory_.attribute_sets.size(); ++sets_met_) {
    if (checks_.set_passes(sets_met_)) {
      part_of_set(sets_met_);
    }
  }
}

// False: the log does not reach back to where the window stands.
bool Window::read_log(std::uint64_t position, WorkerSlot& self) {
  meet_new_sets();
  const Ledger& ledger = inventory_.ledger;
  while (position_ < position) {
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(64, position - position_));
    std::uint64_t relevant = 0;
    for (std::uint32_t index = 0; index < count; ++index) {
      relevant |= static_cast<std::uint64_t>(is_relevant(ledger.change(position_ + index))) << index;
    }
    if (!ledger.reaches_back_to(position_)) {
      return false;
    }
    if (has_pool_) {
      relevant = ~std::uint64_t{0} >> (64 - count);
    }
    for (; relevant != 0; relevant &= relevant - 1) {
      const Ledger::Change change = ledger.change(position_ + static_cast<std::uint32_t>(std::countr_zero(relevant)));
      if (!ledger.reaches_back_to(position_)) {
        return false;
      }
      if (has_pool_) {
        update_pool(change, self);
      }
      if (!class_.is_random_alone) {
        update(change, self);
      }
    }
    position_ += count;
  }
  return true;
}

void Window::update(const Ledger::Change& change, WorkerSlot& self) {
  const std::uint32_t slot = change.touch().slot;
  const bool touches = is_counted_ && touches_group(change);
  const bool may_enter = checks_.may_pass(change.fit_word, change.trait_word) && !is_beyond_bound(change);
  if (!touches && !may_enter) {
    return;
  }
  const Record* record = inventory_.look(slot, self);
  if (record == nullptr) {
    return;
  }
  if (touches) {
    count_record(*record);
  }
  if (!may_enter || !checks_.is_candidate(*record)) {
    return;
  }
  const std::uint32_t number = part_of(*record);
  Part& part = parts_[number];
  const Entry entry = entry_of(*record);
  if (part.is_complete || (part.has_bound && !less(part.bound, entry))) {
    push(part, entry);
    if (part.heap.size() > 2 * std::size_t{part_capacity_} + 64) {
      compact(number, self);
    }
  }
}

void Window::push(Part& part, const Entry& entry) {
  part.heap.push_back(entry);
  std::push_heap(part.heap.begin(), part.heap.end(), reversed(less));
}

void Window::pop(Part& part) {
  std::pop_heap(part.heap.begin(), part.heap.end(), reversed(less));
  part.heap.pop_back();
}

// Stale and repeated entries go; of what is left the best stay.
void Window::compact(std::uint32_t number, WorkerSlot& self) {
  Part& part = parts_[number];
  std::sort(part.heap.begin(), part.heap.end(), [](const Entry& a, const Entry& b) { return a.slot < b.slot; });
  part.heap.erase(std::unique(part.heap.begin(), part.heap.end(), [](const Entry& a, const Entry& b) { return a.slot == b.slot; }),
                  part.heap.end());
  std::size_t kept = 0;
  for (const Entry& entry : part.heap) {
    const Record* record = inventory_.look(entry.slot, self);
    if (checks_.is_candidate(*record) && part_of(*record) == number) {
      const Entry current = entry_of(*record);
      // Above the bound not every candidate is here, so none may be.
      if (part.is_complete || !less(part.bound, current)) {
        part.heap[kept++] = current;
      }
    }
  }
  part.heap.resize(kept);
  if (kept > part_capacity_) {
    const auto last = part.heap.begin() + static_cast<std::ptrdiff_t>(part_capacity_ - 1);
    std::nth_element(part.heap.begin(), last, part.heap.end(), less);
    part.bound = *last;
    part.has_bound = true;
    part.is_complete = false;
    part.heap.resize(part_capacity_);
    note_bounds();
  }
  std::make_heap(part.heap.begin(), part.heap.end(), reversed(less));
}

}  // namespace berth::cluster
