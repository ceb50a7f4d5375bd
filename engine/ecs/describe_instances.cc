#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/ecs/attribute_advice.h"
#include "engine/ecs/documents.h"
#include "engine/ecs/import_records.h"
#include "engine/ecs/json_writer.h"
#include "engine/ecs/request.h"
#include "engine/ecs/request_text.h"
#include "engine/ecs/table.h"
#include "engine/query/program.h"

namespace berth::ecs {
namespace {

constexpr std::uint64_t kProgressStep = 1024;

void show_progress(Progress* progress, std::uint64_t done) {
  if (progress != nullptr && done % kProgressStep == 0) {
    progress->advance(kProgressStep);
  }
}

// The cluster that a request names. Errors as read_cluster().
Outcome read_named_cluster(const JsonValue& root, const Snapshot& snapshot, placement::Request& place) {
  if (const std::optional<JsonValue> cluster = root.member("cluster")) {
    if (Outcome typed = cluster->expect(JsonValue::Type::kString); !typed) {
      return typed;
    }
  }
  return read_cluster(root, snapshot, place);
}

struct ListRequest {
  placement::Request place;  // Its cluster alone.
  std::string_view filter;
  std::optional<InstanceStatus> status;
};

Result<ListRequest> read_list_request(const JsonValue& root, const Snapshot& snapshot) {
  ListRequest request;
  Outcome outcome = read_named_cluster(root, snapshot, request.place);
  if (const std::optional<JsonValue> filter = root.member("filter"); outcome && filter) {
    outcome = store(filter->string(), request.filter);
  }
  if (const std::optional<JsonValue> status = root.member("status"); outcome && status) {
    outcome = store_word(*status, &instance_status_from, "ACTIVE, DRAINING, REGISTERING, DEREGISTERING, REGISTRATION_FAILED",
                         request.status.emplace());
    if (outcome && request.status == InstanceStatus::kInactive) {
      outcome = status->error("INACTIVE instances are not listed", "InvalidParameterException");
    }
  }
  if (!outcome) {
    return std::move(outcome).error();
  }
  return request;
}

// The instances that a filter selects; every one without a filter.
Result<Bitset> select(const SnapshotPtr& snapshot, std::string_view filter, Executor& executor) {
  if (filter.empty()) {
    return Bitset(snapshot->instance_count(), true);
  }
  Result<query::ProgramPtr> program = query::Program::compile(filter);
  if (!program) {
    Error error = std::move(program).error();
    error.source = "filter";
    error.message = "filter: " + error.message;
    propose_known_attribute(*snapshot, error);
    error.exception = "InvalidParameterException";
    return error;
  }
  return query::Binding(*std::move(program), snapshot, executor).evaluate(executor);
}

// One instance as DescribeContainerInstances prints it.
class InstanceWriter {
 public:
  InstanceWriter(const Snapshot& snapshot, JsonWriter& writer) : snapshot_(snapshot), writer_(writer) {}

  void write(std::uint32_t instance) {
    writer_.begin_object();
    text_.clear();
    snapshot_.instance_arns().append_to(instance, text_);
    writer_.member("containerInstanceArn", text_);
    text_.clear();
    snapshot_.ec2_instance_ids().append_to(instance, text_);
    if (!text_.empty()) {
      writer_.member("ec2InstanceId", text_);
    }
    if (const std::uint32_t provider = snapshot_.capacity_provider()[instance]; provider != kNoId) {
      writer_.member("capacityProviderName", snapshot_.texts().at(provider));
    }
    writer_.key("version").unsigned_integer(snapshot_.version()[instance]);
    writer_.key("versionInfo").begin_object();
    if (const std::uint32_t agent = snapshot_.agent_version()[instance]; agent != kNoId) {
      writer_.member("agentVersion", snapshot_.texts().at(agent));
    }
    writer_.end_object();
    write_resources("remainingResources", instance, true);
    write_resources("registeredResources", instance, false);
    writer_.member("status", to_text(static_cast<InstanceStatus>(snapshot_.status()[instance])));
    writer_.member_boolean("agentConnected", snapshot_.agent_connected()[instance] != 0);
    writer_.member_integer("runningTasksCount", running_tasks_of(snapshot_, instance));
    writer_.member_integer("pendingTasksCount", snapshot_.pending_tasks_count()[instance]);
    write_attributes(instance);
    if (const std::int64_t registered_at_ms = snapshot_.registered_at_ms()[instance]; registered_at_ms != 0) {
      writer_.key("registeredAt").number(static_cast<double>(registered_at_ms) / 1000.0);
    }
    writer_.end_object();
  }

