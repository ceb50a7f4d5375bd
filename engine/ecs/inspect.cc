#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/ecs/arn.h"
#include "engine/ecs/documents.h"
#include "engine/ecs/json_writer.h"
#include "engine/ecs/table.h"

namespace berth::ecs {
namespace {

constexpr std::size_t kTableGroupsMax = 20;

struct Amount {
  std::int64_t registered = 0;
  std::int64_t remaining = 0;
  std::int64_t placeable = 0;  // Remaining on ACTIVE instances whose agent is connected.
};

struct Place {
  std::uint64_t instances = 0;
  std::uint64_t tasks = 0;
  Amount cpu;
  Amount memory;
};

struct Summary {
  std::map<std::string, std::uint64_t> statuses;
  std::uint64_t disconnected = 0;
  std::set<std::string> clusters;
  std::map<std::string, Place> zones;
  std::map<std::string, Place> types;
  Amount cpu;
  Amount memory;
  Amount gpus;
  Amount enis;                                                     // Of the instances whose limit is known.
  std::vector<std::pair<std::string_view, Amount>> own;            // In the order of their names.
  std::uint64_t eni_unlimited = 0;                                 // Instances whose limit is not.
  std::vector<std::pair<std::string_view, std::uint64_t>> groups;  // Largest first.
};

void add_amount(Amount& amount, std::int64_t registered, std::int64_t remaining, bool is_placeable) {
  amount.registered += registered;
  amount.remaining += remaining;
  amount.placeable += is_placeable ? remaining : 0;
}

void add_instance(Summary& summary, const Snapshot& snapshot, std::uint32_t i) {
  const auto status = static_cast<InstanceStatus>(snapshot.status()[i]);
  const bool is_connected = snapshot.agent_connected()[i] != 0;
  const bool is_placeable = status == InstanceStatus::kActive && is_connected;
  ++summary.statuses[std::string(to_text(status))];
  summary.disconnected += is_connected ? 0 : 1;
  add_amount(summary.cpu, snapshot.cpu_registered()[i], snapshot.cpu_remaining()[i], is_placeable);
  add_amount(summary.memory, snapshot.memory_registered()[i], snapshot.memory_remaining()[i], is_placeable);
  const Snapshot::GpuRange gpus = snapshot.gpus(i);
  std::int64_t free_gpus = 0;
  for (std::uint32_t slot = gpus.begin; slot < gpus.begin + gpus.count; ++slot) {
    free_gpus += snapshot.gpu_free()[slot];
  }
  add_amount(summary.gpus, gpus.count, free_gpus, is_placeable);
  if (const std::int64_t limit = snapshot.eni_limit()[i]; limit == kEniUnlimited) {
    ++summary.eni_unlimited;
  } else {
    add_amount(summary.enis, limit, limit - snapshot.eni_used()[i], is_placeable);
  }
  for (std::size_t own = 0; own < summary.own.size(); ++own) {
    const OwnResource& resource = snapshot.own_resources()[own];
    add_amount(summary.own[own].second, resource.registered[i], resource.remaining[i], is_placeable);
  }
  const Snapshot::TaskRange tasks = snapshot.tasks_of(i);
  const auto add_to = [&](std::map<std::string, Place>& places, std::string_view attribute) {
    Place& place = places[std::string(snapshot.attribute_text(i, attribute).value_or(""))];
    ++place.instances;
    place.tasks += tasks.end - tasks.begin;
    add_amount(place.cpu, snapshot.cpu_registered()[i], snapshot.cpu_remaining()[i], is_placeable);
    add_amount(place.memory, snapshot.memory_registered()[i], snapshot.memory_remaining()[i], is_placeable);
  };
  add_to(summary.zones, "ecs.availability-zone");
  add_to(summary.types, "ecs.instance-type");
}

// The clusters that ARNs name. The shared beginning of the ARNs of a cluster usually tells it.
std::set<std::string> clusters_of(const Snapshot& snapshot) {
  const IdColumn& arns = snapshot.instance_arns();
  std::vector<std::string> by_prefix;
  by_prefix.reserve(arns.prefixes().size());
  for (std::uint32_t prefix = 0; prefix < arns.prefixes().size(); ++prefix) {
    by_prefix.push_back(cluster_arn_of(arns.prefixes().at(prefix)));
  }
  std::set<std::string> clusters;
  std::vector<bool> is_seen(by_prefix.size());
  for (std::uint32_t i = 0; i < snapshot.instance_count(); ++i) {
    const std::uint16_t prefix = arns.prefix(i);
    if (is_seen[prefix]) {
      continue;
    }
    is_seen[prefix] = !by_prefix[prefix].empty();
    if (std::string cluster = is_seen[prefix] ? by_prefix[prefix] : cluster_arn_of(arns.text(i)); !cluster.empty()) {
      clusters.insert(std::move(cluster));
    }
  }
  return clusters;
}

Summary summarize(const Snapshot& snapshot) {
  Summary summary;
  for (const OwnResource& own : snapshot.own_resources()) {
    summary.own.emplace_back(own.name, Amount{});
  }
  for (std::uint32_t i = 0; i < snapshot.instance_count(); ++i) {
    add_instance(summary, snapshot, i);
  }
  summary.clusters = clusters_of(snapshot);
  std::vector<std::uint64_t> tasks_of_group(snapshot.groups().size());
  for (std::uint32_t task = 0; task < snapshot.task_count(); ++task) {
    ++tasks_of_group[snapshot.task_shapes()[snapshot.task_shape()[task]].group];
  }
  for (std::uint32_t group = 0; group < snapshot.groups().size(); ++group) {
    if (tasks_of_group[group] != 0) {
      summary.groups.emplace_back(snapshot.groups().at(group), tasks_of_group[group]);
    }
  }
  std::sort(summary.groups.begin(), summary.groups.end(),
            [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
  return summary;
}

// Places with the most instances first, then by name.
std::vector<std::pair<std::string, Place>> largest_first(const std::map<std::string, Place>& places) {
  std::vector<std::pair<std::string, Place>> sorted(places.begin(), places.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second.instances != b.second.instances ? a.second.instances > b.second.instances : a.first < b.first;
  });
  return sorted;
}

void write_amount(JsonWriter& writer, std::string_view name, const Amount& amount) {
  writer.key(name).begin_object();
  writer.member_integer("registered", amount.registered).member_integer("remaining", amount.remaining);
  writer.member_integer("placeable", amount.placeable).end_object();
}

void write_places(JsonWriter& writer, std::string_view name, std::string_view key, const std::map<std::string, Place>& places) {
  writer.key(name).begin_array();
  for (const auto& [text, place] : largest_first(places)) {
    writer.begin_object().member(key, text);
    writer.member_integer("instances", static_cast<std::int64_t>(place.instances));
    writer.member_integer("tasks", static_cast<std::int64_t>(place.tasks));
    write_amount(writer, "cpuUnits", place.cpu);
    write_amount(writer, "memoryMib", place.memory);
    writer.end_object();
  }
  writer.end_array();
}

std::string to_json(const Snapshot& snapshot, const Summary& summary) {
  JsonWriter writer;
  writer.begin_object();
  writer.member_integer("instances", snapshot.instance_count()).member_integer("tasks", snapshot.task_count());
  writer.member_boolean("hasTasks", snapshot.has_tasks());
  writer.key("generation").unsigned_integer(snapshot.generation());
  writer.key("tieSeed").unsigned_integer(snapshot.tie_seed());
  writer.member_integer("formatVersion", snapshot.format_version());
  writer.member_integer("bytes", static_cast<std::int64_t>(snapshot.bytes().size()));
  writer.key("clusters").begin_array();
  for (const std::string& cluster : summary.clusters) {
    writer.string(cluster);
  }
  writer.end_array();
  writer.key("statuses").begin_object();
  for (const auto& [status, count] : summary.statuses) {
    writer.member_integer(status, static_cast<std::int64_t>(count));
  }
  writer.end_object();
  writer.member_integer("agentsDisconnected", static_cast<std::int64_t>(summary.disconnected));
  writer.key("resources").begin_object();
  write_amount(writer, "cpuUnits", summary.cpu);
  write_amount(writer, "memoryMib", summary.memory);
  write_amount(writer, "gpus", summary.gpus);
  write_amount(writer, "enis", summary.enis);
  writer.end_object();
  if (!summary.own.empty()) {
    writer.key("ownResources").begin_object();
    for (const auto& [name, amount] : summary.own) {
      write_amount(writer, name, amount);
    }
    writer.end_object();
  }
  writer.member_integer("instancesWithoutEniLimit", static_cast<std::int64_t>(summary.eni_unlimited));
  writer.member_integer("attributeNames", snapshot.attribute_names().size());
  writer.member_integer("attributeSets", snapshot.attribute_set_count());
  write_places(writer, "zones", "zone", summary.zones);
  write_places(writer, "types", "type", summary.types);
  writer.key("groups").begin_array();
  for (const auto& [group, count] : summary.groups) {
    writer.begin_object().member("group", group).member_integer("tasks", static_cast<std::int64_t>(count)).end_object();
  }
  writer.end_array().end_object();
  return writer.take();
}

std::string percent_used(const Amount& amount) {
  if (amount.registered <= 0) {
    return "";
  }
  return std::to_string((amount.registered - amount.remaining) * 100 / amount.registered) + " %";
}

std::string places_table(std::string_view header, const std::map<std::string, Place>& places) {
  Table table;
  table.column(header);
  for (const std::string_view right : {"INSTANCES", "TASKS", "CPU LEFT", "USED", "MIB LEFT", "USED"}) {
    table.column(right, Table::Align::kRight);
  }
  for (const auto& [text, place] : largest_first(places)) {
    table.row({text.empty() ? "(none)" : text, grouped_digits(static_cast<std::int64_t>(place.instances)),
               grouped_digits(static_cast<std::int64_t>(place.tasks)), grouped_digits(place.cpu.remaining), percent_used(place.cpu),
               grouped_digits(place.memory.remaining), percent_used(place.memory)});
  }
  return table.render();
}

std::string to_table(const Snapshot& snapshot, const Summary& summary) {
  std::string text = counted(snapshot.instance_count(), "instance") + ", " + counted(snapshot.task_count(), "task") + ", generation " +
                     std::to_string(snapshot.generation()) + "\n\n";
  Table statuses;
  statuses.column("STATUS").column("INSTANCES", Table::Align::kRight);
  for (const auto& [status, count] : summary.statuses) {
    statuses.row({status, grouped_digits(static_cast<std::int64_t>(count))});
  }
  statuses.row({"agent disconnected", grouped_digits(static_cast<std::int64_t>(summary.disconnected))});
  text += statuses.render() + "\n";
  Table resources;
  resources.column("RESOURCE");
  for (const std::string_view right : {"REGISTERED", "REMAINING", "PLACEABLE", "USED"}) {
    resources.column(right, Table::Align::kRight);
  }
  const auto add_row = [&](std::string_view name, const Amount& amount) {
    resources.row({std::string(name), grouped_digits(amount.registered), grouped_digits(amount.remaining), grouped_digits(amount.placeable),
                   percent_used(amount)});
  };
  add_row("CPU units", summary.cpu);
  add_row("memory MiB", summary.memory);
  add_row("GPUs", summary.gpus);
  add_row("task ENIs", summary.enis);
  for (const auto& [name, amount] : summary.own) {
    add_row(name, amount);
  }
  text += resources.render() + "\n" + places_table("ZONE", summary.zones) + "\n" + places_table("TYPE", summary.types);
  if (summary.groups.empty()) {
    return text;
  }
  Table groups;
  groups.column("GROUP").column("TASKS", Table::Align::kRight);
  for (std::size_t i = 0; i < std::min(kTableGroupsMax, summary.groups.size()); ++i) {
    groups.row({std::string(summary.groups[i].first), grouped_digits(static_cast<std::int64_t>(summary.groups[i].second))});
  }
  text += "\n" + groups.render();
  if (summary.groups.size() > kTableGroupsMax) {
    text += "and " + grouped_digits(static_cast<std::int64_t>(summary.groups.size() - kTableGroupsMax)) + " more groups\n";
  }
  return text;
}

}  // namespace

Result<std::string> inspect(const SnapshotPtr& snapshot, Executor& /*executor*/, const DocumentOptions& options) {
  const Summary summary = summarize(*snapshot);
  return options.format == Format::kTable ? to_table(*snapshot, summary) : to_json(*snapshot, summary);
}

}  // namespace berth::ecs
