#include "engine/snapshot/states.h"

#include <array>
#include <cstddef>

namespace berth {
namespace {

// Word i belongs to the enumerator of value i + 1.
constexpr std::array<std::string_view, 6> kInstanceWords = {"ACTIVE",  "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED",
                                                            "INACTIVE"};
constexpr std::array<std::string_view, 9> kTaskWords = {"PROVISIONING", "PENDING",        "ACTIVATING", "RUNNING", "DEACTIVATING",
                                                        "STOPPING",     "DEPROVISIONING", "STOPPED",    "DELETED"};
constexpr std::array<std::string_view, 3> kHealthWords = {"UNKNOWN", "HEALTHY", "UNHEALTHY"};
constexpr std::array<std::string_view, 4> kLaunchWords = {"EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"};

static_assert(static_cast<std::size_t>(InstanceStatus::kInactive) == kInstanceWords.size());
static_assert(static_cast<std::size_t>(TaskStatus::kDeleted) == kTaskWords.size());
static_assert(static_cast<std::size_t>(HealthStatus::kUnhealthy) == kHealthWords.size());
static_assert(static_cast<std::size_t>(LaunchType::kManagedInstances) == kLaunchWords.size());

template <typename Enum, std::size_t kCount>
std::string_view word_of(Enum value, const std::array<std::string_view, kCount>& words) {
  const auto number = static_cast<std::size_t>(value);
  return number >= 1 && number <= kCount ? words[number - 1] : std::string_view{};
}

template <typename Enum, std::size_t kCount>
std::optional<Enum> value_of(std::string_view text, const std::array<std::string_view, kCount>& words) {
  for (std::size_t at = 0; at < kCount; ++at) {
    if (words[at] == text) {
      return static_cast<Enum>(at + 1);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(InstanceStatus status) {
  return word_of(status, kInstanceWords);
}
std::string_view to_text(TaskStatus status) {
  return word_of(status, kTaskWords);
}
std::string_view to_text(HealthStatus status) {
  return word_of(status, kHealthWords);
}
std::string_view to_text(LaunchType type) {
  return word_of(type, kLaunchWords);
}

std::optional<InstanceStatus> instance_status_from(std::string_view text) {
  return value_of<InstanceStatus>(text, kInstanceWords);
}
std::optional<TaskStatus> task_status_from(std::string_view text) {
  return value_of<TaskStatus>(text, kTaskWords);
}
std::optional<HealthStatus> health_status_from(std::string_view text) {
  return value_of<HealthStatus>(text, kHealthWords);
}
std::optional<LaunchType> launch_type_from(std::string_view text) {
  return value_of<LaunchType>(text, kLaunchWords);
}

}  // namespace berth
