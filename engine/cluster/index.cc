#include "engine/cluster/index.h"

#include <algorithm>

#include "engine/cluster/group_count.h"

namespace berth::cluster {
namespace {

using Kind = placement::Strategy::Kind;

// Changes that an order by amount puts off at most.
constexpr std::size_t kPendingMax = 256;

struct RankedAmounts {
  std::uint32_t ranked;
  std::uint64_t other;
};
RankedAmounts amounts_of(std::uint64_t fit_word, bool is_by_memory) {
  const FitAmounts amounts = FitAmounts::in(fit_word);
  return is_by_memory ? RankedAmounts{static_cast<std::uint32_t>(amounts.memory), amounts.cpu}
                      : RankedAmounts{static_cast<std::uint32_t>(amounts.cpu), amounts.memory};
}

// Changes whose memory is fetched ahead.
constexpr std::uint64_t kPrefetchMost = 16;

std::uint64_t payload_of(std::uint64_t trait_word, std::uint64_t other) {
  return (trait_word & ~AmountTree::kOtherMask) | other;
}

}  // namespace

bool Index::covers(const RequestClass& request_class) {
  if (request_class.ends_in_random) {
    return false;
  }
  std::size_t own = 0;
  std::size_t amounts = 0;
  for (const RequestClass::Level& level : request_class.levels) {
    if (level.kind == Kind::kSpreadAttribute) {
      if (own != 0 || request_class.group_levels[level.slot].wide.has_value()) {
        return false;
      }
      continue;
    }
    // Tasks on the instance first, then one amount.
    amounts += level.kind == Kind::kSpreadInstance ? 0 : 1;
    if (level.kind == Kind::kSpreadInstance ? own != 0 : amounts > 1) {
      return false;
    }
    ++own;
  }
  return true;
}

void Index::catch_up(std::uint64_t position, WorkerSlot& self) {
  const Ledger& ledger = inventory_.ledger;
  bool is_there = is_built_ && position - position_ < ledger.log_capacity() / 2;
  if (is_there) {
    prefetch(position);
  }
  for (; is_there && position_ < position; ++position_) {
    const Ledger::Change change = ledger.change(position_);
    is_there = ledger.reaches_back_to(position_);
    if (is_there) {
      apply(change, self);
    }
  }
  if (!is_there) {
    inventory_.note_cold_work();
    build(position);
    for (std::size_t group = 0; group < groups_.size(); ++group) {
      count_group(inventory_, group_ids_[group], groups_[group], self);
    }
  }
}

// From the columns, which are at `position` or further: in the latter case nothing can be committed at `position` any more.
void Index::build(std::uint64_t position) {
  const std::uint32_t slots = inventory_.ledger.slot_count();
  is_built_ = false;
  for (Orders* orders : {&all_, &with_gpus_}) {
    orders->ties.start(slots, position);
    orders->by_memory.is_built = orders->by_cpu.is_built = false;
  }
  set_slots_.start(slots, inventory_.attribute_sets.size());
  ++set_changes_;
  traits_.assign(slots, 0);
  spill_ties_.assign(inventory_.spill_end() / TieTree::kBlockSlots, ~std::uint64_t{0});
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    set_slot(slot, inventory_.ledger.fit_word(slot), inventory_.ledger.trait_word(slot));
  }
  is_ascending_.assign(all_.ties.block_count(), 0);
  for (std::uint32_t block = 0; block < all_.ties.block_count(); ++block) {
    note_order(block);
  }
  position_ = position;
  is_built_ = true;
}

// What the changes will touch is far apart in memory: it is on its way while they are made.
void Index::prefetch(std::uint64_t position) const {
  const std::uint64_t end = std::min(position, position_ + kPrefetchMost);
  for (std::uint64_t at = position_; at < end; ++at) {
    const std::uint32_t slot = inventory_.ledger.change(at).touch().slot;
    all_.ties.prefetch(slot);
    __builtin_prefetch(traits_.data() + slot);
  }
}

