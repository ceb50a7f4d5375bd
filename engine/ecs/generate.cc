#include <array>
#include <utility>

#include "engine/base/limits.h"
#include "engine/ecs/documents.h"
#include "engine/ecs/fleet_generator.h"
#include "engine/ecs/import_records.h"
#include "engine/ecs/own_amounts.h"
#include "engine/ecs/request_text.h"

namespace berth::ecs {
namespace {

// Reads one integer option into its place, if it is there.
template <typename Integer>
Outcome read_option(const JsonValue& root, std::string_view name, std::int64_t least, std::int64_t most, Integer& target) {
  const std::optional<JsonValue> value = root.member(name);
  return value ? store(value->integer(least, most), target) : Outcome();
}

Outcome read_options(const JsonValue& root, FleetOptions& options) {
  if (!root.member("instances")) {
    return root.error("needs \"instances\", the number of container instances");
  }
  constexpr std::int64_t kInstances = kInstancesMax;
  constexpr std::int64_t kTasksPerInstanceMax = 100;
  Outcome outcome = read_option(root, "instances", 1, kInstances, options.instances);
  if (outcome) {
    outcome = read_option(root, "utilization", 0, 95, options.utilization_percent);
  }
  if (outcome) {
    outcome = read_option(root, "tasksPerInstance", 0, kTasksPerInstanceMax, options.tasks_per_instance);
  }
  if (outcome) {
    outcome = read_option(root, "zones", 3, 6, options.zones);
  }
  if (const std::optional<JsonValue> seed = root.member("seed"); outcome && seed) {
    outcome = store(seed->unsigned_integer(), options.seed);
  }
  if (const std::optional<JsonValue> resources = root.member("resources"); outcome && resources) {
    outcome = read_own_amounts(*resources, options.own);
  }
  return outcome;
}

}  // namespace

Result<SnapshotPtr> generate(std::string_view options_json, Executor& executor, const DocumentOptions& options) {
  constexpr std::array<std::string_view, 6> kKnown = {"instances", "seed", "utilization", "tasksPerInstance", "zones", "resources"};
  const Result<JsonDocument> document = parse_request("generate options", options_json, kKnown);
  if (!document) {
    return document.error();
  }
  FleetOptions fleet;
  if (Outcome outcome = read_options(document->root(), fleet); !outcome) {
    return std::move(outcome).error();
  }
  return generate_fleet(fleet, executor, options.progress);
}

}  // namespace berth::ecs
