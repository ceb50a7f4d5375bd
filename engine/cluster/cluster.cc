#include "engine/cluster/cluster.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/cluster/record_edits.h"
#include "engine/cluster/roster.h"
#include "engine/cluster/worker_change.h"

namespace berth::cluster {

Result<std::unique_ptr<Cluster>> Cluster::from_snapshot(const SnapshotPtr& snapshot, const ClusterOptions& options) {
  Result<std::unique_ptr<Inventory>> inventory = Inventory::from_snapshot(snapshot, options);
  if (!inventory.ok()) {
    return std::move(inventory).error();
  }
  return std::unique_ptr<Cluster>(new Cluster(*std::move(inventory)));
}

Result<Worker> Cluster::attach() {
  auto roster = std::make_unique<Roster>(*inventory_);
  WorkerSlot* self = inventory_->ledger.attach();
  if (self == nullptr) {
    return Error{.code = StatusCode::kLimitExceeded,
                 .message = "all " + std::to_string(kWorkersMax) + " workers of the cluster are attached; let one go, or share it"};
  }
  return Worker(*inventory_, *self, std::move(roster));
}

Result<std::unique_ptr<RequestClass>> Cluster::prepare(const placement::Request& request, Executor& executor) {
  return RequestClass::make(*inventory_, request, executor);
}

std::optional<InstanceHandle> Cluster::find_instance(std::string_view arn, Worker& worker) const {
  const std::uint32_t identity = inventory_->find_identity(arn);
  if (identity == kNoId) {
    return std::nullopt;
  }
  const std::uint32_t slot = inventory_->slot_of(identity);
  const Record* record = inventory_->look(slot, *worker.self_);
  if (record == nullptr || record->is_gone || record->identity != identity) {
    return std::nullopt;
  }
  return InstanceHandle{slot, identity};
}

std::string Cluster::instance_arn(std::uint32_t slot, Worker& worker) const {
  const Record* record = inventory_->look(slot, *worker.self_);
  return record == nullptr || record->is_gone ? std::string() : inventory_->arn(record->identity);
}

Worker::Worker(Inventory& inventory, WorkerSlot& self, std::unique_ptr<Roster> roster)
    : inventory_(&inventory), self_(&self), roster_(std::move(roster)) {}

Worker::Worker(Worker&& other) noexcept
    : inventory_(other.inventory_),
      self_(std::exchange(other.self_, nullptr)),
      roster_(std::move(other.roster_)),
      committed_at_(other.committed_at_),
      version_found_(other.version_found_),
      answered_at_(other.answered_at_) {}

Worker::~Worker() {
  if (self_ != nullptr) {
    inventory_->ledger.detach(*self_);
  }
}

// --- Building the next record of a slot. ---

Record* Worker::successor(const Record& current, std::size_t task_count) {
  Record* next = self_->pool.allocate(current.wide_count, task_count);
  if (next != nullptr) {
    const std::uint16_t size_class = next->size_class;
    *next = current;
    next->size_class = size_class;
    next->task_count = static_cast<std::uint32_t>(task_count);
    next->roster_change = 0;
    next->effect = Effect::kOther;
    next->touched_group = kGroupNone;
    std::copy(current.wide_values().begin(), current.wide_values().end(), next->wide_values().begin());
  }
  return next;
}

Record* Worker::copy(const Record& current) {
  Record* next = successor(current, current.task_count);
  if (next != nullptr) {
    std::copy(current.tasks().begin(), current.tasks().end(), next->tasks().begin());
  }
  return next;
}

void Worker::finish(Record& next, const Record& current) {
  next.previous = const_cast<Record*>(&current);
  next.previous_fit_word = current.fit_word;
  next.previous_trait_word = current.trait_word;
  next.changes = current.changes + 1;
  next.version = std::max(next.version, current.version) + 1;
  set_words(next);
}

std::optional<std::size_t> Worker::find_task(const Record& record, const TaskHandle& task) {
  const auto tasks = record.tasks();
  const auto found = std::find_if(tasks.begin(), tasks.end(), [&](const LiveTask& entry) { return entry.task == task.task; });
  if (found == tasks.end() || inventory_->tasks.generation(task.task) != task.generation) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - tasks.begin());
}

// `edit` changes the copy and its task of that index; false: nothing to change.
template <typename Edit>
StatusCode Worker::change_task(const TaskHandle& task, const Expected& expected, const Edit& edit) {
  return change(task.slot, expected, [&](const Record& current, std::uint32_t&) -> std::pair<StatusCode, Record*> {
    const std::optional<std::size_t> at = find_task(current, task);
    if (!at.has_value()) {
      return {StatusCode::kNotFound, nullptr};
    }
    Record* next = copy(current);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    next->effect = Effect::kTold;
    LiveTask& entry = next->tasks()[*at];
    const bool counted = entry.counts();
    if (!edit(*next, entry)) {
      self_->pool.free(next);
      return {StatusCode::kOk, nullptr};
    }
    recount(*next, entry, counted);
    return {StatusCode::kOk, next};
  });
}

