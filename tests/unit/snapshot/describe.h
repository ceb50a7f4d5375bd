// describe() reads every accessor of a snapshot and writes down what it says, by meaning: ids are resolved to their texts, so that two
// snapshots with the same contents are described alike however their bytes are laid out. Tests and the fuzz target share it.
//
// Thread rule: pure function.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/snapshot/snapshot.h"

namespace berth::testing {

struct Description {
  std::vector<std::string> lines;

  void add(std::string_view key, std::string_view value) { lines.back().append(key).append("=").append(value).append(";"); }
  void add(std::string_view key, std::int64_t value) { add(key, std::string_view(std::to_string(value))); }
  void add_unsigned(std::string_view key, std::uint64_t value) { add(key, std::string_view(std::to_string(value))); }
  void begin(std::string_view what) { lines.emplace_back(what).append(":"); }

  friend bool operator==(const Description&, const Description&) = default;
};

inline std::string_view text_or_none(const StringTable& table, std::uint32_t id) {
  return id == kNoId ? std::string_view{} : table.at(id);
}

inline std::string ports_text(const PortSet& ports) {
  std::string text;
  for (const std::uint16_t port : ports.tcp) {
    text += " tcp" + std::to_string(port);
  }
  for (const std::uint16_t port : ports.udp) {
    text += " udp" + std::to_string(port);
  }
  return text;
}

inline void describe_attributes(const Snapshot& from, std::uint32_t instance, Description& out) {
  for (std::uint32_t name = 0; name < from.attribute_names().size(); ++name) {
    const std::uint32_t value = from.attribute(instance, name);
    if (value == kAttributeAbsent) {
      continue;
    }
    std::string key("attribute ");
    key.append(from.attribute_names().at(name));
    out.add(key, value == kAttributeNameOnly ? std::string("(no value)") : "'" + std::string(from.attribute_values().at(value)) + "'");
  }
}

inline void describe_gpus(const Snapshot& from, std::uint32_t instance, Description& out) {
  const Snapshot::GpuRange gpus = from.gpus(instance);
  for (std::uint32_t slot = gpus.begin; slot < gpus.begin + gpus.count; ++slot) {
    out.add("gpu " + std::string(from.gpu_ids().at(slot)), std::int64_t{from.gpu_free()[slot]});
  }
}

inline void describe_instance(const Snapshot& from, std::uint32_t at, Description& out) {
  out.begin(from.instance_arns().text(at));
  out.add("ec2", from.ec2_instance_ids().text(at));
  out.add("provider", text_or_none(from.texts(), from.capacity_provider()[at]));
  out.add("agent", text_or_none(from.texts(), from.agent_version()[at]));
  out.add("status", to_text(static_cast<InstanceStatus>(from.status()[at])));
  out.add("connected", std::int64_t{from.agent_connected()[at]});
  out.add("registered", from.registered_at_ms()[at]);
  out.add_unsigned("version", from.version()[at]);
  out.add("cpu", std::int64_t{from.cpu_registered()[at]});
  out.add("cpu left", std::int64_t{from.cpu_remaining()[at]});
  out.add("memory", std::int64_t{from.memory_registered()[at]});
  out.add("memory left", std::int64_t{from.memory_remaining()[at]});
  out.add("ports", ports_text(from.port_set(from.ports_registered()[at])));
  out.add("ports used", ports_text(from.port_set(from.ports_used()[at])));
  out.add("eni", std::int64_t{from.eni_limit()[at]});
  out.add("eni used", std::int64_t{from.eni_used()[at]});
  out.add("running", std::int64_t{from.running_tasks_count()[at]});
  out.add("pending", std::int64_t{from.pending_tasks_count()[at]});
  describe_gpus(from, at, out);
  describe_attributes(from, at, out);
  for (const OwnResource& own : from.own_resources()) {
    out.add("own " + std::string(own.name), std::int64_t{own.registered[at]});
    out.add("left", std::int64_t{own.remaining[at]});
  }
}

inline void describe_task(const Snapshot& from, std::uint32_t at, Description& out) {
  const TaskShape& shape = from.task_shapes()[from.task_shape()[at]];
  out.begin(" " + from.task_arns().text(at));
  out.add("group", from.groups().at(shape.group));
  out.add("definition", text_or_none(from.texts(), shape.task_definition));
  out.add("started by", text_or_none(from.texts(), shape.started_by));
  out.add("provider", text_or_none(from.texts(), shape.capacity_provider));
  out.add("cpu", std::int64_t{shape.cpu_units});
  out.add("memory", std::int64_t{shape.memory_mib});
  out.add("ports", ports_text(from.port_set(shape.ports)));
  out.add("eni", std::int64_t{shape.uses_eni});
  out.add("launch", to_text(static_cast<LaunchType>(shape.launch_type)));
  out.add("last", to_text(static_cast<TaskStatus>(from.task_last_status()[at])));
  out.add("desired", to_text(static_cast<TaskStatus>(from.task_desired_status()[at])));
  out.add("health", to_text(static_cast<HealthStatus>(from.task_health()[at])));
  out.add("started", from.task_started_at_ms()[at]);
  out.add("version", std::int64_t{from.task_version()[at]});
  for (const ProtectedTask& row : from.protected_tasks()) {
    if (row.task == at) {
      out.add_unsigned("protected until", row.expires_at_ms);
    }
  }
  for (const Snapshot::TaskGpu& row : from.task_gpus()) {
    if (row.task == at) {
      out.add("holds", from.gpu_ids().at(row.slot));
    }
  }
  for (std::size_t own = 0; own < from.own_resources().size(); ++own) {
    out.add("own " + std::string(from.own_resources()[own].name), std::int64_t{from.own_held(from.task_shape()[at])[own]});
  }
}

inline Description describe(const Snapshot& from) {
  Description out;
  out.begin("snapshot");
  out.add_unsigned("tie seed", from.tie_seed());
  out.add("has tasks", std::int64_t{from.has_tasks() ? 1 : 0});
  for (std::uint32_t instance = 0; instance < from.instance_count(); ++instance) {
    describe_instance(from, instance, out);
    const Snapshot::TaskRange tasks = from.tasks_of(instance);
    for (std::uint32_t task = tasks.begin; task < tasks.end; ++task) {
      describe_task(from, task, out);
    }
  }
  return out;
}

}  // namespace berth::testing
