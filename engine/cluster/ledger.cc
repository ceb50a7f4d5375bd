#include "engine/cluster/ledger.h"

#include <algorithm>
#include <bit>
#include <new>

namespace berth::cluster {
namespace {

// Beyond this many, retired records are looked through; by then most can be recycled.
constexpr std::uint32_t kRetiredMax = 2 * kWorkersMax * kHazards;

// Free numbers of tasks beyond these are handed on: as many as come back at once, so that a worker that goes back and forth needs nobody.
constexpr std::size_t kFreeTasksMax = kRetiredMax;

}  // namespace

Ledger::Ledger(std::uint32_t slot_count, std::uint32_t log_capacity, std::uint32_t task_base, StepHook* hook)
    : hook_(hook),
      log_mask_(log_capacity - 1),
      log_shift_(static_cast<unsigned>(std::countr_zero(log_capacity))),
      task_base_(task_base),
      roster_mask_(log_capacity - 1),
      slots_(slot_count),
      log_(log_capacity),
      roster_log_(std::make_unique<std::atomic<std::uint64_t>[]>(roster_mask_ + 1)),
      workers_(std::make_unique<std::array<WorkerSlot, kWorkersMax>>()) {
  for (WorkerSlot& worker : *workers_) {
    worker.number = static_cast<std::uint32_t>(&worker - workers_->data());
    worker.pool.share(&spare_records_);
  }
}

void Ledger::start_record(Record& record) {
  slots_[record.slot].record.store(&record, std::memory_order_release);
  slots_[record.slot].fit.store(record.fit_word, std::memory_order_relaxed);
  slots_[record.slot].trait.store(record.trait_word, std::memory_order_relaxed);
}

std::uint64_t Ledger::settle(WorkerSlot& self) {
  for (;;) {
    const std::uint64_t position = published_.load(std::memory_order_seq_cst);
    const std::uint64_t word = at(position).record.load(std::memory_order_seq_cst);
    const std::uint64_t word_lap = word & kLapMask;
    if (word_lap == (lap(position) & kLapMask)) {
      help(position, word, self);
    } else if (word_lap == ((lap(position) - 1) & kLapMask)) {
      step(Step::kSettled);
      return position;
    }
    // Otherwise the log went round between the two loads.
  }
}

bool Ledger::is_settled_at(std::uint64_t position) const {
  return (at(position).record.load(std::memory_order_seq_cst) & kLapMask) == ((lap(position) - 1) & kLapMask);
}

void Ledger::help(std::uint64_t position, std::uint64_t word, WorkerSlot& self) {
  // A record's address, which ends in six zeros, shares the word with the lap.
  auto* next = reinterpret_cast<Record*>((word >> kLapBits) << 6U);  // NOLINT(performance-no-int-to-ptr)
  self.publish(Hazard::kHelped, next);
  // Not published yet: `next` is not replaced yet either, so nobody recycles it before seeing the hazard.
  if (published_.load(std::memory_order_seq_cst) == position) {
    self.publish(Hazard::kReplaced, next->previous);
    // The same holds for what it replaces. Protected, it cannot come back as the slot's record, so the swap below cannot be fooled.
    if (published_.load(std::memory_order_seq_cst) == position) {
      step(Step::kHelping);
      publish(position, next);
    }
    self.clear(Hazard::kReplaced);
  }
  self.clear(Hazard::kHelped);
}

void Ledger::publish(std::uint64_t position, Record* next) {
  const std::uint32_t slot = next->slot;
  Record* previous = next->previous;
  slots_[slot].record.compare_exchange_strong(previous, next, std::memory_order_seq_cst);
  publish_roster(*next);
  step(Step::kRecordPublished);

  std::uint64_t old_fit = next->previous_fit_word;
  slots_[slot].fit.compare_exchange_strong(old_fit, next->fit_word, std::memory_order_relaxed);
  std::uint64_t old_trait = next->previous_trait_word;
  slots_[slot].trait.compare_exchange_strong(old_trait, next->trait_word, std::memory_order_relaxed);

  // The log's own words: from those of the last lap, and only from those.
  Position& entry = at(position);
  const std::uint64_t this_lap = lap(position);
  const std::uint64_t own_word = (reinterpret_cast<std::uint64_t>(next) >> 6U) << kLapBits | (this_lap & kLapMask);
  const auto write = [&](std::atomic<std::uint64_t>& word, std::uint64_t tag_mask, std::uint64_t value) {
    std::uint64_t old = word.load(std::memory_order_acquire);
    // The second question is for a thread that slept until the tags came round again.
    if ((old & tag_mask) == ((this_lap - 1) & tag_mask) && entry.record.load(std::memory_order_acquire) == own_word) {
      word.compare_exchange_strong(old, value, std::memory_order_release, std::memory_order_relaxed);
    }
  };
  write(entry.fit, kTagMask, (next->fit_word & ~kTagMask) | (this_lap & kTagMask));
  write(entry.trait, kTagMask, (next->trait_word & ~kTagMask) | (this_lap & kTagMask));
  write(
      entry.touch, kLogTagMask,
      pack_touch({slot, next->touched_group, static_cast<std::uint32_t>(next->effect) | (next->touched_group == kGroupAll ? kRegroups : 0)},
                 this_lap));
  step(Step::kColumnsPublished);

  std::uint64_t expected = position;
  published_.compare_exchange_strong(expected, position + 1, std::memory_order_seq_cst);
}

void Ledger::publish_roster(const Record& next) {
  if (next.roster_change == 0) {
    return;
  }
  std::uint64_t number = roster_changes_.load(std::memory_order_acquire);
  if (static_cast<std::uint32_t>(2 * number + 1) != next.roster_change) {
    return;  // Somebody else has published it.
  }
  constexpr std::uint64_t kRosterLapMask = (std::uint64_t{1} << 31U) - 1;
  const std::uint64_t this_lap = number / (roster_mask_ + 1) + 1;
  std::atomic<std::uint64_t>& place = roster_log_[number & roster_mask_];
  std::uint64_t old = place.load(std::memory_order_acquire);
  if (old >> 33U == ((this_lap - 1) & kRosterLapMask)) {
    const std::uint64_t fresh = (this_lap & kRosterLapMask) << 33U | std::uint64_t{!next.is_gone} << 32U | next.identity;
    place.compare_exchange_strong(old, fresh, std::memory_order_release, std::memory_order_relaxed);
  }
  roster_changes_.compare_exchange_strong(number, number + 1, std::memory_order_seq_cst);
}

bool Ledger::commit(std::uint64_t position, Record* next, WorkerSlot& self) {
  Record* previous = next->previous;
  std::atomic<std::uint64_t>& place = at(position).record;
  std::uint64_t word = place.load(std::memory_order_relaxed);
  if ((word & kLapMask) != ((lap(position) - 1) & kLapMask)) {
    return false;
  }
  const std::uint64_t fresh = (reinterpret_cast<std::uint64_t>(next) >> 6U) << kLapBits | (lap(position) & kLapMask);
  self.publish(Hazard::kHelped, next);
  step(Step::kBuilt);
  if (!place.compare_exchange_strong(word, fresh, std::memory_order_seq_cst)) {
    self.clear(Hazard::kHelped);
    return false;
  }
  step(Step::kLogged);
  publish(position, next);
  step(Step::kPublished);
  self.clear(Hazard::kHelped);
  static_cast<void>(previous);
  return true;
}

WorkerSlot* Ledger::attach() {
  for (WorkerSlot& worker : *workers_) {
    if (!worker.is_held.exchange(true, std::memory_order_acquire)) {
      try {
        worker.retired.reserve(kRetiredMax);
        worker.free_tasks.reserve(std::size_t{4} * kRetiredMax);
      } catch (const std::bad_alloc&) {
        detach(worker);
        throw;
      }
      return &worker;
    }
  }
  return nullptr;
}

void Ledger::detach(WorkerSlot& self) {
  self.is_held.store(false, std::memory_order_release);
}

void Ledger::retire(WorkerSlot& self, Record* record, std::uint32_t freed_task) {
  self.retired.push_back({record, freed_task});
  if (self.retired.size() >= kRetiredMax) {
    recycle(self);
  }
  step(Step::kRetired);
}

void Ledger::free_tasks_of(const WorkerSlot::Retired& entry, WorkerSlot& self) const {
  if (entry.freed_task == kAllTasks) {
    for (const LiveTask& task : entry.record->tasks()) {
      if (task.task < task_base_) {
        continue;
      }
      try {
        self.free_tasks.push_back(task.task);
      } catch (const std::bad_alloc&) {
        return;  // The numbers are lost; but nothing fails behind a commit.
      }
    }
  } else if (entry.freed_task != kNoId) {
    self.free_tasks.push_back(entry.freed_task);
  }
}

void Ledger::recycle(WorkerSlot& self) {
  std::size_t seen = 0;
  for (const WorkerSlot& worker : *workers_) {
    for (const std::atomic<const Record*>& hazard : worker.hazards) {
      if (const Record* record = hazard.load(std::memory_order_seq_cst); record != nullptr) {
        self.hazards_seen[seen++] = record;
      }
    }
  }
  const auto begin = self.hazards_seen.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(seen);
  std::sort(begin, end);
  std::size_t kept = 0;
  for (const WorkerSlot::Retired& entry : self.retired) {
    if (std::binary_search(begin, end, entry.record)) {
      self.retired[kept++] = entry;
      continue;
    }
    free_tasks_of(entry, self);
    self.pool.free(entry.record);
  }
  self.retired.resize(kept);
  give_spare_tasks(self);
}

void Ledger::give_spare_tasks(WorkerSlot& self) {
  std::array<std::uint32_t, kTaskBatch> batch;
  while (self.free_tasks.size() >= kFreeTasksMax + kTaskBatch) {
    const auto begin = self.free_tasks.end() - static_cast<std::ptrdiff_t>(kTaskBatch);
    std::copy(begin, self.free_tasks.end(), batch.begin());
    if (!spare_tasks_.give(0, batch)) {
      return;
    }
    self.free_tasks.erase(begin, self.free_tasks.end());
  }
}

std::uint32_t Ledger::take_freed_task(WorkerSlot& self) {
  if (self.free_tasks.empty()) {
    std::array<std::uint32_t, kTaskBatch> batch;
    if (!spare_tasks_.take(0, batch)) {
      return kNoId;
    }
    self.free_tasks.assign(batch.begin(), batch.end());
  }
  const std::uint32_t task = self.free_tasks.back();
  self.free_tasks.pop_back();
  return task;
}

std::size_t Ledger::record_bytes() const {
  std::size_t bytes = 0;
  for (const WorkerSlot& worker : *workers_) {
    bytes += worker.pool.bytes();
  }
  return bytes;
}

}  // namespace berth::cluster
