#include "engine/cluster/group_count.h"

#include <algorithm>

namespace berth::cluster {

GroupMembers::Member member_on(const Record& record, std::uint32_t group) {
  return {record.is_gone ? 0 : Inventory::count_of(record, group), record.attribute_set, record.identity};
}

void count_group(Inventory& inventory, std::uint32_t group, GroupMembers& members, WorkerSlot& self) {
  members.clear();
  const auto count_slot = [&](std::uint32_t slot) {
    if (const Record* record = inventory.look(slot, self); record != nullptr) {
      members.set(slot, member_on(*record, group));
    }
  };
  const Snapshot& base = inventory.base();
  const std::span<const TaskShape> shapes = base.task_shapes();
  std::vector<bool> is_of_group(shapes.size());
  bool any_shape = false;
  for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
    is_of_group[shape] = shapes[shape].group == group;
    any_shape = any_shape || is_of_group[shape];
  }
  const std::span<const std::uint32_t> task_shape = base.task_shape();
  for (std::uint32_t instance = 0; any_shape && instance < base.instance_count(); ++instance) {
    const Snapshot::TaskRange range = base.tasks_of(instance);
    if (std::any_of(task_shape.begin() + range.begin, task_shape.begin() + range.end,
                    [&](std::uint32_t shape) { return is_of_group[shape]; })) {
      count_slot(inventory.slot_of_base(instance));
    }
  }
  const std::uint32_t end = inventory.tasks.end();
  for (std::uint32_t task = inventory.tasks.base_count(); task < end; ++task) {
    const TaskTable::Task* entry = inventory.tasks.find(task);
    if (entry != nullptr && entry->group.load(std::memory_order_relaxed) == group) {
      count_slot(entry->slot.load(std::memory_order_relaxed));
    }
  }
}

}  // namespace berth::cluster
