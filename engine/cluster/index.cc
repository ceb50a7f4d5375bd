#include "engine/cluster/index.h"

#include <algorithm>
#include <bit>

namespace berth::cluster {
namespace {

// Changes that the orders put off at most while nobody asks for them: as many as make their misses come together, and few enough that
// whoever asks next need not catch up with more than these.
constexpr std::uint64_t kBehindMax = 64;

// Entries of a leaf that a visit may meet for nothing before it has the leaf cleaned.
constexpr std::size_t kStaleMost = 8;

}  // namespace

Index::Index(Inventory& inventory) : inventory_(inventory), feed_(inventory.ledger.log_capacity() / 2) {}

void Index::catch_up(std::uint64_t position) {
  feed_.catch_up(inventory_.ledger, position);
  if (is_built_ && position_ < feed_.begin()) {
    is_built_ = false;  // Whoever asks next has it built anew.
  }
  if (is_built_ && position - position_ >= kBehindMax) {
    bring_up();
  }
}

void Index::bring_up() {
  if (!is_built_ || position_ < feed_.begin()) {
    build();
    return;
  }
  while (position_ < feed_.end()) {
    const std::uint64_t end = std::min(feed_.end(), position_ + kBehindMax);
    prefetch(position_, end);
    for (; position_ < end; ++position_) {
      const Ledger::Change change = feed_.change(position_);
      set_slot(change.touch().slot, change.fit_word, change.trait_word);
    }
  }
}

// From the columns, which are at the feed's end or further: in the latter case nothing can be committed at that position any more.
void Index::build() {
  inventory_.note_cold_work();
  const std::uint32_t slots = inventory_.ledger.slot_count();
  for (Orders* orders : {&all_, &with_gpus_}) {
    orders->ties.start(slots);
    orders->by_memory.clear();
    orders->by_cpu.clear();
  }
  set_slots_.start(slots, inventory_.attribute_sets.size());
  spill_.assign(inventory_.spill_end() / TieTree::kBlockSlots, {});
  spill_blocks_.reserve(spill_.size());
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    set_slot(slot, inventory_.ledger.fit_word(slot), inventory_.ledger.trait_word(slot));
  }
  position_ = feed_.end();
  is_built_ = true;
}

// What the changes will touch is far apart in memory: it is on its way while they are made.
void Index::prefetch(std::uint64_t begin, std::uint64_t end) const {
  for (std::uint64_t at = begin; at < end; ++at) {
    all_.ties.prefetch(feed_.change(at).touch().slot);
  }
}

void Index::Orders::set(std::uint32_t slot, const TieTree::Cell& cell) {
  if (ties.cell(slot) == cell) {
    return;
  }
  ties.set(slot, cell);
  if (cell.amounts != 0) {
    by_memory.note(slot);
    by_cpu.note(slot);
  }
}

void Index::set_slot(std::uint32_t slot, std::uint64_t fit_word, std::uint64_t trait_word) {
  const Traits now = Traits::in(trait_word);
  const Traits before = Traits::in(all_.ties.cell(slot).traits);
  if (slot < inventory_.spill_end() && now.takes_tasks) {
    const std::uint64_t tie_key = inventory_.tie_key_of_slot(slot);
    TieRange& range = spill_[slot / TieTree::kBlockSlots];
    range = {std::min(range.least, tie_key), std::max(range.most, tie_key)};
  }
  if (now.takes_tasks != before.takes_tasks || now.attribute_set != before.attribute_set) {
    change_set(slot, before, now);
  }
  // What takes no tasks fits none.
  const TieTree::Cell cell{now.takes_tasks ? fit_word & ~kTagMask : 0, trait_word & ~kTagMask};
  all_.set(slot, cell);
  if (before.free_gpus != 0 || now.free_gpus != 0) {
    with_gpus_.set(slot, now.free_gpus != 0 ? cell : TieTree::Cell{0, cell.traits});
  }
}

void Index::change_set(std::uint32_t slot, const Traits& before, const Traits& now) {
  if (before.takes_tasks) {
    set_slots_.remove(slot, before.attribute_set);
  }
  if (now.takes_tasks) {
    set_slots_.add(slot, now.attribute_set);
  }
}

