// Snapshot: an immutable inventory of container instances and their tasks at one generation.
//
// A Snapshot stands on bytes that have been *verified* (offsets in bounds) and *validated* (columns of equal length, dictionaries
// sorted, indexes in range); there is no other way to get one. All columns are read in place. Instances are in ascending byte order of
// their ARN, so an instance's index is its rank in "id order"; the tasks of one instance are contiguous, and ascending by ARN.
//
// Thread rule: immutable, any number of threads. Lifetime: shared_ptr; spans and string_views that it hands out live as long as it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/progress.h"
#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/id_column.h"
#include "engine/snapshot/own_resource.h"
#include "engine/snapshot/states.h"
#include "engine/snapshot/string_table.h"

namespace berth {

// In attribute columns: the instance lacks the attribute, or has its name without a value.
inline constexpr std::uint32_t kAttributeAbsent = 0xFFFFFFFFU;
inline constexpr std::uint32_t kAttributeNameOnly = 0xFFFFFFFEU;
// In dictionary columns: none.
inline constexpr std::uint32_t kNoId = 0xFFFFFFFFU;
// An ENI limit that is not known.
inline constexpr std::uint16_t kEniUnlimited = 0xFFFFU;

// One attribute of an attribute set: ids into attribute_names() and attribute_values(), or kAttributeNameOnly.
struct AttributePair {
  std::uint32_t name;
  std::uint32_t value;
};

// An attribute whose values differ on so many instances that it stays out of the shared sets: one value per instance.
struct WideAttribute {
  std::uint32_t name;
  std::span<const std::uint32_t> values;  // instance_count() ids, kAttributeAbsent or kAttributeNameOnly.
};

// Host ports of one protocol pair, sorted ascending, each once.
struct PortSet {
  std::span<const std::uint16_t> tcp;
  std::span<const std::uint16_t> udp;
};

// What the tasks of one shape have in common. Text ids are into texts(), kNoId for none.
struct TaskShape {
  std::uint32_t group;  // Id into groups().
  std::uint32_t task_definition;
  std::uint32_t started_by;
  std::uint32_t capacity_provider;
  std::int32_t cpu_units;  // Reserved on the instance.
  std::int32_t memory_mib;
  std::uint32_t ports;       // Port set: the static host ports that the task holds.
  std::uint8_t uses_eni;     // 0 or 1.
  std::uint8_t launch_type;  // LaunchType.
  std::uint16_t padding;     // 0.
};

struct ProtectedTask {
  std::uint64_t expires_at_ms;  // Unix milliseconds; 0: no expiry was given.
  std::uint32_t task;
  std::uint32_t padding;  // 0.
};

class Snapshot {
 public:
  // Copies nothing: takes the bytes over. Runs verify, then validate, then indexes.
  // Errors: kMalformed (verify), kInconsistent (validate), kUnsupported (a newer format version, named).
  static Result<std::shared_ptr<const Snapshot>> from_bytes(std::vector<std::uint8_t> bytes, Executor& executor);
  // Reads the whole file into memory. Errors: those above and kIoError; `source` is the path.
  static Result<std::shared_ptr<const Snapshot>> read_file(const std::string& path, Executor& executor);
  // Maps the file instead; for callers who guarantee that nobody truncates or writes it while the snapshot lives.
  static Result<std::shared_ptr<const Snapshot>> map_file(const std::string& path, Executor& executor);

  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot();

  // The file's bytes, as written.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const;
  [[nodiscard]] std::uint32_t format_version() const;
  [[nodiscard]] std::uint64_t generation() const;
  [[nodiscard]] std::uint64_t tie_seed() const;
  // Whether any task of the cluster was imported: then running counts come from the tasks (rule D4).
  [[nodiscard]] bool has_tasks() const { return has_tasks_; }
  [[nodiscard]] std::uint32_t instance_count() const { return instance_count_; }
  [[nodiscard]] std::uint32_t task_count() const { return task_count_; }

