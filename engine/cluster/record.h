// Record: all that is true of one instance at one moment, its tasks included. A record never changes once it is published; a change is
// a new record in its place. Decisions are committed on records, everything else about an instance is derived from them.
//
// Thread rule: written by the worker that builds it, immutable once published. Lifetime: RecordPool's; a reader protects it first
// (worker.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/snapshot/snapshot.h"
#include "engine/snapshot/states.h"

namespace berth::cluster {

// Bits of a start time: enough until the year 6429.
inline constexpr std::int64_t kStartedMask = (std::int64_t{1} << 47U) - 1;

// One task on an instance.
struct LiveTask {
  std::int64_t started_at_ms : 48;  // Unix milliseconds; 0: not started.
  TaskStatus last_status : 4;
  TaskStatus desired_status : 4;
  HealthStatus health : 4;
  bool is_protected : 1;
  std::uint64_t protected_until_ms;  // 0: no expiry; meaningful when is_protected.
  std::uint32_t task;                // Number of the task (tasks.h).
  std::uint32_t shape;               // Of Inventory::shapes.
  std::uint32_t group;               // The shape's.
  std::uint32_t version;             // ECS's, which orders what is told of it; changes that Berth makes do not move it.

  [[nodiscard]] bool counts() const { return desired_status == TaskStatus::kRunning; }
};
static_assert(sizeof(LiveTask) == 32);

// What a change can mean for the counts of groups: nothing, one group's count, or every group on the instance.
inline constexpr std::uint32_t kGroupNone = (1U << 25U) - 1;
inline constexpr std::uint32_t kGroupAll = (1U << 25U) - 2;

// What a change can do to candidates besides the counts of groups; a bit each, so that a window can pass over what it need not see.
enum class Effect : std::uint8_t {
  kTaken = 1,  // A task came: less remains, and expressions over tasks may answer otherwise.
  kTold = 2,   // Only the states of tasks changed.
  kOther = 4,  // Anything else.
};

struct alignas(64) Record {
  Record* previous;       // What it replaced, or null: for whoever helps to publish it. While it is free: the next free one.
  std::uint64_t version;  // ECS's, which orders events; counted on by every change that Berth makes.
  std::uint64_t fit_word;
  std::uint64_t trait_word;  // Its words in the columns (columns.h).
  std::uint64_t previous_fit_word;
  std::uint64_t previous_trait_word;  // The words that they replace.
  std::uint64_t gpu_free;             // Bit per GPU slot of the instance.
  std::int32_t cpu_remaining;
  std::int32_t memory_remaining;
  std::int32_t cpu_registered;
  std::int32_t memory_registered;
  std::uint32_t slot;
  std::uint32_t identity;  // Of Inventory: which instance the slot holds.
  std::uint32_t attribute_set;
  std::uint32_t agent_version;      // Of texts, or kNoId.
  std::uint32_t capacity_provider;  // Of texts, or kNoId.
  std::uint32_t running_tasks;
  std::uint32_t pending_tasks;
  std::uint32_t changes;        // Since the cluster was made; tags the columns' words.
  std::uint32_t touched_group;  // kGroupNone, kGroupAll, or the group whose count changed.
  std::uint32_t task_count;
  std::uint32_t roster_change;  // 0, or of a change by which the instance came or went: twice its number among those, plus one.
  std::uint16_t eni_used;
  std::uint16_t eni_limit;
  std::uint16_t size_class;  // Of RecordPool.
  std::uint16_t wide_count;
  InstanceStatus status;
  Effect effect;  // Of the change that made the record.
  bool agent_connected;
  bool is_gone;  // Deregistered: the slot may be taken by another instance.

  // The values of the wide attributes and behind them what remains of each own resource (Inventory::own_remaining()), then the tasks,
  // follow in the same allocation. wide_count counts both of the former.
  [[nodiscard]] std::span<const std::uint32_t> wide_values() const {
    return {reinterpret_cast<const std::uint32_t*>(this + 1), wide_count};
  }
  [[nodiscard]] std::span<std::uint32_t> wide_values() { return {reinterpret_cast<std::uint32_t*>(this + 1), wide_count}; }
  [[nodiscard]] std::span<const LiveTask> tasks() const {
    return {reinterpret_cast<const LiveTask*>(reinterpret_cast<const std::byte*>(this + 1) + wide_bytes(wide_count)), task_count};
  }
  [[nodiscard]] std::span<LiveTask> tasks() {
    return {reinterpret_cast<LiveTask*>(reinterpret_cast<std::byte*>(this + 1) + wide_bytes(wide_count)), task_count};
  }

  static std::size_t wide_bytes(std::size_t count) { return (count * sizeof(std::uint32_t) + 7) / 8 * 8; }
  static std::size_t bytes(std::size_t wide_count, std::size_t task_count) {
    return sizeof(Record) + wide_bytes(wide_count) + task_count * sizeof(LiveTask);
  }
};

}  // namespace berth::cluster
