#include "engine/cluster/tasks.h"

#include "engine/snapshot/snapshot.h"

namespace berth::cluster {

TaskTable::TaskTable(std::uint32_t base_count, std::uint32_t capacity)
    : base_count_(base_count),
      capacity_(std::min(capacity, kForkTasksBegin - base_count)),
      segments_((std::size_t{capacity_} + kSegment - 1) / kSegment) {}

TaskTable::~TaskTable() {
  for (std::atomic<Task*>& segment : segments_) {
    delete[] segment.load(std::memory_order_relaxed);
  }
}

std::uint32_t TaskTable::create() {
  const std::uint32_t index = created_.fetch_add(1, std::memory_order_relaxed);
  if (index >= capacity_) {
    created_.fetch_sub(1, std::memory_order_relaxed);
    return kNoId;
  }
  std::atomic<Task*>& segment = segments_[index / kSegment];
  if (segment.load(std::memory_order_acquire) == nullptr) {
    // Several may come here at once: one of their segments stays.
    auto fresh = std::make_unique<Task[]>(kSegment);
    Task* none = nullptr;
    if (segment.compare_exchange_strong(none, fresh.get(), std::memory_order_acq_rel)) {
      static_cast<void>(fresh.release());
    }
  }
  return base_count_ + index;
}

}  // namespace berth::cluster
