// A fleet as plain values that own their text: what goes into a SnapshotBuilder in these tests, and, described by itself, what must
// come out of the Snapshot.
//
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/snapshot/builder.h"
#include "tests/unit/snapshot/describe.h"

namespace berth::testing {

struct PlainGpu {
  std::string id;
  bool is_free = true;
};

struct PlainOwn {
  std::string name;
  std::int32_t registered = 0, remaining = 0;
};

struct PlainInstance {
  std::string arn, ec2_instance_id, capacity_provider, agent_version;
  InstanceStatus status = InstanceStatus::kActive;
  bool agent_connected = true;
  std::int64_t registered_at_ms = 0;
  std::uint64_t version = 0;
  std::int32_t cpu_registered = 0, cpu_remaining = 0, memory_registered = 0, memory_remaining = 0;
  std::vector<std::uint16_t> tcp_registered, udp_registered, tcp_used, udp_used;
  std::uint16_t eni_limit = kEniUnlimited, eni_used = 0;
  std::uint32_t running_tasks_count = 0, pending_tasks_count = 0;
  std::vector<PlainGpu> gpus;
  std::vector<std::pair<std::string, std::optional<std::string>>> attributes;
  std::vector<PlainOwn> own;
};

struct PlainTask {
  std::string arn, instance_arn, task_definition, group, started_by, capacity_provider;
  LaunchType launch_type = LaunchType::kEc2;
  std::int32_t cpu_units = 0, memory_mib = 0;
  std::vector<std::uint16_t> tcp_ports, udp_ports;
  bool uses_eni = false;
  std::vector<std::string> gpu_ids;
  TaskStatus last_status = TaskStatus::kRunning, desired_status = TaskStatus::kRunning;
  HealthStatus health = HealthStatus::kUnknown;
  std::int64_t started_at_ms = 0;
  std::uint32_t version = 0;
  bool is_protected = false;
  std::uint64_t protected_until_ms = 0;
  std::vector<std::pair<std::string, std::int32_t>> own;
};

struct PlainFleet {
  std::vector<PlainInstance> instances;
  std::vector<PlainTask> tasks;
  std::vector<std::string> own_names;
};

Outcome add(const PlainInstance& instance, SnapshotBuilder& builder);
Outcome add(const PlainTask& task, SnapshotBuilder& builder);

// Adds everything, in the given order, tasks first when asked for; fails the test when the builder refuses.
void add(const PlainFleet& fleet, SnapshotBuilder& builder, bool tasks_first = false);

// What describe() must say about a snapshot of the fleet.
Description describe(const PlainFleet& fleet);

// A fleet of every kind of oddity, drawn from the seed; with some seeds up to as many own resources as a snapshot takes.
PlainFleet make_fleet(std::uint64_t seed, std::uint32_t instance_count, std::uint32_t tasks_per_instance_max);

// A fleet small enough to read, with one of everything. The golden file of format 1 holds it, so it never changes.
PlainFleet make_golden_fleet();
// The same with two own resources: what the golden file of format 2 holds.
PlainFleet make_golden_fleet_with_own();

std::vector<std::uint8_t> bytes_of(const PlainFleet& fleet, Executor& executor);

}  // namespace berth::testing
