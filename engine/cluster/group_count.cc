#include "engine/cluster/group_count.h"

#include <algorithm>
#include <span>
#include <vector>

namespace berth::cluster {

namespace {

std::uint32_t instance_of(const Snapshot& base, std::uint32_t task) {
  std::uint32_t begin = 0;
  std::uint32_t end = base.instance_count();
  while (begin < end) {
    const std::uint32_t middle = begin + (end - begin) / 2;
    if (base.tasks_of(middle).end <= task) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

}  // namespace

void for_each_slot_of_group(Inventory& inventory, std::uint32_t group, const std::function<void(std::uint32_t)>& visit) {
  const Snapshot& base = inventory.base();
  const std::span<const TaskShape> shapes = base.task_shapes();
  std::vector<std::uint8_t> is_of_group(shapes.size());
  bool any_shape = false;
  for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
    is_of_group[shape] = shapes[shape].group == group ? 1 : 0;
    any_shape = any_shape || shapes[shape].group == group;
  }
  const std::span<const std::uint32_t> task_shape = base.task_shape();
  for (std::uint32_t task = 0; any_shape && task < task_shape.size(); ++task) {
    if (is_of_group[task_shape[task]] == 0) {
      continue;
    }
    const std::uint32_t instance = instance_of(base, task);
    visit(inventory.slot_of_base(instance));
    task = base.tasks_of(instance).end - 1;
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
