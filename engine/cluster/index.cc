#include "engine/cluster/index.h"

#include <algorithm>

#include "engine/cluster/group_count.h"

namespace berth::cluster {
namespace {

using Kind = placement::Strategy::Kind;

std::uint64_t payload_of(std::uint64_t trait_word, std::uint64_t other) {
  return (trait_word & ~AmountTree::kOtherMask) | other;
}

}  // namespace

bool Index::covers(const RequestClass& request_class) {
  if (request_class.ends_in_random || request_class.cluster_members.size() != 0) {
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
  for (; is_there && position_ < position; ++position_) {
    const Ledger::Change change = ledger.change(position_);
    is_there = ledger.reaches_back_to(position_);
    if (is_there) {
      apply(change, self);
    }
  }
  if (!is_there) {
    build(position);
    for (std::size_t group = 0; group < groups_.size(); ++group) {
      count_group(inventory_, group_ids_[group], groups_[group], self);
    }
  }
}

// From the columns, which are at `position` or further: in the latter case nothing can be committed at `position` any more.
void Index::build(std::uint64_t position) {
  const std::uint32_t slots = inventory_.ledger.slot_count();
  ties_.start(slots, position);
  set_sizes_.assign(inventory_.attribute_sets.size(), 0);
  ++set_changes_;
  traits_.assign(slots, 0);
  spill_ties_.assign(inventory_.spill_end() / TieTree::kBlockSlots, ~std::uint64_t{0});
  for (Amounts* amounts : {&by_memory_, &by_cpu_}) {
    amounts->tree.clear();
    amounts->is_built = false;
  }
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    set_slot(slot, inventory_.ledger.fit_word(slot), inventory_.ledger.trait_word(slot));
  }
  position_ = position;
  is_built_ = true;
}

void Index::apply(const Ledger::Change& change, WorkerSlot& self) {
  const Touch touch = change.touch();
  set_slot(touch.slot, change.fit_word, change.trait_word);
  if ((touch.effect & ~static_cast<std::uint32_t>(Effect::kTaken)) != 0) {
    ties_.note_improvement(touch.slot, position_);
  }
  if ((touch.effect & kRegroups) != 0) {
    recount_all(touch.slot, self);
  } else if (touch.group < group_index_.size() && group_index_[touch.group] != kNoId) {
    recount(touch.group, groups_[group_index_[touch.group]], touch.slot, self);
  }
}

void Index::set_slot(std::uint32_t slot, std::uint64_t fit_word, std::uint64_t trait_word) {
  const std::uint64_t traits = trait_word & ~kTagMask;
  const std::uint64_t before = ties_.amounts(slot);
  const std::uint64_t traits_before = traits_[slot];
  // What takes no tasks fits none.
  ties_.set(slot, Traits::in(traits).takes_tasks ? fit_word : 0);
  traits_[slot] = traits;
  if (slot < inventory_.spill_end()) {
    std::uint64_t& least = spill_ties_[slot / TieTree::kBlockSlots];
    least = std::min(least, inventory_.tie_key_of_slot(slot));
  }
  const std::uint64_t after = ties_.amounts(slot);
  if (before == after && traits == traits_before) {
    return;
  }
  if (Traits::in(traits).takes_tasks != Traits::in(traits_before).takes_tasks ||
      Traits::in(traits).attribute_set != Traits::in(traits_before).attribute_set) {
    change_set_size(traits_before, -1);
    change_set_size(traits, 1);
  }
  const FitAmounts old = FitAmounts::in(before);
  const FitAmounts now = FitAmounts::in(after);
  const auto refile = [&](AmountTree& tree, std::uint64_t old_ranked, std::uint64_t ranked, std::uint64_t other) {
    const std::uint64_t old_key = AmountTree::key_of(static_cast<std::uint32_t>(old_ranked), slot);
    const std::uint64_t key = AmountTree::key_of(static_cast<std::uint32_t>(ranked), slot);
    if (before != 0 && after != 0 && old_key == key) {
      tree.replace(key, payload_of(traits, other));
      return;
    }
    if (before != 0) {
      tree.erase(old_key);
    }
    if (after != 0) {
      tree.insert(key, payload_of(traits, other));
    }
  };
  if (by_memory_.is_built) {
    refile(by_memory_.tree, old.memory, now.memory, now.cpu);
  }
  if (by_cpu_.is_built) {
    refile(by_cpu_.tree, old.cpu, now.cpu, now.memory);
  }
}

void Index::change_set_size(std::uint64_t trait_word, std::int32_t by) {
  const Traits traits = Traits::in(trait_word);
  if (!traits.takes_tasks) {
    return;
  }
  if (traits.attribute_set >= set_sizes_.size()) {
    set_sizes_.resize(2 * std::size_t{traits.attribute_set} + 1, 0);
  }
  std::uint32_t& size = set_sizes_[traits.attribute_set];
  set_changes_ += size == 0 || (by < 0 && size == 1) ? 1 : 0;
  size += static_cast<std::uint32_t>(by);
}

void Index::build_amounts(bool by_memory) {
  Amounts& amounts = by_memory ? by_memory_ : by_cpu_;
  amounts.tree.clear();
  amounts.tree.reserve(traits_.size());
  for (std::uint32_t slot = 0; slot < traits_.size(); ++slot) {
    const std::uint64_t word = ties_.amounts(slot);
    if (word != 0) {
      const FitAmounts now = FitAmounts::in(word);
      amounts.tree.insert(AmountTree::key_of(static_cast<std::uint32_t>(by_memory ? now.memory : now.cpu), slot),
                          payload_of(traits_[slot], by_memory ? now.cpu : now.memory));
    }
  }
  amounts.is_built = true;
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