  // --- Dictionaries; each sorted by bytes, without duplicates. ---
  [[nodiscard]] const StringTable& attribute_names() const { return attribute_names_; }
  [[nodiscard]] const StringTable& attribute_values() const { return attribute_values_; }
  [[nodiscard]] const StringTable& groups() const { return groups_; }
  [[nodiscard]] const StringTable& texts() const { return texts_; }  // Agent versions, capacity providers, definitions, startedBy.
  [[nodiscard]] std::uint32_t attribute_set_count() const;
  // Sorted by name id; names are unique within a set.
  [[nodiscard]] std::span<const AttributePair> attribute_set_pairs(std::uint32_t set) const;
  [[nodiscard]] std::span<const WideAttribute> wide_attributes() const { return wide_attributes_; }  // Sorted by name id.
  [[nodiscard]] std::uint32_t port_set_count() const;
  [[nodiscard]] PortSet port_set(std::uint32_t set) const;  // Set 0 is the empty one.
  [[nodiscard]] std::span<const TaskShape> task_shapes() const { return task_shapes_; }

  // --- Columns over instances, instance_count() entries each. ---
  [[nodiscard]] const IdColumn& instance_arns() const { return instance_arns_; }
  [[nodiscard]] const IdColumn& ec2_instance_ids() const { return ec2_instance_ids_; }
  // hash_bytes(tie_seed(), ARN) of each instance: the last key of every order, smaller first, then the smaller index.
  [[nodiscard]] std::span<const std::uint64_t> tie_keys() const { return tie_keys_; }
  [[nodiscard]] std::span<const std::uint32_t> attribute_set() const { return attribute_set_; }
  [[nodiscard]] std::span<const std::int32_t> cpu_registered() const { return cpu_registered_; }
  [[nodiscard]] std::span<const std::int32_t> cpu_remaining() const { return cpu_remaining_; }          // May be negative (rule D3).
  [[nodiscard]] std::span<const std::int32_t> memory_registered() const { return memory_registered_; }  // MiB.
  [[nodiscard]] std::span<const std::int32_t> memory_remaining() const { return memory_remaining_; }    // MiB; may be negative.
  [[nodiscard]] std::span<const std::uint32_t> ports_registered() const { return ports_registered_; }   // Port set ids.
  [[nodiscard]] std::span<const std::uint32_t> ports_used() const { return ports_used_; }               // Includes the registered ones.
  [[nodiscard]] std::span<const std::uint16_t> eni_limit() const { return eni_limit_; }                 // Tasks with their own ENI.
  [[nodiscard]] std::span<const std::uint16_t> eni_used() const { return eni_used_; }
  [[nodiscard]] std::span<const std::uint8_t> status() const { return status_; }                         // InstanceStatus.
  [[nodiscard]] std::span<const std::uint8_t> agent_connected() const { return agent_connected_; }       // 0 or 1.
  [[nodiscard]] std::span<const std::uint32_t> agent_version() const { return agent_version_; }          // Text id or kNoId.
  [[nodiscard]] std::span<const std::uint32_t> capacity_provider() const { return capacity_provider_; }  // Text id or kNoId.
  [[nodiscard]] std::span<const std::int64_t> registered_at_ms() const { return registered_at_ms_; }     // Unix milliseconds; 0 unknown.
  [[nodiscard]] std::span<const std::uint64_t> version() const { return version_; }
  [[nodiscard]] std::span<const std::uint32_t> running_tasks_count() const { return running_tasks_count_; }
  [[nodiscard]] std::span<const std::uint32_t> pending_tasks_count() const { return pending_tasks_count_; }

  // GPUs: few instances have any, so they are a list of their own.
  // Slots [gpu_begin(i), gpu_begin(i) + gpu_count(i)) of gpu_ids() and gpu_free() belong to instance i.
  struct GpuRange {
    std::uint32_t begin;
    std::uint32_t count;
  };
  [[nodiscard]] GpuRange gpus(std::uint32_t instance) const;
  [[nodiscard]] bool has_gpus() const { return !gpu_instances_.empty(); }
  [[nodiscard]] std::span<const std::uint32_t> gpu_instances() const { return gpu_instances_; }  // Ascending.
  [[nodiscard]] const StringTable& gpu_ids() const { return gpu_ids_; }                          // By slot; not sorted.
  [[nodiscard]] std::span<const std::uint8_t> gpu_free() const { return gpu_free_; }             // By slot; 0 or 1.

