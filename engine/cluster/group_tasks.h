// GroupTasks: where the snapshot's tasks of each group are, so that whoever counts a group goes to its instances alone.
//
// Thread rule: immutable. Lifetime: owns its lists.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/cluster/huge_pages.h"
#include "engine/snapshot/snapshot.h"

namespace berth::cluster {

class Inventory;

class GroupTasks {
 public:
  explicit GroupTasks(const Snapshot& snapshot);

  // Instances with tasks of the group, ascending, each once.
  [[nodiscard]] std::span<const std::uint32_t> instances(std::uint32_t group) const {
    return group + 1 < begins_.size() ? std::span(instances_).subspan(begins_[group], begins_[group + 1] - begins_[group])
                                      : std::span<const std::uint32_t>();
  }

 private:
  std::vector<std::size_t> begins_;  // By group.
  HugeVector<std::uint32_t> instances_;
};

// Calls visit(slot) for every slot whose record may hold tasks of the group, some of them more than once; the record tells.
//
// Thread rule: any worker.
void for_each_slot_of_group(Inventory& inventory, std::uint32_t group, const std::function<void(std::uint32_t)>& visit);

}  // namespace berth::cluster
