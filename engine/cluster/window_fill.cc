// How a window is filled from an index.

#include <algorithm>
#include <array>

#include "engine/cluster/window.h"
#include "engine/cluster/window_keys.h"

namespace berth::cluster {
namespace {

using Kind = placement::Strategy::Kind;

// Of one part, however many parts share a window.
constexpr std::uint32_t kPartEntriesMin = 16;
// What one filling collects at the most, and how many instances it may look at for each entry before the next one collects more.
constexpr std::uint32_t kFillEntriesMax = 1024;
constexpr std::uint32_t kVisitsPerEntry = 16;
// A class of at most so many instances, whatever remains on them, has all of its candidates in its window.
constexpr std::uint32_t kRareSlotsMax = 1024;

std::uint32_t tree_amount(std::int64_t amount) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(amount, -1) + 1);
}

}  // namespace

// Takes what an index shows, and knows when it is enough.
class Window::Filling final : public Index::Visitor {
 public:
  Filling(Window& window, WorkerSlot& self, std::optional<std::uint32_t> only) : window_(window), self_(self), only_(only) {
    if (only_.has_value() && window_.parts_[*only_].has_bound) {
      before_ = window_.parts_[*only_].bound;
    }
  }

  void take(std::span<const Index::Seen> seen) override {
    visits_ += static_cast<std::uint32_t>(seen.size()) + 1;
    struct Chosen {
      const Index::Seen* seen;
      std::uint32_t part;
      const Member* member;
    };
    std::array<Chosen, Index::kSeenMost> chosen;
    std::size_t count = 0;
    // Each pass asks for the memory that the next one needs.
    for (const Index::Seen& one : seen) {
      const std::uint32_t part = window_.set_parts_[Traits::in(one.trait_word).attribute_set];
      if (!window_.parts_[part].is_wanted) {
        continue;
      }
      const Member* member = window_.ranks_members_ ? window_.members_.find(one.slot) : nullptr;
      if (member != nullptr && (window_.counts_first_ || window_.class_.request.distinct_instance)) {
        continue;
      }
      window_.inventory_.ledger.prefetch(one.slot);
      chosen[count++] = {&one, part, member};
    }
    if (window_.needs_record_) {
      for (std::size_t at = 0; at < count; ++at) {
        window_.inventory_.ledger.prefetch_record(chosen[at].seen->slot);
      }
    }
    for (std::size_t at = 0; at < count; ++at) {
      consider(*chosen[at].seen, window_.parts_[chosen[at].part], chosen[at].member);
    }
  }

  bool is_done(const Index::Frontier& frontier) override {
    const Entry reached = window_.bound_below(frontier);
    const bool is_new = before_.has_value() ? less(*before_, reached) : frontier.amount != 0 || frontier.tie_key != 0;
    if (!is_new || !(are_full(reached) || visits_ >= window_.inventory_.index_visits())) {
      return false;
    }
    reached_ = reached;
    return true;
  }

  [[nodiscard]] std::uint32_t visits() const { return visits_; }
  [[nodiscard]] const Entry& reached() const { return reached_; }

 private:
  void consider(const Index::Seen& seen, Part& part, const Member* member) {
    const bool told = window_.is_told(FitAmounts::in(seen.fit_word));
    Entry entry{};
    if (told) {
      entry = window_.entry_in(seen.slot, seen.fit_word, member);
      if (part.has_bound && !less(part.bound, entry)) {
        return;
      }
    }
    if (!told || window_.needs_record_) {
      const Record* record = window_.inventory_.look(seen.slot, self_);
      if (record == nullptr || !window_.checks_.is_candidate(*record)) {
        return;
      }
      // The record may be ahead of the index: then what it is now is told by the log as well.
      Part& part_now = window_.parts_[window_.part_of(*record)];
      entry = window_.entry_of(*record);
      if (&part_now != &part || (part.has_bound && !less(part.bound, entry))) {
        return;
      }
    }
    window_.collect(part, entry);
  }

