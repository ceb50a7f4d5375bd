#include "engine/cluster/live_copy.h"

#include <algorithm>

namespace berth::cluster {
namespace {

constexpr int kAttemptsMax = 4;
// When so few changes have come since the last pass, the log is followed one by one.
constexpr std::uint64_t kFewChanges = 256;
constexpr int kPassesMax = 64;
// How far the log is followed one by one, in rounds of it.
constexpr std::uint64_t kFollowRounds = 4;
// Slots between two questions whether to stop.
constexpr std::uint32_t kSlotsPerPoll = 1024;

}  // namespace

std::optional<std::uint64_t> LiveCopy::take() {
  for (int attempt = 0; attempt < kAttemptsMax && !is_out_of_memory_ && stopped_ == StatusCode::kOk; ++attempt) {
    if (const auto position = try_once(); position.has_value() && !is_out_of_memory_) {
      return position;
    }
  }
  return std::nullopt;
}

bool LiveCopy::is_stopped() {
  stopped_ = stop_ == nullptr ? StatusCode::kOk : stop_->poll();
  return stopped_ != StatusCode::kOk;
}

// Copies what the slot holds; returns the record, which stays protected, or null.
const Record* LiveCopy::copy(std::uint32_t slot) {
  Slot& place = slots_[slot];
  const std::atomic<Record*>& held = inventory_.ledger.record(slot);
  for (;;) {
    const Record* record = self_.protect(Hazard::kLook, held);
    place.after = 0;
    if (record == nullptr) {
      return nullptr;
    }
    if (place.record != nullptr) {
      pool_.free(place.record);
    }
    place.record = pool_.allocate(record->wide_count, record->task_count);
    if (place.record == nullptr) {
      is_out_of_memory_ = true;
      return nullptr;
    }
    const std::uint16_t size_class = place.record->size_class;
    *place.record = *record;
    place.record->size_class = size_class;
    std::copy(record->wide_values().begin(), record->wide_values().end(), place.record->wide_values().begin());
    std::copy(record->tasks().begin(), record->tasks().end(), place.record->tasks().begin());
    place.names.clear();
    for (const LiveTask& task : record->tasks()) {
      place.names.push_back({});
      if (task.task >= inventory_.tasks.base_count()) {
        const TaskTable::Task& entry = inventory_.tasks.at(task.task);
        place.names.back() = {entry.id(), entry.gpu_mask.load(std::memory_order_acquire)};
      }
    }
    // A number is given to another task only after its task has left the slot's record: this one still stands, so the names were right.
    if (held.load(std::memory_order_seq_cst) == record) {
      return record;
    }
  }
}

// Copies the slots that changed in [begin, end) again. False: the log went round.
bool LiveCopy::copy_changed(std::uint64_t begin, std::uint64_t end) {
  std::vector<std::uint32_t> changed;
  for (std::uint64_t position = begin; position < end; ++position) {
    changed.push_back(inventory_.ledger.change(position).touch().slot);
  }
  if (!inventory_.ledger.reaches_back_to(begin)) {
    return false;
  }
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (const std::uint32_t slot : changed) {
    copy(slot);
  }
  return true;
}

// Copies the slot that the change at `position` names, and finds out which change the copy is of. False: the log went round.
bool LiveCopy::copy_exactly(std::uint32_t slot, std::uint64_t position) {
  const Record* record = copy(slot);
  // It is protected, so that no other change can have the same address.
  std::uint64_t at = inventory_.ledger.settle(self_);
  while (at > position && inventory_.ledger.record_at(at - 1) != record) {
    --at;
  }
  if (!inventory_.ledger.reaches_back_to(position) || at == position) {
    return false;
  }
  slots_[slot].after = at;
  ahead_ += at > position + 1 ? 1 : 0;
  return true;
}

// Every copy is of a moment between `begin` and `least`, or exact.
std::optional<std::uint64_t> LiveCopy::follow(std::uint64_t begin, std::uint64_t least) {
  const Ledger& ledger = inventory_.ledger;
  const std::uint64_t last = least + kFollowRounds * ledger.log_capacity();
  ahead_ = 0;
  for (std::uint64_t position = begin;; ++position) {
    if (position >= least && ahead_ == 0) {
      return position;
    }
    if (position >= last || position >= inventory_.ledger.settle(self_)) {
      return std::nullopt;
    }
    const std::uint32_t slot = ledger.change(position).touch().slot;
    if (!ledger.reaches_back_to(position)) {
      return std::nullopt;
    }
    const std::uint64_t after = slots_[slot].after;
    if (after == position + 1) {
      --ahead_;
    } else if (after < position + 1 && !copy_exactly(slot, position)) {
      return std::nullopt;
    }
  }
}

std::optional<std::uint64_t> LiveCopy::try_once() {
  std::uint64_t begin = inventory_.ledger.settle(self_);
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    if (slot % kSlotsPerPoll == 0 && is_stopped()) {
      return std::nullopt;
    }
    copy(slot);
  }
  for (int pass = 0; pass < kPassesMax; ++pass) {
    const std::uint64_t end = inventory_.ledger.settle(self_);
    if (end - begin <= kFewChanges || pass + 1 == kPassesMax) {
      return follow(begin, end);
    }
    if (is_stopped() || !copy_changed(begin, end)) {
      return std::nullopt;
    }
    begin = end;
  }
  return std::nullopt;
}

}  // namespace berth::cluster
