#include "engine/placement/group_counts.h"

#include <atomic>
#include <optional>

#include "engine/placement/blocks.h"

namespace berth::placement {

GroupCounts::GroupCounts(const Snapshot& snapshot, std::string_view group, const Bitset& counted, Executor& executor) {
  const std::optional<std::uint32_t> group_id = snapshot.groups().find(group);
  if (!group_id.has_value()) {
    return;
  }
  const std::span<const TaskShape> shapes = snapshot.task_shapes();
  std::vector<std::uint8_t> is_of_group(shapes.size());
  bool any_shape = false;
  for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
    is_of_group[shape] = shapes[shape].group == *group_id ? 1 : 0;
    any_shape = any_shape || is_of_group[shape] != 0;
  }
  if (!any_shape) {
    return;
  }
  std::vector<std::uint32_t> counts(snapshot.instance_count());
  std::atomic<bool> any_task{false};
  for_each_block(snapshot.instance_count(), executor, [&](std::size_t, BlockRange range) {
    const std::span<const std::uint32_t> task_shape = snapshot.task_shape();
    const std::span<const std::uint8_t> desired = snapshot.task_desired_status();
    bool any_here = false;
    for (std::uint32_t instance = range.begin; instance < range.end; ++instance) {
      if (!counted.test(instance)) {
        continue;
      }
      const Snapshot::TaskRange tasks = snapshot.tasks_of(instance);
      std::uint32_t count = 0;
      for (std::uint32_t task = tasks.begin; task < tasks.end; ++task) {
        const bool counts_here = is_of_group[task_shape[task]] != 0 && desired[task] == static_cast<std::uint8_t>(TaskStatus::kRunning);
        count += counts_here ? 1 : 0;
      }
      counts[instance] = count;
      any_here = any_here || count != 0;
    }
    if (any_here) {
      any_task.store(true, std::memory_order_relaxed);
    }
  });
  if (any_task.load(std::memory_order_relaxed)) {
    counts_ = std::move(counts);
  }
}

}  // namespace berth::placement
