#include "bench/delta_thread.h"

#include <array>
#include <string_view>
#include <utility>

namespace berth::bench {

using workloads::Operation;
using workloads::OperationKind;

namespace {

cluster::Expected same(const cluster::InstanceHandle& instance) {
  cluster::Expected expected;
  expected.identity = instance.identity;
  return expected;
}

cluster::Worker::TaskState in_state(TaskStatus status) {
  cluster::Worker::TaskState state;
  state.last_status = status;
  return state;
}

}  // namespace

DeltaThread::DeltaThread(cluster::Cluster& cluster, std::vector<std::uint32_t> shapes, std::uint64_t seed)
    : base_(cluster.inventory().base()),
      worker_(*cluster.attach()),
      shapes_(std::move(shapes)),
      stream_(seed, base_.instance_count(), static_cast<std::uint32_t>(shapes_.size())) {
  for (std::uint32_t instance = 0; instance < base_.instance_count(); ++instance) {
    instances_.push_back({cluster.slot_of(instance), instance});
  }
}

void DeltaThread::step() {
  const Operation operation = stream_.next();
  // Of a small fleet all its tasks may have left with their instances, until others start.
  if (tasks_.empty() && operation.kind <= OperationKind::kStopElsewhere) {
    ++without_effect_;
    return;
  }
  switch (operation.kind) {
    case OperationKind::kTaskRunning:
    case OperationKind::kTaskStopping:
    case OperationKind::kTaskStopped:
      return report_states(operation);
    case OperationKind::kStopElsewhere:
      return stop_elsewhere(operation);
    case OperationKind::kStartElsewhere:
      return start_elsewhere(operation);
    case OperationKind::kDeregister:
      return deregister(operation);
    case OperationKind::kRegister:
      return register_again(operation);
    default:
      return carry_out(operation);
  }
}

std::uint32_t DeltaThread::instance_of(const Operation& operation) const {
  return static_cast<std::uint32_t>(workloads::pick_of(operation.pick, instances_.size()));
}

void DeltaThread::take(StatusCode code) {
  without_effect_ += code == StatusCode::kOk && worker_.committed_at().has_value() ? 0U : 1U;
  failed_ += code == StatusCode::kOk || code == StatusCode::kNotFound ? 0U : 1U;
}

void DeltaThread::carry_out(const Operation& operation) {
  const cluster::InstanceHandle instance = instances_[instance_of(operation)];
  switch (operation.kind) {
    case OperationKind::kAgentLost:
      return take(worker_.set_agent_connected(instance.slot, false, same(instance)));
    case OperationKind::kAgentConnected:
      return take(worker_.set_agent_connected(instance.slot, true, same(instance)));
    case OperationKind::kAgentVersion:
      return take(worker_.set_agent_version(instance.slot, workloads::agent_version_of(operation), same(instance)));
    case OperationKind::kDrain:
      return take(worker_.set_status(instance.slot, InstanceStatus::kDraining, same(instance)));
    case OperationKind::kActivate:
      return take(worker_.set_status(instance.slot, InstanceStatus::kActive, same(instance)));
    case OperationKind::kAttributePut: {
      const workloads::AttributeChange change = workloads::attribute_of(operation);
      return take(worker_.put_attribute(instance.slot, change.name, change.value, same(instance)));
    }
    case OperationKind::kAttributeRemove:
      return take(worker_.remove_attribute(instance.slot, workloads::attribute_of(operation).name, same(instance)));
    default:
      ++failed_;
  }
}

cluster::TaskHandle DeltaThread::first_of(std::deque<cluster::TaskHandle>& waiting, std::uint64_t pick) {
  if (waiting.empty()) {
    return tasks_[static_cast<std::size_t>(workloads::pick_of(pick, tasks_.size()))];
  }
  const cluster::TaskHandle task = waiting.front();
  waiting.pop_front();
  return task;
}

void DeltaThread::report_states(const Operation& operation) {
  if (operation.kind == OperationKind::kTaskRunning) {
    return take(worker_.set_task_state(first_of(starting_, operation.pick), in_state(TaskStatus::kRunning)));
  }
  if (operation.kind == OperationKind::kTaskStopping && !to_stop_.empty()) {
    const cluster::TaskHandle task = first_of(to_stop_, operation.pick);
    stopping_.push_back(task);
    return take(worker_.set_task_state(task, in_state(TaskStatus::kStopping)));
  }
  std::deque<cluster::TaskHandle>& ended = stopping_.empty() ? to_stop_ : stopping_;
  if (operation.kind == OperationKind::kTaskStopped && !ended.empty()) {
    return take(worker_.release(first_of(ended, operation.pick)));
  }
  take(worker_.set_task_state(first_of(ended, operation.pick), in_state(TaskStatus::kRunning)));
}

void DeltaThread::stop_elsewhere(const Operation& operation) {
  const auto picked = static_cast<std::size_t>(workloads::pick_of(operation.pick, tasks_.size()));
  const cluster::TaskHandle task = tasks_[picked];
  tasks_[picked] = tasks_.back();
  tasks_.pop_back();
  const StatusCode code = worker_.stop(task);
  if (code == StatusCode::kOk) {
    to_stop_.push_back(task);
  }
  take(code);
}

void DeltaThread::start_elsewhere(const Operation& operation) {
  const cluster::InstanceHandle instance = instances_[instance_of(operation)];
  cluster::StartedTask started;
  started.id = {operation.draw, operation.pick};
  started.last_status = TaskStatus::kPending;
  cluster::Placed placed;
  const StatusCode code = worker_.start_elsewhere(instance.slot, shapes_[operation.class_index], started, placed, same(instance));
  if (code == StatusCode::kOk) {
    tasks_.push_back(placed.task);
    starting_.push_back(placed.task);
  }
  take(code);
}

void DeltaThread::deregister(const Operation& operation) {
  const cluster::InstanceHandle instance = instances_[instance_of(operation)];
  const Outcome outcome = worker_.deregister(instance.slot, true, orphans_, same(instance));
  orphans_.clear();
  take(outcome.ok() ? StatusCode::kOk : outcome.error().code);
}

void DeltaThread::register_again(const Operation& operation) {
  const std::uint32_t instance = instance_of(operation);
  // The id at the end of the ARN is drawn anew.
  std::string arn = base_.instance_arns().text(instance);
  constexpr std::size_t kDigits = 32;
  constexpr std::string_view kHexadecimal = "0123456789abcdef";
  for (std::size_t digit = 0; digit < kDigits && digit < arn.size(); ++digit) {
    const std::uint64_t bits = digit < 16 ? operation.draw : operation.pick;
    arn[arn.size() - 1 - digit] = kHexadecimal[(bits >> (4 * (digit % 16))) & 15U];
  }
  std::vector<cluster::LiveAttribute> attributes;
  for (const AttributePair& pair : base_.attribute_set_pairs(base_.attribute_set()[instance])) {
    attributes.push_back({base_.attribute_names().at(pair.name),
                          pair.value == kAttributeNameOnly ? std::nullopt : std::optional(base_.attribute_values().at(pair.value))});
  }
  const std::string ec2_instance_id = base_.ec2_instance_ids().text(instance);
  const Snapshot::GpuRange gpus = base_.gpus(instance);
  std::vector<std::string_view> gpu_ids;
  for (std::uint32_t slot = gpus.begin; slot < gpus.begin + gpus.count; ++slot) {
    gpu_ids.push_back(base_.gpu_ids().at(slot));
  }
  const PortSet ports = base_.port_set(base_.ports_registered()[instance]);
  cluster::Registration registration;
  registration.arn = arn;
  registration.ec2_instance_id = ec2_instance_id;
  registration.agent_version = workloads::agent_version_of(operation);
  registration.cpu_units = base_.cpu_registered()[instance];
  registration.memory_mib = base_.memory_registered()[instance];
  registration.eni_limit = base_.eni_limit()[instance];
  registration.tcp_ports = ports.tcp;
  registration.udp_ports = ports.udp;
  registration.gpu_ids = gpu_ids;
  registration.attributes = attributes;
  const auto registered = worker_.register_instance(registration);
  if (registered.ok()) {
    instances_[instance] = *registered;
  }
  take(registered.ok() ? StatusCode::kOk : registered.error().code);
}

}  // namespace berth::bench
