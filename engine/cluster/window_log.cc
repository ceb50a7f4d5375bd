// How a window follows the log of changes.

#include <algorithm>
#include <array>
#include <bit>

#include "engine/cluster/window.h"
#include "engine/cluster/window_keys.h"

namespace berth::cluster {
namespace {

using Kind = placement::Strategy::Kind;

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

// Each part's own limits, and those of all parts together for the filter.
void Window::note_bounds() {
  const bool by_tie = ruling_ == class_.own_levels.size();
  const bool by_memory = !by_tie && class_.own_levels[ruling_] == Kind::kBinpackMemory;
  FitAmounts most{0, 0};
  filter_.touch_most = 0;
  for (Part& part : parts_) {
    part.touch_most = 0;
    if (!part.has_bound && !part.is_complete) {
      continue;
    }
    FitAmounts limit = kMostAmounts;
    part.touch_most = ChangeFilter::kNoLimit;
    // Instances with tasks of the group come by the group, not by amounts or tie keys.
    if (!part.is_complete && count_of_group(part.bound) == 0) {
      if (by_tie) {
        const std::uint32_t bucket = inventory_.bucket_of(part.bound.tie_key);
        part.touch_most = std::uint64_t{inventory_.bucket_begin(bucket) + kBucketSlots} << kLogSlotShift;
      } else {
        const std::int64_t amount = amount_of_key(key_at(part.bound.first_keys, part.bound.third_key, ruling_));
        const FitAmounts bound = FitAmounts::of(amount, amount);
        (by_memory ? limit.memory : limit.cpu) = by_memory ? bound.memory : bound.cpu;
      }
    }
    part.may_enter = FitRange(class_.need, limit);
    most = {std::max(most.cpu, limit.cpu), std::max(most.memory, limit.memory)};
    filter_.touch_most = std::max(filter_.touch_most, part.touch_most);
  }
  filter_.amounts = FitRange(class_.need, most);
  if (has_wide_level_ && (filter_.touch_most != 0 || parts_.empty())) {
    // The parts of wide values are met with the candidates only: any change may bring a new one.
    filter_.amounts = FitRange(class_.need, kMostAmounts);
    filter_.touch_most = ChangeFilter::kNoLimit;
  }
}

bool Window::concerns(const Ledger::Change& change) const {
  if (filter_.touches_group(change.touch_word)) {
    return true;
  }
  const std::uint32_t set = Traits::in(change.trait_word).attribute_set;
  if (has_wide_level_ || set >= passing_parts_.size()) {
    return true;
  }
  const std::uint32_t place = passing_parts_[set];
  return place != 0 && parts_[place - 1].may_enter.contains(change.fit_word) && change.touch_word < parts_[place - 1].touch_most;
}

bool Window::unsettles(const Ledger::Change& change, WorkerSlot& self) {
  if (filter_.touches_group(change.touch_word)) {
    return true;
  }
  if (!concerns(change) || !checks_.may_pass(change.fit_word, change.trait_word)) {
    return false;
  }
  if (!needs_record_) {
    return true;
  }
  // A record that is ahead says that the position is taken, for which nothing is decided then.
  const Record* record = inventory_.look(change.touch().slot, self);
  return record != nullptr && checks_.is_candidate(*record);
}

bool Window::holds(const ChangeFeed& feed, std::uint64_t position, std::optional<std::uint32_t> slot, WorkerSlot& self) {
  if (position < feed.begin()) {
    return false;
  }
  // Bounds say nothing of a part that was never filled: the best may be in it.
  meet_new_sets();
  if (std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return !part.has_bound && !part.is_complete; })) {
    return false;
  }
  while (position < feed.end()) {
    const ChangeFeed::Run run = feed.run(position);
    for (std::uint32_t at = 0; at < run.count; at += ChangeFilter::kTogether) {
      for (std::uint64_t passing = filter_.passing(run, at); passing != 0; passing &= passing - 1) {
        if (unsettles(feed.change(position + at + static_cast<std::uint32_t>(std::countr_zero(passing))), self)) {
          return false;
        }
      }
    }
    const auto touches = [&](std::uint64_t touch_word) { return Touch::in(touch_word).slot == *slot; };
    if (slot.has_value() && std::any_of(run.touch, run.touch + run.count, touches)) {
      return false;
    }
    position += run.count;
  }
  return true;
}