void Index::apply(const Ledger::Change& change, WorkerSlot& self) {
  const Touch touch = change.touch();
  set_slot(touch.slot, change.fit_word, change.trait_word);
  if ((touch.effect & ~static_cast<std::uint32_t>(Effect::kTaken)) != 0) {
    all_.ties.note_improvement(touch.slot, position_);
    with_gpus_.ties.note_improvement(touch.slot, position_);
  }
  if ((touch.effect & kRegroups) != 0) {
    recount_all(touch.slot, self);
  } else if (touch.group < group_index_.size() && group_index_[touch.group] != kNoId) {
    recount(touch.group, groups_[group_index_[touch.group]], touch.slot, self);
  }
}

void Index::Orders::set(std::uint32_t slot, std::uint64_t fit_word, const std::vector<std::uint64_t>& traits) {
  const bool was_there = ties.amounts(slot) != 0;
  ties.set(slot, fit_word);
  if (!was_there && ties.amounts(slot) == 0) {
    return;
  }
  for (Ranked* ranked : {&by_memory, &by_cpu}) {
    if (ranked->is_built) {
      ranked->pending.push_back(slot);
      if (ranked->pending.size() == kPendingMax) {
        bring_up(*ranked, traits);
      }
    }
  }
}

void Index::Orders::build(Ranked& ranked, const std::vector<std::uint64_t>& traits) const {
  std::size_t size = 0;
  for (std::uint32_t slot = 0; slot < traits.size(); ++slot) {
    size += ties.amounts(slot) != 0 ? 1U : 0U;
  }
  ranked.tree.clear();
  ranked.tree.reserve(size + size / 4);
  ranked.filed.assign(traits.size(), kNoId);
  ranked.pending.clear();
  ranked.pending.reserve(kPendingMax);
  for (std::uint32_t slot = 0; slot < traits.size(); ++slot) {
    if (const std::uint64_t word = ties.amounts(slot); word != 0) {
      const RankedAmounts now = amounts_of(word, ranked.is_by_memory);
      ranked.tree.insert(AmountTree::key_of(now.ranked, slot), payload_of(traits[slot], now.other));
      ranked.filed[slot] = now.ranked;
    }
  }
  ranked.is_built = true;
}

void Index::Orders::bring_up(Ranked& ranked, const std::vector<std::uint64_t>& traits) const {
  if (!ranked.is_built) {
    build(ranked, traits);
    return;
  }
  // Each pass asks for the memory that the next one needs.
  for (const std::uint32_t slot : ranked.pending) {
    __builtin_prefetch(&ranked.filed[slot]);
    ties.prefetch(slot);
    __builtin_prefetch(&traits[slot]);
  }
  for (const bool leaves : {false, true}) {
    for (const std::uint32_t slot : ranked.pending) {
      for (const std::uint32_t amount : {ranked.filed[slot], amounts_of(ties.amounts(slot), ranked.is_by_memory).ranked}) {
        const std::uint64_t key = AmountTree::key_of(amount, slot);
        leaves ? ranked.tree.prefetch_leaf(key) : ranked.tree.prefetch_chunk(key);
      }
    }
  }
  for (const std::uint32_t slot : ranked.pending) {
    const std::uint64_t word = ties.amounts(slot);
    const RankedAmounts now = amounts_of(word, ranked.is_by_memory);
    std::uint32_t& filed = ranked.filed[slot];
    const std::uint64_t key = AmountTree::key_of(now.ranked, slot);
    const std::uint64_t payload = payload_of(traits[slot], now.other);
    if (word != 0 && filed == now.ranked) {
      ranked.tree.replace(key, payload);
      continue;
    }
    if (filed != kNoId) {
      ranked.tree.erase(AmountTree::key_of(filed, slot));
    }
    if (word != 0) {
      ranked.tree.insert(key, payload);
    }
    filed = word != 0 ? now.ranked : kNoId;
  }
  ranked.pending.clear();
}

