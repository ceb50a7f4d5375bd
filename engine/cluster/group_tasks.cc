#include "engine/cluster/group_tasks.h"

#include <algorithm>

#include "engine/cluster/inventory.h"

namespace berth::cluster {
namespace {

// Slots that are fetched ahead, and records.
constexpr std::size_t kSlotsAhead = 32;
constexpr std::size_t kRecordsAhead = 16;

}  // namespace

GroupTasks::GroupTasks(const Snapshot& snapshot) : begins_(std::size_t{snapshot.groups().size()} + 1, 0) {
  const std::span<const TaskShape> shapes = snapshot.task_shapes();
  const std::span<const std::uint32_t> task_shape = snapshot.task_shape();
  // Calls visit(group, instance) for each pair once. An instance has few tasks.
  const auto for_each = [&](const auto& visit) {
    std::vector<std::uint32_t> groups;
    for (std::uint32_t instance = 0; instance < snapshot.instance_count(); ++instance) {
      const Snapshot::TaskRange range = snapshot.tasks_of(instance);
      groups.clear();
      for (std::uint32_t task = range.begin; task < range.end; ++task) {
        const std::uint32_t group = shapes[task_shape[task]].group;
        if (std::find(groups.begin(), groups.end(), group) == groups.end()) {
          groups.push_back(group);
          visit(group, instance);
        }
      }
    }
  };
  for_each([&](std::uint32_t group, std::uint32_t) { ++begins_[group + 1]; });
  for (std::size_t group = 1; group < begins_.size(); ++group) {
    begins_[group] += begins_[group - 1];
  }
  instances_.resize(begins_.back());
  std::vector<std::size_t> next(begins_);
  for_each([&](std::uint32_t group, std::uint32_t instance) { instances_[next[group]++] = instance; });
}

void for_each_slot_of_group(Inventory& inventory, std::uint32_t group, const std::function<void(std::uint32_t)>& visit) {
  const std::span<const std::uint32_t> instances = inventory.group_tasks().instances(group);
  const auto slot_ahead = [&](std::size_t at) { return inventory.slot_of_base(instances[at]); };
  for (std::size_t at = 0; at < instances.size(); ++at) {
    if (at + kSlotsAhead < instances.size()) {
      inventory.ledger.prefetch(slot_ahead(at + kSlotsAhead));
    }
    if (at + kRecordsAhead < instances.size()) {
      inventory.ledger.prefetch_record(slot_ahead(at + kRecordsAhead));
    }
    visit(inventory.slot_of_base(instances[at]));
  }
  const std::uint32_t end = inventory.tasks.end();
  for (std::uint32_t task = inventory.tasks.base_count(); task < end; ++task) {
    const TaskTable::Task* entry = inventory.tasks.find(task);
    if (entry != nullptr && entry->group.load(std::memory_order_relaxed) == group) {
      visit(entry->slot.load(std::memory_order_relaxed));
    }
  }
}

}  // namespace berth::cluster