void Window::catch_up(const ChangeFeed& feed, WorkerSlot& self) {
  // What the decision will look at is on its way while the log is read.
  for (const Part& part : parts_) {
    prefetch_first(part);
  }
  const bool reads = !class_.is_random_alone || has_pool_;
  if (!is_started_ || (reads && position_ < feed.begin())) {
    is_started_ = true;
    forget();
  } else if (reads) {
    follow(feed, self);
  }
  for (const Part& part : parts_) {
    if (!part.heap.empty()) {
      inventory_.ledger.prefetch_record(part.heap.front().slot);
    }
  }
  position_ = feed.end();
}

// A part that was never filled makes the next decision fill it: no instance can become its candidate unseen.
void Window::meet_new_sets() {
  checks_.work_out_sets();
  if (has_wide_level_ || class_.is_random_alone) {
    return;
  }
  for (; sets_met_ < inventory_.attribute_sets.size(); ++sets_met_) {
    const bool passes = checks_.set_passes(sets_met_);
    passing_sets_.push_back(passes ? 1 : 0);
    passing_parts_.push_back(passes ? part_of_set(sets_met_) + 1 : 0);
    passing_count_ += passes ? 1 : 0;
  }
}

void Window::follow(const ChangeFeed& feed, WorkerSlot& self) {
  meet_new_sets();
  Concerning concerning;
  while (position_ < feed.end()) {
    const ChangeFeed::Run run = feed.run(position_);
    if (has_pool_) {
      follow_pool(feed, position_ + run.count, self);
    }
    for (std::uint32_t at = 0; at < run.count && !class_.is_random_alone; at += ChangeFilter::kTogether) {
      for (std::uint64_t passing = filter_.passing(run, at); passing != 0; passing &= passing - 1) {
        const std::uint64_t position = position_ + at + static_cast<std::uint32_t>(std::countr_zero(passing));
        if (const Ledger::Change change = feed.change(position); concerns(change)) {
          inventory_.ledger.prefetch(change.touch().slot);
          members_.prefetch(change.touch().slot);
          concerning.positions[concerning.count++] = position;
          if (concerning.count == concerning.positions.size()) {
            take_in(feed, concerning, self);
          }
        }
      }
    }
    position_ += run.count;
  }
  take_in(feed, concerning, self);
}

void Window::follow_pool(const ChangeFeed& feed, std::uint64_t end, WorkerSlot& self) {
  for (std::uint64_t begin = position_; begin < end; begin += ChangeFilter::kTogether) {
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(end - begin, ChangeFilter::kTogether));
    std::uint64_t may_pass = 0;
    for (std::uint32_t at = 0; at < count; ++at) {
      const Ledger::Change change = feed.change(begin + at);
      if (checks_.may_pass(change.fit_word, change.trait_word)) {
        may_pass |= std::uint64_t{1} << at;
        inventory_.ledger.prefetch(change.touch().slot);
      }
    }
    for (std::uint64_t rest = needs_record_ ? may_pass : 0; rest != 0; rest &= rest - 1) {
      inventory_.ledger.prefetch_record(feed.change(begin + static_cast<std::uint32_t>(std::countr_zero(rest))).touch().slot);
    }
    // In the order of the log: a change finds what the one before it left.
    for (std::uint32_t at = 0; at < count; ++at) {
      if (const Ledger::Change change = feed.change(begin + at); concerns_pool(change, (may_pass >> at & 1U) != 0)) {
        update_pool(change, self);
      }
    }
  }
}