  [[nodiscard]] bool are_full(const Entry& reached) const {
    for (const Part& part : window_.parts_) {
      if (!part.is_wanted || part.has_dropped) {
        continue;
      }
      if (part.heap.size() < window_.part_capacity_) {
        return false;
      }
      const auto within = std::count_if(part.heap.begin(), part.heap.end(), [&](const Entry& entry) { return !less(reached, entry); });
      if (static_cast<std::uint32_t>(within) < window_.part_capacity_) {
        return false;
      }
    }
    return true;
  }

  Window& window_;
  WorkerSlot& self_;
  std::optional<std::uint32_t> only_;
  std::optional<Entry> before_;  // The bound that the filling is to move on.
  Entry reached_{};
  std::uint32_t visits_ = 0;
};

// The greatest entry that cannot stand at the frontier or behind it, of an instance without tasks of the group where those come first.
Window::Entry Window::bound_below(const Index::Frontier& frontier) const {
  constexpr std::uint32_t kMost = ~std::uint32_t{0};
  std::array<std::uint32_t, 3> keys{};
  Entry bound{0, 0, 0, kMost};
  const bool by_tie = ruling_ == class_.own_levels.size();
  // Without further levels behind the amount, tie keys rank among equal ones.
  // Nor do they where words tell no more than that there is much: records rank among those.
  const bool is_much =
      !by_tie && frontier.amount == (class_.own_levels[ruling_] == Kind::kBinpackMemory ? kMostAmounts.memory : kMostAmounts.cpu);
  const bool has_tie = frontier.tie_key != 0 && ruling_ + 1 >= class_.own_levels.size() && !is_much;
  if (!by_tie) {
    keys[ruling_] = ordered_key(static_cast<std::int64_t>(frontier.amount) - (has_tie ? 1 : 2));
    std::fill(keys.begin() + ruling_ + 1, keys.begin() + std::max<std::ptrdiff_t>(ruling_ + 1, std::ssize(class_.own_levels)), kMost);
  }
  bound.tie_key = has_tie || by_tie ? frontier.tie_key - (frontier.tie_key != 0 ? 1 : 0) : ~std::uint64_t{0};
  bound.first_keys = std::uint64_t{keys[0]} << 32U | keys[1];
  bound.third_key = keys[2];
  return bound;
}

// Together with `only` those that are half empty and stand no further on.
void Window::choose_parts_to_fill(std::optional<std::uint32_t> only) {
  meet_new_sets();
  part_capacity_ = std::max(std::min(kPartEntriesMin, fill_entries_),
                            fill_entries_ / static_cast<std::uint32_t>(std::max<std::size_t>(parts_.size(), 1)));
  for (std::uint32_t number = 0; number < parts_.size(); ++number) {
    Part& part = parts_[number];
    part.has_dropped = false;
    if (part.is_complete) {
      part.is_wanted = false;
    } else if (!part.has_bound || only == number) {
      part.is_wanted = true;
    } else {
      part.is_wanted = only.has_value() && part.heap.size() <= part_capacity_ / 2 && !less(parts_[*only].bound, part.bound);
    }
  }
}

// So that no heap grows between fillings.
void Window::reserve_parts() {
  for (Part& part : parts_) {
    part.heap.reserve(2 * std::size_t{part_capacity_} + 66);
  }
}

// Whether the attribute sets that pass have few instances.
bool Window::is_rare(const Index& index) const {
  if (2 * std::size_t{passing_count_} > passing_sets_.size()) {
    return false;
  }
  std::size_t slots = 0;
  for (std::uint32_t set = 0; set < passing_sets_.size() && slots <= kRareSlotsMax; ++set) {
    slots += passing_sets_[set] != 0 ? index.set_slots().of(set).size() : 0U;
  }
  return slots <= kRareSlotsMax;
}