  // Own resources, sorted by name, at most kOwnResourcesMax: most snapshots have none.
  [[nodiscard]] std::span<const OwnResource> own_resources() const { return own_resources_; }
  // Index in own_resources().
  [[nodiscard]] std::optional<std::uint32_t> find_own_resource(std::string_view name) const;
  // What a task of a shape holds of each own resource, in their order; empty where there are none.
  [[nodiscard]] std::span<const std::int32_t> own_held(std::uint32_t shape) const {
    return own_held_.subspan(std::size_t{shape} * own_resources_.size(), own_resources_.size());
  }

  // --- Columns over tasks, task_count() entries each. ---
  struct TaskRange {
    std::uint32_t begin;
    std::uint32_t end;
  };
  [[nodiscard]] TaskRange tasks_of(std::uint32_t instance) const { return {task_begin_[instance], task_begin_[instance + 1]}; }
  [[nodiscard]] const IdColumn& task_arns() const { return task_arns_; }
  [[nodiscard]] std::span<const std::uint32_t> task_shape() const { return task_shape_; }
  [[nodiscard]] std::span<const std::uint8_t> task_last_status() const { return task_last_status_; }        // TaskStatus.
  [[nodiscard]] std::span<const std::uint8_t> task_desired_status() const { return task_desired_status_; }  // TaskStatus.
  [[nodiscard]] std::span<const std::uint8_t> task_health() const { return task_health_; }                  // HealthStatus.
  [[nodiscard]] std::span<const std::int64_t> task_started_at_ms() const { return task_started_at_ms_; }    // 0: not started.
  [[nodiscard]] std::span<const std::uint32_t> task_version() const { return task_version_; }
  [[nodiscard]] std::span<const ProtectedTask> protected_tasks() const { return protected_tasks_; }  // Ascending by task.
  // GPU slots that a task holds: pairs (task, slot), ascending.
  struct TaskGpu {
    std::uint32_t task;
    std::uint32_t slot;
  };
  [[nodiscard]] std::span<const TaskGpu> task_gpus() const { return task_gpus_; }

  // --- Look-ups. ---
  // By full ARN, or by the id after its last '/' when only one instance ends so. O(log n) and O(n).
  [[nodiscard]] std::optional<std::uint32_t> find_instance(std::string_view arn_or_id) const;
  // The value id of an attribute of one instance, kAttributeNameOnly or kAttributeAbsent. O(log of the set's size).
  [[nodiscard]] std::uint32_t attribute(std::uint32_t instance, std::uint32_t name) const;
  // Its text: nullopt when absent, "" when it has no value.
  [[nodiscard]] std::optional<std::string_view> attribute_text(std::uint32_t instance, std::string_view name) const;

 private:
  friend class SnapshotReader;
  Snapshot();
  struct Storage;  // The bytes: a vector or a mapping.
  std::unique_ptr<Storage> storage_;

  bool has_tasks_ = false;
  std::uint32_t instance_count_ = 0;
  std::uint32_t task_count_ = 0;
  StringTable attribute_names_, attribute_values_, groups_, texts_, gpu_ids_;
  std::vector<WideAttribute> wide_attributes_;
  std::vector<std::uint64_t> tie_keys_;
  IdColumn instance_arns_, ec2_instance_ids_, task_arns_;
  std::span<const TaskShape> task_shapes_;
  std::span<const std::uint32_t> attribute_set_;
  std::span<const std::int32_t> cpu_registered_, cpu_remaining_, memory_registered_, memory_remaining_;
  std::span<const std::uint32_t> ports_registered_, ports_used_;
  std::span<const std::uint16_t> eni_limit_, eni_used_;
  std::span<const std::uint8_t> status_, agent_connected_;
  std::span<const std::uint32_t> agent_version_, capacity_provider_;
  std::span<const std::int64_t> registered_at_ms_;
  std::span<const std::uint64_t> version_;
  std::span<const std::uint32_t> running_tasks_count_, pending_tasks_count_;
  std::span<const std::uint32_t> gpu_instances_;
  std::span<const std::uint8_t> gpu_free_;
  std::span<const std::uint32_t> task_begin_, task_shape_;
  std::span<const std::uint8_t> task_last_status_, task_desired_status_, task_health_;
  std::span<const std::int64_t> task_started_at_ms_;
  std::span<const std::uint32_t> task_version_;
  std::span<const ProtectedTask> protected_tasks_;
  std::span<const TaskGpu> task_gpus_;
  std::vector<OwnResource> own_resources_;
  std::span<const std::int32_t> own_held_;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace berth
