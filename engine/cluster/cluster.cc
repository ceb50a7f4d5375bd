#include "engine/cluster/cluster.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/base/limits.h"
#include "engine/base/rng.h"
#include "engine/cluster/window.h"

namespace berth::cluster {

Result<std::unique_ptr<Cluster>> Cluster::from_snapshot(const SnapshotPtr& snapshot, const ClusterOptions& options) {
  Result<std::unique_ptr<Inventory>> inventory = Inventory::from_snapshot(snapshot, options);
  if (!inventory.ok()) {
    return std::move(inventory).error();
  }
  return std::unique_ptr<Cluster>(new Cluster(*std::move(inventory)));
}

Result<Worker> Cluster::attach() {
  WorkerSlot* self = inventory_->ledger.attach();
  if (self == nullptr) {
    return Error{.code = StatusCode::kLimitExceeded,
                 .message = "all " + std::to_string(kWorkersMax) + " workers of the cluster are attached; let one go, or share it"};
  }
  return Worker(*inventory_, *self);
}

Result<std::unique_ptr<RequestClass>> Cluster::prepare(const placement::Request& request, Executor& executor) {
  return RequestClass::make(*inventory_, request, executor);
}

std::string Cluster::instance_arn(std::uint32_t slot, Worker& worker) const {
  const Record* record = inventory_->look(slot, *worker.self_);
  return record == nullptr ? std::string() : inventory_->arn(record->identity);
}

Worker::Worker(Worker&& other) noexcept : inventory_(other.inventory_), self_(std::exchange(other.self_, nullptr)) {}

Worker::~Worker() {
  if (self_ != nullptr) {
    inventory_->ledger.detach(*self_);
  }
}

// --- Building the next record of a slot. ---

Record* Worker::copy(const Record& current) {
  Record* next = self_->pool.allocate(current.wide_count, current.task_count);
  if (next != nullptr) {
    const std::uint16_t size_class = next->size_class;
    *next = current;
    next->size_class = size_class;
    std::copy(current.wide_values().begin(), current.wide_values().end(), next->wide_values().begin());
    std::copy(current.tasks().begin(), current.tasks().end(), next->tasks().begin());
  }
  return next;
}

void Worker::finish(Record& next, const Record& current) {
  next.previous = Inventory::replaceable(&current, *self_);
  next.previous_fit_word = current.fit_word;
  next.previous_trait_word = current.trait_word;
  next.changes = current.changes + 1;
  next.version = current.version + 1;
  next.freed_task = kNoId;
  set_words(next);
}

// `build` makes the next record out of the current one, or returns a status and no record when there is nothing to change.
template <typename Build>
StatusCode Worker::change(std::uint32_t slot, const Build& build) {
  if (slot >= inventory_->ledger.slot_count()) {
    return StatusCode::kNotFound;
  }
  for (;;) {
    const std::uint64_t position = inventory_->ledger.settle(*self_);
    const Record* current = inventory_->look(slot, *self_);
    if (current == nullptr || current->is_gone) {
      return StatusCode::kNotFound;
    }
    std::uint32_t freed_task = kNoId;
    const std::pair<StatusCode, Record*> built = build(*current, freed_task);
    if (built.second == nullptr) {
      return built.first;
    }
    finish(*built.second, *current);
    Record* previous = built.second->previous;
    if (inventory_->ledger.commit(position, built.second, *self_)) {
      if (previous != nullptr) {
        inventory_->ledger.retire(*self_, previous, freed_task);
      } else if (freed_task != kNoId) {
        self_->free_tasks.push_back(freed_task);
      }
      return StatusCode::kOk;
    }
    self_->pool.free(built.second);
  }
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
StatusCode Worker::change_task(const TaskHandle& task, const Edit& edit) {
  return change(task.slot, [&](const Record& current, std::uint32_t&) -> std::pair<StatusCode, Record*> {
    const std::optional<std::size_t> at = find_task(current, task);
    if (!at.has_value()) {
      return {StatusCode::kNotFound, nullptr};
    }
    Record* next = copy(current);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    next->touched_group = kGroupNone;
    LiveTask& entry = next->tasks()[*at];
    const bool counted = entry.counts();
    if (!edit(*next, entry)) {
      self_->pool.free(next);
      return {StatusCode::kOk, nullptr};
    }
    ++entry.version;
    if (entry.counts() != counted) {
      next->touched_group = inventory_->shapes.at(entry.shape).group;
      next->running_tasks = counted ? next->running_tasks - std::min(next->running_tasks, 1U) : next->running_tasks + 1;
    }
    return {StatusCode::kOk, next};
  });
}

StatusCode Worker::stop(const TaskHandle& task) {
  return change_task(task, [](Record&, LiveTask& entry) {
    if (entry.desired_status == TaskStatus::kStopped) {
      return false;
    }
    entry.desired_status = TaskStatus::kStopped;
    return true;
  });
}

StatusCode Worker::set_task_state(const TaskHandle& task, const TaskState& state) {
  return change_task(task, [&](Record& record, LiveTask& entry) {
    const bool was_pending = entry.last_status == TaskStatus::kPending;
    entry.last_status = state.last_status.value_or(entry.last_status);
    entry.desired_status = state.desired_status.value_or(entry.desired_status);
    entry.health = state.health.value_or(entry.health);
    entry.started_at_ms = state.started_at_ms.value_or(entry.started_at_ms);
    entry.is_protected = state.is_protected.value_or(entry.is_protected);
    entry.protected_until_ms = state.protected_until_ms.value_or(entry.protected_until_ms);
    const bool is_pending = entry.last_status == TaskStatus::kPending;
    if (was_pending != is_pending) {
      record.pending_tasks = is_pending ? record.pending_tasks + 1 : record.pending_tasks - std::min(record.pending_tasks, 1U);
    }
    return true;
  });
}

StatusCode Worker::release(const TaskHandle& task) {
  return change(task.slot, [&](const Record& current, std::uint32_t& freed_task) -> std::pair<StatusCode, Record*> {
    const std::optional<std::size_t> at = find_task(current, task);
    if (!at.has_value()) {
      return {StatusCode::kNotFound, nullptr};
    }
    Record* next = self_->pool.allocate(current.wide_count, current.task_count - 1);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    const std::uint16_t size_class = next->size_class;
    *next = current;
    next->size_class = size_class;
    next->task_count = current.task_count - 1;
    std::copy(current.wide_values().begin(), current.wide_values().end(), next->wide_values().begin());
    const auto tasks = current.tasks();
    const auto middle = tasks.begin() + static_cast<std::ptrdiff_t>(*at);
    std::copy(middle + 1, tasks.end(), std::copy(tasks.begin(), middle, next->tasks().begin()));

    const LiveTask& gone = *middle;
    const Shape& shape = inventory_->shapes.at(gone.shape);
    next->cpu_remaining += shape.cpu_units;
    next->memory_remaining += shape.memory_mib;
    next->gpu_free |= inventory_->gpu_mask(current, gone);
    next->eni_used = static_cast<std::uint16_t>(next->eni_used - (shape.uses_eni && next->eni_used > 0 ? 1 : 0));
    next->touched_group = gone.counts() ? shape.group : kGroupNone;
    next->running_tasks -= gone.counts() ? std::min(next->running_tasks, 1U) : 0;
    next->pending_tasks -= gone.last_status == TaskStatus::kPending ? std::min(next->pending_tasks, 1U) : 0;
    freed_task = gone.task >= inventory_->tasks.base_count() ? gone.task : kNoId;
    return {StatusCode::kOk, next};
  });
}

// --- Instances. ---

StatusCode Worker::set_status(std::uint32_t slot, InstanceStatus status) {
  return change(slot, [&](const Record& current, std::uint32_t&) -> std::pair<StatusCode, Record*> {
    if (current.status == status) {
      return {StatusCode::kOk, nullptr};
    }
    Record* next = copy(current);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    next->touched_group = kGroupNone;
    next->status = status;
    return {StatusCode::kOk, next};
  });
}

StatusCode Worker::set_agent_connected(std::uint32_t slot, bool is_connected) {
  return change(slot, [&](const Record& current, std::uint32_t&) -> std::pair<StatusCode, Record*> {
    if (current.agent_connected == is_connected) {
      return {StatusCode::kOk, nullptr};
    }
    Record* next = copy(current);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    next->touched_group = kGroupNone;
    next->agent_connected = is_connected;
    return {StatusCode::kOk, next};
  });
}

StatusCode Worker::set_agent_version(std::uint32_t slot, std::string_view version) {
  const std::uint32_t text = version.empty() ? kNoId : inventory_->texts.intern(version);
  return change(slot, [&](const Record& current, std::uint32_t&) -> std::pair<StatusCode, Record*> {
    if (current.agent_version == text) {
      return {StatusCode::kOk, nullptr};
    }
    Record* next = copy(current);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    next->touched_group = kGroupNone;
    next->agent_version = text;
    return {StatusCode::kOk, next};
  });
}

StatusCode Worker::put_attribute(std::uint32_t slot, std::string_view name, std::optional<std::string_view> value) {
  return change_attribute(slot, inventory_->names.intern(name), value.has_value() ? inventory_->values.intern(*value) : kAttributeNameOnly);
}

StatusCode Worker::remove_attribute(std::uint32_t slot, std::string_view name) {
  const auto id = inventory_->names.find(name);
  return id.has_value() ? change_attribute(slot, *id, kAttributeAbsent) : StatusCode::kOk;
}

StatusCode Worker::change_attribute(std::uint32_t slot, std::uint32_t name, std::uint32_t value) {
  return change(slot, [&](const Record& current, std::uint32_t&) -> std::pair<StatusCode, Record*> {
    if (inventory_->attribute(current, name) == value) {
      return {StatusCode::kOk, nullptr};
    }
    const std::optional<std::uint32_t> wide = inventory_->wide_index(name);
    std::uint32_t set = current.attribute_set;
    if (!wide.has_value()) {
      std::vector<AttributePair> pairs = inventory_->attribute_sets.at(set);
      const auto at =
          std::lower_bound(pairs.begin(), pairs.end(), name, [](const AttributePair& pair, std::uint32_t id) { return pair.name < id; });
      const bool is_there = at != pairs.end() && at->name == name;
      if (value == kAttributeAbsent) {
        pairs.erase(at);
      } else if (is_there) {
        at->value = value;
      } else {
        pairs.insert(at, {name, value});
      }
      const Result<std::uint32_t> interned = inventory_->intern_set(std::move(pairs));
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

StatusCode Worker::tasks_of(std::uint32_t slot, std::vector<TaskHandle>& tasks) {
  tasks.clear();
  const Record* record = slot < inventory_->ledger.slot_count() ? inventory_->look(slot, *self_) : nullptr;
  if (record == nullptr || record->is_gone) {
    return StatusCode::kNotFound;
  }
  for (const LiveTask& task : record->tasks()) {
    tasks.push_back({slot, task.task, inventory_->tasks.generation(task.task)});
  }
  return StatusCode::kOk;
}

// --- Placing. ---

std::uint32_t Worker::take_task_number() {
  if (!self_->free_tasks.empty()) {
    const std::uint32_t task = self_->free_tasks.back();
    self_->free_tasks.pop_back();
    return task;
  }
  return inventory_->tasks.create();
}

Record* Worker::with_task(const Record& current, const RequestClass& request_class, std::uint32_t task, std::uint64_t& gpu_mask) {
  Record* next = self_->pool.allocate(current.wide_count, current.task_count + 1);
  if (next == nullptr) {
    return nullptr;
  }
  const std::uint16_t size_class = next->size_class;
  *next = current;
  next->size_class = size_class;
  next->task_count = current.task_count + 1;
  std::copy(current.wide_values().begin(), current.wide_values().end(), next->wide_values().begin());
  std::copy(current.tasks().begin(), current.tasks().end(), next->tasks().begin());
  next->tasks()[current.task_count] = {.started_at_ms = 0,
                                       .protected_until_ms = 0,
                                       .task = task,
                                       .shape = request_class.shape,
                                       .version = 1,
                                       .last_status = TaskStatus::kPending,
                                       .desired_status = TaskStatus::kRunning,
                                       .health = HealthStatus::kUnknown,
                                       .is_protected = false};
  const placement::Demand& demand = request_class.request.demand;
  next->cpu_remaining -= static_cast<std::int32_t>(demand.cpu_units);
  next->memory_remaining -= static_cast<std::int32_t>(demand.memory_mib);
  next->eni_used = static_cast<std::uint16_t>(next->eni_used + (demand.uses_eni ? 1 : 0));
  gpu_mask = 0;
  for (std::uint32_t taken = 0; taken < demand.gpu_count; ++taken) {
    const std::uint64_t lowest = next->gpu_free & (~next->gpu_free + 1);
    gpu_mask |= lowest;
    next->gpu_free &= ~lowest;
  }
  ++next->running_tasks;
  ++next->pending_tasks;
  next->touched_group = request_class.group;
  return next;
}

std::optional<std::uint32_t> Worker::choose_by_random(Window& window, std::uint64_t seed, std::uint32_t index) {
  const std::uint32_t count = inventory_->base_count();
  const auto is_tied = [&](std::uint32_t slot) {
    const Record* record = inventory_->look(slot, *self_);
    return record != nullptr && window.is_tied(*record);
  };
  for (std::uint32_t draw = 0; draw < kRandomMissesMax && count > 0; ++draw) {
    const auto rank = static_cast<std::uint32_t>(bounded(draw64(seed, index, draw), count));
    if (const std::uint32_t slot = inventory_->slot_of_base(rank); is_tied(slot)) {
      return slot;
    }
  }
  tied_.clear();
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    const std::uint32_t slot = inventory_->slot_of_base(rank);
    if (window.checks().may_pass(inventory_->ledger.fit_word(slot), inventory_->ledger.trait_word(slot)) && is_tied(slot)) {
      tied_.push_back(slot);
    }
  }
  if (tied_.empty()) {
    return std::nullopt;
  }
  return tied_[static_cast<std::size_t>(bounded(draw64(seed, index, kRandomMissesMax), tied_.size()))];
}

std::optional<std::uint32_t> Worker::choose(const RequestClass& request_class, Window& window, const PlaceOptions& options,
                                            std::uint32_t index) {
  std::optional<std::uint32_t> slot;
  if (!request_class.is_random_alone) {
    slot = window.best(*self_);
    if (!slot.has_value()) {
      return std::nullopt;
    }
  }
  return request_class.ends_in_random ? choose_by_random(window, options.seed, index) : slot;
}

StatusCode Worker::place_one(RequestClass& request_class, Window& window, const PlaceOptions& options, std::uint32_t index,
                             Placed& placed) {
  const std::uint32_t task = take_task_number();
  if (task == kNoId) {
    return StatusCode::kLimitExceeded;
  }
  TaskTable::Task& entry = inventory_->tasks.at(task);
  entry.id = {draw64(options.id_base, index, 0), draw64(options.id_base, index, 1)};
  const std::uint32_t generation = entry.generation.load(std::memory_order_relaxed) + 1;
  entry.generation.store(generation, std::memory_order_relaxed);
  entry.group.store(request_class.group, std::memory_order_relaxed);
  for (;;) {
    const std::uint64_t position = inventory_->ledger.settle(*self_);
    window.catch_up(position, *self_);
    const std::optional<std::uint32_t> slot = choose(request_class, window, options, index);
    if (!slot.has_value()) {
      if (!inventory_->ledger.is_settled_at(position)) {
        continue;  // Something changed while it was looked for.
      }
      self_->free_tasks.push_back(task);
      return StatusCode::kNotFound;
    }
    const Record* current = inventory_->look(*slot, *self_);
    if (current == nullptr || !window.checks().is_candidate(*current)) {
      continue;  // Changed since, so that the position is taken.
    }
    Record* next = with_task(*current, request_class, task, entry.gpu_mask);
    if (next == nullptr) {
      self_->free_tasks.push_back(task);
      return StatusCode::kOutOfMemory;
    }
    entry.slot.store(*slot, std::memory_order_relaxed);
    finish(*next, *current);
    Record* previous = next->previous;
    const std::uint64_t gpu_mask = entry.gpu_mask;
    if (inventory_->ledger.commit(position, next, *self_)) {
      placed = {{*slot, task, generation}, gpu_mask, position};
      if (previous != nullptr) {
        inventory_->ledger.retire(*self_, previous, kNoId);
      }
      return StatusCode::kOk;
    }
    self_->pool.free(next);
  }
}

Outcome Worker::place(RequestClass& request_class, const PlaceOptions& options, std::span<Placed> placed, std::uint32_t& count) {
  count = 0;
  Window& window = request_class.take_window(*inventory_);
  StatusCode status = StatusCode::kOk;
  while (count < placed.size() && status == StatusCode::kOk) {
    status = place_one(request_class, window, options, options.first_task + count, placed[count]);
    count += status == StatusCode::kOk ? 1 : 0;
  }
  request_class.release_window(window);
  if (status == StatusCode::kOutOfMemory) {
    return Error{.code = status, .message = "no memory for another record"};
  }
  if (status == StatusCode::kLimitExceeded) {
    return Error{.code = status, .message = "the cluster holds as many tasks as its tasks_max allows"};
  }
  return {};
}

std::optional<std::uint32_t> Worker::look_for(RequestClass& request_class, const PlaceOptions& options) {
  Window& window = request_class.take_window(*inventory_);
  std::optional<std::uint32_t> slot;
  for (;;) {
    const std::uint64_t position = inventory_->ledger.settle(*self_);
    window.catch_up(position, *self_);
    slot = choose(request_class, window, options, options.first_task);
    if (inventory_->ledger.is_settled_at(position)) {
      break;
    }
  }
  request_class.release_window(window);
  return slot;
}

}  // namespace berth::cluster
