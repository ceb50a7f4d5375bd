// Roster: which instances are registered, in the order of their ids: what `random` draws from (engine/placement/README.md). While none
// has come or gone since the snapshot, that is the snapshot's own order and costs nothing; from then on a worker that draws keeps a list
// that follows the ledger's log of comings and goings.
//
// Thread rule: one thread at a time. Lifetime: that of the worker.
#pragma once

#include <cstdint>

#include "engine/cluster/id_list.h"
#include "engine/cluster/inventory.h"

namespace berth::cluster {

class Roster {
 public:
  explicit Roster(const Inventory& inventory) : size_(inventory.base_count()) {}

  // Brings it to where the ledger is, or further: a commit at a position that was settled before fails if it is further.
  void catch_up(Inventory& inventory, WorkerSlot& self);
  // Comings and goings that it has seen.
  [[nodiscard]] std::uint64_t changes() const { return seen_; }
  // Instances that are registered.
  [[nodiscard]] std::uint32_t size() const { return size_; }
  // The slot of the instance that `rank` others precede. REQUIRES: rank < size().
  // Starts to bring what slot_at() looks at into the caches, as long as ranks are the snapshot's.
  void prefetch(const Inventory& inventory, std::uint32_t rank) const {
    if (!is_listed_) {
      inventory.prefetch_slot_of_base(rank);
    }
  }
  [[nodiscard]] std::uint32_t slot_at(const Inventory& inventory, std::uint32_t rank) const {
    return inventory.slot_of(is_listed_ ? list_.at(rank) : rank);
  }

 private:
  void list_all(Inventory& inventory, WorkerSlot& self);

  IdList list_;
  std::uint32_t size_;
  bool is_listed_ = false;
  std::uint64_t seen_ = 0;  // Comings and goings that the list knows of.
};

}  // namespace berth::cluster