// --- Visits. ---

bool Index::is_wanted(const Wanted& wanted, std::uint64_t trait_word) {
  const Traits traits = Traits::in(trait_word);
  return traits.free_gpus >= wanted.gpu_count && (traits.has_spare_eni || !wanted.uses_eni) && traits.attribute_set < wanted.sets.size() &&
         wanted.sets[traits.attribute_set] != 0;
}

void Index::visit_block(const Wanted& wanted, TieTree& ties, std::uint32_t block, Visitor& visitor) {
  const std::uint64_t fitting = ties.fitting(block, FitRange(wanted.need, kMostAmounts));
  if (fitting == 0) {
    ties.tighten(block);
    return;
  }
  std::array<Seen, TieTree::kBlockSlots> seen;
  std::size_t count = 0;
  for (std::uint64_t rest = fitting; rest != 0; rest &= rest - 1) {
    const std::uint32_t slot = block * TieTree::kBlockSlots + static_cast<std::uint32_t>(std::countr_zero(rest));
    const TieTree::Cell& cell = ties.cell(slot);
    if (is_wanted(wanted, cell.traits)) {
      seen[count++] = {slot, cell.amounts, cell.traits};
    }
  }
  visitor.take({seen.data(), count});
}

void Index::choose_spill(const FitRange& enough, const TieTree& ties, std::uint64_t first_tie_key) {
  spill_blocks_.clear();
  for (std::uint32_t block = ties.next_block(0, enough); block < spill_.size(); block = ties.next_block(block + 1, enough)) {
    if (spill_[block].most >= first_tie_key) {
      spill_blocks_.push_back(block);
    }
  }
  std::sort(spill_blocks_.begin(), spill_blocks_.end(),
            [&](std::uint32_t a, std::uint32_t b) { return spill_[a].least > spill_[b].least; });
}

bool Index::visit_by_tie(const Wanted& wanted, std::uint32_t first_bucket, Visitor& visitor) {
  static_assert(kBucketSlots == TieTree::kBlockSlots);
  TieTree& ties = orders_of(wanted).ties;
  const FitRange enough(wanted.need, kMostAmounts);
  const std::uint32_t buckets_begin = static_cast<std::uint32_t>(spill_.size());
  choose_spill(enough, ties, inventory_.first_tie_key(first_bucket));
  const auto visit_spill_before = [&](std::uint64_t tie_key) {
    for (; !spill_blocks_.empty() && spill_[spill_blocks_.back()].least < tie_key; spill_blocks_.pop_back()) {
      visit_block(wanted, ties, spill_blocks_.back(), visitor);
    }
  };
  for (std::uint32_t block = ties.next_block(buckets_begin + first_bucket, enough); block < ties.block_count();
       block = ties.next_block(block + 1, enough)) {
    const std::uint64_t frontier = inventory_.first_tie_key(block - buckets_begin);
    visit_spill_before(frontier);
    if (visitor.is_done({0, frontier})) {
      return false;
    }
    visit_block(wanted, ties, block, visitor);
  }
  for (; !spill_blocks_.empty(); spill_blocks_.pop_back()) {
    visit_block(wanted, ties, spill_blocks_.back(), visitor);
  }
  return true;
}

bool Index::visit_by_memory(const Wanted& wanted, const Frontier& begin, Visitor& visitor) {
  return visit_by_amount(wanted, begin, true, visitor);
}

bool Index::visit_by_cpu(const Wanted& wanted, const Frontier& begin, Visitor& visitor) {
  return visit_by_amount(wanted, begin, false, visitor);
}

