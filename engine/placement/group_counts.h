// GroupCounts: how many tasks of one group, desired RUNNING, each instance has in the snapshot.
//
// Thread rule: immutable. Lifetime: owns its counts.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/bitset.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement {

class GroupCounts {
 public:
  // No group: every count is 0.
  GroupCounts() = default;
  // Only tasks on the instances of `counted` count: those of the request's cluster.
  GroupCounts(const Snapshot& snapshot, std::string_view group, const Bitset& counted, Executor& executor);

  [[nodiscard]] std::uint32_t of(std::uint32_t instance) const { return counts_.empty() ? 0 : counts_[instance]; }
  // Whether some instance has a task of the group.
  [[nodiscard]] bool any() const { return !counts_.empty(); }
  // Those that do, ascending.
  [[nodiscard]] std::span<const std::uint32_t> instances() const { return instances_; }

 private:
  std::vector<std::uint32_t> counts_;  // By instance; empty when the group has no such task.
  std::vector<std::uint32_t> instances_;
};

}  // namespace berth::placement
