// What the outside world tells of instances and tasks that are there: a whole state at once, with the version that ECS gives it.
//
// Thread rule: plain values. Lifetime: an InstanceState refers to the caller's texts for the length of the call.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/cluster/registration.h"
#include "engine/cluster/tasks.h"
#include "engine/snapshot/states.h"

namespace berth::cluster {

// What is not given stays as it is.
struct InstanceState {
  std::optional<InstanceStatus> status = {};
  std::optional<bool> agent_connected = {};
  std::optional<std::string_view> agent_version = {};             // Empty: never reported.
  std::optional<std::string_view> capacity_provider = {};         // Empty: none.
  std::optional<std::span<const LiveAttribute>> attributes = {};  // All that it has; a name given twice keeps its last value.
  std::optional<std::int32_t> cpu_units = {};                     // In all, as the next two; what remains moves by the difference.
  std::optional<std::int32_t> memory_mib = {};
  std::optional<std::uint16_t> eni_limit = {};
  std::uint64_t version = 0;  // The instance's version is at least this one afterwards.
};

// A task on an instance, as it is found by its ARN.
struct KnownTask {
  TaskHandle task;
  std::uint32_t version = 0;
  std::uint32_t shape = 0;
};

}  // namespace berth::cluster
