// How a worker places tasks.

#include <algorithm>
#include <array>
#include <new>
#include <optional>

#include "engine/base/limits.h"
#include "engine/base/rng.h"
#include "engine/cluster/choice.h"
#include "engine/cluster/cluster.h"
#include "engine/cluster/decision.h"
#include "engine/cluster/index.h"
#include "engine/cluster/new_task.h"
#include "engine/cluster/record_edits.h"
#include "engine/cluster/roster.h"

namespace berth::cluster {
namespace {

// So many times a request for all or nothing tries again after it met another one.
constexpr std::uint32_t kGangRetriesMax = 8;

// Counts a request for all or nothing for as long as it may hold what it will give back.
class GangCount {
 public:
  GangCount(Inventory::Gangs& gangs, bool counts) : gangs_(gangs), counts_(counts) {
    if (counts_) {
      begun_ = gangs_.begun.fetch_add(1, std::memory_order_seq_cst);
      ended_ = gangs_.ended.load(std::memory_order_seq_cst);
    }
  }
  GangCount(const GangCount&) = delete;
  GangCount& operator=(const GangCount&) = delete;
  ~GangCount() {
    if (counts_) {
      gangs_.ended.fetch_add(1, std::memory_order_seq_cst);
    }
  }
  // Whether another one was under way at the beginning or has begun since.
  [[nodiscard]] bool met_another() const { return ended_ < begun_ || gangs_.begun.load(std::memory_order_seq_cst) != begun_ + 1; }

