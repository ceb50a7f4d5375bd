// Why an instance did not take a task: the checks, in the order in which they are made (rule D7). The first that fails is the reason.
//
// Thread rule: plain values. The numeric values are part of the C ABI and never change; new reasons take the next number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/limits.h"

namespace berth::placement {

enum class Reason : std::uint8_t {
  kNone = 0,
  kInactive = 1,  // StartTask: the instance is not ACTIVE. RunTask does not examine such an instance.
  kAgent = 2,
  kLaunchType = 3,  // EXTERNAL asked of an EC2 instance, or the reverse.
  kCapacityProvider = 4,
  kCpu = 5,
  kMemory = 6,
  kPorts = 7,  // In use, or beyond the limit of reserved ports.
  kGpu = 8,
  kEni = 9,
  kAttribute = 10,  // Required attributes, operating system, architecture, VPC.
  kLocation = 11,
  kMemberOf = 12,
  kDistinctInstance = 13,
  kOwnFirst = 14,  // The request's own resources, in the order of Demand::own: one number each.
  kOwnLast = kOwnFirst + kOwnResourcesMax - 1,
};
inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::kOwnLast) + 1;
// Checks that are counted whatever a request asks for; each own resource that it demands is one more.
inline constexpr std::size_t kFixedCheckCount = static_cast<std::size_t>(Reason::kDistinctInstance);

constexpr bool is_own(Reason reason) {
  return reason >= Reason::kOwnFirst && reason <= Reason::kOwnLast;
}
// REQUIRES: own < kOwnResourcesMax.
constexpr Reason own_reason(std::size_t own) {
  return static_cast<Reason>(static_cast<std::size_t>(Reason::kOwnFirst) + own);
}
// REQUIRES: is_own(reason).
constexpr std::size_t own_index(Reason reason) {
  return static_cast<std::size_t>(reason) - static_cast<std::size_t>(Reason::kOwnFirst);
}

// Every reason but kNone, in the order of the checks: own resources stand between the other resources and the attributes.
constexpr std::array<Reason, kReasonCount - 1> check_order() {
  std::array<Reason, kReasonCount - 1> order{};
  std::size_t at = 0;
  for (auto check = static_cast<std::size_t>(Reason::kInactive); check <= static_cast<std::size_t>(Reason::kDistinctInstance); ++check) {
    for (std::size_t own = 0; own < kOwnResourcesMax && check == static_cast<std::size_t>(Reason::kAttribute); ++own) {
      order[at++] = own_reason(own);
    }
    order[at++] = static_cast<Reason>(check);
  }
  return order;
}
inline constexpr std::array kCheckOrder = check_order();

// The string of `failures[].reason`: ECS's own ("RESOURCE:CPU", "MemberOf placement constraint unsatisfied."), and Berth's
// "LAUNCH_TYPE" and "CAPACITY_PROVIDER", for which ECS has none. Of own resources it knows no name: reason_text() in request.h does.
std::string_view to_text(Reason reason);

}  // namespace berth::placement
