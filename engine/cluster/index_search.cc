// How an index finds the best instance for a class.

#include <algorithm>
#include <bit>

#include "engine/cluster/index.h"

namespace berth::cluster {
namespace {

using Kind = placement::Strategy::Kind;

// Decisions that a window makes before the index is asked again; each time in vain doubles them.
constexpr std::uint32_t kWindowTurnsMin = 256;
constexpr std::uint32_t kWindowTurnsMax = 1U << 16U;

bool is_saturated(std::uint64_t amounts) {
  const FitAmounts now = FitAmounts::in(amounts);
  return now.cpu == kMostAmounts.cpu || now.memory == kMostAmounts.memory;
}

}  // namespace

bool Index::precedes(const Candidate& a, const Candidate& b) {
  if (b.slot == kNoId || a.amount != b.amount) {
    return b.slot == kNoId || a.amount < b.amount;
  }
  return a.tie_key != b.tie_key ? a.tie_key < b.tie_key : a.slot < b.slot;
}

bool Index::may_be(Search& search, std::uint32_t slot, std::uint64_t trait_word) {
  const Traits traits = Traits::in(trait_word);
  const placement::Demand& demand = search.request_class.request.demand;
  return traits.free_gpus >= demand.gpu_count && (traits.has_spare_eni || !demand.uses_eni) &&
         search.view.wants_set(traits.attribute_set) && (search.passed_over == nullptr || search.passed_over->find(slot) == nullptr);
}

bool Index::is_candidate(Search& search, std::uint32_t slot) {
  search.looks_left -= std::min(search.looks_left, 1U);
  const Record* record = inventory_.look(slot, search.self);
  return record != nullptr && search.view.checks.is_candidate(*record);
}

// --- In the order of tie keys. ---

bool Index::search_block(Search& search, std::uint32_t block) {
  std::uint64_t fitting = search.orders.ties.fitting(block, search.enough);
  if (fitting == 0) {
    search.orders.ties.tighten(block);
    return false;
  }
  const std::uint32_t begin = block * TieTree::kBlockSlots;
  if (is_ascending_[block] != 0) {
    for (std::uint64_t rest = fitting; rest != 0; rest &= rest - 1) {
      const std::uint32_t slot = begin + static_cast<std::uint32_t>(std::countr_zero(rest));
      if (!may_be(search, slot, traits_[slot])) {
        continue;
      }
      const Candidate candidate{slot, 0, inventory_.tie_key_of_slot(slot)};
      if (!precedes(candidate, search.best)) {
        return false;
      }
      if (is_candidate(search, slot)) {
        search.best = candidate;
        return true;
      }
    }
    return false;
  }
  std::uint64_t possible = 0;
  for (std::uint64_t rest = fitting; rest != 0; rest &= rest - 1) {
    const auto at = static_cast<std::uint32_t>(std::countr_zero(rest));
    possible |= std::uint64_t{may_be(search, begin + at, traits_[begin + at])} << at;
  }
  while (possible != 0) {
    Candidate first;
    for (std::uint64_t rest = possible; rest != 0; rest &= rest - 1) {
      const std::uint32_t slot = begin + static_cast<std::uint32_t>(std::countr_zero(rest));
      const Candidate candidate{slot, 0, inventory_.tie_key_of_slot(slot)};
      first = precedes(candidate, first) ? candidate : first;
    }
    if (!precedes(first, search.best)) {
      return false;
    }
    if (is_candidate(search, first.slot)) {
      search.best = first;
      return true;
    }
    possible &= ~(std::uint64_t{1} << (first.slot % TieTree::kBlockSlots));
  }
  return false;
}

// Blocks of buckets ascend in tie keys, so that the first of them with a candidate has the best. What was put into the spill can stand
// anywhere among them.
bool Index::search_by_tie(Search& search) {
  const std::uint32_t spill_blocks = inventory_.spill_end() / TieTree::kBlockSlots;
  TieTree& ties = search.orders.ties;
  const bool keeps = !search.request_class.asks_for_tasks;
  TieTree::Known known;
  if (keeps) {
    constexpr std::uint64_t kEver = ~std::uint64_t{0};
    known = {{ties.block_count(), kEver}, {ties.block_count(), kEver}};
    for (std::size_t part = 0; part < search.view.parts_.size(); ++part) {
      if (search.view.is_next_[part + 1] != 0) {
        known = known.also(search.view.parts_[part].known);
      }
    }
  }
  std::uint32_t block = ties.next_block(spill_blocks, search.enough, known);
  for (; block < ties.block_count(); block = ties.next_block(block + 1, search.enough, known)) {
    if (!keeps && search.looks_left == 0) {
      return false;
    }
    search.looks_left -= std::min(search.looks_left, 1U);
    if (search_block(search, block)) {
      break;
    }
  }
  for (std::size_t part = 0; part < search.view.parts_.size() && keeps; ++part) {
    if (search.view.is_next_[part + 1] != 0) {
      search.view.parts_[part].known.note(block, position_);
    }
  }
  for (block = ties.next_block(0, search.enough, {}); block < spill_blocks; block = ties.next_block(block + 1, search.enough, {})) {
    if (search.best.slot == kNoId || spill_ties_[block] <= search.best.tie_key) {
      search_block(search, block);
    }
  }
  return true;
}

// --- In the order of an amount. ---

bool Index::search_leaf(Search& search, const AmountTree::Leaf& leaf, std::uint64_t least_key, std::uint64_t need_other) {
  bool any_fits = false;
  std::uint64_t possible = 0;
  for (std::uint32_t at = 0; at < leaf.count; ++at) {
    const bool fits = leaf.keys[at] >= least_key && (leaf.payloads[at] & AmountTree::kOtherMask) >= need_other;
    any_fits = any_fits || (leaf.payloads[at] & AmountTree::kOtherMask) >= need_other;
    possible |= std::uint64_t{fits} << at;
  }
  for (std::uint64_t rest = possible; rest != 0; rest &= rest - 1) {
    const auto at = static_cast<std::uint32_t>(std::countr_zero(rest));
    if (!may_be(search, AmountTree::slot_of(leaf.keys[at]), leaf.payloads[at])) {
      possible &= ~(std::uint64_t{1} << at);
    }
  }
  while (possible != 0) {
    Candidate first;
    std::uint32_t first_at = 0;
    for (std::uint64_t rest = possible; rest != 0; rest &= rest - 1) {
      const auto at = static_cast<std::uint32_t>(std::countr_zero(rest));
      const std::uint32_t slot = AmountTree::slot_of(leaf.keys[at]);
      const std::uint32_t amount = AmountTree::amount_of(leaf.keys[at]);
      if (first.slot != kNoId && amount > first.amount) {
        continue;
      }
      const Candidate candidate{slot, amount, inventory_.tie_key_of_slot(slot)};
      if (precedes(candidate, first)) {
        first = candidate;
        first_at = at;
      }
    }
    if (!precedes(first, search.best)) {
      break;
    }
    if (is_candidate(search, first.slot)) {
      search.best = first;
      break;
    }
    possible &= ~(std::uint64_t{1} << first_at);
  }
  return any_fits;
}

bool Index::search_by_amount(Search& search, AmountTree& tree, std::uint64_t need_ranked, std::uint64_t need_other) {
  const std::uint64_t least_key = AmountTree::key_of(static_cast<std::uint32_t>(need_ranked), 0);
  for (AmountTree::Place place = tree.find(least_key); tree.seek(place, need_other); AmountTree::step(place)) {
    if (search.best.slot != kNoId) {
      const std::uint64_t first = tree.first_key(place);
      const std::uint32_t slot = AmountTree::slot_of(first);
      const bool is_in_buckets = slot >= inventory_.spill_end();
      if (AmountTree::amount_of(first) > search.best.amount ||
          (AmountTree::amount_of(first) == search.best.amount && is_in_buckets &&
           (slot - inventory_.spill_end()) / kBucketSlots > inventory_.bucket_of(search.best.tie_key))) {
        return true;
      }
    }
    if (search.looks_left == 0) {
      return false;
    }
    --search.looks_left;
    if (!search_leaf(search, tree.leaf(place), least_key, need_other)) {
      tree.tighten(place);
    }
  }
  return true;
}

// --- By the class's chain. ---

// When every candidate has tasks of the group, those with the fewest are the best.
bool Index::search_members(Search& search, const GroupMembers& group) {
  const RequestClass& wanted = search.request_class;
  const Kind amount = wanted.own_levels.back();
  std::uint32_t fewest = 0;
  group.members().for_each([&](std::uint32_t slot, const GroupMembers::Member& member) {
    if (!search.enough.contains(all_.ties.amounts(slot)) || (search.best.slot != kNoId && member.count > fewest) ||
        !may_be(search, slot, traits_[slot])) {
      return;
    }
    const FitAmounts amounts = FitAmounts::in(all_.ties.amounts(slot));
    const Candidate candidate{slot, amount == Kind::kBinpackCpu ? amounts.cpu : (amount == Kind::kBinpackMemory ? amounts.memory : 0),
                              inventory_.tie_key_of_slot(slot)};
    if (search.best.slot != kNoId && member.count == fewest && !precedes(candidate, search.best)) {
      return;
    }
    if (search.looks_left != 0 && is_candidate(search, slot)) {
      search.best = candidate;
      fewest = member.count;
    }
  });
  return search.looks_left != 0;
}

bool Index::search_parts(Search& search, const GroupMembers* group) {
  const RequestClass& wanted = search.request_class;
  const bool spreads_over_instances = !wanted.own_levels.empty() && wanted.own_levels.front() == Kind::kSpreadInstance;
  search.passed_over = group != nullptr && (spreads_over_instances || wanted.request.distinct_instance) ? &group->members() : nullptr;
  const Kind last = wanted.own_levels.empty() ? Kind::kSpreadInstance : wanted.own_levels.back();
  bool is_done = true;
  if (last == Kind::kBinpackMemory || last == Kind::kBinpackCpu) {
    const bool by_memory = last == Kind::kBinpackMemory;
    Ranked& ranked = by_memory ? search.orders.by_memory : search.orders.by_cpu;
    if (!ranked.is_built) {
      inventory_.note_cold_work();
    }
    search.orders.bring_up(ranked, traits_);
    AmountTree& tree = ranked.tree;
    is_done = by_memory ? search_by_amount(search, tree, wanted.need.memory, wanted.need.cpu)
                        : search_by_amount(search, tree, wanted.need.cpu, wanted.need.memory);
  } else {
    is_done = search_by_tie(search);
  }
  if (is_done && search.best.slot == kNoId && spreads_over_instances && !wanted.request.distinct_instance) {
    search.passed_over = nullptr;
    is_done = search_members(search, *group);
  }
  return is_done;
}

Index::Found Index::best(const RequestClass& request_class, ClassView& view, WorkerSlot& self, std::uint32_t& slot) {
  if (view.window_turns_ != 0) {
    --view.window_turns_;
    return Found::kUnclear;
  }
  const GroupMembers* group = nullptr;
  if (request_class.counts_group) {
    group = &groups_[follow_group(request_class, self)];
  }
  view.meet_sets(set_slots_, set_changes_);
  if (group != nullptr) {
    view.count(*group);
  }
  for (ClassView::Part& part : view.parts_) {
    part.is_tried = false;
  }
  Orders& orders = request_class.request.demand.gpu_count != 0 ? with_gpus_ : all_;
  Search search{orders, request_class, view, self, nullptr, FitRange(request_class.need, kMostAmounts), inventory_.index_looks(), {}};
  while (view.choose_parts()) {
    search.best = {};
    const bool is_done = search_parts(search, group);
    // An amount beyond what a word holds cannot be ranked by it.
    if (!is_done || (search.best.slot != kNoId && !request_class.follows_tie_order && is_saturated(all_.ties.amounts(search.best.slot)))) {
      view.turns_lent_ = std::clamp(2 * view.turns_lent_, kWindowTurnsMin, kWindowTurnsMax);
      view.window_turns_ = view.turns_lent_;
      return Found::kUnclear;
    }
    if (search.best.slot != kNoId) {
      slot = search.best.slot;
      return Found::kSlot;
    }
    for (std::size_t part = 0; part < view.parts_.size(); ++part) {
      view.parts_[part].is_tried = view.parts_[part].is_tried || view.is_next_[part + 1] != 0;
    }
  }
  return Found::kNothing;
}

}  // namespace berth::cluster