 private:
  void write_resources(std::string_view name, std::uint32_t instance, bool is_remaining) {
    const PortSet ports = snapshot_.port_set((is_remaining ? snapshot_.ports_used() : snapshot_.ports_registered())[instance]);
    writer_.key(name).begin_array();
    write_amount("CPU", (is_remaining ? snapshot_.cpu_remaining() : snapshot_.cpu_registered())[instance]);
    write_amount("MEMORY", (is_remaining ? snapshot_.memory_remaining() : snapshot_.memory_registered())[instance]);
    write_ports("PORTS", ports.tcp);
    write_ports("PORTS_UDP", ports.udp);
    if (const Snapshot::GpuRange range = snapshot_.gpus(instance); range.count != 0) {
      begin_resource("GPU", "STRINGSET", 0);
      writer_.key("stringSetValue").begin_array();
      for (std::uint32_t slot = range.begin; slot < range.begin + range.count; ++slot) {
        if (!is_remaining || snapshot_.gpu_free()[slot] != 0) {
          writer_.string(snapshot_.gpu_ids().at(slot));
        }
      }
      writer_.end_array().end_object();
    }
    for (const OwnResource& own : snapshot_.own_resources()) {
      if (own.registered[instance] != 0 || own.remaining[instance] != 0) {
        write_amount(own.name, (is_remaining ? own.remaining : own.registered)[instance]);
      }
    }
    writer_.end_array();
  }

  void begin_resource(std::string_view name, std::string_view type, std::int32_t amount) {
    writer_.begin_object().member("name", name).member("type", type);
    writer_.key("doubleValue").raw("0.0");
    writer_.member_integer("longValue", 0).member_integer("integerValue", amount);
  }
  void write_amount(std::string_view name, std::int32_t amount) {
    begin_resource(name, "INTEGER", amount);
    writer_.end_object();
  }
  void write_ports(std::string_view name, std::span<const std::uint16_t> ports) {
    begin_resource(name, "STRINGSET", 0);
    writer_.key("stringSetValue").begin_array();
    for (const std::uint16_t port : ports) {
      writer_.string(std::to_string(port));
    }
    writer_.end_array().end_object();
  }

  void write_attributes(std::uint32_t instance) {
    const std::span<const AttributePair> shared = snapshot_.attribute_set_pairs(snapshot_.attribute_set()[instance]);
    pairs_.assign(shared.begin(), shared.end());
    for (const WideAttribute& wide : snapshot_.wide_attributes()) {
      if (wide.values[instance] != kAttributeAbsent) {
        pairs_.push_back({wide.name, wide.values[instance]});
      }
    }
    std::sort(pairs_.begin(), pairs_.end(), [](const AttributePair& a, const AttributePair& b) { return a.name < b.name; });
    writer_.key("attributes").begin_array();
    for (const AttributePair& pair : pairs_) {
      writer_.begin_object().member("name", snapshot_.attribute_names().at(pair.name));
      if (pair.value != kAttributeNameOnly) {
        writer_.member("value", snapshot_.attribute_values().at(pair.value));
      }
      writer_.end_object();
    }
    writer_.end_array();
  }

