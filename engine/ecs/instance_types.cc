#include "engine/ecs/instance_types.h"

#include <algorithm>

#include "engine/snapshot/snapshot.h"

namespace berth::ecs {
namespace {

constexpr auto kX86 = Architecture::kX86_64;
constexpr auto kArm = Architecture::kArm64;

constexpr InstanceType kTypes[] = {
#include "engine/ecs/instance_types_data.inc"
};

}  // namespace

std::span<const InstanceType> instance_types() {
  return kTypes;
}

std::string_view to_text(Architecture architecture) {
  return architecture == Architecture::kArm64 ? "arm64" : "x86_64";
}

const InstanceType* find_instance_type(std::string_view name) {
  const std::span<const InstanceType> types = instance_types();
  const auto at = std::lower_bound(types.begin(), types.end(), name,
                                   [](const InstanceType& type, std::string_view wanted) { return type.name < wanted; });
  return at != types.end() && at->name == name ? &*at : nullptr;
}

std::uint16_t eni_task_limit(const InstanceType* type, bool has_trunk) {
  if (type == nullptr) {
    return kEniUnlimited;
  }
  if (has_trunk && type->documented_tasks_trunking != 0) {
    return type->documented_tasks_trunking;
  }
  // Exact for 422 of the 430 types that are documented: every branch, and the interfaces left beside the primary and the trunk.
  if (has_trunk && type->trunk_branch_enis != 0 && type->eni_max >= 2) {
    return static_cast<std::uint16_t>(type->trunk_branch_enis + type->eni_max - 2);
  }
  if (type->documented_tasks != 0) {
    return type->documented_tasks;
  }
  return type->eni_max == 0 ? kEniUnlimited : static_cast<std::uint16_t>(type->eni_max - 1);
}

}  // namespace berth::ecs
