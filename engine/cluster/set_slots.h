// SetSlots: the slots of every attribute set, in no order: who wants few of the sets need not go through all slots.
//
// Thread rule: one thread at a time. Lifetime: a plain container.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace berth::cluster {

class SetSlots {
 public:
  void start(std::uint32_t slot_count, std::uint32_t set_count) {
    slots_.assign(set_count, {});
    places_.assign(slot_count, 0);
  }
  // REQUIRES: the slot is in no set.
  void add(std::uint32_t slot, std::uint32_t set) {
    if (set >= slots_.size()) {
      slots_.resize(2 * std::size_t{set} + 1);
    }
    places_[slot] = static_cast<std::uint32_t>(slots_[set].size());
    slots_[set].push_back(slot);
  }
  // REQUIRES: the slot is in the set.
  void remove(std::uint32_t slot, std::uint32_t set) {
    std::vector<std::uint32_t>& slots = slots_[set];
    slots[places_[slot]] = slots.back();
    places_[slots.back()] = places_[slot];
    slots.pop_back();
  }
  [[nodiscard]] std::span<const std::uint32_t> of(std::uint32_t set) const {
    return set < slots_.size() ? std::span<const std::uint32_t>(slots_[set]) : std::span<const std::uint32_t>();
  }

 private:
  std::vector<std::vector<std::uint32_t>> slots_;  // By set.
  std::vector<std::uint32_t> places_;              // By slot: where it stands among those of its set.
};

}  // namespace berth::cluster
