#include "bench/workloads/fleet.h"

#include "engine/base/limits.h"
#include "engine/ecs/fleet_generator.h"

namespace berth::workloads {

SnapshotPtr fleet(std::uint32_t instances, std::uint64_t seed, Executor& executor) {
  constexpr std::uint32_t kZonesLeast = 3;
  constexpr std::uint32_t kZonesMost = 6;
  if (instances == 0 || instances > kInstancesMax) {
    return nullptr;
  }
  ecs::FleetOptions options;
  options.instances = instances;
  options.seed = seed;
  options.utilization_percent = 60;
  options.tasks_per_instance = 5;
  options.zones = kZonesLeast + static_cast<std::uint32_t>(seed % (kZonesMost - kZonesLeast + 1));
  Result<SnapshotPtr> made = ecs::generate_fleet(options, executor, nullptr);
  return made.ok() ? std::move(made).value() : nullptr;
}

}  // namespace berth::workloads
