// The states that ECS gives instances and tasks, with the API's own spelling. Values are stored in snapshots and never change;
// new ones are appended.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace berth {

enum class InstanceStatus : std::uint8_t {
  kActive = 1,
  kDraining = 2,
  kRegistering = 3,
  kDeregistering = 4,
  kRegistrationFailed = 5,
  kInactive = 6,
};

// lastStatus in life-cycle order; desiredStatus uses kPending, kRunning and kStopped.
enum class TaskStatus : std::uint8_t {
  kProvisioning = 1,
  kPending = 2,
  kActivating = 3,
  kRunning = 4,
  kDeactivating = 5,
  kStopping = 6,
  kDeprovisioning = 7,
  kStopped = 8,
  kDeleted = 9,
};

enum class HealthStatus : std::uint8_t { kUnknown = 1, kHealthy = 2, kUnhealthy = 3 };

enum class LaunchType : std::uint8_t { kEc2 = 1, kFargate = 2, kExternal = 3, kManagedInstances = 4 };

// The API's word, such as "DRAINING" or "MANAGED_INSTANCES"; "" for a value that is none of the enumerators.
std::string_view to_text(InstanceStatus status);
std::string_view to_text(TaskStatus status);
std::string_view to_text(HealthStatus status);
std::string_view to_text(LaunchType type);

// The enumerator that the word names, exactly; nullopt for any other word.
std::optional<InstanceStatus> instance_status_from(std::string_view text);
std::optional<TaskStatus> task_status_from(std::string_view text);
std::optional<HealthStatus> health_status_from(std::string_view text);
std::optional<LaunchType> launch_type_from(std::string_view text);

}  // namespace berth
