// BuilderRows: what a SnapshotBuilder holds before it writes: one fixed-size row per instance and per task, in order of arrival, and
// pools for everything that repeats.
//
// Thread rule: one writer, or any number of readers. Lifetime: owns everything.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/limits.h"
#include "engine/snapshot/id_pool.h"
#include "engine/snapshot/interner.h"
#include "engine/snapshot/set_pool.h"
#include "engine/snapshot/snapshot.h"

namespace berth {

struct InstanceRow {
  EncodedId arn;
  EncodedId ec2_instance_id;
  std::int64_t registered_at_ms;
  std::uint64_t version;
  std::int32_t cpu_registered;
  std::int32_t cpu_remaining;
  std::int32_t memory_registered;
  std::int32_t memory_remaining;
  std::uint32_t attribute_set;
  std::uint32_t ports_registered;
  std::uint32_t ports_used;
  std::uint32_t agent_version;      // Of texts, or kNoId.
  std::uint32_t capacity_provider;  // Of texts, or kNoId.
  std::uint32_t running_tasks_count;
  std::uint32_t pending_tasks_count;
  std::uint32_t gpu_begin;
  std::uint32_t gpu_count;
  std::uint16_t eni_limit;
  std::uint16_t eni_used;
  std::uint8_t status;
  std::uint8_t agent_connected;
};

struct TaskRow {
  EncodedId arn;
  std::int64_t started_at_ms;
  std::uint32_t instance;  // Row, or kNoId while the instance has not come yet.
  std::uint32_t shape;
  std::uint32_t version;
  std::uint8_t last_status;
  std::uint8_t desired_status;
  std::uint8_t health;
};

struct GpuRow {
  std::uint32_t id;  // Of gpu_ids.
  std::uint8_t is_free;
};

// An own resource by instance row; a column ends with the last instance that has any of it, and what lies beyond is 0.
struct OwnColumnRows {
  std::string name;
  std::vector<std::int32_t> registered;
  std::vector<std::int32_t> remaining;
};

// A TaskShape whose ids are those of the builder's pools, as four words. In the pool of shapes further words follow, one for each own
// resource that a task of the shape holds any of, ascending: its number in the upper and the amount in the lower half.
using ShapeWords = std::array<std::uint64_t, sizeof(TaskShape) / sizeof(std::uint64_t)>;

// A port of a port set; udp ports come after all tcp ports.
inline constexpr std::uint32_t kUdpPort = 0x10000U;

// Words that tell the items of the pools apart.
inline constexpr auto kPairWord = [](const AttributePair& pair) { return std::uint64_t{pair.name} << 32U | pair.value; };
inline constexpr auto kPortWord = [](std::uint32_t port) { return std::uint64_t{port}; };
inline constexpr auto kShapeWord = [](std::uint64_t word) { return word; };

struct BuilderRows {
  std::uint64_t generation = 1;
  std::uint64_t tie_seed = kDefaultTieSeed;
  std::optional<bool> has_tasks;

  Interner names, values, groups, texts, gpu_ids;
  SetPool<AttributePair> attribute_sets;  // Sorted by name id.
  SetPool<std::uint32_t> port_sets;       // Set 0 is the empty one.
  SetPool<std::uint64_t> shapes;          // ShapeWords and what follows them.

  IdPool instance_arns, ec2_instance_ids, task_arns;
  std::vector<InstanceRow> instances;
  std::vector<TaskRow> tasks;
  std::vector<GpuRow> gpus;

  std::vector<OwnColumnRows> own_resources;  // In order of arrival.

  IdIndex instance_index;
  // Holds the first `indexed_tasks` rows: a builder that only changes instances never pays for it.
  IdIndex task_index;
  std::uint32_t indexed_tasks = 0;

  struct WaitingTask {
    std::uint32_t task;
    EncodedId instance_arn;
  };
  std::vector<WaitingTask> waiting_tasks;
  struct TaskGpuId {
    std::uint32_t task;
    std::uint32_t gpu_id;
  };
  std::vector<TaskGpuId> task_gpus;  // Ascending by task.
  struct Protection {
    std::uint32_t task;
    std::uint64_t expires_at_ms;
  };
  std::vector<Protection> protections;  // Ascending by task.

  [[nodiscard]] std::optional<std::uint32_t> find_instance(const EncodedId& arn) const {
    return instance_index.find(arn, [this](std::uint32_t row) -> const EncodedId& { return instances[row].arn; });
  }
  // The number of an own resource, or kNoId.
  [[nodiscard]] std::uint32_t find_own(std::string_view name) const {
    const auto at = std::ranges::find(own_resources, name, &OwnColumnRows::name);
    return at == own_resources.end() ? kNoId : static_cast<std::uint32_t>(at - own_resources.begin());
  }
  // What an instance row registered of an own resource, and what remains.
  [[nodiscard]] std::pair<std::int32_t, std::int32_t> own_amounts(std::uint32_t own, std::uint32_t instance) const {
    const OwnColumnRows& column = own_resources[own];
    return instance < column.registered.size() ? std::pair(column.registered[instance], column.remaining[instance]) : std::pair(0, 0);
  }
  // Of texts; kNoId for the empty one.
  std::uint32_t intern_text(std::string_view text) { return text.empty() ? kNoId : texts.intern(text); }
};

}  // namespace berth