StatusCode Worker::stop(const TaskHandle& task, const Expected& expected) {
  return change_task(task, expected, [](Record&, LiveTask& entry) {
    if (entry.desired_status == TaskStatus::kStopped) {
      return false;
    }
    entry.desired_status = TaskStatus::kStopped;
    return true;
  });
}

StatusCode Worker::set_task_state(const TaskHandle& task, const TaskState& state, const Expected& expected) {
  return change_task(task, expected, [&](Record& record, LiveTask& entry) {
    if (state.version.has_value() && *state.version <= entry.version) {
      return false;
    }
    const bool was_pending = entry.last_status == TaskStatus::kPending;
    if (state.last_status.has_value()) {
      entry.last_status = *state.last_status;
    }
    const bool stays_stopped = state.version.has_value() && entry.desired_status == TaskStatus::kStopped;
    if (state.desired_status.has_value() && !stays_stopped) {
      entry.desired_status = *state.desired_status;
    }
    if (state.health.has_value()) {
      entry.health = *state.health;
    }
    if (state.started_at_ms.has_value()) {
      entry.started_at_ms = *state.started_at_ms & kStartedMask;
    }
    if (state.is_protected.has_value()) {
      entry.is_protected = *state.is_protected;
    }
    entry.protected_until_ms = state.protected_until_ms.value_or(entry.protected_until_ms);
    entry.version = state.version.value_or(entry.version);
    if (state.shape.has_value() && *state.shape != entry.shape) {
      reshape(record, entry, *state.shape);
    }
    const bool is_pending = entry.last_status == TaskStatus::kPending;
    if (was_pending != is_pending) {
      record.pending_tasks = is_pending ? record.pending_tasks + 1 : record.pending_tasks - std::min(record.pending_tasks, 1U);
    }
    return true;
  });
}

namespace {

// Those that no other task has as well, which may be when one of them was started elsewhere.
std::uint64_t gpus_freed_by(Inventory& inventory, const Record& record, const LiveTask& gone) {
  std::uint64_t freed = inventory.gpu_mask(record, gone);
  if (freed == 0) {
    return 0;
  }
  for (const LiveTask& task : record.tasks()) {
    freed &= task.task == gone.task ? freed : ~inventory.gpu_mask(record, task);
  }
  return freed;
}

}  // namespace

StatusCode Worker::release(const TaskHandle& task, const Expected& expected) {
  inventory_->tasks.prefetch(task.task);
  return change(task.slot, expected, [&](const Record& current, std::uint32_t& freed_task) -> std::pair<StatusCode, Record*> {
    const std::optional<std::size_t> at = find_task(current, task);
    if (!at.has_value()) {
      return {StatusCode::kNotFound, nullptr};
    }
    Record* next = successor(current, current.task_count - 1);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    const auto tasks = current.tasks();
    const auto middle = tasks.begin() + static_cast<std::ptrdiff_t>(*at);
    std::copy(middle + 1, tasks.end(), std::copy(tasks.begin(), middle, next->tasks().begin()));

    const LiveTask& gone = *middle;
    give_back(*inventory_, *next, gone, gpus_freed_by(*inventory_, current, gone));
    freed_task = gone.task >= inventory_->tasks.base_count() ? gone.task : kNoId;
    return {StatusCode::kOk, next};
  });
}

// --- Instances. ---

// `edit` changes a copy of the instance's record; false: it is so already.
template <typename Edit>
StatusCode Worker::change_instance(std::uint32_t slot, const Expected& expected, const Edit& edit) {
  return change(slot, expected, [&](const Record& current, std::uint32_t&) -> std::pair<StatusCode, Record*> {
    Record* next = copy(current);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    if (!edit(*next)) {
      self_->pool.free(next);
      return {StatusCode::kOk, nullptr};
    }
    return {StatusCode::kOk, next};
  });
}

StatusCode Worker::set_status(std::uint32_t slot, InstanceStatus status, const Expected& expected) {
  return change_instance(slot, expected, [&](Record& next) { return std::exchange(next.status, status) != status; });
}

StatusCode Worker::set_agent_connected(std::uint32_t slot, bool is_connected, const Expected& expected) {
  return change_instance(slot, expected, [&](Record& next) { return std::exchange(next.agent_connected, is_connected) != is_connected; });
}

