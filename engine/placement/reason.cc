#include "engine/placement/reason.h"

namespace berth::placement {

std::string_view to_text(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return "";
    case Reason::kInactive:
      return "INACTIVE";
    case Reason::kAgent:
      return "AGENT";
    case Reason::kLaunchType:
      return "LAUNCH_TYPE";
    case Reason::kCapacityProvider:
      return "CAPACITY_PROVIDER";
    case Reason::kCpu:
      return "RESOURCE:CPU";
    case Reason::kMemory:
      return "RESOURCE:MEMORY";
    case Reason::kPorts:
      return "RESOURCE:PORTS";
    case Reason::kGpu:
      return "RESOURCE:GPU";
    case Reason::kEni:
      return "RESOURCE:ENI";
    case Reason::kAttribute:
      return "ATTRIBUTE";
    case Reason::kLocation:
      return "LOCATION";
    case Reason::kMemberOf:
      return "MemberOf placement constraint unsatisfied.";
    case Reason::kDistinctInstance:
      return "DistinctInstance placement constraint unsatisfied.";
    case Reason::kOwnFirst:
    case Reason::kOwnLast:
      break;
  }
  return is_own(reason) ? "RESOURCE" : "";
}

}  // namespace berth::placement
