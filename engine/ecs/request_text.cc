#include "engine/ecs/request_text.h"

namespace berth::ecs {

Result<JsonDocument> parse_request(std::string_view call, std::string_view json, std::span<const std::string_view> known) {
  Result<JsonDocument> document = JsonDocument::parse(call, json.empty() ? "{}" : json);
  if (!document) {
    return document;
  }
  const JsonValue root = document->root();
  Outcome outcome = root.expect(JsonValue::Type::kObject);
  if (outcome) {
    outcome = root.require_known_members(known);
  }
  if (!outcome) {
    return std::move(outcome).error();
  }
  return document;
}

std::uint32_t running_tasks_of(const Snapshot& snapshot, std::uint32_t instance) {
  if (!snapshot.has_tasks()) {
    return snapshot.running_tasks_count()[instance];
  }
  const Snapshot::TaskRange range = snapshot.tasks_of(instance);
  std::uint32_t running = 0;
  for (std::uint32_t task = range.begin; task < range.end; ++task) {
    running += snapshot.task_desired_status()[task] == static_cast<std::uint8_t>(TaskStatus::kRunning) ? 1U : 0U;
  }
  return running;
}

}  // namespace berth::ecs