StatusCode Worker::set_agent_version(std::uint32_t slot, std::string_view version, const Expected& expected) {
  const std::uint32_t text = version.empty() ? kNoId : inventory_->texts.intern(version);
  return change_instance(slot, expected, [&](Record& next) { return std::exchange(next.agent_version, text) != text; });
}

StatusCode Worker::set_capacity_provider(std::uint32_t slot, std::string_view name, const Expected& expected) {
  const std::uint32_t text = name.empty() ? kNoId : inventory_->texts.intern(name);
  return change_instance(slot, expected, [&](Record& next) { return std::exchange(next.capacity_provider, text) != text; });
}

StatusCode Worker::set_resources(std::uint32_t slot, const Resources& resources, const Expected& expected) {
  return change(slot, expected, [&](const Record& current, std::uint32_t&) -> std::pair<StatusCode, Record*> {
    const std::int64_t cpu = resources.cpu_units.value_or(current.cpu_registered);
    const std::int64_t memory = resources.memory_mib.value_or(current.memory_registered);
    const std::uint16_t eni_limit = resources.eni_limit.value_or(current.eni_limit);
    const std::int64_t cpu_remaining = current.cpu_remaining + (cpu - current.cpu_registered);
    const std::int64_t memory_remaining = current.memory_remaining + (memory - current.memory_registered);
    if (cpu < 0 || memory < 0 || !std::in_range<std::int32_t>(cpu_remaining) || !std::in_range<std::int32_t>(memory_remaining)) {
      return {StatusCode::kInvalidArgument, nullptr};
    }
    if (cpu == current.cpu_registered && memory == current.memory_registered && eni_limit == current.eni_limit) {
      return {StatusCode::kOk, nullptr};
    }
    Record* next = copy(current);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    next->cpu_registered = static_cast<std::int32_t>(cpu);
    next->memory_registered = static_cast<std::int32_t>(memory);
    next->cpu_remaining = static_cast<std::int32_t>(cpu_remaining);
    next->memory_remaining = static_cast<std::int32_t>(memory_remaining);
    next->eni_limit = eni_limit;
    return {StatusCode::kOk, next};
  });
}

StatusCode Worker::put_attribute(std::uint32_t slot, std::string_view name, std::optional<std::string_view> value,
                                 const Expected& expected) {
  return change_attribute(slot, inventory_->names.intern(name), value.has_value() ? inventory_->values.intern(*value) : kAttributeNameOnly,
                          expected);
}

StatusCode Worker::remove_attribute(std::uint32_t slot, std::string_view name, const Expected& expected) {
  const auto id = inventory_->names.find(name);
  return id.has_value() ? change_attribute(slot, *id, kAttributeAbsent, expected) : StatusCode::kOk;
}

StatusCode Worker::change_attribute(std::uint32_t slot, std::uint32_t name, std::uint32_t value, const Expected& expected) {
  return change(slot, expected, [&](const Record& current, std::uint32_t&) -> std::pair<StatusCode, Record*> {
    if (inventory_->attribute(current, name) == value) {
      return {StatusCode::kOk, nullptr};
    }
    const std::optional<std::uint32_t> wide = inventory_->wide_index(name);
    std::uint32_t set = current.attribute_set;
    if (!wide.has_value()) {
      const Result<std::uint32_t> interned = set_with(*inventory_, set, name, value);
      if (!interned.ok()) {
        return {interned.error().code, nullptr};
      }
      set = *interned;
    }
    Record* next = copy(current);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    next->attribute_set = set;
    if (wide.has_value()) {
      next->wide_values()[*wide] = value;
    }
    // Its tasks may count for another value of a spread attribute from here on.
    next->touched_group = kGroupAll;
    return {StatusCode::kOk, next};
  });
}

StatusCode Worker::tasks_of(std::uint32_t slot, std::vector<TaskHandle>& tasks, std::uint32_t identity) {
  for (;;) {
    tasks.clear();
    const Record* record = slot < inventory_->ledger.slot_count() ? inventory_->look(slot, *self_) : nullptr;
    if (record == nullptr || record->is_gone || (identity != kNoId && record->identity != identity)) {
      return StatusCode::kNotFound;
    }
    for (const LiveTask& task : record->tasks()) {
      tasks.push_back({slot, task.task, inventory_->tasks.generation(task.task)});
    }
    // The numbers of tasks that have left meanwhile may have been given out again.
    if (inventory_->ledger.record(slot).load(std::memory_order_seq_cst) == record) {
      return StatusCode::kOk;
    }
  }
}

}  // namespace berth::cluster
