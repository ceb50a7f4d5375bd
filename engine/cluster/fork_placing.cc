// How a fork decides: what the class's window finds among the instances that the fork did not change, beside those that it did.

#include <new>
#include <optional>

#include "engine/base/limits.h"
#include "engine/base/rng.h"
#include "engine/cluster/choice.h"
#include "engine/cluster/fork.h"
#include "engine/cluster/index.h"
#include "engine/cluster/new_task.h"
#include "engine/cluster/record_edits.h"
#include "engine/cluster/roster.h"
#include "engine/cluster/window.h"

namespace berth::cluster {

std::optional<std::uint32_t> Fork::choose(const RequestClass& request_class, Choice& choice, std::uint64_t position,
                                          const PlaceOptions& options, std::uint32_t index) {
  choice.catch_up(position, self_);
  const Window::Shift shift(choice.window, overlay_, self_);
  if (!request_class.is_random_alone) {
    const std::optional<std::uint32_t> slot = choice.window.best(self_, choice.index, &overlay_);
    if (!slot.has_value() || !request_class.ends_in_random) {
      return slot;
    }
  }
  return choose_by_random(choice.window, options.seed, index);
}

std::optional<std::uint32_t> Fork::choose_by_random(Window& window, std::uint64_t seed, std::uint32_t index) {
  Roster& roster = *worker_.roster_;
  roster.catch_up(inventory_, self_);
  const auto is_tied = [&](std::uint32_t slot) {
    const Overlay::Entry* own = overlay_.find(slot);
    if (own != nullptr) {
      return window.is_tied(*own->record);
    }
    if (!window.checks().may_pass(inventory_.ledger.fit_word(slot), inventory_.ledger.trait_word(slot))) {
      return false;
    }
    const Record* record = inventory_.look(slot, self_);
    return record != nullptr && window.is_tied(*record);
  };
  for (std::uint32_t draw = 0; draw < kRandomMissesMax && roster.size() > 0; ++draw) {
    const auto rank = static_cast<std::uint32_t>(bounded(draw64(seed, index, draw), roster.size()));
    if (const std::uint32_t slot = roster.slot_at(inventory_, rank); is_tied(slot)) {
      return slot;
    }
  }
  return window.pick_tied(draw64(seed, index, kRandomMissesMax), self_, &overlay_);
}

bool Fork::add_task(Overlay::Entry& entry, const RequestClass& request_class, std::uint64_t position, Placed& placed) {
  const std::uint64_t gpu_mask = lowest_gpus(*entry.record, request_class.request.demand.gpu_count);
  const LiveTask task = new_task(next_task_, request_class.shape, request_class.group);
  if (!overlay_.append(entry, task, {gpu_mask, serial_})) {
    return false;
  }
  ++next_task_;
  take(inventory_, *entry.record, task, gpu_mask);
  placed = {{entry.slot, task.task, serial_}, gpu_mask, position, entry.record->identity};
  return true;
}

StatusCode Fork::place_one(RequestClass& request_class, Choice& choice, const PlaceOptions& options, std::uint32_t index, Placed& placed) {
  const Ledger& ledger = inventory_.ledger;
  for (;;) {
    const std::uint64_t position = inventory_.ledger.settle(self_);
    drop_departed();
    const std::optional<std::uint32_t> slot = choose(request_class, choice, position, options, index);
    if (!slot.has_value()) {
      if (!ledger.is_settled_at(position)) {
        continue;  // Something changed while it was looked for.
      }
      answered_at_ = position;
      return StatusCode::kNotFound;
    }
    if (Overlay::Entry* known = overlay_.find(*slot); known != nullptr) {
      if (!ledger.is_settled_at(position)) {
        continue;
      }
      if (!add_task(*known, request_class, position, placed)) {
        return StatusCode::kOutOfMemory;
      }
      ++known->record->version;
      Overlay::note_change(*known);
      return StatusCode::kOk;
    }
    const Record* current = inventory_.look(*slot, self_);
    if (current == nullptr || !choice.window.checks().is_candidate(*current)) {
      continue;
    }
    std::optional<Overlay::Entry> copy = overlay_.copy(inventory_, *current);
    if (!copy.has_value()) {
      return StatusCode::kOutOfMemory;
    }
    // Then the record still stands in its slot, and the names that were read are those of its tasks.
    if (!ledger.is_settled_at(position)) {
      overlay_.drop(*copy);
      continue;
    }
    if (!add_task(*copy, request_class, position, placed)) {
      return StatusCode::kOutOfMemory;
    }
    ++copy->record->version;
    Overlay::note_change(*copy);
    overlay_.add(*copy);
    return StatusCode::kOk;
  }
}

void Fork::roll_back(std::span<const Placed> placed) {
  // The last first, so that an instance goes through the states that it came by.
  for (std::size_t task = placed.size(); task > 0; --task) {
    release(placed[task - 1].task);
  }
}

Outcome Fork::place(RequestClass& request_class, const PlaceOptions& options, std::span<Placed> placed, std::uint32_t& count) {
  count = 0;
  try {
    return place_all(request_class, options, placed, count);
  } catch (const std::bad_alloc&) {
    worker_.forget(request_class);
    if (options.all_or_nothing) {
      roll_back(placed.first(count));
      count = 0;
    }
    throw;
  }
}

// A count that is right also when memory runs out on the way.
Outcome Fork::place_all(RequestClass& request_class, const PlaceOptions& options, std::span<Placed> placed, std::uint32_t& count) {
  Choice choice(inventory_, request_class, self_);
  StatusCode status = StatusCode::kOk;
  for (count = 0; count < placed.size(); ++count) {
    status = place_one(request_class, choice, options, options.first_task + count, placed[count]);
    if (status != StatusCode::kOk) {
      break;
    }
  }
  if (status != StatusCode::kOk && options.all_or_nothing) {
    roll_back(placed.first(count));
    count = 0;
  }
  if (status == StatusCode::kOutOfMemory) {
    return Error{.code = status, .message = "no memory for another record of the fork"};
  }
  return {};
}

std::optional<std::uint32_t> Fork::look_for(RequestClass& request_class, const PlaceOptions& options) {
  try {
    Choice choice(inventory_, request_class, self_);
    for (;;) {
      const std::uint64_t position = inventory_.ledger.settle(self_);
      drop_departed();
      const std::optional<std::uint32_t> slot = choose(request_class, choice, position, options, options.first_task);
      if (inventory_.ledger.is_settled_at(position)) {
        answered_at_ = position;
        return slot;
      }
    }
  } catch (const std::bad_alloc&) {
    worker_.forget(request_class);
    throw;
  }
}

}  // namespace berth::cluster
