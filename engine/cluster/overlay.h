// Overlay: the instances that a fork changed, each with a record of the fork's own. Searches of the cluster's indexes and windows pass over
// their slots, and look at these records instead.
//
// A copied record has the cluster's tasks, whose numbers the cluster may meanwhile give to others: what stands beside a number there
// (generation, GPUs) is kept here.
//
// Thread rule: one thread at a time. Lifetime: the fork's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/hash.h"
#include "engine/cluster/fork_memory.h"
#include "engine/cluster/inventory.h"
#include "engine/cluster/record.h"
#include "engine/cluster/slot_map.h"

namespace berth::cluster {

class Overlay {
 public:
  // Of one task of a record.
  struct TaskName {
    std::uint64_t gpu_mask;
    std::uint32_t generation;
  };
  struct Entry {
    std::uint64_t fit_word;  // The record's words, which most searches need no more than.
    std::uint64_t trait_word;
    std::uint64_t group_bits;  // group_bit() of every group with counting tasks on the record.
    Record* record;
    TaskName* names;  // By the record's tasks.
    std::uint32_t slot;
    std::uint32_t task_room;  // The record can have so many tasks.
  };

  // A group whose bit an entry does not have has no counting task there; one whose bit it has may have some.
  static constexpr std::uint64_t group_bit(std::uint32_t group) { return std::uint64_t{1} << (mix64(group) & 63U); }

  [[nodiscard]] bool is_empty() const { return entries_.empty(); }
  [[nodiscard]] bool hides(std::uint32_t slot) const { return places_.find(slot) != nullptr; }
  [[nodiscard]] std::span<const Entry> entries() const { return entries_; }
  // nullptr: the fork did not change the instance. Good until the next add(), remove() or clear().
  [[nodiscard]] const Entry* find(std::uint32_t slot) const {
    const std::uint32_t* place = places_.find(slot);
    return place == nullptr ? nullptr : &entries_[*place];
  }
  [[nodiscard]] Entry* find(std::uint32_t slot) {
    const std::uint32_t* place = places_.find(slot);
    return place == nullptr ? nullptr : &entries_[*place];
  }

  // A copy with room for one more task, not in the overlay yet. nullopt: out of memory. REQUIRES: the record is protected. The names are
  // the tasks' if the record still stands in its slot afterwards.
  std::optional<Entry> copy(Inventory& inventory, const Record& record);
  // A copy that is not wanted.
  void drop(const Entry& copy);
  // REQUIRES: nothing of the slot is in the overlay.
  void add(const Entry& copy);
  void remove(std::uint32_t slot);
  void clear();

  // One more task, whose amounts the caller takes. False: out of memory, and nothing happened.
  [[nodiscard]] bool append(Entry& entry, const LiveTask& task, const TaskName& name);
  // Takes the record's task of that index out, whose amounts the caller has given back.
  static void erase(Entry& entry, std::size_t task);
  // After any change of the record.
  static void note_change(Entry& entry);

  // Taken from the system, for records and for finding them.
  [[nodiscard]] std::size_t bytes() const { return memory_.bytes() + entries_.capacity() * sizeof(Entry) + places_.bytes(); }

 private:
  // Of a record and the names behind it.
  static std::size_t bytes_of(const Record& record, std::size_t task_room);
  std::optional<Entry> copy_with_room(const Record& record, std::size_t task_room);

  ForkMemory memory_;
  std::vector<Entry> entries_;
  SlotMap<std::uint32_t> places_;  // By slot: of entries_.
};

// Calls visit(value) for each entry of `by_slot` whose slot the overlay hides, whichever of the two is smaller.
template <typename Value, typename Visit>
void for_each_hidden(const SlotMap<Value>& by_slot, const Overlay& overlay, const Visit& visit) {
  if (by_slot.size() < overlay.entries().size()) {
    by_slot.for_each([&](std::uint32_t slot, const Value& value) {
      if (overlay.hides(slot)) {
        visit(value);
      }
    });
    return;
  }
  for (const Overlay::Entry& entry : overlay.entries()) {
    if (const Value* value = by_slot.find(entry.slot); value != nullptr) {
      visit(*value);
    }
  }
}

}  // namespace berth::cluster
