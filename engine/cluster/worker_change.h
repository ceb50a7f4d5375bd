// Worker::change(), by which every change of one instance is committed; for the files that implement Worker.
//
// Thread rule: Worker's. Lifetime: the call.
#pragma once

#include <utility>

#include "engine/cluster/cluster.h"

namespace berth::cluster {

// `build` makes the next record out of the current one, or returns a status and no record when there is nothing to change.
template <typename Build>
StatusCode Worker::change(std::uint32_t slot, const Expected& expected, const Build& build) {
  committed_at_.reset();
  if (slot >= inventory_->ledger.slot_count()) {
    return StatusCode::kNotFound;
  }
  inventory_->ledger.prefetch(slot);
  for (;;) {
    std::uint64_t position = inventory_->ledger.settle(*self_);
    const Record* current = inventory_->look(slot, *self_);
    if (current == nullptr || current->is_gone) {
      return StatusCode::kNotFound;
    }
    if (expected.identity != kNoId && current->identity != expected.identity) {
      return StatusCode::kNotFound;
    }
    if (expected.version.has_value() && current->version != *expected.version) {
      version_found_ = current->version;
      return StatusCode::kConflict;
    }
    std::uint32_t freed_task = kNoId;
    const std::pair<StatusCode, Record*> built = build(*current, freed_task);
    if (built.second == nullptr) {
      return built.first;
    }
    finish(*built.second, *current);
    Record* previous = built.second->previous;
    // A position that another change took is no reason to build anew while the instance is the same, whose record is protected. Comings
    // and goings carry their number among those, which may be taken as well.
    do {
      if (inventory_->ledger.commit(position, built.second, *self_)) {
        committed_at_ = position;
        inventory_->ledger.retire(*self_, previous, freed_task);
        return StatusCode::kOk;
      }
      position = inventory_->ledger.settle(*self_);
    } while (built.second->roster_change == 0 && inventory_->ledger.record(slot).load(std::memory_order_seq_cst) == previous);
    self_->pool.free(built.second);
  }
}

}  // namespace berth::cluster
