// What events tell of tasks.

#include <algorithm>
#include <array>
#include <utility>

#include "engine/ecs/event_batch.h"
#include "engine/snapshot/id_encoding.h"

namespace berth::ecs {
namespace {

Ports united(const Ports& told, std::span<const std::uint16_t> known) {
  Ports ports = told;
  ports.insert(ports.end(), known.begin(), known.end());
  return ports;
}

std::string text_of(const cluster::LiveStrings& texts, std::uint32_t id) {
  return id == kNoId ? std::string() : std::string(texts.at(id));
}

// By what tasks are the same to a live cluster: the digits at the end of their ARNs, if they end so.
std::string key_of(std::string_view task_arn) {
  const SplitId id = split_id(task_arn);
  if (id.format != IdFormat::kHex32 && id.format != IdFormat::kUuid) {
    return std::string(task_arn);
  }
  std::array<char, kTailBytesMax> digits;
  return {digits.data(), write_tail(IdFormat::kHex32, id.tail, digits)};
}

EventReport::Event failed(StatusCode status, const ImportedTask& task) {
  switch (status) {
    case StatusCode::kNotFound:
      return {EventFate::kIgnored, "the task's instance was deregistered meanwhile"};
    case StatusCode::kLimitExceeded:
      return {EventFate::kRefused, "the cluster holds no more tasks; make it with a larger tasks_max"};
    case StatusCode::kInvalidArgument:
      return {EventFate::kRefused, "cpu and memory of task " + task.arn + ": what remains of its instance is no 32-bit amount then"};
    default:
      return {EventFate::kRefused, "no memory for task " + task.arn};
  }
}

}  // namespace

void EventFeed::forget(std::string_view task_arn, std::uint64_t version) {
  stopped_.put(key_of(task_arn), version);
}

EventFeed::Told EventFeed::apply_task(const JsonValue& detail, Batch& batch) {
  Result<ImportedTask> read = read_task(detail, own_names_, batch.unused);
  if (!read) {
    return {EventFate::kRefused, read.error().message};
  }
  const IdFormat format = split_id(read->arn).format;
  if (is_other_cluster(read->cluster_arn)) {
    return {EventFate::kIgnored, "the task belongs to another cluster, " + read->cluster_arn};
  }
  if (read->is_fargate()) {
    return {EventFate::kIgnored, "the task runs on Fargate"};
  }
  if (const std::optional<std::uint64_t> ended = stopped_.find(key_of(read->arn))) {
    const std::optional<Told> old = outdated(*ended, read->version);
    return old.has_value() ? *old : Told{EventFate::kIgnored, "the task has stopped before, or left with its instance"};
  }
  if (read->is_stopped()) {
    return end(*read);
  }
  if (read->instance_arn.empty()) {
    return {EventFate::kIgnored, "the task is on no container instance yet"};
  }
  if (format != IdFormat::kHex32 && format != IdFormat::kUuid) {
    const std::optional<cluster::InstanceHandle> handle = cluster_.find_instance(read->instance_arn, worker_);
    if (!handle.has_value() || !worker_.find_task(handle->slot, read->arn).has_value()) {
      return {EventFate::kRefused, detail.member("taskArn")->error("expected 32 hexadecimal digits at the end").message};
    }
  }
  return place(*std::move(read));
}

EventFeed::Told EventFeed::place(ImportedTask task) {
  const std::optional<cluster::InstanceHandle> handle = cluster_.find_instance(task.instance_arn, worker_);
  if (!handle.has_value()) {
    const bool has_left = cluster_.inventory().find_identity(task.instance_arn) != kNoId || inactive_.find(task.instance_arn).has_value();
    if (!has_left) {
      return wait(std::move(task));
    }
    forget(task.arn, task.version);
    return {EventFate::kIgnored, "the task's instance is INACTIVE"};
  }
  const std::optional<cluster::KnownTask> known = worker_.find_task(handle->slot, task.arn);
  return known.has_value() ? change(*handle, *known, task) : start(*handle, task);
}

EventFeed::Told EventFeed::start(const cluster::InstanceHandle& handle, const ImportedTask& task) {
  const Result<std::uint32_t> shape = shape_of(task, nullptr);
  if (!shape.ok()) {
    return {EventFate::kRefused, shape.error().message};
  }
  cluster::StartedTask started;
  started.id = split_id(task.arn).tail;
  started.last_status = task.last_status;
  started.desired_status = task.desired_status;
  started.health = task.health;
  started.started_at_ms = task.started_at_ms;
  started.gpu_mask = gpu_mask_of(handle.identity, task.gpu_ids);
  started.version = task.version;
  cluster::Placed placed;
  const StatusCode status = worker_.start_elsewhere(handle.slot, *shape, started, placed, {.version = {}, .identity = handle.identity});
  return status == StatusCode::kOk ? Told{} : failed(status, task);
}

EventFeed::Told EventFeed::change(const cluster::InstanceHandle& handle, const cluster::KnownTask& known, const ImportedTask& task) {
  if (const std::optional<Told> old = outdated(known.version, task.version)) {
    return *old;
  }
  const Result<std::uint32_t> shape = shape_of(task, &cluster_.inventory().shapes.at(known.shape));
  if (!shape.ok()) {
    return {EventFate::kRefused, shape.error().message};
  }
  const StatusCode status =
      worker_.set_task_state(known.task,
                             {.last_status = task.last_status,
                              .desired_status = task.desired_status,
                              .health = task.health,
                              .started_at_ms = task.started_at_ms > 0 ? std::optional(task.started_at_ms) : std::nullopt,
                              .is_protected = {},
                              .protected_until_ms = {},
                              .shape = *shape,
                              .version = task.version},
                             {.version = {}, .identity = handle.identity});
  if (status == StatusCode::kNotFound) {
    return {EventFate::kIgnored, "the task was released meanwhile"};
  }
  return status == StatusCode::kOk ? Told{} : failed(status, task);
}

// A STOPPED task gives back what it holds, and nothing that is told of it later counts.
EventFeed::Told EventFeed::end(const ImportedTask& task) {
  const std::string key = key_of(task.arn);
  const auto waiting = waiting_.find(task.instance_arn);
  bool was_waiting = false;
  if (waiting != waiting_.end()) {
    was_waiting = std::erase_if(waiting->second, [&](const ImportedTask& each) { return key_of(each.arn) == key; }) > 0;
    waiting_count_ -= was_waiting ? 1U : 0U;
    if (waiting->second.empty()) {
      waiting_.erase(waiting);
    }
  }
  const std::optional<cluster::InstanceHandle> handle = cluster_.find_instance(task.instance_arn, worker_);
  const std::optional<cluster::KnownTask> known = handle.has_value() ? worker_.find_task(handle->slot, task.arn) : std::nullopt;
  if (known.has_value()) {
    if (const std::optional<Told> old = outdated(known->version, task.version)) {
      return *old;
    }
    const StatusCode status = worker_.release(known->task);
    if (status != StatusCode::kOk && status != StatusCode::kNotFound) {
      return failed(status, task);
    }
  }
  forget(task.arn, task.version);
  return known.has_value() || was_waiting ? Told{} : Told{EventFate::kIgnored, "the task has stopped, and was not known here"};
}

EventFeed::Told EventFeed::wait(ImportedTask task) {
  const std::string key = key_of(task.arn);
  std::vector<ImportedTask>& tasks = waiting_[task.instance_arn];
  const auto known = std::find_if(tasks.begin(), tasks.end(), [&](const ImportedTask& each) { return key_of(each.arn) == key; });
  if (known != tasks.end()) {
    if (const std::optional<Told> old = outdated(known->version, task.version)) {
      return *old;
    }
    *known = std::move(task);
    return {EventFate::kWaiting, ""};
  }
  if (waiting_count_ >= options_.waiting_max) {
    const std::string reason = "the task's instance is not known, and " + std::to_string(waiting_count_) + " tasks wait for theirs already";
    if (tasks.empty()) {
      waiting_.erase(task.instance_arn);
    }
    return {EventFate::kRefused, reason};
  }
  ++waiting_count_;
  tasks.push_back(std::move(task));
  return {EventFate::kWaiting, ""};
}

Result<std::uint32_t> EventFeed::shape_of(const ImportedTask& task, const cluster::Shape* known) {
  const cluster::Inventory& inventory = cluster_.inventory();
  Ports tcp = task.tcp;
  Ports udp = task.udp;
  std::string group = task.group;
  std::string task_definition = task.task_definition;
  std::vector<std::int32_t> own = task.own;
  cluster::TaskDescription description;
  description.cpu_units = task.cpu_units;
  description.memory_mib = task.memory_mib;
  description.gpu_count = static_cast<std::uint32_t>(task.gpu_ids.size());
  if (known != nullptr) {
    // Events tell of ports once the containers run, of own resources never; a task keeps what it was placed with.
    tcp = united(task.uses_eni ? Ports() : tcp, known->tcp_ports);
    udp = united(task.uses_eni ? Ports() : udp, known->udp_ports);
    group = inventory.groups.at(known->group);
    task_definition = task_definition.empty() ? text_of(inventory.texts, known->task_definition) : task_definition;
    description.cpu_units = task.cpu_units == 0 && task.memory_mib == 0 ? known->cpu_units : task.cpu_units;
    description.memory_mib = task.cpu_units == 0 && task.memory_mib == 0 ? known->memory_mib : task.memory_mib;
    description.gpu_count = known->gpu_count;
    if (std::all_of(own.begin(), own.end(), [](std::int32_t amount) { return amount == 0; })) {
      own = known->own.empty() ? own : known->own;
    }
  }
  std::vector<OwnAmount> amounts;
  for (std::size_t index = 0; index < own_names_.size(); ++index) {
    if (own[index] != 0) {
      amounts.push_back({own_names_[index], own[index]});
    }
  }
  description.group = group;
  description.task_definition = task_definition;
  description.started_by = task.started_by;
  description.capacity_provider = task.capacity_provider;
  description.launch_type = task.launch_type;
  description.uses_eni = task.uses_eni;
  description.tcp_ports = tcp;
  description.udp_ports = udp;
  description.own = amounts;
  return cluster_.make_shape(description);
}

std::uint64_t EventFeed::gpu_mask_of(std::uint32_t identity, const std::vector<std::string>& gpu_ids) const {
  const cluster::Inventory& inventory = cluster_.inventory();
  std::uint64_t mask = 0;
  for (std::uint32_t gpu = 0; gpu < inventory.gpu_slots(identity); ++gpu) {
    const std::string_view id = inventory.is_base(identity) ? inventory.base().gpu_ids().at(inventory.base().gpus(identity).begin + gpu)
                                                            : std::string_view(inventory.later(identity).gpu_ids[gpu]);
    mask |= std::uint64_t{std::find(gpu_ids.begin(), gpu_ids.end(), id) != gpu_ids.end()} << gpu;
  }
  return mask;
}

}  // namespace berth::ecs
