// Ledger: the records of all slots, the columns that scans read, and the log of changes that puts them in one order.
//
// The log is the truth. A change is committed by the compare-and-swap that puts its record into the log's next free position; the slot's
// record, the columns and the log's own words for readers follow from it and are written by whoever comes first, the worker that
// committed or the next one that wants the tail (README.md, "Publishing").
//
// Thread rule: any number of workers, each with its own WorkerSlot; no lock, no waiting. Lifetime: the cluster's.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/cluster/batch_store.h"
#include "engine/cluster/columns.h"
#include "engine/cluster/huge_pages.h"
#include "engine/cluster/record.h"
#include "engine/cluster/worker_slot.h"

namespace berth::cluster {

// The moments of a change at which a test may stop a thread.
enum class Step : std::uint8_t {
  kSettled = 0,  // The tail is known; nothing is built.
  kBuilt = 1,    // The new record is ready.
  kLogged = 2,   // Committed; no one sees the record yet.
  kRecordPublished = 3,
  kColumnsPublished = 4,
  kPublished = 5,  // The tail has moved on.
  kRetired = 6,
  kHelping = 7,  // About to publish another worker's change.
  kReading = 8,  // Holds a record against recycling.
};
inline constexpr std::size_t kStepCount = 9;

class StepHook {
 public:
  virtual ~StepHook() = default;
  virtual void at(Step step) = 0;
};

class Ledger {
 public:
  // log_capacity: a power of two.
  // Tasks below task_base have numbers that are never used again.
  Ledger(std::uint32_t slot_count, std::uint32_t log_capacity, std::uint32_t task_base, StepHook* hook);

  [[nodiscard]] std::uint32_t slot_count() const { return static_cast<std::uint32_t>(slots_.size()); }

  // What a slot begins with. REQUIRES: before any change.
  void start_record(Record& record);