// Many at a time, so that what they look at is on its way together. Bounds may have come down since they were found to concern the window:
// then more are here than need be.
void Window::take_in(const ChangeFeed& feed, Concerning& concerning, WorkerSlot& self) {
  for (std::size_t at = 0; at < concerning.count; ++at) {
    if (const Ledger::Change change = feed.change(concerning.positions[at]); filter_.is_of_group(change.touch_word)) {
      inventory_.ledger.prefetch_record(change.touch().slot);
    }
  }
  for (std::size_t at = 0; at < concerning.count; ++at) {
    update(feed.change(concerning.positions[at]), self);
  }
  concerning.count = 0;
}

void Window::update(const Ledger::Change& change, WorkerSlot& self) {
  const std::uint32_t slot = change.touch().slot;
  // What touches every group brings no task: nothing to an instance that has none of this one.
  if (is_counted_ &&
      (filter_.is_of_group(change.touch_word) || (filter_.touches_group(change.touch_word) && members_.find(slot) != nullptr))) {
    if (const Record* record = inventory_.look(slot, self); record != nullptr) {
      count_record(*record);
    }
  }
  if (!checks_.may_pass(change.fit_word, change.trait_word)) {
    return;
  }
  if (is_told(FitAmounts::in(change.fit_word))) {
    const std::uint32_t number = part_of_set(Traits::in(change.trait_word).attribute_set);
    const Member* member = ranks_members_ ? members_.find(slot) : nullptr;
    const bool stands_behind =
        member != nullptr && counts_first_ && !parts_[number].is_complete && member->count > count_of_group(parts_[number].bound);
    if (!stands_behind && (member == nullptr || !class_.request.distinct_instance)) {
      enter(number, entry_in(slot, change.fit_word, member), self);
    }
  } else if (const Record* record = inventory_.look(slot, self); record != nullptr && checks_.is_candidate(*record)) {
    enter(part_of(*record), entry_of(*record), self);
  }
}

// Whether the rest of what a class asks holds for the instance is asked when its entry comes to the top: few do.
void Window::enter(std::uint32_t number, const Entry& entry, WorkerSlot& self) {
  Part& part = parts_[number];
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

// What the slot stands for in a part; nullopt: nothing.
std::optional<Window::Entry> Window::current_entry(std::uint32_t number, std::uint32_t slot, WorkerSlot& self) {
  const std::uint64_t fit_word = inventory_.ledger.fit_word(slot);
  const std::uint64_t trait_word = inventory_.ledger.trait_word(slot);
  if (!checks_.may_pass(fit_word, trait_word)) {
    return std::nullopt;
  }
  if (is_told(FitAmounts::in(fit_word))) {
    return part_of_set(Traits::in(trait_word).attribute_set) == number ? std::optional(entry_in(slot, fit_word, members_.find(slot)))
                                                                       : std::nullopt;
  }
  const Record* record = inventory_.look(slot, self);
  return record != nullptr && checks_.is_candidate(*record) && part_of(*record) == number ? std::optional(entry_of(*record)) : std::nullopt;
}

// Stale and repeated entries go; of what is left the best stay.
void Window::compact(std::uint32_t number, WorkerSlot& self) {
  Part& part = parts_[number];
  std::sort(part.heap.begin(), part.heap.end(), [](const Entry& a, const Entry& b) { return a.slot < b.slot; });
  part.heap.erase(std::unique(part.heap.begin(), part.heap.end(), [](const Entry& a, const Entry& b) { return a.slot == b.slot; }),
                  part.heap.end());
  for (const Entry& entry : part.heap) {
    inventory_.ledger.prefetch(entry.slot);
  }
  std::size_t kept = 0;
  for (const Entry& entry : part.heap) {
    const std::optional<Entry> current = current_entry(number, entry.slot, self);
    // Above the bound not every candidate is here, so none may be.
    if (current.has_value() && (part.is_complete || !less(part.bound, *current))) {
      part.heap[kept++] = *current;
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
