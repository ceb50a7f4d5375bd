#include "engine/snapshot/builder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <string>
#include <utility>

#include "engine/snapshot/builder_state.h"
#include "engine/snapshot/plan.h"
#include "engine/snapshot/writer.h"

namespace berth {
namespace {

Error fail(StatusCode code, std::string message) {
  return Error{.code = code, .message = std::move(message)};
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

void append_ports(std::vector<std::uint32_t>& ports, std::span<const std::uint16_t> tcp, std::span<const std::uint16_t> udp) {
  ports.insert(ports.end(), tcp.begin(), tcp.end());
  for (const std::uint16_t port : udp) {
    ports.push_back(kUdpPort | port);
  }
}

Outcome check_id(std::string_view what, std::string_view id) {
  if (id.size() > kIdBytesMax) {
    return fail(StatusCode::kLimitExceeded, std::string(what) + " " + quoted(id.substr(0, 64)) + "... has " + std::to_string(id.size()) +
                                                " bytes; an id has at most " + std::to_string(kIdBytesMax));
  }
  return {};
}

// An own resource of a record: it has a column, and less than nothing of it can neither be registered nor held.
Outcome check_own(std::string_view what, std::string_view arn, std::string_view name, std::int32_t amount, const BuilderRows& rows) {
  if (rows.find_own(name) == kNoId) {
    return fail(StatusCode::kInvalidArgument, std::string(what) + " " + quoted(arn) + ": resource " + quoted(name) +
                                                  " has no column in this builder; use add_own_resource()");
  }
  if (amount < 0) {
    return fail(StatusCode::kInvalidArgument, std::string(what) + " " + quoted(arn) + ": " + std::to_string(amount) + " of resource " +
                                                  quoted(name) + "; expected 0 or more");
  }
  return {};
}

template <typename Number>
Number clamped(std::int64_t value) {
  return static_cast<Number>(std::clamp<std::int64_t>(value, std::numeric_limits<Number>::min(), std::numeric_limits<Number>::max()));
}

}  // namespace

SnapshotBuilder::State::State() {
  rows.port_sets.intern({}, kPortWord);
}

std::uint32_t SnapshotBuilder::State::intern_ports() {
  std::ranges::sort(ports);
  const auto repeated = std::ranges::unique(ports);
  ports.erase(repeated.begin(), repeated.end());
  return rows.port_sets.intern(ports, kPortWord);
}

std::uint32_t SnapshotBuilder::State::intern_ports(std::span<const std::uint16_t> tcp, std::span<const std::uint16_t> udp) {
  if (tcp.empty() && udp.empty()) {
    return 0;
  }
  ports.clear();
  append_ports(ports, tcp, udp);
  return intern_ports();
}

Result<std::uint32_t> SnapshotBuilder::State::intern_attributes(const InstanceRecord& record) {
  std::uint64_t next_name = 0;
  bool ascending = true;
  for (const InternedAttribute& pair : record.attributes) {
    if (pair.name >= rows.names.size() || (pair.value >= rows.values.size() && pair.value != kAttributeNameOnly)) {
      return fail(StatusCode::kInvalidArgument, "instance " + quoted(record.arn) + ": attribute (" + std::to_string(pair.name) + ", " +
                                                    std::to_string(pair.value) +
                                                    ") was not interned in this builder; use intern_name() and intern_value()");
    }
    ascending = ascending && pair.name >= next_name;
    next_name = std::uint64_t{pair.name} + 1;
  }
  if (ascending) {
    return rows.attribute_sets.intern(record.attributes, kPairWord);
  }
  // By name, then by place: the last of equal names stays.
  places.clear();
  for (std::size_t at = 0; at < record.attributes.size(); ++at) {
    places.push_back(std::uint64_t{record.attributes[at].name} << 32U | at);
  }
  std::ranges::sort(places);
  pairs.clear();
  for (const std::uint64_t place : places) {
    const AttributePair& pair = record.attributes[place & 0xFFFFFFFFU];
    if (!pairs.empty() && pairs.back().name == pair.name) {
      pairs.back() = pair;
    } else {
      pairs.push_back(pair);
    }
  }
  return rows.attribute_sets.intern(pairs, kPairWord);
}

SnapshotBuilder::SnapshotBuilder() : state_(std::make_unique<State>()) {}
SnapshotBuilder::~SnapshotBuilder() = default;

std::uint32_t SnapshotBuilder::intern_name(std::string_view name) {
  return state_->rows.names.intern(name);
}
std::uint32_t SnapshotBuilder::intern_value(std::string_view value) {
  return state_->rows.values.intern(value);
}

void SnapshotBuilder::set_has_tasks(bool value) {
  state_->rows.has_tasks = value;
}
void SnapshotBuilder::set_tie_seed(std::uint64_t seed) {
  state_->rows.tie_seed = seed;
}
void SnapshotBuilder::set_generation(std::uint64_t generation) {
  state_->rows.generation = generation;
}

std::uint32_t SnapshotBuilder::instance_count() const {
  return static_cast<std::uint32_t>(state_->rows.instances.size());
}
std::uint32_t SnapshotBuilder::task_count() const {
  return static_cast<std::uint32_t>(state_->rows.tasks.size());
}

Outcome SnapshotBuilder::add_own_resource(std::string_view name) {
  BuilderRows& rows = state_->rows;
  if (rows.find_own(name) != kNoId) {
    return {};
  }
  if (Outcome checked = check_own_resource_name(name); !checked) {
    return checked;
  }
  if (rows.own_resources.size() >= kOwnResourcesMax) {
    return fail(StatusCode::kLimitExceeded, "resource " + quoted(name) + " is one too many: an inventory holds at most " +
                                                std::to_string(kOwnResourcesMax) + " resources of the user's own");
  }
  rows.own_resources.push_back({std::string(name), {}, {}});
  return {};
}

Outcome SnapshotBuilder::add_instance(const InstanceRecord& record) {
  BuilderRows& rows = state_->rows;
  if (record.arn.empty()) {
    return fail(StatusCode::kInvalidArgument, "an instance has an empty ARN; every instance needs its own");
  }
  if (to_text(record.status).empty()) {
    return fail(StatusCode::kInvalidArgument, "instance " + quoted(record.arn) + ": status " +
                                                  std::to_string(static_cast<unsigned>(record.status)) + " is none of InstanceStatus");
  }
  if (rows.instances.size() >= kInstancesMax) {
    return fail(StatusCode::kLimitExceeded, "a snapshot holds at most " + std::to_string(kInstancesMax) +
                                                " instances; write several snapshots, for example one per cluster");
  }
  for (const std::string_view id : {record.arn, record.ec2_instance_id}) {
    if (Outcome checked = check_id("instance", id); !checked) {
      return checked;
    }
  }
  const EncodedId arn = rows.instance_arns.intern(record.arn);
  if (rows.find_instance(arn)) {
    return fail(StatusCode::kAlreadyExists, "instance " + quoted(record.arn) + " was added before");
  }
  for (std::size_t at = 0; at < record.gpus.size(); ++at) {
    for (std::size_t before = 0; before < at; ++before) {
      if (record.gpus[before].id == record.gpus[at].id) {
        return fail(StatusCode::kInvalidArgument, "instance " + quoted(record.arn) + " names GPU " + quoted(record.gpus[at].id) + " twice");
      }
    }
  }
  for (const OwnRecord& own : record.own) {
    if (Outcome checked = check_own("instance", record.arn, own.name, own.registered, rows); !checked) {
      return checked;
    }
  }
  const Result<std::uint32_t> attribute_set = state_->intern_attributes(record);
  if (!attribute_set) {
    return attribute_set.error();
  }
  InstanceRow row{};
  row.arn = arn;
  row.ec2_instance_id = rows.ec2_instance_ids.intern(record.ec2_instance_id);
  row.registered_at_ms = record.registered_at_ms;
  row.version = record.version;
  row.cpu_registered = record.cpu_registered;
  row.cpu_remaining = record.cpu_remaining;
  row.memory_registered = record.memory_registered;
  row.memory_remaining = record.memory_remaining;
  row.attribute_set = *attribute_set;
  row.ports_registered = state_->intern_ports(record.tcp_registered, record.udp_registered);
  row.ports_used = state_->intern_ports(record.tcp_used, record.udp_used);
  row.agent_version = rows.intern_text(record.agent_version);
  row.capacity_provider = rows.intern_text(record.capacity_provider);
  row.running_tasks_count = record.running_tasks_count;
  row.pending_tasks_count = record.pending_tasks_count;
  row.eni_limit = record.eni_limit;
  row.eni_used = record.eni_used;
  row.status = static_cast<std::uint8_t>(record.status);
  row.agent_connected = record.agent_connected ? 1 : 0;
  row.gpu_begin = static_cast<std::uint32_t>(rows.gpus.size());
  row.gpu_count = static_cast<std::uint32_t>(record.gpus.size());
  for (const GpuRecord& gpu : record.gpus) {
    rows.gpus.push_back({rows.gpu_ids.intern(gpu.id), static_cast<std::uint8_t>(gpu.is_free ? 1 : 0)});
  }
  const auto number = static_cast<std::uint32_t>(rows.instances.size());
  for (const OwnRecord& own : record.own) {
    state_->set_own(rows.find_own(own.name), number, own.registered, own.remaining);
  }
  rows.instances.push_back(row);
  rows.instance_index.insert(arn, number, [&rows](std::uint32_t at) -> const EncodedId& { return rows.instances[at].arn; });
  return {};
}

void SnapshotBuilder::State::set_own(std::uint32_t own, std::uint32_t instance, std::int32_t registered, std::int32_t remaining) {
  OwnColumnRows& column = rows.own_resources[own];
  if (column.registered.size() <= instance) {
    column.registered.resize(std::size_t{instance} + 1, 0);
    column.remaining.resize(std::size_t{instance} + 1, 0);
  }
  column.registered[instance] = registered;
  column.remaining[instance] = remaining;
}

Outcome SnapshotBuilder::State::append_held(const TaskRecord& record) {
  std::array<std::int32_t, kOwnResourcesMax> held{};
  for (const OwnAmount& own : record.own) {
    if (Outcome checked = check_own("task", record.arn, own.name, own.amount, rows); !checked) {
      return checked;
    }
    held[rows.find_own(own.name)] = own.amount;
  }
  for (std::uint64_t own = 0; own < rows.own_resources.size(); ++own) {
    if (held[own] != 0) {
      shape_words.push_back(own << 32U | static_cast<std::uint32_t>(held[own]));
    }
  }
  return {};
}

Result<std::uint32_t> SnapshotBuilder::State::intern_shape(const TaskRecord& record) {
  TaskShape shape{};
  shape.group = rows.groups.intern(record.group);
  shape.task_definition = rows.intern_text(record.task_definition);
  shape.started_by = rows.intern_text(record.started_by);
  shape.capacity_provider = rows.intern_text(record.capacity_provider);
  shape.cpu_units = record.cpu_units;
  shape.memory_mib = record.memory_mib;
  shape.ports = intern_ports(record.tcp_ports, record.udp_ports);
  shape.uses_eni = record.uses_eni ? 1 : 0;
  shape.launch_type = static_cast<std::uint8_t>(record.launch_type);
  const auto words = std::bit_cast<ShapeWords>(shape);
  shape_words.assign(words.begin(), words.end());
  if (Outcome appended = append_held(record); !appended) {
    return std::move(appended).error();
  }
  return rows.shapes.intern(shape_words, kShapeWord);
}

Outcome SnapshotBuilder::add_task(const TaskRecord& record) {
  BuilderRows& rows = state_->rows;
  if (record.arn.empty() || record.instance_arn.empty()) {
    return fail(StatusCode::kInvalidArgument, record.arn.empty() ? "a task has an empty ARN; every task needs its own"
                                                                 : "task " + quoted(record.arn) + " names no instance");
  }
  if (to_text(record.last_status).empty() || to_text(record.desired_status).empty() || to_text(record.health).empty() ||
      to_text(record.launch_type).empty()) {
    return fail(StatusCode::kInvalidArgument,
                "task " + quoted(record.arn) + ": a status, health or launch type is none of its enumerators");
  }
  if (rows.tasks.size() >= kTasksMax) {
    return fail(StatusCode::kLimitExceeded,
                "a snapshot holds at most " + std::to_string(kTasksMax) + " tasks; write several snapshots, for example one per cluster");
  }
  if (Outcome checked = check_id("task", record.arn); !checked) {
    return checked;
  }
  const auto arn_of = [&rows](std::uint32_t at) -> const EncodedId& { return rows.tasks[at].arn; };
  for (; rows.indexed_tasks < rows.tasks.size(); ++rows.indexed_tasks) {
    rows.task_index.insert(rows.tasks[rows.indexed_tasks].arn, rows.indexed_tasks, arn_of);
  }
  const Result<std::uint32_t> shape = state_->intern_shape(record);
  if (!shape) {
    return shape.error();
  }
  const auto number = static_cast<std::uint32_t>(rows.tasks.size());
  TaskRow row{};
  row.shape = *shape;
  row.arn = rows.task_arns.intern(record.arn);
  rows.tasks.push_back(row);
  if (!rows.task_index.insert(row.arn, number, arn_of)) {
    rows.tasks.pop_back();
    return fail(StatusCode::kAlreadyExists, "task " + quoted(record.arn) + " was added before");
  }
  rows.indexed_tasks = number + 1;
  const EncodedId instance_arn = rows.instance_arns.intern(record.instance_arn);
  const std::uint32_t last = state_->last_instance;
  if (last < rows.instances.size() && rows.instances[last].arn == instance_arn) {
    row.instance = last;
  } else {
    row.instance = rows.find_instance(instance_arn).value_or(kNoId);
    state_->last_instance = row.instance;
  }
  if (row.instance == kNoId) {
    rows.waiting_tasks.push_back({number, instance_arn});
  }
  row.last_status = static_cast<std::uint8_t>(record.last_status);
  row.desired_status = static_cast<std::uint8_t>(record.desired_status);
  row.health = static_cast<std::uint8_t>(record.health);
  row.started_at_ms = record.started_at_ms;
  row.version = record.version;
  if (record.is_protected) {
    rows.protections.push_back({number, record.protected_until_ms});
  }
  for (const std::string_view gpu_id : record.gpu_ids) {
    rows.task_gpus.push_back({number, rows.gpu_ids.intern(gpu_id)});
  }
  rows.tasks.back() = row;
  return {};
}

Outcome SnapshotBuilder::reserve(std::string_view instance_arn, const Reservation& reservation) {
  BuilderRows& rows = state_->rows;
  const std::optional<EncodedId> arn = rows.instance_arns.find(instance_arn);
  const std::optional<std::uint32_t> number = arn ? rows.find_instance(*arn) : std::nullopt;
  if (!number) {
    return fail(StatusCode::kNotFound, "no instance " + quoted(instance_arn) + " to reserve on");
  }
  InstanceRow& row = rows.instances[*number];
  const std::span<GpuRow> gpus = std::span(rows.gpus).subspan(row.gpu_begin, row.gpu_count);
  const auto slot_of = [&](std::string_view gpu_id) {
    const std::optional<std::uint32_t> id = rows.gpu_ids.find(gpu_id);
    return id ? std::ranges::find(gpus, *id, &GpuRow::id) : gpus.end();
  };
  // Everything is looked up before anything changes, so that a failure leaves the instance as it was.
  for (const OwnAmount& own : reservation.own) {
    if (rows.find_own(own.name) == kNoId) {
      return fail(StatusCode::kNotFound, "the inventory has no resource " + quoted(own.name) + " to reserve on");
    }
  }
  for (const std::string_view gpu_id : reservation.gpu_ids) {
    if (slot_of(gpu_id) == gpus.end()) {
      return fail(StatusCode::kNotFound, "instance " + quoted(instance_arn) + " has no GPU " + quoted(gpu_id));
    }
  }
  for (const std::string_view gpu_id : reservation.gpu_ids) {
    slot_of(gpu_id)->is_free = 0;
  }
  row.cpu_remaining = clamped<std::int32_t>(std::int64_t{row.cpu_remaining} - reservation.cpu_units);
  row.memory_remaining = clamped<std::int32_t>(std::int64_t{row.memory_remaining} - reservation.memory_mib);
  row.eni_used = clamped<std::uint16_t>(std::int64_t{row.eni_used} + reservation.eni);
  row.running_tasks_count = clamped<std::uint32_t>(std::int64_t{row.running_tasks_count} + reservation.running_tasks);
  row.pending_tasks_count = clamped<std::uint32_t>(std::int64_t{row.pending_tasks_count} + reservation.pending_tasks);
  for (const OwnAmount& own : reservation.own) {
    const std::uint32_t column = rows.find_own(own.name);
    const auto [registered, remaining] = rows.own_amounts(column, *number);
    state_->set_own(column, *number, registered, clamped<std::int32_t>(std::int64_t{remaining} - own.amount));
  }
  if (!reservation.tcp_ports.empty() || !reservation.udp_ports.empty()) {
    const std::span<const std::uint32_t> used = rows.port_sets.at(row.ports_used);
    state_->ports.assign(used.begin(), used.end());
    append_ports(state_->ports, reservation.tcp_ports, reservation.udp_ports);
    row.ports_used = state_->intern_ports();
  }
  return {};
}

Result<std::vector<std::uint8_t>> SnapshotBuilder::finish(Executor& executor, Progress* progress) {
  const std::unique_ptr<State> state = std::exchange(state_, std::make_unique<State>());
  Result<WritePlan> plan = make_plan(state->rows, executor, progress);
  if (!plan) {
    return std::move(plan).error();
  }
  return write_snapshot(state->rows, *plan, executor, progress);
}

}  // namespace berth
