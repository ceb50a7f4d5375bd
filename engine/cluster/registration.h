// What a caller says of an instance that comes to a live cluster, and what it hears of one that leaves.
//
// Thread rule: plain values. Lifetime: a Registration refers to the caller's texts for the length of the call.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cluster/record.h"
#include "engine/cluster/tasks.h"
#include "engine/snapshot/builder.h"
#include "engine/snapshot/snapshot.h"

namespace berth::cluster {

// An instance for as long as it is registered: one that comes later into the same slot, or under the same ARN, is another one.
struct InstanceHandle {
  std::uint32_t slot = 0;
  std::uint32_t identity = kNoId;

  friend bool operator==(const InstanceHandle&, const InstanceHandle&) = default;
};

// What must hold of an instance for a change of it to be committed, beside that it is registered.
struct Expected {
  std::optional<std::uint64_t> version;  // Else kConflict, and Worker::version_found().
  std::uint32_t identity = kNoId;        // Of an InstanceHandle, or any. Else kNotFound.
};

struct LiveAttribute {
  std::string_view name;
  std::optional<std::string_view> value;  // nullopt: a name without a value.
};

struct Registration {
  std::string_view arn;                             // Not empty; of no instance that is registered.
  std::string_view ec2_instance_id;                 // May be empty.
  std::string_view capacity_provider;               // Empty: none.
  std::string_view agent_version;                   // Empty: never reported.
  InstanceStatus status = InstanceStatus::kActive;  // Or kRegistering.
  bool agent_connected = true;
  std::int64_t registered_at_ms = 0;  // Unix milliseconds.
  std::uint64_t version = 1;
  std::int32_t cpu_units = 0;  // All that it has; nothing is taken yet.
  std::int32_t memory_mib = 0;
  std::uint16_t eni_limit = kEniUnlimited;
  std::span<const std::uint16_t> tcp_ports, udp_ports;  // Host ports that tasks never get, any order.
  std::span<const std::string_view> gpu_ids;            // At most 64.
  std::span<const LiveAttribute> attributes;            // A name given twice keeps its last value.
  std::span<const OwnAmount> own = {};                  // Of the snapshot's own resources; of what it does not name it has none.
};

// What tasks of one kind have in common; texts may be empty.
struct TaskDescription {
  std::string_view group;
  std::string_view task_definition;
  std::string_view started_by;
  std::string_view capacity_provider;
  LaunchType launch_type = LaunchType::kEc2;
  std::int32_t cpu_units = 0;
  std::int32_t memory_mib = 0;
  std::uint32_t gpu_count = 0;
  bool uses_eni = false;
  std::span<const std::uint16_t> tcp_ports, udp_ports;  // Static host ports, any order.
  std::span<const OwnAmount> own = {};                  // Of the snapshot's own resources.
};

// A task that runs already.
struct StartedTask {
  IdTail id{0, 0};  // The 32 hexadecimal digits at the end of its ARN.
  TaskStatus last_status = TaskStatus::kRunning;
  TaskStatus desired_status = TaskStatus::kRunning;
  HealthStatus health = HealthStatus::kUnknown;
  std::int64_t started_at_ms = 0;  // Unix milliseconds; 0: not started.
  bool is_protected = false;
  std::uint64_t protected_until_ms = 0;  // 0: no expiry.
  // GPU slots of the instance that it has; for those that another task holds, others that are free. nullopt: the lowest free ones.
  std::optional<std::uint64_t> gpu_mask = {};
  std::uint32_t version = 1;  // ECS's.
};

// A task that was on an instance when it was deregistered by force. It may well run on, as in ECS, but no cluster counts it any more.
struct Orphan {
  TaskHandle task;  // As it was; nothing has this handle any more.
  std::string arn;
  std::string group;
  TaskStatus last_status = TaskStatus::kRunning;
  TaskStatus desired_status = TaskStatus::kRunning;
};

}  // namespace berth::cluster
