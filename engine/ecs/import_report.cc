#include "engine/ecs/import_report.h"

#include "engine/ecs/json_writer.h"

namespace berth::ecs {

void ImportReport::count_dropped(std::string_view where, std::string_view name) {
  key_.assign(where).append(name);
  ++dropped_[key_];
}

void ImportReport::warn(std::string_view kind, std::string_view example, std::uint64_t count) {
  auto at = warnings_.find(kind);
  if (at == warnings_.end()) {
    at = warnings_.emplace(kind, Warning{0, std::string(example)}).first;
  }
  at->second.count += count;
}

std::string ImportReport::to_json() const {
  JsonWriter writer;
  const auto count = [&](std::string_view name, std::uint64_t value) { writer.key(name).unsigned_integer(value); };
  writer.begin_object();
  count("instances", instances);
  count("tasks", tasks);
  count("stoppedTasksLeftOut", stopped_tasks_left_out);
  count("fargateTasksLeftOut", fargate_tasks_left_out);
  count("tasksWithoutInstance", tasks_without_instance);
  count("duplicates", duplicates);
  count("otherClusters", other_clusters);
  writer.key("clusters").begin_array();
  for (const std::string& cluster : clusters) {
    writer.string(cluster);
  }
  writer.end_array();
  writer.key("droppedFields").begin_object();
  for (const auto& [name, times] : std::map<std::string_view, std::uint64_t>(dropped_.begin(), dropped_.end())) {
    count(name, times);
  }
  writer.end_object();
  writer.key("warnings").begin_array();
  for (const auto& [kind, warning] : warnings_) {
    std::string text = kind;
    if (!warning.example.empty()) {
      text += warning.count == 1 ? ": " : " (" + std::to_string(warning.count) + " times, first: ";
      text += warning.example;
      text += warning.count == 1 ? "" : ")";
    } else if (warning.count > 1) {
      text += " (" + std::to_string(warning.count) + " times)";
    }
    writer.string(text);
  }
  writer.end_array();
  writer.end_object();
  return writer.take();
}

}  // namespace berth::ecs
