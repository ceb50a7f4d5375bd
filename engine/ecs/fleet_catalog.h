// What a generated fleet is drawn from: instance types with their weights, the attributes that an agent sends, sizes of tasks, and the
// services that run them. Everything follows from the fleet's seed.
//
// Thread rule: FleetServices one thread; the rest constant data. Lifetime: FleetServices owns its texts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/rng.h"

namespace berth::ecs {

// A type and its share of the fleet, in thousandths. The weights add up to 1000.
struct FleetType {
  std::string_view name;
  std::uint32_t weight;
  std::string_view pool;  // Value of the custom attribute "pool"; the capacity provider is "cp-" and this.
};
std::span<const FleetType> fleet_types();

// A word and its weight in percent; used for values that a fleet has few of.
struct WeightedWord {
  std::string_view text;
  std::uint32_t percent;
};
std::span<const WeightedWord> fleet_stacks();  // Values of the custom attribute "stack".
std::span<const WeightedWord> fleet_agent_versions();

// Names without a value that the agent of a Linux instance sends.
std::span<const std::string_view> agent_capabilities();

// The sizes that tasks have, ascending.
std::span<const std::int32_t> task_cpu_sizes();
std::span<const std::int32_t> task_memory_sizes();

// The index of a size near `share`: of the two neighbours one at random, so that sizes average `share`. Not above `most` unless the
// smallest size is.
std::size_t draw_size(std::span<const std::int32_t> sizes, std::int64_t share, std::int64_t most, Stream& stream);

// One service, or one family of tasks that are run by hand: its tasks are alike.
struct FleetService {
  std::string group;
  std::string task_definition;
  std::string started_by;         // Empty for tasks run by hand.
  std::uint16_t static_port = 0;  // 0: none.
  bool port_is_udp = false;
  bool uses_eni = false;
  bool has_health_check = false;
};

// The services of a fleet: as many for each pair of sizes, made when first asked for.
class FleetServices {
 public:
  FleetServices(std::uint64_t seed, std::uint32_t services_per_size, std::string task_definition_prefix);

  // A service whose tasks have these sizes (indexes); a service with GPUs has no ENI and no static port.
  const FleetService& draw(std::size_t cpu_size, std::size_t memory_size, bool has_gpu, Stream& stream);

 private:
  const FleetService& at(std::size_t index, bool has_gpu);

  std::uint64_t seed_;
  std::uint32_t services_per_size_;
  std::string task_definition_prefix_;
  std::vector<std::optional<FleetService>> services_;
  std::vector<std::optional<FleetService>> gpu_services_;
};

}  // namespace berth::ecs
