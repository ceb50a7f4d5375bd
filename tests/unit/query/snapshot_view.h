// SnapshotView: an instance of a snapshot as an InstanceView. Each kind of fact may come from an instance of its own, so that a test can
// change one kind alone.
//
// Thread rule: immutable; any thread. Lifetime: looks into its snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/query/instance_view.h"
#include "engine/snapshot/snapshot.h"

namespace berth::query::test {

// The instance that each kind of fact is taken from.
struct FactSources {
  std::uint32_t attributes;
  std::uint32_t identity;
  std::uint32_t agent;
  std::uint32_t tasks;
};

class SnapshotView : public InstanceView {
 public:
  SnapshotView(const Snapshot& snapshot, FactSources from);
  SnapshotView(const Snapshot& snapshot, std::uint32_t instance) : SnapshotView(snapshot, {instance, instance, instance, instance}) {}

  [[nodiscard]] Attribute attribute(std::string_view name) const override;
  [[nodiscard]] std::string_view ec2_instance_id() const override { return ec2_instance_id_; }
  [[nodiscard]] std::int64_t registered_at_ms() const override { return snapshot_->registered_at_ms()[from_.identity]; }
  [[nodiscard]] std::string_view agent_version() const override;
  [[nodiscard]] bool agent_connected() const override { return snapshot_->agent_connected()[from_.agent] != 0; }
  [[nodiscard]] std::uint32_t running_tasks_count() const override { return snapshot_->running_tasks_count()[from_.tasks]; }
  [[nodiscard]] bool any_task_group(Policy::GroupTasks tasks, TextPredicate holds) const override;

 private:
  const Snapshot* snapshot_;
  FactSources from_;
  std::string ec2_instance_id_;
};

}  // namespace berth::query::test
