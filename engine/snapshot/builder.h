// SnapshotBuilder collects instances and tasks, in any order, and writes them as the bytes of a snapshot.
//
// Names and values are interned as they come, so a million instances with forty attributes each cost their ids, not their text: a
// caller who adds many alike interns the pairs once and passes the ids.
//
// Thread rule: one thread. Lifetime: finish() may be called once; the builder is empty afterwards.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/limits.h"
#include "engine/base/progress.h"
#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/snapshot.h"
#include "engine/snapshot/states.h"

namespace berth {

// Ids given by intern_name() and intern_value(); value kAttributeNameOnly for a name without a value.
using InternedAttribute = AttributePair;

struct GpuRecord {
  std::string_view id;
  bool is_free = true;
};

// Amounts of one own resource, by its name in SnapshotBuilder::add_own_resource().
struct OwnRecord {
  std::string_view name;
  std::int32_t registered = 0;  // Not negative.
  std::int32_t remaining = 0;
};
struct OwnAmount {
  std::string_view name;
  std::int32_t amount = 0;  // Not negative.
};

struct InstanceRecord {
  std::string_view arn;                // Unique; not empty.
  std::string_view ec2_instance_id;    // May be empty.
  std::string_view capacity_provider;  // Empty: none.
  std::string_view agent_version;      // Empty: never reported.
  InstanceStatus status = InstanceStatus::kActive;
  bool agent_connected = true;
  std::int64_t registered_at_ms = 0;
  std::uint64_t version = 0;
  std::int32_t cpu_registered = 0;
  std::int32_t cpu_remaining = 0;
  std::int32_t memory_registered = 0;
  std::int32_t memory_remaining = 0;
  std::span<const std::uint16_t> tcp_registered, udp_registered;  // Any order, duplicates allowed.
  std::span<const std::uint16_t> tcp_used, udp_used;              // Ports in use, registered ones included.
  std::uint16_t eni_limit = kEniUnlimited;
  std::uint16_t eni_used = 0;
  std::uint32_t running_tasks_count = 0;
  std::uint32_t pending_tasks_count = 0;
  std::span<const GpuRecord> gpus;
  std::span<const InternedAttribute> attributes;  // Any order; a name given twice keeps its last value.
  std::span<const OwnRecord> own;                 // Of what it does not name it has 0.
};

struct TaskRecord {
  std::string_view arn;           // Unique; not empty.
  std::string_view instance_arn;  // Of an instance that is added before finish().
  std::string_view task_definition;
  std::string_view group;
  std::string_view started_by;
  std::string_view capacity_provider;
  LaunchType launch_type = LaunchType::kEc2;
  std::int32_t cpu_units = 0;
  std::int32_t memory_mib = 0;
  std::span<const std::uint16_t> tcp_ports, udp_ports;  // Static host ports that it holds.
  bool uses_eni = false;
  std::span<const std::string_view> gpu_ids;  // Of the instance's GPUs.
  std::span<const OwnAmount> own;             // What it holds; of what it does not name it holds 0.
  TaskStatus last_status = TaskStatus::kRunning;
  TaskStatus desired_status = TaskStatus::kRunning;
  HealthStatus health = HealthStatus::kUnknown;
  std::int64_t started_at_ms = 0;
  std::uint32_t version = 0;
  bool is_protected = false;
  std::uint64_t protected_until_ms = 0;  // 0: no expiry.
};

class SnapshotBuilder {
 public:
  SnapshotBuilder();
  SnapshotBuilder(const SnapshotBuilder&) = delete;
  SnapshotBuilder& operator=(const SnapshotBuilder&) = delete;
  ~SnapshotBuilder();

  // Starts with everything that `base` holds; the next generation is base.generation() + 1.
  static std::unique_ptr<SnapshotBuilder> from(const Snapshot& base);

  std::uint32_t intern_name(std::string_view name);
  std::uint32_t intern_value(std::string_view value);

  // Makes a column for an own resource; nothing when there is one already. Instances added before have none of it.
  // Errors: kInvalidArgument (check_own_resource_name()), kLimitExceeded (more than kOwnResourcesMax).
  Outcome add_own_resource(std::string_view name);

  // Copies what the record names. Errors: kInvalidArgument (empty ARN, an own resource without a column or a negative amount of one),
  // kAlreadyExists, kLimitExceeded.
  Outcome add_instance(const InstanceRecord& record);
  Outcome add_task(const TaskRecord& record);

  // What a decision changes on an instance that is already there (by ARN): subtracted, added, marked as no longer free.
  struct Reservation {
    std::int32_t cpu_units = 0;
    std::int32_t memory_mib = 0;
    std::span<const std::uint16_t> tcp_ports, udp_ports;
    std::uint16_t eni = 0;
    std::uint32_t running_tasks = 0;
    std::uint32_t pending_tasks = 0;
    std::span<const std::string_view> gpu_ids;
    std::span<const OwnAmount> own = {};
  };
  // Errors: kNotFound (the instance, a GPU id that it lacks, or an own resource without a column).
  Outcome reserve(std::string_view instance_arn, const Reservation& reservation);

  void set_has_tasks(bool value);         // Default: whether any task was added.
  void set_tie_seed(std::uint64_t seed);  // Default: kDefaultTieSeed.
  void set_generation(std::uint64_t generation);

  [[nodiscard]] std::uint32_t instance_count() const;
  [[nodiscard]] std::uint32_t task_count() const;

  // Sorts, builds dictionaries, writes. Errors: kInvalidArgument (a task whose instance is missing, named), kLimitExceeded (more than
  // a FlatBuffers buffer holds: says so and how to split).
  Result<std::vector<std::uint8_t>> finish(Executor& executor, Progress* progress = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Writes the bytes beside `path`, syncs and renames, so that a crash leaves the old file. A file that is replaced hands down its mode, and
// its owner where permitted; a link stays and the file that it leads to is replaced. Errors: kIoError, naming path and cause: whatever
// stands there and is no regular file is left alone, and a message says so when the new file is in place but its directory is not synced.
Outcome write_file_atomically(const std::string& path, std::span<const std::uint8_t> bytes);

}  // namespace berth
