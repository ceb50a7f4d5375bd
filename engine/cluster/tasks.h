// TaskTable: the numbers of tasks. A number below base_count() is the snapshot's task of that index; the others are given out here and
// used again after their task is released, each time with the next generation.
//
// Thread rule: create() and recycle() belong to one worker at a time per number; the rest is any thread's while the task is on a record
// that the reader protects. Lifetime: the cluster's.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/snapshot/id_column.h"

namespace berth::cluster {

// Numbers from here on are those of forks (fork.h): the table gives out none of them.
inline constexpr std::uint32_t kForkTasksBegin = 1U << 31U;

// Names a task for as long as it is on its instance; a handle of a released task is answered with kNotFound, also when its number
// was given to another task.
struct TaskHandle {
  std::uint32_t slot = 0;  // Of its instance.
  std::uint32_t task = 0;
  std::uint32_t generation = 0;

  friend bool operator==(const TaskHandle&, const TaskHandle&) = default;
};

class TaskTable {
 public:
  struct Task {
    // 32 hexadecimal digits after the last '/' of its ARN, and GPU slots of the instance that it holds. Written anew when the number is
    // given out again; a reader whose record still stands in its slot afterwards has read what belongs to that record's task.
    std::atomic<std::uint64_t> id_high{0};
    std::atomic<std::uint64_t> id_low{0};
    std::atomic<std::uint64_t> gpu_mask{0};
    [[nodiscard]] IdTail id() const { return {id_high.load(std::memory_order_acquire), id_low.load(std::memory_order_acquire)}; }
    void set_id(IdTail id) {
      id_high.store(id.high, std::memory_order_release);
      id_low.store(id.low, std::memory_order_release);
    }
    std::atomic<std::uint32_t> generation{0};
    // Where it was put last and its group: hints for counting, which the record confirms.
    std::atomic<std::uint32_t> slot{0};
    std::atomic<std::uint32_t> group{0xFFFFFFFFU};
  };

  TaskTable(std::uint32_t base_count, std::uint32_t capacity);
  TaskTable(const TaskTable&) = delete;
  TaskTable& operator=(const TaskTable&) = delete;
  ~TaskTable();

  [[nodiscard]] std::uint32_t base_count() const { return base_count_; }
  // REQUIRES: number >= base_count(), given by create().
  [[nodiscard]] Task& at(std::uint32_t number) {
    const std::uint32_t index = number - base_count_;
    return segments_[index / kSegment].load(std::memory_order_acquire)[index % kSegment];
  }
  // nullptr: given out a moment ago, and not in use yet.
  [[nodiscard]] Task* find(std::uint32_t number) {
    const std::uint32_t index = number - base_count_;
    Task* segment = segments_[index / kSegment].load(std::memory_order_acquire);
    return segment == nullptr ? nullptr : segment + index % kSegment;
  }
  // Starts to bring what is known of the number into the caches; any number may be asked for.
  void prefetch(std::uint32_t number) const {
    const std::uint32_t index = number - base_count_;
    if (number >= base_count_ && index / kSegment < segments_.size()) {
      __builtin_prefetch(segments_[index / kSegment].load(std::memory_order_relaxed) + index % kSegment, 1);
    }
  }
  [[nodiscard]] std::uint32_t generation(std::uint32_t number) {
    return number < base_count_ ? 0 : at(number).generation.load(std::memory_order_acquire);
  }

  // Numbers given out are below this.
  [[nodiscard]] std::uint32_t end() const { return base_count_ + std::min(capacity_, created_.load(std::memory_order_acquire)); }

  // A number that was never used; kNoId when the table is full. May allocate.
  std::uint32_t create();

  // The generation of one fork's tasks: not the same twice within 4,294,967,295 times.
  std::uint32_t take_fork_serial() { return fork_serials_.fetch_add(1, std::memory_order_relaxed) + 1; }

 private:
  static constexpr std::uint32_t kSegment = 4096;
  std::uint32_t base_count_;
  std::uint32_t capacity_;
  std::atomic<std::uint32_t> created_{0};
  std::atomic<std::uint32_t> fork_serials_{0};
  std::vector<std::atomic<Task*>> segments_;
};

}  // namespace berth::cluster