// True: every instance from where the wanted parts stand was visited.
bool Window::visit(Index& index, Filling& filling) {
  const Index::Wanted wanted{class_.need, class_.request.demand.gpu_count, class_.request.demand.uses_eni, passing_sets_};
  if (is_rare(index)) {
    for (Part& part : parts_) {
      if (part.is_wanted) {
        part.has_bound = false;
        part.heap.clear();
      }
    }
    part_capacity_ = std::max(part_capacity_, kRareSlotsMax);
    reserve_parts();
    index.visit_sets(wanted, filling);
    return true;
  }
  const Part* first = nullptr;
  bool from_beginning = false;
  for (const Part& part : parts_) {
    // Of those whose bound has tasks of the group every instance without any is known.
    if (!part.is_wanted || (part.has_bound && count_of_group(part.bound) > 0)) {
      continue;
    }
    from_beginning = from_beginning || !part.has_bound;
    if (part.has_bound && (first == nullptr || less(part.bound, first->bound))) {
      first = &part;
    }
  }
  if (first == nullptr && !from_beginning) {
    return true;
  }
  if (ruling_ == class_.own_levels.size()) {
    return index.visit_by_tie(wanted, from_beginning ? 0 : inventory_.bucket_of(first->bound.tie_key), filling);
  }
  const bool by_memory = class_.own_levels[ruling_] == Kind::kBinpackMemory;
  const std::uint64_t need = by_memory ? class_.need.memory : class_.need.cpu;
  Index::Frontier begin{need, 0};
  if (!from_beginning) {
    const std::uint32_t amount = tree_amount(amount_of_key(key_at(first->bound.first_keys, first->bound.third_key, ruling_)));
    const std::uint64_t most = by_memory ? kMostAmounts.memory : kMostAmounts.cpu;
    if (amount >= most) {
      begin = {most, 0};
    } else if (amount >= need) {
      begin = {amount, ruling_ + 1 >= class_.own_levels.size() ? first->bound.tie_key : 0};
    }
  }
  return by_memory ? index.visit_by_memory(wanted, begin, filling) : index.visit_by_cpu(wanted, begin, filling);
}

void Window::fill_from(Index& index, std::optional<std::uint32_t> only, WorkerSlot& self) {
  index.bring_up();
  choose_parts_to_fill(only);
  reserve_parts();
  Filling filling(*this, self, only);
  const bool are_all = visit(index, filling);
  if (are_all && counts_first_ && !class_.request.distinct_instance) {
    take_members(self);
  }
  close(are_all ? nullptr : &filling.reached());
  if (inventory_.window_entries() == 0) {
    while (filling.visits() > kVisitsPerEntry * fill_entries_ && fill_entries_ < kFillEntriesMax) {
      fill_entries_ *= 4;
    }
  }
}

// Behind all instances without tasks of the group.
void Window::take_members(WorkerSlot& self) {
  members_.for_each([&](std::uint32_t slot, const Member& member) {
    if (parts_[member.part].is_wanted) {
      take_record(slot, self);
    }
  });
}

// By what the record says. A part that is met only now waits for the next filling, without which there is no decision.
void Window::take_record(std::uint32_t slot, WorkerSlot& self) {
  const Record* record = inventory_.look(slot, self);
  if (record == nullptr || !checks_.is_candidate(*record)) {
    return;
  }
  Part& part = parts_[part_of(*record)];
  const Entry entry = entry_of(*record);
  if (part.is_wanted && (!part.has_bound || less(part.bound, entry))) {
    collect(part, entry);
  }
}

// While a filling runs entries are in no order.
void Window::collect(Part& part, const Entry& entry) const {
  if (part.has_dropped && !less(entry, part.dropped_from)) {
    return;
  }
  part.heap.push_back(entry);
  if (part.heap.size() > 2 * std::size_t{part_capacity_} + 64) {
    const auto last = part.heap.begin() + static_cast<std::ptrdiff_t>(part_capacity_ - 1);
    std::nth_element(part.heap.begin(), last, part.heap.end(), less);
    part.heap.resize(part_capacity_);
    part.dropped_from = part.heap.back();
    part.has_dropped = true;
  }
}

// `reached`: up to where every candidate was seen; null: all of them.
void Window::close(const Entry* reached) {
  for (Part& part : parts_) {
    if (!part.is_wanted) {
      continue;
    }
    if (part.has_dropped && (reached == nullptr || !less(*reached, part.dropped_from))) {
      part.bound = part.dropped_from;
      part.has_bound = true;
    } else if (reached != nullptr) {
      std::erase_if(part.heap, [&](const Entry& entry) { return less(*reached, entry); });
      part.bound = *reached;
      part.has_bound = true;
    } else {
      part.has_bound = false;
      part.is_complete = true;
    }
    std::make_heap(part.heap.begin(), part.heap.end(), reversed(less));
  }
}

}  // namespace berth::cluster
