#include "tests/unit/query/snapshot_view.h"

#include <optional>

namespace berth::query::test {

SnapshotView::SnapshotView(const Snapshot& snapshot, FactSources from)
    : snapshot_(&snapshot), from_(from), ec2_instance_id_(snapshot.ec2_instance_ids().text(from.identity)) {}

InstanceView::Attribute SnapshotView::attribute(std::string_view name) const {
  const std::optional<std::uint32_t> id = snapshot_->attribute_names().find(name);
  const std::uint32_t value = id ? snapshot_->attribute(from_.attributes, *id) : kAttributeAbsent;
  if (value == kAttributeAbsent) {
    return {};
  }
  if (value == kAttributeNameOnly) {
    return {Attribute::Kind::kNameOnly, {}};
  }
  return {Attribute::Kind::kValue, snapshot_->attribute_values().at(value)};
}

std::string_view SnapshotView::agent_version() const {
  const std::uint32_t text = snapshot_->agent_version()[from_.agent];
  return text == kNoId ? std::string_view() : snapshot_->texts().at(text);
}

bool SnapshotView::any_task_group(Policy::GroupTasks tasks, TextPredicate holds) const {
  const std::span<const std::uint8_t> statuses =
      tasks == Policy::GroupTasks::kDesiredRunning ? snapshot_->task_desired_status() : snapshot_->task_last_status();
  const Snapshot::TaskRange range = snapshot_->tasks_of(from_.tasks);
  for (std::uint32_t task = range.begin; task < range.end; ++task) {
    const std::uint32_t group = snapshot_->task_shapes()[snapshot_->task_shape()[task]].group;
    if (statuses[task] == static_cast<std::uint8_t>(TaskStatus::kRunning) && holds(snapshot_->groups().at(group))) {
      return true;
    }
  }
  return false;
}

}  // namespace berth::query::test
