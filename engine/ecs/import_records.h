// One container instance, task or protection as read from JSON, before records are merged and tied to each other; and the functions
// that read them. What is not kept is counted in the report.
//
// Thread rule: one thread. Lifetime: records own their texts.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.h"
#include "engine/ecs/import_report.h"
#include "engine/ecs/json.h"
#include "engine/snapshot/snapshot.h"
#include "engine/snapshot/states.h"

namespace berth::ecs {

// Texts that many records share, each kept once. Ids are dense, in the order of first use.
class TextPool {
 public:
  std::uint32_t intern(std::string_view text);
  [[nodiscard]] std::string_view at(std::uint32_t id) const { return texts_[id]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }

 private:
  std::deque<std::string> texts_;  // Never moves a text, so views of them are keys.
  std::unordered_map<std::string_view, std::uint32_t> ids_;
};

using Ports = std::vector<std::uint16_t>;

// The own resources that an import was told to take, by name; amounts of them stand in this order.
using OwnNames = std::vector<std::string>;

// A list of API resources. What the list lacks is nullopt.
struct ResourceList {
  std::optional<std::int32_t> cpu;
  std::optional<std::int32_t> memory;
  std::optional<Ports> tcp;
  std::optional<Ports> udp;
  std::optional<std::vector<std::string>> gpus;
  std::vector<std::optional<std::int32_t>> own;  // By index in OwnNames.
};

struct ImportedInstance {
  std::string arn;
  std::string cluster_arn;  // "" when neither the ARN nor the document tells.
  std::string ec2_instance_id;
  std::string capacity_provider;
  std::string agent_version;
  InstanceStatus status = InstanceStatus::kActive;
  bool agent_connected = true;
  std::int64_t registered_at_ms = 0;
  std::uint64_t version = 0;
  ResourceList registered;
  ResourceList remaining;
  std::uint32_t running_tasks_count = 0;
  std::uint32_t pending_tasks_count = 0;
  std::vector<AttributePair> attributes;  // Ids of the pool.
};

struct ImportedTask {
  std::string arn;
  std::string cluster_arn;
  std::string instance_arn;
  std::string task_definition;
  std::string group;
  std::string started_by;
  std::string capacity_provider;
  LaunchType launch_type = LaunchType::kEc2;
  std::int32_t cpu_units = 0;
  std::int32_t memory_mib = 0;
  Ports tcp;  // Host ports below the dynamic range.
  Ports udp;
  bool uses_eni = false;
  std::vector<std::string> gpu_ids;
  std::vector<std::int32_t> own;  // By index in OwnNames.
  TaskStatus last_status = TaskStatus::kRunning;
  TaskStatus desired_status = TaskStatus::kRunning;
  HealthStatus health = HealthStatus::kUnknown;
  std::int64_t started_at_ms = 0;
  std::uint32_t version = 0;

  [[nodiscard]] bool is_stopped() const { return last_status >= TaskStatus::kStopped; }
  [[nodiscard]] bool is_fargate() const { return launch_type == LaunchType::kFargate; }
};

struct ImportedProtection {
  std::string task_arn;
  bool is_enabled = false;
  std::uint64_t until_ms = 0;  // 0: no expiry.
};

// Ports from here on are taken to be dynamic ones (the kernel's ip_local_port_range begins here).
inline constexpr std::uint16_t kDynamicPortsBegin = 32768;
inline constexpr std::size_t kAttributeNameBytesMax = 128;
inline constexpr std::size_t kGpusMax = 256;  // On one instance; the largest EC2 type has 16.

// Errors: kInvalidArgument naming document, path and mend.
Result<ImportedInstance> read_instance(const JsonValue& value, const OwnNames& own_names, TextPool& pool, ImportReport& report);
Result<ImportedTask> read_task(const JsonValue& value, const OwnNames& own_names, ImportReport& report);
Result<ImportedProtection> read_protection(const JsonValue& value, ImportReport& report);

// Whether a member holds anything: not null and no empty list, object or string. Only such members count as dropped.
bool holds_anything(const JsonValue& value);

// --- For the readers. ---

// The refusal of what an SDK's structs look like when they are dumped (Go, .NET): the first member of `value` that is one of `known` but
// for its upper-case first letter. nullopt: there is none. REQUIRES: value.is_object().
std::optional<Error> pascal_case_error(const JsonValue& value, std::span<const std::string_view> known);

// Moves a read value to its place, or passes the error on.
template <typename T, typename Target>
Outcome store(Result<T> read, Target& target) {
  if (!read) {
    return std::move(read).error();
  }
  target = static_cast<Target>(*std::move(read));
  return {};
}

// One word of the API's enumeration; `from` is one of the *_from functions of engine/snapshot/states.h.
template <typename Word>
Outcome store_word(const JsonValue& value, std::optional<Word> (*from)(std::string_view), std::string_view known, Word& target) {
  const Result<std::string_view> text = value.string();
  if (!text) {
    return text.error();
  }
  const std::optional<Word> word = from(*text);
  if (!word) {
    return value.error("\"" + std::string(*text) + "\" is none of " + std::string(known));
  }
  target = *word;
  return {};
}

}  // namespace berth::ecs