  const Snapshot& snapshot_;
  JsonWriter& writer_;
  std::string text_;
  std::vector<AttributePair> pairs_;
};

struct Described {
  std::vector<std::uint32_t> instances;
  std::vector<std::string> missing;
};

// Which instances are asked for: each once, in the order of the request; all of the cluster when the request names none.
Result<Described> find_described(const Snapshot& snapshot, const JsonValue& root) {
  Described described;
  placement::Request place;
  if (Outcome read = read_named_cluster(root, snapshot, place); !read) {
    return std::move(read).error();
  }
  const std::optional<JsonValue> wanted = root.member("containerInstances");
  if (!wanted) {
    for (std::uint32_t i = 0; i < snapshot.instance_count(); ++i) {
      if (may_be_of_cluster(snapshot.instance_arns().text(i), place)) {
        described.instances.push_back(i);
      }
    }
    return described;
  }
  std::set<std::string_view> seen;
  Outcome outcome = wanted->for_each([&](const JsonValue& each) -> Outcome {
    const Result<std::string_view> name = each.string();
    if (!name) {
      return name.error();
    }
    if (!seen.insert(*name).second) {
      return {};
    }
    const std::optional<std::uint32_t> found = snapshot.find_instance(*name);
    if (found && may_be_of_cluster(snapshot.instance_arns().text(*found), place)) {
      described.instances.push_back(*found);
    } else {
      described.missing.emplace_back(*name);
    }
    return {};
  });
  if (!outcome) {
    return std::move(outcome).error();
  }
  return described;
}

std::string described_table(const Snapshot& snapshot, const Described& described) {
  Table table;
  table.column("INSTANCE").column("EC2").column("STATUS").column("AGENT").column("TYPE").column("ZONE");
  table.column("CPU LEFT", Table::Align::kRight).column("OF", Table::Align::kRight);
  table.column("MIB LEFT", Table::Align::kRight).column("OF", Table::Align::kRight).column("TASKS", Table::Align::kRight);
  for (const std::uint32_t i : described.instances) {
    const auto attribute = [&](std::string_view name) { return std::string(snapshot.attribute_text(i, name).value_or("")); };
    table.row({snapshot.instance_arns().text(i), snapshot.ec2_instance_ids().text(i),
               std::string(to_text(static_cast<InstanceStatus>(snapshot.status()[i]))),
               snapshot.agent_connected()[i] != 0 ? "connected" : "disconnected", attribute("ecs.instance-type"),
               attribute("ecs.availability-zone"), std::to_string(snapshot.cpu_remaining()[i]),
               std::to_string(snapshot.cpu_registered()[i]), std::to_string(snapshot.memory_remaining()[i]),
               std::to_string(snapshot.memory_registered()[i]), std::to_string(running_tasks_of(snapshot, i))});
  }
  std::string text = table.render();
  for (const std::string& name : described.missing) {
    text.append("MISSING: ").append(name).append("\n");
  }
  return text;
}

}  // namespace

Result<std::string> list_container_instances(const SnapshotPtr& snapshot, std::string_view request_json, Executor& executor,
                                             const DocumentOptions& options) {
  constexpr std::array<std::string_view, 3> kKnown = {"cluster", "filter", "status"};
  const Result<JsonDocument> document = parse_request("list-container-instances", request_json, kKnown);
  if (!document) {
    return document.error();
  }
  const Result<ListRequest> request = read_list_request(document->root(), *snapshot);
  if (!request) {
    return request.error();
  }
  const Result<Bitset> selected = select(snapshot, request->filter, executor);
  if (!selected) {
    return selected.error();
  }
  JsonWriter writer;
  Table table;
  table.column("INSTANCE").column("STATUS");
  writer.begin_object().key("containerInstanceArns").begin_array();
  std::string arn;
  selected->for_each([&](std::size_t index) {
    const auto i = static_cast<std::uint32_t>(index);
    const auto status = static_cast<InstanceStatus>(snapshot->status()[i]);
    if (request->status ? status != *request->status : status == InstanceStatus::kInactive) {
      return;
    }
    arn.clear();
    snapshot->instance_arns().append_to(i, arn);
    if (!may_be_of_cluster(arn, request->place)) {
      return;
    }
    if (options.format == Format::kTable) {
      table.row({arn, std::string(to_text(status))});
    } else {
      writer.string(arn);
    }
  });
  writer.end_array().end_object();
  return options.format == Format::kTable ? table.render() : writer.take();
}

Result<std::string> describe_container_instances(const SnapshotPtr& snapshot, std::string_view request_json, Executor& /*executor*/,
                                                 const DocumentOptions& options) {
  constexpr std::array<std::string_view, 2> kKnown = {"cluster", "containerInstances"};
  const Result<JsonDocument> document = parse_request("describe-container-instances", request_json, kKnown);
  if (!document) {
    return document.error();
  }
  const Result<Described> described = find_described(*snapshot, document->root());
  if (!described) {
    return described.error();
  }
  if (options.format == Format::kTable) {
    return described_table(*snapshot, *described);
  }
  if (options.progress != nullptr) {
    options.progress->begin(Phase::kWriting, described->instances.size());
  }
  JsonWriter writer;
  InstanceWriter instance_writer(*snapshot, writer);
  std::uint64_t done = 0;
  writer.begin_object().key("containerInstances").begin_array();
  for (const std::uint32_t instance : described->instances) {
    instance_writer.write(instance);
    show_progress(options.progress, ++done);
  }
  writer.end_array().key("failures").begin_array();
  for (const std::string& name : described->missing) {
    writer.begin_object().member("arn", name).member("reason", "MISSING").end_object();
  }
  writer.end_array().end_object();
  return writer.take();
}

}  // namespace berth::ecs
