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
  for (Orders* orders : {&all_, &with_gpus_}) {
    orders->ties.start(slots, position);
    orders->has_memory = orders->has_cpu = false;
  }
  set_sizes_.assign(inventory_.attribute_sets.size(), 0);
  ++set_changes_;
  traits_.assign(slots, 0);
  spill_ties_.assign(inventory_.spill_end() / TieTree::kBlockSlots, ~std::uint64_t{0});
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
    all_.ties.note_improvement(touch.slot, position_);
    with_gpus_.ties.note_improvement(touch.slot, position_);
  }
  if ((touch.effect & kRegroups) != 0) {
    recount_all(touch.slot, self);
  } else if (touch.group < group_index_.size() && group_index_[touch.group] != kNoId) {
    recount(touch.group, groups_[group_index_[touch.group]], touch.slot, self);
  }
}

void Index::Orders::set(std::uint32_t slot, std::uint64_t fit_word, std::uint64_t traits) {
  const std::uint64_t before = ties.amounts(slot);
  ties.set(slot, fit_word);
  const std::uint64_t after = ties.amounts(slot);
  if (before == 0 && after == 0) {
    return;
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
  if (has_memory) {
    refile(by_memory, old.memory, now.memory, now.cpu);
  }
  if (has_cpu) {
    refile(by_cpu, old.cpu, now.cpu, now.memory);
  }
}

AmountTree& Index::Orders::tree(bool is_by_memory, const std::vector<std::uint64_t>& traits) {
  AmountTree& tree = is_by_memory ? by_memory : by_cpu;
  bool& is_built = is_by_memory ? has_memory : has_cpu;
  if (is_built) {
    return tree;
  }
  std::size_t size = 0;
  for (std::uint32_t slot = 0; slot < traits.size(); ++slot) {
    size += ties.amounts(slot) != 0 ? 1U : 0U;
  }
  tree.clear();
  tree.reserve(size + size / 4);
  for (std::uint32_t slot = 0; slot < traits.size(); ++slot) {
    if (const std::uint64_t word = ties.amounts(slot); word != 0) {
      const FitAmounts now = FitAmounts::in(word);
      tree.insert(AmountTree::key_of(static_cast<std::uint32_t>(is_by_memory ? now.memory : now.cpu), slot),
                  payload_of(traits[slot], is_by_memory ? now.cpu : now.memory));
    }
  }
  is_built = true;
  return tree;
}

void Index::set_slot(std::uint32_t slot, std::uint64_t fit_word, std::uint64_t trait_word) {
  const Traits now = Traits::in(trait_word);
  const Traits before = Traits::in(traits_[slot]);
  if (slot < inventory_.spill_end()) {
    std::uint64_t& least = spill_ties_[slot / TieTree::kBlockSlots];
    least = std::min(least, inventory_.tie_key_of_slot(slot));
  }
  if (now.takes_tasks != before.takes_tasks || now.attribute_set != before.attribute_set) {
    change_set_size(before, -1);
    change_set_size(now, 1);
  }
  traits_[slot] = trait_word & ~kTagMask;
  // What takes no tasks fits none.
  all_.set(slot, now.takes_tasks ? fit_word : 0, traits_[slot]);
  with_gpus_.set(slot, now.takes_tasks && now.free_gpus != 0 ? fit_word : 0, traits_[slot]);
}

void Index::change_set_size(const Traits& traits, std::int32_t by) {
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
