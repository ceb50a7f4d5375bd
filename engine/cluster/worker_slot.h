// WorkerSlot: what one worker thread keeps for its dealings with a cluster: hazard pointers, which stop others from recycling a record
// that it reads; the pool of records; and the records that it replaced and has yet to recycle.
//
// Reading a record: protect() publishes the pointer and reads it again; while it stands in the slot nobody recycles it. Recycling:
// retire() collects what was replaced and frees what stands in nobody's slot, so that a thread that is stopped keeps at most kHazards
// records from being used again.
//
// Thread rule: hazards are read by all, the rest belongs to the thread that holds the slot. Lifetime: the cluster's.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/cluster/record.h"
#include "engine/cluster/record_pool.h"

namespace berth::cluster {

inline constexpr std::uint32_t kWorkersMax = 64;
// Of one worker: a record that it looks at, a record that it helps to publish, and the one which that replaces.
inline constexpr std::uint32_t kHazards = 3;
enum class Hazard : std::uint32_t { kLook = 0, kHelped = 1, kReplaced = 2 };

// Of WorkerSlot::Retired: every task of the record.
inline constexpr std::uint32_t kAllTasks = kNoId - 1;

struct alignas(64) WorkerSlot {
  std::array<std::atomic<const Record*>, kHazards> hazards{};
  std::atomic<bool> is_held{false};
  std::uint32_t number = 0;  // Its own among the slots.

  RecordPool pool;
  struct Retired {
    Record* record;
    std::uint32_t freed_task;  // The task that was released with it, or kNoId, or kAllTasks.
  };
  // Apart from the records, which others may still be reading.
  std::vector<Retired> retired;
  std::vector<std::uint32_t> free_tasks;  // Numbers that new tasks may take.
  std::array<const Record*, std::size_t{kWorkersMax} * kHazards> hazards_seen{};

  void publish(Hazard hazard, const Record* record) { hazards[static_cast<std::size_t>(hazard)].store(record, std::memory_order_seq_cst); }
  void clear(Hazard hazard) { hazards[static_cast<std::size_t>(hazard)].store(nullptr, std::memory_order_release); }

  // The record that `place` holds, protected; null when it holds none.
  const Record* protect(Hazard hazard, const std::atomic<Record*>& place) {
    const Record* record = place.load(std::memory_order_acquire);
    for (;;) {
      publish(hazard, record);
      const Record* again = place.load(std::memory_order_seq_cst);
      if (again == record) {
        return record;
      }
      record = again;
    }
  }
};

}  // namespace berth::cluster
