// What would help where an instance fails nothing but its launch type, its capacity provider, its zone or its agent. No Relaxation covers
// these checks: there is no less of them to ask for, only another choice.

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/ecs/explain.h"
#include "engine/ecs/json.h"
#include "engine/ecs/table.h"

namespace berth::ecs {
namespace {

using placement::Reason;

constexpr std::size_t kNamesShown = 4;

// The names, the one nearest to `wanted` first, the others in their order.
std::string listed(const std::set<std::string_view>& names, std::string_view wanted) {
  std::vector<std::string_view> order(names.begin(), names.end());
  if (const auto nearest = nearest_name(wanted, order); nearest.has_value()) {
    const auto at = std::find(order.begin(), order.end(), *nearest);
    std::rotate(order.begin(), at, at + 1);
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(order.size(), kNamesShown); ++i) {
    text.append(i == 0 ? "" : ", ").append(order[i]);
  }
  return order.size() <= kNamesShown ? text : text + " and " + std::to_string(order.size() - kNamesShown) + " more";
}

// A name that each examined instance may have; empty ones are left out.
template <typename NameOf>
std::set<std::string_view> names_of_examined(const TaskRequest& request, const Snapshot& snapshot, const NameOf& name_of) {
  std::set<std::string_view> names;
  std::string arn;
  for (std::uint32_t i = 0; i < snapshot.instance_count(); ++i) {
    if (static_cast<InstanceStatus>(snapshot.status()[i]) != InstanceStatus::kActive) {
      continue;
    }
    arn.clear();
    snapshot.instance_arns().append_to(i, arn);
    if (const std::string_view name = name_of(i); !name.empty() && may_be_of_cluster(arn, request.placement)) {
      names.insert(name);
    }
  }
  return names;
}

std::string other_launch_type(const TaskRequest& request) {
  const LaunchType given = request.placement.launch_type;
  const std::string other(to_text(given == LaunchType::kExternal ? LaunchType::kEc2 : LaunchType::kExternal));
  return "with launchType " + other + " (--launch-type " + other + ") instead of " + std::string(to_text(given));
}

std::string no_capacity_provider(const TaskRequest& request, const Snapshot& snapshot) {
  const auto names = names_of_examined(request, snapshot, [&](std::uint32_t i) {
    const std::uint32_t provider = snapshot.capacity_provider()[i];
    return provider == kNoId ? std::string_view() : snapshot.texts().at(provider);
  });
  const std::string given = request.placement.capacity_provider.value_or("");
  return "without capacity provider " + given +
         (names.empty() ? " (no instance has any)" : " (the instances have " + listed(names, given) + ")");
}

std::string other_zones(const TaskRequest& request, const Snapshot& snapshot) {
  const auto names = names_of_examined(
      request, snapshot, [&](std::uint32_t i) { return snapshot.attribute_text(i, "ecs.availability-zone").value_or(std::string_view()); });
  std::string given;
  for (const std::string& zone : request.placement.zones) {
    given += (given.empty() ? "" : ", ") + zone;
  }
  const std::string wanted = request.placement.zones.empty() ? "" : request.placement.zones.front();
  return "with subnets in other zones than " + given +
         (names.empty() ? " (no instance tells its zone)" : " (the instances are in " + listed(names, wanted) + ")");
}

}  // namespace

std::vector<Mend> find_mends(const TaskRequest& request, const Snapshot& snapshot, const placement::Explanation& explanation) {
  std::vector<Mend> mends;
  if (explanation.decision.placed.size() >= explanation.decision.requested) {
    return mends;
  }
  for (const Reason reason : {Reason::kAgent, Reason::kLaunchType, Reason::kCapacityProvider, Reason::kLocation}) {
    const std::uint64_t instances = explanation.fails_alone[static_cast<std::size_t>(reason)];
    if (instances == 0) {
      continue;
    }
    std::string change;
    switch (reason) {
      case Reason::kLaunchType:
        change = other_launch_type(request);
        break;
      case Reason::kCapacityProvider:
        change = no_capacity_provider(request, snapshot);
        break;
      case Reason::kLocation:
        change = other_zones(request, snapshot);
        break;
      default:
        change = instances == 1 ? "with its agent connected" : "with their agents connected";
        break;
    }
    // Equals stay in the order of the checks.
    const auto place = std::find_if(mends.begin(), mends.end(), [&](const Mend& other) { return other.instances < instances; });
    mends.insert(place, {reason, instances, std::move(change)});
  }
  return mends;
}

std::string mend_text(const Mend& mend) {
  return mend.change + ": " + counted(mend.instances, "instance") + " would fit";
}

}  // namespace berth::ecs
