// The inventory after an answer.

#include <string>
#include <utility>
#include <vector>

#include "engine/ecs/answer.h"
#include "engine/snapshot/builder.h"

namespace berth::ecs {
namespace {

// REQUIRES: the task is on an instance.
Outcome add_one(const Answer& answer, std::uint32_t index, TaskNames& names, SnapshotBuilder& builder) {
  const AnsweredTask& task = answer.tasks[index];
  const TaskRequest& request = *answer.request;
  const placement::Demand& demand = request.placement.demand;
  const std::string instance_arn = answer.snapshot->instance_arns().text(*task.instance);
  const std::string task_arn = names.task_arn(index);
  const std::string definition_arn = names.definition_arn(index);
  std::vector<std::string_view> gpu_ids;
  for (const std::uint32_t slot : task.gpu_slots) {
    gpu_ids.push_back(answer.snapshot->gpu_ids().at(slot));
  }
  // A demand that fits an instance fits 32 bits, as the instance's columns have.
  const auto cpu_units = static_cast<std::int32_t>(demand.cpu_units);
  const auto memory_mib = static_cast<std::int32_t>(demand.memory_mib);

  // A demand of 0 may name a resource that the inventory does not have.
  std::vector<OwnAmount> own;
  for (const placement::OwnDemand& demanded : demand.own) {
    if (demanded.amount > 0) {
      own.push_back({demanded.name, static_cast<std::int32_t>(demanded.amount)});
    }
  }

  TaskRecord record;
  record.arn = task_arn;
  record.instance_arn = instance_arn;
  record.task_definition = definition_arn;
  record.group = request.placement.group;
  record.started_by = request.started_by;
  record.capacity_provider = task.capacity_provider;
  record.launch_type = task.launch_type;
  record.cpu_units = cpu_units;
  record.memory_mib = memory_mib;
  record.tcp_ports = demand.tcp_ports;
  record.udp_ports = demand.udp_ports;
  record.uses_eni = demand.uses_eni;
  record.gpu_ids = gpu_ids;
  record.own = own;
  record.last_status = TaskStatus::kPending;
  record.desired_status = TaskStatus::kRunning;
  record.version = 1;
  if (Outcome added = builder.add_task(record); !added.ok()) {
    return added;
  }
  SnapshotBuilder::Reservation reservation;
  reservation.cpu_units = cpu_units;
  reservation.memory_mib = memory_mib;
  reservation.tcp_ports = demand.tcp_ports;
  reservation.udp_ports = demand.udp_ports;
  reservation.eni = demand.uses_eni ? 1 : 0;
  reservation.running_tasks = 1;  // Desired status RUNNING (rule D4).
  reservation.pending_tasks = 1;
  reservation.gpu_ids = gpu_ids;
  reservation.own = own;
  return builder.reserve(instance_arn, reservation);
}

}  // namespace

Result<SnapshotPtr> next_snapshot(const Answer& answer, Executor& executor, Progress* progress) {
  if (answer.tasks.empty() || !answer.tasks.front().instance.has_value()) {
    return SnapshotPtr();
  }
  const std::unique_ptr<SnapshotBuilder> builder = SnapshotBuilder::from(*answer.snapshot);
  TaskNames names(answer);
  for (std::uint32_t k = 0; k < answer.tasks.size(); ++k) {
    if (Outcome added = add_one(answer, k, names, *builder); !added.ok()) {
      return std::move(added).error();
    }
  }
  // An inventory without imported tasks keeps its counts from the JSON, now with the new tasks added to them.
  builder->set_has_tasks(answer.snapshot->has_tasks());
  builder->set_generation(answer.snapshot->generation() + 1);
  Result<std::vector<std::uint8_t>> bytes = builder->finish(executor, progress);
  if (!bytes.ok()) {
    return std::move(bytes).error();
  }
  return Snapshot::from_bytes(*std::move(bytes), executor);
}

}  // namespace berth::ecs
