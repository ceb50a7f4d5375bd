// Why an instance did not take a task: the checks, in the order in which they are made (rule D7). The first that fails is the reason.
//
// Thread rule: plain values. The numeric values are part of the C ABI and never change; new reasons take the next number.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

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
};
inline constexpr std::size_t kReasonCount = 14;

// The string of `failures[].reason`: ECS's own ("RESOURCE:CPU", "MemberOf placement constraint unsatisfied."), and Berth's
// "LAUNCH_TYPE" and "CAPACITY_PROVIDER", for which ECS has none.
std::string_view to_text(Reason reason);

}  // namespace berth::placement
