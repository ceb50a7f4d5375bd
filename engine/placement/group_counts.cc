#include "engine/placement/group_counts.h"

#include <algorithm>
#include <optional>

#include "engine/placement/blocks.h"

namespace berth::placement {
namespace {

// The shapes of one group: usually few, with numbers close to each other.
struct GroupShapes {
  std::uint32_t first = 0;
  std::uint32_t last = 0;  // Of the group too; every shape of the group is within.
  std::vector<std::uint8_t> is_of_group;

  [[nodiscard]] bool may_hold(std::uint32_t shape) const { return shape - first <= last - first; }
};

// nullopt: it has none.
std::optional<GroupShapes> shapes_of(const Snapshot& snapshot, std::uint32_t group) {
  const std::span<const TaskShape> shapes = snapshot.task_shapes();
  GroupShapes found;
  found.is_of_group.resize(shapes.size());
  bool any = false;
  for (std::uint32_t shape = 0; shape < shapes.size(); ++shape) {
    if (shapes[shape].group == group) {
      found.is_of_group[shape] = 1;
      found.first = any ? found.first : shape;
      found.last = shape;
      any = true;
    }
  }
  return any ? std::optional(std::move(found)) : std::nullopt;
}

struct Counted {
  std::uint32_t instance;
  std::uint32_t count;
};

// The tasks of a range of instances that count, by instance. Most tasks are of other groups, so that many are looked at together.
void count_tasks(const Snapshot& snapshot, const GroupShapes& shapes, const Bitset& counted, BlockRange instances,
                 std::vector<Counted>& found) {
  constexpr std::uint32_t kTogether = 32;
  const std::span<const std::uint32_t> task_shape = snapshot.task_shape();
  const std::span<const std::uint8_t> desired = snapshot.task_desired_status();
  std::uint32_t task = snapshot.tasks_of(instances.begin).begin;
  const std::uint32_t end = snapshot.tasks_of(instances.end - 1).end;
  std::uint32_t instance = instances.begin;
  const auto look_at = [&](std::uint32_t at) {
    if (shapes.is_of_group[task_shape[at]] == 0 || desired[at] != static_cast<std::uint8_t>(TaskStatus::kRunning)) {
      return;
    }
    while (snapshot.tasks_of(instance).end <= at) {
      ++instance;
    }
    if (!counted.test(instance)) {
      return;
    }
    if (found.empty() || found.back().instance != instance) {
      found.push_back({instance, 0});
    }
    ++found.back().count;
  };
  for (; end - task >= kTogether; task += kTogether) {
    bool any = false;
    for (std::uint32_t offset = 0; offset < kTogether; ++offset) {
      any |= shapes.may_hold(task_shape[task + offset]);
    }
    for (std::uint32_t offset = 0; any && offset < kTogether; ++offset) {
      look_at(task + offset);
    }
  }
  for (; task < end; ++task) {
    look_at(task);
  }
}

}  // namespace

GroupCounts::GroupCounts(const Snapshot& snapshot, std::string_view group, const Bitset& counted, Executor& executor) {
  const std::optional<std::uint32_t> group_id = snapshot.groups().find(group);
  const std::optional<GroupShapes> shapes = group_id.has_value() ? shapes_of(snapshot, *group_id) : std::nullopt;
  if (!shapes.has_value()) {
    return;
  }
  std::vector<std::vector<Counted>> found(block_count(snapshot.instance_count()));
  for_each_block(snapshot.instance_count(), executor,
                 [&](std::size_t block, BlockRange range) { count_tasks(snapshot, *shapes, counted, range, found[block]); });
  for (const std::vector<Counted>& block : found) {
    for (const Counted& here : block) {
      if (counts_.empty()) {
        counts_.resize(snapshot.instance_count());
      }
      counts_[here.instance] = here.count;
      instances_.push_back(here.instance);
    }
  }
}

}  // namespace berth::placement