void Index::set_slot(std::uint32_t slot, std::uint64_t fit_word, std::uint64_t trait_word) {
  const Traits now = Traits::in(trait_word);
  const Traits before = Traits::in(traits_[slot]);
  if (slot < inventory_.spill_end()) {
    std::uint64_t& least = spill_ties_[slot / TieTree::kBlockSlots];
    least = std::min(least, inventory_.tie_key_of_slot(slot));
  }
  const bool arrives = now.takes_tasks && !before.takes_tasks;
  if (now.takes_tasks != before.takes_tasks || now.attribute_set != before.attribute_set) {
    change_set(slot, before, now);
  }
  traits_[slot] = trait_word & ~kTagMask;
  // What takes no tasks fits none.
  all_.set(slot, now.takes_tasks ? fit_word : 0, traits_);
  with_gpus_.set(slot, now.takes_tasks && now.free_gpus != 0 ? fit_word : 0, traits_);
  if (is_built_ && arrives) {
    note_order(slot / TieTree::kBlockSlots);
  }
}

void Index::note_order(std::uint32_t block) {
  std::uint64_t last = 0;
  bool ascends = true;
  for (std::uint32_t slot = block * TieTree::kBlockSlots; slot < std::min<std::size_t>((block + 1) * TieTree::kBlockSlots, traits_.size());
       ++slot) {
    if (Traits::in(traits_[slot]).takes_tasks) {
      const std::uint64_t tie_key = inventory_.tie_key_of_slot(slot);
      ascends = ascends && tie_key > last;
      last = tie_key;
    }
  }
  is_ascending_[block] = ascends ? 1 : 0;
}

void Index::change_set(std::uint32_t slot, const Traits& before, const Traits& now) {
  if (before.takes_tasks) {
    set_slots_.remove(slot, before.attribute_set);
    set_changes_ += set_slots_.of(before.attribute_set).empty() ? 1U : 0U;
  }
  if (now.takes_tasks) {
    set_changes_ += set_slots_.of(now.attribute_set).empty() ? 1U : 0U;
    set_slots_.add(slot, now.attribute_set);
  }
}

// --- Groups. ---

void Index::recount(std::uint32_t group, GroupMembers& members, std::uint32_t slot, WorkerSlot& self) {
  const Record* record = inventory_.look(slot, self);
  members.set(slot, record == nullptr ? GroupMembers::Member{} : member_on(*record, group));
}

// The attributes of the instance changed, or the instance itself.
void Index::recount_all(std::uint32_t slot, WorkerSlot& self) {
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    if (groups_[group].members().find(slot) != nullptr) {
      recount(group_ids_[group], groups_[group], slot, self);
    }
  }
  const Record* record = inventory_.look(slot, self);
  if (record == nullptr) {
    return;
  }
  for (const LiveTask& task : record->tasks()) {
    if (task.group < group_index_.size() && group_index_[task.group] != kNoId) {
      groups_[group_index_[task.group]].set(slot, member_on(*record, task.group));
    }
  }
}

std::uint32_t Index::follow_group(const RequestClass& request_class, WorkerSlot& self) {
  if (request_class.group >= group_index_.size()) {
    group_index_.resize(2 * std::size_t{request_class.group} + 1, kNoId);
  }
  std::uint32_t& place = group_index_[request_class.group];
  if (place == kNoId) {
    inventory_.note_cold_work();
    place = static_cast<std::uint32_t>(groups_.size());
    groups_.emplace_back();
    group_ids_.push_back(request_class.group);
    count_group(inventory_, request_class.group, groups_.back(), self);
  }
  return place;
}

// --- The pool. ---

IndexPool::Lease::Lease(IndexPool& pool, Inventory& inventory, std::uint32_t wanted) : number_(wanted) {
  // There are as many places as workers, and each worker holds at most one.
  while (pool.places_[number_].is_taken.exchange(true, std::memory_order_acquire)) {
    number_ = number_ + 1 < kWorkersMax ? number_ + 1 : 0;
  }
  place_ = &pool.places_[number_];
  if (place_->index == nullptr) {
    place_->index = std::make_unique<Index>(inventory);
  }
}

}  // namespace berth::cluster
