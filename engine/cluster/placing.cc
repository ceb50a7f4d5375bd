// How a worker places tasks.

#include <algorithm>
#include <optional>

#include "engine/base/limits.h"
#include "engine/base/rng.h"
#include "engine/cluster/cluster.h"
#include "engine/cluster/roster.h"
#include "engine/cluster/window.h"

namespace berth::cluster {

std::uint32_t Worker::take_task_number() {
  if (!self_->free_tasks.empty()) {
    const std::uint32_t task = self_->free_tasks.back();
    self_->free_tasks.pop_back();
    return task;
  }
  return inventory_->tasks.create();
}

Record* Worker::with_task(const Record& current, const RequestClass& request_class, std::uint32_t task, std::uint64_t& gpu_mask) {
  Record* next = successor(current, std::size_t{current.task_count} + 1);
  if (next == nullptr) {
    return nullptr;
  }
  std::copy(current.tasks().begin(), current.tasks().end(), next->tasks().begin());
  next->tasks()[current.task_count] = LiveTask{.started_at_ms = 0,
                                               .last_status = TaskStatus::kPending,
                                               .desired_status = TaskStatus::kRunning,
                                               .health = HealthStatus::kUnknown,
                                               .is_protected = false,
                                               .protected_until_ms = 0,
                                               .task = task,
                                               .shape = request_class.shape,
                                               .group = request_class.group,
                                               .version = 1};
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
  next->effect = Effect::kTaken;
  return next;
}

std::optional<std::uint32_t> Worker::choose_by_random(Window& window, std::uint64_t seed, std::uint32_t index) {
  roster_->catch_up(*inventory_, *self_);
  const std::uint32_t count = roster_->size();
  const auto is_tied = [&](std::uint32_t slot) {
    if (!window.checks().may_pass(inventory_->ledger.fit_word(slot), inventory_->ledger.trait_word(slot))) {
      return false;
    }
    const Record* record = inventory_->look(slot, *self_);
    return record != nullptr && window.is_tied(*record);
  };
  for (std::uint32_t draw = 0; draw < kRandomMissesMax && count > 0; ++draw) {
    const auto rank = static_cast<std::uint32_t>(bounded(draw64(seed, index, draw), count));
    if (const std::uint32_t slot = roster_->slot_at(*inventory_, rank); is_tied(slot)) {
      return slot;
    }
  }
  return window.pick_tied(draw64(seed, index, kRandomMissesMax), *self_);
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
    const std::uint32_t identity = next->identity;
    if (inventory_->ledger.commit(position, next, *self_)) {
      committed_at_ = position;
      placed = {{*slot, task, generation}, gpu_mask, position, identity};
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
  committed_at_.reset();
  const RequestClass::Lease lease = request_class.lease_window(*inventory_);
  StatusCode status = StatusCode::kOk;
  while (count < placed.size() && status == StatusCode::kOk) {
    status = place_one(request_class, lease.window(), options, options.first_task + count, placed[count]);
    count += status == StatusCode::kOk ? 1 : 0;
  }
  if (status == StatusCode::kOutOfMemory) {
    return Error{.code = status, .message = "no memory for another record"};
  }
  if (status == StatusCode::kLimitExceeded) {
    return Error{.code = status, .message = "the cluster holds as many tasks as its tasks_max allows"};
  }
  return {};
}

std::optional<std::uint32_t> Worker::look_for(RequestClass& request_class, const PlaceOptions& options) {
  const RequestClass::Lease lease = request_class.lease_window(*inventory_);
  std::optional<std::uint32_t> slot;
  for (;;) {
    const std::uint64_t position = inventory_->ledger.settle(*self_);
    lease.window().catch_up(position, *self_);
    slot = choose(request_class, lease.window(), options, options.first_task);
    if (inventory_->ledger.is_settled_at(position)) {
      break;
    }
  }
  return slot;
}

}  // namespace berth::cluster