 private:
  Inventory::Gangs& gangs_;
  bool counts_;
  std::uint64_t begun_ = 0;
  std::uint64_t ended_ = 0;
};

}  // namespace

std::uint32_t Worker::take_task_number() {
  const std::uint32_t freed = inventory_->ledger.take_freed_task(*self_);
  return freed != kNoId ? freed : inventory_->tasks.create();
}

std::uint32_t Worker::name_task(std::uint32_t number, IdTail id, std::uint32_t group) {
  TaskTable::Task& entry = inventory_->tasks.at(number);
  entry.set_id(id);
  const std::uint32_t generation = entry.generation.load(std::memory_order_relaxed) + 1;
  entry.generation.store(generation, std::memory_order_release);
  entry.group.store(group, std::memory_order_relaxed);
  return generation;
}

Record* Worker::with_task(const Record& current, const LiveTask& task, std::uint64_t gpu_mask) {
  Record* next = successor(current, std::size_t{current.task_count} + 1);
  if (next == nullptr) {
    return nullptr;
  }
  std::copy(current.tasks().begin(), current.tasks().end(), next->tasks().begin());
  next->tasks()[current.task_count] = task;
  take(*inventory_, *next, task, gpu_mask);
  return next;
}

StatusCode Worker::place_one(RequestClass& request_class, Choice& choice, const PlaceOptions& options, std::uint32_t index,
                             Placed& placed) {
  const std::uint32_t task = take_task_number();
  if (task == kNoId) {
    return StatusCode::kLimitExceeded;
  }
  const std::uint32_t generation =
      name_task(task, {draw64(options.id_base, index, 0), draw64(options.id_base, index, 1)}, request_class.group);
  TaskTable::Task& entry = inventory_->tasks.at(task);
  const LiveTask fresh = new_task(task, request_class.shape, request_class.group);
  Decision decision(*inventory_, request_class, choice, *roster_, *self_);
  std::uint64_t gpu_mask = 0;  // Of `next`. Once it is committed the number may soon be another task's.
  Record* next = nullptr;      // Made for a position that was taken; good for a later one if the instance is still the same.
  const auto give_up = [&](StatusCode status) {
    if (next != nullptr) {
      self_->pool.free(next);
    }
    self_->free_tasks.push_back(task);
    return status;
  };
  for (;;) {
    const std::uint64_t position = inventory_->ledger.settle(*self_);
    const std::optional<std::uint32_t> slot = decision.at(position, options.seed, index);
    if (!slot.has_value()) {
      if (!inventory_->ledger.is_settled_at(position)) {
        continue;  // Something changed while it was looked for.
      }
      answered_at_ = position;
      return give_up(StatusCode::kNotFound);
    }
    const Record* current = inventory_->look(*slot, *self_);
    // What best() has just verified is protected since, and so still what it was.
    const bool is_verified = !request_class.ends_in_random && current == choice.window.verified();
    if (current == nullptr || (!is_verified && !choice.window.checks().is_candidate(*current))) {
      continue;  // Changed since, so that the position is taken.
    }
    // An address may have been given to another record meanwhile: of another slot, or of the same after more changes.
    if (next == nullptr || next->previous != current || next->slot != *slot || next->changes != current->changes + 1) {
      if (next != nullptr) {
        self_->pool.free(next);
      }
      gpu_mask = lowest_gpus(*current, request_class.request.demand.gpu_count);
      entry.gpu_mask.store(gpu_mask, std::memory_order_release);
      next = with_task(*current, fresh, gpu_mask);
      if (next == nullptr) {
        return give_up(StatusCode::kOutOfMemory);
      }
      entry.slot.store(*slot, std::memory_order_relaxed);
      finish(*next, *current);
    }
    Record* previous = next->previous;
    const std::uint32_t identity = next->identity;
    if (inventory_->ledger.commit(position, next, *self_)) {
      committed_at_ = position;
      placed = {{*slot, task, generation}, gpu_mask, position, identity};
      inventory_->ledger.retire(*self_, previous, kNoId);
      if (!self_->free_tasks.empty()) {
        inventory_->tasks.prefetch(self_->free_tasks.back());  // For the next one.
      }
      return StatusCode::kOk;
    }
  }
}

void Worker::roll_back(std::span<const Placed> placed) {
  // The last first, so that an instance goes through the states that it came by. Who is not there left with its instance.
  for (std::size_t task = placed.size(); task > 0; --task) {
    release(placed[task - 1].task);
  }
  committed_at_.reset();
}

void Worker::forget(RequestClass& request_class) {
  request_class.drop_window(*self_);
  inventory_->indexes->drop(*self_);
  *roster_ = Roster(*inventory_);
}

Outcome Worker::place(RequestClass& request_class, const PlaceOptions& options, std::span<Placed> placed, std::uint32_t& count) {
  count = 0;
  try {
    return place_all(request_class, options, placed, count);
  } catch (const std::bad_alloc&) {
    forget(request_class);
    if (options.all_or_nothing) {
      roll_back(placed.first(count));
      count = 0;
    }
    throw;
  }
}

// A count that is right also when memory runs out on the way.
Outcome Worker::place_all(RequestClass& request_class, const PlaceOptions& options, std::span<Placed> placed, std::uint32_t& count) {
  Choice choice(*inventory_, request_class, *self_);
  StatusCode status = StatusCode::kOk;
  for (std::uint32_t attempt = 0;; ++attempt) {
    count = 0;
    committed_at_.reset();
    const GangCount gangs(inventory_->gangs, options.all_or_nothing);
    status = StatusCode::kOk;
    while (count < placed.size() && status == StatusCode::kOk) {
      status = place_one(request_class, choice, options, options.first_task + count, placed[count]);
      count += status == StatusCode::kOk ? 1 : 0;
    }
    if (status == StatusCode::kOk || !options.all_or_nothing) {
      break;
    }
    roll_back(placed.first(count));
    count = 0;
    // What was missing may be what another one held and has given back: then it was no reason.
    if (status != StatusCode::kNotFound || attempt >= kGangRetriesMax || !gangs.met_another()) {
      break;
    }
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
  try {
    Choice choice(*inventory_, request_class, *self_);
    Decision decision(*inventory_, request_class, choice, *roster_, *self_);
    for (;;) {
      const std::uint64_t position = inventory_->ledger.settle(*self_);
      const std::optional<std::uint32_t> slot = decision.at(position, options.seed, options.first_task);
      if (inventory_->ledger.is_settled_at(position)) {
        answered_at_ = position;
        return slot;
      }
    }
  } catch (const std::bad_alloc&) {
    forget(request_class);
    throw;
  }
}

}  // namespace berth::cluster
