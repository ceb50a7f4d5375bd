// DrawPool: all candidates of a class in id order, for draws that have to rank them: those of the snapshot's instances as bits, those that
// came later as a list.
//
// Thread rule: one thread at a time. Lifetime: a plain container.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/base/bitset.h"
#include "engine/cluster/candidate_pool.h"
#include "engine/cluster/id_list.h"
#include "engine/cluster/inventory.h"
#include "engine/cluster/slot_map.h"

namespace berth::cluster {

class DrawPool {
 public:
  // Empties it.
  void start(std::uint32_t base_count, std::uint32_t slot_count) {
    base_.start(base_count);
    if (slots_.size() != slot_count) {
      slots_ = Bitset(slot_count);
    }
    std::fill(slots_.words().begin(), slots_.words().end(), 0);
    later_.clear();
    later_in_slot_.clear();
  }
  [[nodiscard]] std::uint32_t count() const { return base_.count() + later_.size(); }
  // Whether the instance in the slot is here; asked of memory that fits into a cache.
  [[nodiscard]] bool holds(std::uint32_t slot) const { return slots_.test(slot); }

  // What the slot holds now: the instance, if that is a candidate, or kNoId.
  void put(const Inventory& inventory, std::uint32_t slot, std::uint32_t candidate) {
    slots_.assign(slot, candidate != kNoId);
    if (const std::uint32_t base = inventory.base_identity(slot); base != kNoId) {
      base_.assign(base, candidate == base);
    }
    const std::uint32_t wanted = candidate != kNoId && !inventory.is_base(candidate) ? candidate : kNoId;
    const std::uint32_t* known = later_in_slot_.find(slot);
    const std::uint32_t held = known == nullptr ? kNoId : *known;
    if (held == wanted) {
      return;
    }
    const auto precedes = [&](std::uint32_t a, std::uint32_t b) { return inventory.precedes(a, b); };
    if (held != kNoId) {
      later_.erase(held, precedes);
      later_in_slot_.erase(slot);
    }
    if (wanted != kNoId) {
      later_.insert(wanted, precedes);
      later_in_slot_.put(slot, wanted);
    }
  }

  // The instance in the slot, if it is here, or kNoId: what put() would be told to leave it as it is.
  [[nodiscard]] std::uint32_t held_in(const Inventory& inventory, std::uint32_t slot) const {
    if (const std::uint32_t base = inventory.base_identity(slot); base != kNoId && base_.contains(base)) {
      return base;
    }
    const std::uint32_t* later = later_in_slot_.find(slot);
    return later == nullptr ? kNoId : *later;
  }

  // The slot of the candidate that `nth` others precede. REQUIRES: nth < count().
  [[nodiscard]] std::uint32_t slot_at(const Inventory& inventory, std::uint32_t nth) const {
    // The first later one that at least `nth` candidates precede.
    std::uint32_t begin = 0;
    std::uint32_t end = later_.size();
    while (begin < end) {
      const std::uint32_t middle = begin + (end - begin) / 2;
      if (place_of_later(inventory, middle) < nth) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    const bool is_later = begin < later_.size() && place_of_later(inventory, begin) == nth;
    return inventory.slot_of(is_later ? later_.at(begin) : base_.at(nth - begin));
  }

  // Calls visit(slot) for every candidate in id order.
  template <typename Visit>
  void for_each_slot(const Inventory& inventory, const Visit& visit) const {
    std::uint32_t next = 0;
    base_.for_each([&](std::uint32_t base) {
      for (; next < later_.size() && inventory.precedes(later_.at(next), base); ++next) {
        visit(inventory.slot_of(later_.at(next)));
      }
      visit(inventory.slot_of(base));
    });
    for (; next < later_.size(); ++next) {
      visit(inventory.slot_of(later_.at(next)));
    }
  }

 private:
  // How many candidates precede the later one of that rank among the later ones.
  [[nodiscard]] std::uint32_t place_of_later(const Inventory& inventory, std::uint32_t nth) const {
    return nth + base_.count_below(inventory.later(later_.at(nth)).base_rank);
  }

  Bitset slots_;  // Those whose instances are here.
  CandidatePool base_;
  IdList later_;
  SlotMap<std::uint32_t> later_in_slot_;  // By slot, the instance that later_ has of it.
};

}  // namespace berth::cluster