  [[nodiscard]] std::uint64_t fit_word(std::uint32_t slot) const { return slots_[slot].fit.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t trait_word(std::uint32_t slot) const { return slots_[slot].trait.load(std::memory_order_relaxed); }
  [[nodiscard]] const std::atomic<Record*>& record(std::uint32_t slot) const { return slots_[slot].record; }

  // Of the instance that the slot holds or held last; written before the change by which it comes is committed.
  [[nodiscard]] std::uint64_t tie_key(std::uint32_t slot) const { return slots_[slot].tie_key.load(std::memory_order_relaxed); }
  void set_tie_key(std::uint32_t slot, std::uint64_t tie_key) { slots_[slot].tie_key.store(tie_key, std::memory_order_relaxed); }

  // Start to bring what is known of a slot into the caches: its words, and then the record that they name.
  void prefetch(std::uint32_t slot) const { __builtin_prefetch(&slots_[slot]); }
  void prefetch_record(std::uint32_t slot) const {
    const Record* record = slots_[slot].record.load(std::memory_order_relaxed);
    __builtin_prefetch(record);
    __builtin_prefetch(reinterpret_cast<const char*>(record) + 64);
    __builtin_prefetch(reinterpret_cast<const char*>(record) + 128);
    __builtin_prefetch(reinterpret_cast<const char*>(record) + 192);
  }

  // Changes that are published.
  [[nodiscard]] std::uint64_t published() const { return published_.load(std::memory_order_acquire); }
  // The first position without a change; every change before it is published.
  std::uint64_t settle(WorkerSlot& self);
  // Whether no change has come since settle() returned `position`.
  [[nodiscard]] bool is_settled_at(std::uint64_t position) const;

  // Commits `next` at `position`. False: another change took the position, and nothing happened.
  // REQUIRES: next->previous is the record of its slot as of `position`, protected by the caller, and next's words are set.
  bool commit(std::uint64_t position, Record* next, WorkerSlot& self);

  // A change as readers of the log see it.
  struct Change {
    std::uint64_t fit_word;  // As a slot's, but for the tag, as the next.
    std::uint64_t trait_word;
    std::uint64_t touch_word;
    [[nodiscard]] Touch touch() const { return Touch::in(touch_word); }
  };
  // The change at a published position that reaches_back_to() says is still there.
  [[nodiscard]] Change change(std::uint64_t position) const {
    const Position& entry = at(position);
    return {entry.fit.load(std::memory_order_acquire), entry.trait.load(std::memory_order_acquire),
            entry.touch.load(std::memory_order_acquire)};
  }
  // The record that the change made; it may have been replaced and used again since. As change().
  [[nodiscard]] const Record* record_at(std::uint64_t position) const {
    const std::uint64_t word = at(position).record.load(std::memory_order_seq_cst);
    return reinterpret_cast<const Record*>((word >> kLapBits) << 6U);  // NOLINT(performance-no-int-to-ptr)
  }
  // Whether what was read of the log from `position` on was read before the next lap came there: its words are written only after
  // everything up to them is published.
  [[nodiscard]] bool reaches_back_to(std::uint64_t position) const {
    return published_.load(std::memory_order_acquire) - position < log_capacity();
  }
  [[nodiscard]] std::uint32_t log_capacity() const { return log_mask_ + 1; }

  // --- Comings and goings of instances, numbered by themselves. ---
  // How many there are: all of before the last settled position, perhaps some of after it.
  [[nodiscard]] std::uint64_t roster_changes() const { return roster_changes_.load(std::memory_order_acquire); }
  struct RosterChange {
    std::uint32_t identity;
    bool comes;
  };
  // REQUIRES: number < roster_changes(); roster_reaches_back_to() says afterwards whether it was still there.
  [[nodiscard]] RosterChange roster_change(std::uint64_t number) const {
    const std::uint64_t word = roster_log_[number & roster_mask_].load(std::memory_order_acquire);
    return {static_cast<std::uint32_t>(word), (word >> 32U & 1U) != 0};
  }
  [[nodiscard]] bool roster_reaches_back_to(std::uint64_t number) const { return roster_changes() - number <= roster_mask_; }

  // --- Workers. ---
  // nullptr: all kWorkersMax slots are held.
  WorkerSlot* attach();
  void detach(WorkerSlot& self);
  // Gives a replaced record back once no one looks at it; with it a task's number, or kNoId, or kAllTasks for those of the record.
  void retire(WorkerSlot& self, Record* record, std::uint32_t freed_task);
  [[nodiscard]] std::size_t record_bytes() const;
  // A number that a task had before; kNoId: there is none here, and none that others have too many of.
  std::uint32_t take_freed_task(WorkerSlot& self);

  void step(Step step) {
    if (hook_ != nullptr) {
      hook_->at(step);
    }
  }

 private:
  // What a decision touches of a slot besides its record stands together.
  struct alignas(32) Slot {
    std::atomic<Record*> record{nullptr};
    std::atomic<std::uint64_t> fit{0};
    std::atomic<std::uint64_t> trait{0};
    std::atomic<std::uint64_t> tie_key{0};
  };
  struct alignas(32) Position {
    std::atomic<std::uint64_t> record{0};  // Pointer and lap.
    std::atomic<std::uint64_t> fit{0};
    std::atomic<std::uint64_t> trait{0};
    std::atomic<std::uint64_t> touch{0};
  };
  static constexpr std::size_t kTaskBatch = 64;
  static constexpr unsigned kLapBits = 22;
  static constexpr std::uint64_t kLapMask = (std::uint64_t{1} << kLapBits) - 1;

  [[nodiscard]] std::uint64_t lap(std::uint64_t position) const { return (position >> log_shift_) + 1; }
  [[nodiscard]] Position& at(std::uint64_t position) { return log_[position & log_mask_]; }
  [[nodiscard]] const Position& at(std::uint64_t position) const { return log_[position & log_mask_]; }
  void help(std::uint64_t position, std::uint64_t word, WorkerSlot& self);
  void publish(std::uint64_t position, Record* next);
  void publish_roster(const Record& next);
  void free_tasks_of(const WorkerSlot::Retired& entry, WorkerSlot& self) const;
  void recycle(WorkerSlot& self);
  void give_spare_tasks(WorkerSlot& self);

  StepHook* hook_;
  std::uint32_t log_mask_;
  unsigned log_shift_;
  std::uint32_t task_base_;
  std::uint64_t roster_mask_;
  HugeVector<Slot> slots_;
  HugeVector<Position> log_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> roster_log_;  // Lap (31 bits), whether it comes, identity.
  RecordPool::Store spare_records_;
  BatchStore<std::array<std::uint32_t, kTaskBatch>, 1> spare_tasks_;
  std::unique_ptr<std::array<WorkerSlot, kWorkersMax>> workers_;
  std::atomic<std::uint64_t> roster_changes_{0};
  alignas(64) std::atomic<std::uint64_t> published_{0};  // Positions below are published.
};

}  // namespace berth::cluster
