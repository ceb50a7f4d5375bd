// LiveCopy: all records of a cluster as they are at one position of its log, copied while others go on changing them.
//
// Records are copied at their own moments; then the log is followed from the position at which that began. A slot that a change names is
// copied again, and the log tells at which position the new copy stands, often a little ahead of where the reader is. As soon as no copy
// is ahead of the reader, all are of its position: nobody has to pause for that.
//
// Thread rule: one thread, with its WorkerSlot; others go on. Lifetime: at most that of the inventory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/stop_signal.h"
#include "engine/cluster/inventory.h"

namespace berth::cluster {

class LiveCopy {
 public:
  // `stop` may be null: nothing ends it early.
  LiveCopy(Inventory& inventory, WorkerSlot& self, const StopSignal* stop = nullptr)
      : inventory_(inventory), self_(self), stop_(stop), slots_(inventory.ledger.slot_count()) {}

  // Copies; returns the position. nullopt: it was stopped, or several times the log went round before the copies were of one position.
  std::optional<std::uint64_t> take();

  // What `stop` said to end it; kOk: nothing.
  [[nodiscard]] StatusCode stopped() const { return stopped_; }
  [[nodiscard]] bool is_out_of_memory() const { return is_out_of_memory_; }

  // What tells tasks apart and is not in the record: of tasks that the snapshot does not have.
  struct TaskName {
    IdTail id{0, 0};
    std::uint64_t gpu_mask = 0;
  };
  struct Slot {
    Record* record = nullptr;     // Null: no instance was ever in the slot.
    std::vector<TaskName> names;  // By the record's tasks.
    std::uint64_t after = 0;      // One more than the position of the change that made the record, or 0: not known.
  };
  [[nodiscard]] const Slot& at(std::uint32_t slot) const { return slots_[slot]; }

 private:
  std::optional<std::uint64_t> try_once();
  bool is_stopped();
  const Record* copy(std::uint32_t slot);
  bool copy_changed(std::uint64_t begin, std::uint64_t end);
  bool copy_exactly(std::uint32_t slot, std::uint64_t position);
  std::optional<std::uint64_t> follow(std::uint64_t begin, std::uint64_t least);

  Inventory& inventory_;
  WorkerSlot& self_;
  const StopSignal* stop_;
  StatusCode stopped_ = StatusCode::kOk;
  RecordPool pool_;
  std::vector<Slot> slots_;
  bool is_out_of_memory_ = false;
  std::uint64_t ahead_ = 0;  // Copies of changes that the reader has not come to yet.
};

}  // namespace berth::cluster