void Index::visit_leaf(const Wanted& wanted, AmountTree& tree, const AmountTree::Place& place, std::uint64_t least_key, bool by_memory,
                       Visitor& visitor) {
  const std::uint64_t need_other = by_memory ? wanted.need.cpu : wanted.need.memory;
  const AmountTree::Leaf& leaf = tree.leaf(place);
  std::array<const AmountTree::Entry*, AmountTree::kLeafEntries> possible;
  std::size_t possible_count = 0;
  bool any_fits = false;
  for (std::uint32_t at = 0; at < leaf.count; ++at) {
    const AmountTree::Entry& entry = leaf.entries[at];
    const bool fits = (entry.payload & AmountTree::kOtherMask) >= need_other;
    any_fits = any_fits || fits;
    if (fits && entry.key >= least_key && is_wanted(wanted, entry.payload)) {
      tree.prefetch(entry);
      possible[possible_count++] = &entry;
    }
  }
  std::array<Seen, AmountTree::kLeafEntries> seen;
  std::size_t count = 0;
  for (std::size_t at = 0; at < possible_count; ++at) {
    const AmountTree::Entry& entry = *possible[at];
    if (tree.is_current(entry)) {
      const std::uint64_t amount = AmountTree::amount_of(entry.key);
      const std::uint64_t other = entry.payload & AmountTree::kOtherMask;
      seen[count++] = {AmountTree::slot_of(entry.key),
                       (by_memory ? other : amount) << kCpuShift | (by_memory ? amount : other) << kMemoryShift, entry.payload};
    }
  }
  visitor.take({seen.data(), count});
  // What a visit met for nothing the next one need not meet.
  if (possible_count - count > kStaleMost || !any_fits) {
    tree.clean(place);
  }
}

bool Index::visit_by_amount(const Wanted& wanted, const Frontier& begin, bool by_memory, Visitor& visitor) {
  Orders& orders = orders_of(wanted);
  AmountTree& tree = by_memory ? orders.by_memory : orders.by_cpu;
  if (!tree.is_built()) {
    inventory_.note_cold_work();
  }
  tree.bring_up();
  const auto amount = static_cast<std::uint32_t>(begin.amount);
  const std::uint64_t least_key = AmountTree::key_of(amount, 0);
  // Of the first amount those in the spill, whatever their tie keys, and then those from a bucket on.
  const std::uint64_t spill_end = AmountTree::key_of(amount, inventory_.spill_end());
  const std::uint64_t resume = AmountTree::key_of(amount, inventory_.bucket_begin(inventory_.bucket_of(begin.tie_key)));
  const std::uint64_t need_other = by_memory ? wanted.need.cpu : wanted.need.memory;
  AmountTree::Place place = tree.find(least_key);
  for (bool is_first = true; tree.seek(place, need_other); AmountTree::step(place), is_first = false) {
    if (const std::uint64_t first_key = tree.first_key(place); first_key > spill_end && first_key < resume) {
      place = tree.find(resume);
      if (!tree.seek(place, need_other)) {
        break;
      }
    }
    const std::uint64_t first_key = std::max(tree.first_key(place), least_key);
    const std::uint32_t first_slot = AmountTree::slot_of(first_key);
    const std::uint64_t tie_key =
        first_slot < inventory_.spill_end() ? 0 : inventory_.first_tie_key((first_slot - inventory_.spill_end()) / kBucketSlots);
    if (!is_first && visitor.is_done({AmountTree::amount_of(first_key), tie_key})) {
      return false;
    }
    visit_leaf(wanted, tree, place, least_key, by_memory, visitor);
  }
  return true;
}

void Index::visit_sets(const Wanted& wanted, Visitor& visitor) {
  const FitRange enough(wanted.need, kMostAmounts);
  std::array<Seen, kSeenMost> seen;
  for (std::uint32_t set = 0; set < wanted.sets.size(); ++set) {
    if (wanted.sets[set] == 0) {
      continue;
    }
    const std::span<const std::uint32_t> slots = set_slots_.of(set);
    for (std::size_t begin = 0; begin < slots.size(); begin += seen.size()) {
      const auto some = slots.subspan(begin, std::min(seen.size(), slots.size() - begin));
      for (const std::uint32_t slot : some) {
        all_.ties.prefetch(slot);
      }
      std::size_t count = 0;
      for (const std::uint32_t slot : some) {
        if (const TieTree::Cell& cell = all_.ties.cell(slot); enough.contains(cell.amounts) && is_wanted(wanted, cell.traits)) {
          seen[count++] = {slot, cell.amounts, cell.traits};
        }
      }
      visitor.take({seen.data(), count});
    }
  }
}

}  // namespace berth::cluster
