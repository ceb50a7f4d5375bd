#include "engine/cluster/roster.h"

#include <algorithm>
#include <vector>

namespace berth::cluster {

void Roster::catch_up(Inventory& inventory, WorkerSlot& self) {
  const Ledger& ledger = inventory.ledger;
  for (;;) {
    const std::uint64_t end = ledger.roster_changes();
    if (seen_ == end) {
      return;
    }
    if (!is_listed_ || !ledger.roster_reaches_back_to(seen_)) {
      seen_ = end;
      list_all(inventory, self);
    }
    const auto precedes = [&](std::uint32_t a, std::uint32_t b) { return inventory.precedes(a, b); };
    for (; seen_ < end; ++seen_) {
      const Ledger::RosterChange change = ledger.roster_change(seen_);
      if (!ledger.roster_reaches_back_to(seen_)) {
        break;
      }
      if (change.comes) {
        list_.insert(change.identity, precedes);
      } else {
        list_.erase(change.identity, precedes);
      }
    }
    size_ = list_.size();
  }
}

// Each instance as it is at its own moment, none before `seen_`: what came or went meanwhile is put right by the log, because to insert
// or erase twice changes nothing.
void Roster::list_all(Inventory& inventory, WorkerSlot& self) {
  is_listed_ = true;
  list_.clear();
  const auto is_there = [&](std::uint32_t identity) {
    const Record* record = inventory.look(inventory.slot_of(identity), self);
    return record != nullptr && !record->is_gone && record->identity == identity;
  };
  std::vector<std::uint32_t> later;
  const std::uint32_t base_count = inventory.base_count();
  for (std::uint32_t identity = base_count; identity < inventory.identity_count(); ++identity) {
    if (is_there(identity)) {
      later.push_back(identity);
    }
  }
  std::sort(later.begin(), later.end(), [&](std::uint32_t a, std::uint32_t b) { return inventory.precedes(a, b); });
  auto next = later.begin();
  for (std::uint32_t rank = 0; rank < base_count; ++rank) {
    for (; next != later.end() && inventory.precedes(*next, rank); ++next) {
      list_.append(*next);
    }
    if (inventory.has_record(rank) ? is_there(rank) : true) {
      list_.append(rank);
    }
  }
  for (; next != later.end(); ++next) {
    list_.append(*next);
  }
  size_ = list_.size();
}

}  // namespace berth::cluster
