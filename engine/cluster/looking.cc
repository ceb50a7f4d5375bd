// One instance or one task as it is now.

#include <utility>

#include "engine/cluster/cluster.h"
#include "engine/cluster/task_names.h"
#include "engine/snapshot/id_encoding.h"

namespace berth::cluster {

std::optional<InstanceHandle> Worker::instance_in(std::uint32_t slot) {
  const Record* record = slot < inventory_->ledger.slot_count() ? inventory_->look(slot, *self_) : nullptr;
  return record == nullptr || record->is_gone ? std::nullopt : std::optional(InstanceHandle{slot, record->identity});
}

std::optional<std::string_view> Worker::attribute_text(const InstanceHandle& instance, std::string_view name) {
  const auto name_id = inventory_->names.find(name);
  const Record* record = inventory_->look(instance.slot, *self_);
  if (!name_id.has_value() || record == nullptr || record->is_gone || record->identity != instance.identity) {
    return std::nullopt;
  }
  const std::uint32_t value = inventory_->attribute(*record, *name_id);
  if (value == kAttributeAbsent) {
    return std::nullopt;
  }
  return value == kAttributeNameOnly ? std::string_view() : inventory_->values.at(value);
}

std::optional<Worker::TaskFacts> Worker::task_facts(const TaskHandle& task) {
  for (;;) {
    const Record* record = task.slot < inventory_->ledger.slot_count() ? inventory_->look(task.slot, *self_) : nullptr;
    if (record == nullptr || record->is_gone) {
      return std::nullopt;
    }
    const std::optional<std::size_t> at = find_task(*record, task);
    std::optional<TaskFacts> facts;
    if (at.has_value()) {
      const LiveTask& state = record->tasks()[*at];
      facts = TaskFacts{.state = state,
                        .shape = inventory_->shapes.at(state.shape),
                        .identity = record->identity,
                        .arn = task_arn(*inventory_, state.task, inventory_->arn(record->identity)),
                        .gpu_mask = inventory_->gpu_mask(*record, state)};
    }
    // The numbers of tasks that have left meanwhile may have been given out again.
    if (inventory_->ledger.record(task.slot).load(std::memory_order_seq_cst) == record) {
      return facts;
    }
  }
}

std::optional<KnownTask> Worker::find_task(std::string_view arn) {
  const SplitId id = split_id(arn);
  const bool is_numeric = id.format == IdFormat::kHex32 || id.format == IdFormat::kUuid;
  // Later tasks are known by their numbers alone. Where each was put last is a hint, which the instance confirms.
  for (std::uint32_t number = inventory_->tasks.base_count(); is_numeric && number < inventory_->tasks.end(); ++number) {
    const TaskTable::Task* task = inventory_->tasks.find(number);
    if (task == nullptr || task->id_high.load(std::memory_order_relaxed) != id.tail.high ||
        task->id_low.load(std::memory_order_relaxed) != id.tail.low) {
      continue;
    }
    if (std::optional<KnownTask> known = find_task(task->slot.load(std::memory_order_relaxed), arn); known.has_value()) {
      return known;
    }
  }
  const Snapshot& base = inventory_->base();
  const IdColumn& arns = base.task_arns();
  for (std::uint32_t instance = 0; instance < base.instance_count(); ++instance) {
    const Snapshot::TaskRange range = base.tasks_of(instance);
    for (std::uint32_t task = range.begin; task < range.end; ++task) {
      const bool may_be =
          arns.format(task) == id.format && (!is_numeric || (arns.tail(task).high == id.tail.high && arns.tail(task).low == id.tail.low));
      if (!may_be) {
        continue;
      }
      if (std::optional<KnownTask> known = find_task(inventory_->slot_of_base(instance), arn); known.has_value()) {
        return known;
      }
    }
  }
  return std::nullopt;
}

}  // namespace berth::cluster
