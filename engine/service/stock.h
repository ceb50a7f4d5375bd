// Stock: what a fleet offers, what of it is in use, and what of the rest no task of the usual mix can use (fragmentation; README.md
// defines it). Kept up to date task by task, in whole numbers.
//
// Thread rule: one thread. Lifetime: owns what it holds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/service/trace.h"
#include "engine/snapshot/snapshot.h"

namespace berth::service {

enum class Resource : std::uint8_t { kCpu = 0, kMemory = 1, kGpu = 2 };
inline constexpr std::size_t kResourceCount = 3;

// CPU units, MiB, GPUs, by Resource.
using Amounts = std::array<std::int64_t, kResourceCount>;

// Sums of amounts times numbers of tasks times milliseconds need more than 64 bits.
__extension__ using WideSum = __int128;
using WideSums = std::array<WideSum, kResourceCount>;

Amounts demand_of(const TraceClass& what);

class Stock {
 public:
  // Of the instances that are ACTIVE. The usual mix are the tasks of the trace, at most kMixMax of their sizes: the most frequent ones.
  Stock(const Snapshot& snapshot, const Trace& trace);
  static constexpr std::size_t kMixMax = 1024;

  void take(std::uint32_t instance, const Amounts& amounts) { change(instance, amounts, -1); }
  void give_back(std::uint32_t instance, const Amounts& amounts) { change(instance, amounts, 1); }

  [[nodiscard]] const Amounts& capacity() const { return capacity_; }
  // Tasks from before included; more than the capacity where instances are overcommitted.
  [[nodiscard]] const Amounts& used() const { return used_; }
  // Amounts that are free where a task does not fit, times the tasks of the mix that do not; divide by mix_tasks().
  [[nodiscard]] const WideSums& fragmented() const { return fragmented_; }
  // Tasks of the mix that demand the resource.
  [[nodiscard]] const Amounts& mix_tasks() const { return mix_tasks_; }
  // Instances with a task on them.
  [[nodiscard]] std::uint32_t instances_in_use() const { return instances_in_use_; }
  [[nodiscard]] std::uint32_t instance_count() const { return instance_count_; }

 private:
  struct Size {
    Amounts demand;
    std::int64_t tasks;
  };
  struct Instance {
    Amounts free{};
    std::uint32_t tasks = 0;
    bool counts = false;  // ACTIVE.
  };

  void take_mix(const Trace& trace);
  void change(std::uint32_t instance, const Amounts& amounts, int sign);
  // What one instance adds to fragmented().
  [[nodiscard]] Amounts share_of(const Instance& instance) const;
  void add_share(const Instance& instance, int sign);

  std::vector<Size> mix_;
  std::vector<Instance> instances_;
  Amounts capacity_{};
  Amounts used_{};
  Amounts mix_tasks_{};
  WideSums fragmented_{};
  std::uint32_t instances_in_use_ = 0;
  std::uint32_t instance_count_ = 0;
};

}  // namespace berth::service
