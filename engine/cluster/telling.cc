// What the outside world tells of instances and tasks, whole states at a time: each is one change of its instance.

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "engine/cluster/attribute_pairs.h"
#include "engine/cluster/cluster.h"
#include "engine/cluster/worker_change.h"
#include "engine/snapshot/id_encoding.h"

namespace berth::cluster {
namespace {

bool is_numeric(IdFormat format) {
  return format == IdFormat::kHex32 || format == IdFormat::kUuid;
}

// Whether the number's task has this ARN, of which `id` is the split one.
bool is_named(Inventory& inventory, std::uint32_t number, std::string_view arn, const SplitId& id) {
  if (number >= inventory.tasks.base_count()) {
    const IdTail tail = inventory.tasks.at(number).id();
    return is_numeric(id.format) && tail.high == id.tail.high && tail.low == id.tail.low;
  }
  const IdColumn& arns = inventory.base().task_arns();
  if (arns.format(number) != id.format) {
    return false;
  }
  if (is_numeric(id.format)) {
    const IdTail tail = arns.tail(number);
    return tail.high == id.tail.high && tail.low == id.tail.low;
  }
  return arns.text(number) == arn;
}

// What the record says of it already is left as it is. False: nothing changed.
bool tell_amounts(const InstanceState& state, Record& next) {
  const std::int32_t cpu = state.cpu_units.value_or(next.cpu_registered);
  const std::int32_t memory = state.memory_mib.value_or(next.memory_registered);
  const std::uint16_t eni_limit = state.eni_limit.value_or(next.eni_limit);
  const bool changes = cpu != next.cpu_registered || memory != next.memory_registered || eni_limit != next.eni_limit;
  next.cpu_remaining += cpu - next.cpu_registered;
  next.memory_remaining += memory - next.memory_registered;
  next.cpu_registered = cpu;
  next.memory_registered = memory;
  next.eni_limit = eni_limit;
  return changes;
}

// Whether what remains stays a 32-bit amount.
bool is_in_range(const InstanceState& state, const Record& record) {
  const std::int64_t cpu = state.cpu_units.value_or(record.cpu_registered);
  const std::int64_t memory = state.memory_mib.value_or(record.memory_registered);
  return cpu >= 0 && memory >= 0 && std::in_range<std::int32_t>(record.cpu_remaining + (cpu - record.cpu_registered)) &&
         std::in_range<std::int32_t>(record.memory_remaining + (memory - record.memory_registered));
}

}  // namespace

StatusCode Worker::set_instance_state(std::uint32_t slot, const InstanceState& state, const Expected& expected) {
  const auto text = [&](const std::optional<std::string_view>& told) {
    return !told.has_value() || told->empty() ? kNoId : inventory_->texts.intern(*told);
  };
  const std::uint32_t agent_version = text(state.agent_version);
  const std::uint32_t capacity_provider = text(state.capacity_provider);
  std::vector<AttributePair> pairs;
  std::uint32_t set = 0;
  if (state.attributes.has_value()) {
    pairs = pairs_of(*inventory_, *state.attributes);
    const Result<std::uint32_t> interned = inventory_->intern_set(narrow_pairs(*inventory_, pairs));
    if (!interned.ok()) {
      return interned.error().code;
    }
    set = *interned;
  }
  return change(slot, expected, [&](const Record& current, std::uint32_t&) -> std::pair<StatusCode, Record*> {
    if (!is_in_range(state, current)) {
      return {StatusCode::kInvalidArgument, nullptr};
    }
    Record* next = copy(current);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    bool changes = tell_amounts(state, *next);
    const auto tell = [&](auto& place, auto value) { changes = std::exchange(place, value) != value || changes; };
    tell(next->status, state.status.value_or(current.status));
    tell(next->agent_connected, state.agent_connected.value_or(current.agent_connected));
    tell(next->agent_version, state.agent_version.has_value() ? agent_version : current.agent_version);
    tell(next->capacity_provider, state.capacity_provider.has_value() ? capacity_provider : current.capacity_provider);
    if (state.attributes.has_value()) {
      next->attribute_set = set;
      write_wide(*inventory_, pairs, *next);
      const auto before = current.wide_values();
      if (set != current.attribute_set || !std::equal(before.begin(), before.end(), next->wide_values().begin())) {
        // Its tasks may count for another value of a spread attribute from here on.
        next->touched_group = kGroupAll;
        changes = true;
      }
    }
    if (!changes && state.version <= current.version) {
      self_->pool.free(next);
      return {StatusCode::kOk, nullptr};
    }
    // One less, because every change counts one on.
    next->version = std::max(current.version, state.version - std::min<std::uint64_t>(state.version, 1));
    return {StatusCode::kOk, next};
  });
}

std::optional<KnownTask> Worker::find_task(std::uint32_t slot, std::string_view arn) {
  const SplitId id = split_id(arn);
  for (;;) {
    const Record* record = slot < inventory_->ledger.slot_count() ? inventory_->look(slot, *self_) : nullptr;
    if (record == nullptr || record->is_gone) {
      return std::nullopt;
    }
    std::optional<KnownTask> found;
    for (const LiveTask& task : record->tasks()) {
      if (is_named(*inventory_, task.task, arn, id)) {
        found = KnownTask{{slot, task.task, inventory_->tasks.generation(task.task)}, task.version, task.shape};
        break;
      }
    }
    // The numbers of tasks that have left meanwhile may have been given out again.
    if (inventory_->ledger.record(slot).load(std::memory_order_seq_cst) == record) {
      return found;
    }
  }
}

// The task holds what the shape says from here on, if what remains is a 32-bit amount then.
void Worker::reshape(Record& record, LiveTask& task, std::uint32_t shape) const {
  const Shape& before = inventory_->shapes.at(task.shape);
  const Shape& after = inventory_->shapes.at(shape);
  const std::int64_t cpu = std::int64_t{record.cpu_remaining} + before.cpu_units - after.cpu_units;
  const std::int64_t memory = std::int64_t{record.memory_remaining} + before.memory_mib - after.memory_mib;
  if (!std::in_range<std::int32_t>(cpu) || !std::in_range<std::int32_t>(memory)) {
    return;
  }
  record.cpu_remaining = static_cast<std::int32_t>(cpu);
  record.memory_remaining = static_cast<std::int32_t>(memory);
  inventory_->give_own(record, before);
  inventory_->take_own(record, after);
  const int enis = record.eni_used - (before.uses_eni && record.eni_used > 0 ? 1 : 0) + (after.uses_eni ? 1 : 0);
  record.eni_used = static_cast<std::uint16_t>(enis);
  record.effect = Effect::kOther;
  task.shape = shape;
}

}  // namespace berth::cluster
