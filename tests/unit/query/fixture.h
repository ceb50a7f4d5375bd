// Plain records of instances and tasks, the snapshots made from them, and the two fixtures of the golden cases.
//
// Thread rule: plain values and pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/snapshot/snapshot.h"
#include "engine/snapshot/states.h"

namespace berth::query::test {

struct PlainTask {
  std::string group;
  TaskStatus last_status = TaskStatus::kRunning;
  TaskStatus desired_status = TaskStatus::kRunning;
};

struct PlainInstance {
  std::string name;
  std::string ec2_instance_id;
  std::string agent_version;
  bool agent_connected = true;
  std::int64_t registered_at_ms = 0;
  std::map<std::string, std::optional<std::string>> attributes;  // nullopt: a name without a value.
  std::vector<PlainTask> tasks;

  // Tasks desired RUNNING (rule D4).
  [[nodiscard]] std::uint32_t running_tasks_count() const;
};

// Instance i of the snapshot is instances[i].
SnapshotPtr make_snapshot(const std::vector<PlainInstance>& instances);

// Fixture Q of the rules (section 12.1).
std::vector<PlainInstance> fixture_q();
// What Q lacks: Windows, external and accelerator instances, names without values, unknown or malformed facts.
std::vector<PlainInstance> fixture_r();

}  // namespace berth::query::test
