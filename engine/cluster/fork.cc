#include "engine/cluster/fork.h"

#include <algorithm>
#include <utility>

#include "engine/cluster/record_edits.h"
#include "engine/cluster/roster.h"
#include "engine/cluster/window.h"

namespace berth::cluster {

Fork::Fork(Worker& worker) : worker_(worker), inventory_(*worker.inventory_), self_(*worker.self_) {
  take_serial();
}

void Fork::take_serial() {
  serial_ = inventory_.tasks.take_fork_serial();
  next_task_ = kForkTasksBegin;
}

void Fork::discard() {
  overlay_.clear();
  take_serial();
}

void Fork::drop_departed() {
  const Ledger& ledger = inventory_.ledger;
  const std::uint64_t end = ledger.roster_changes();
  const auto drop = [&](std::uint32_t slot, std::uint32_t identity) {
    const Overlay::Entry* entry = overlay_.find(slot);
    if (entry != nullptr && entry->record->identity == identity) {
      overlay_.remove(slot);
    }
  };
  for (; departures_seen_ < end && !overlay_.is_empty(); ++departures_seen_) {
    const Ledger::RosterChange change = ledger.roster_change(departures_seen_);
    if (!ledger.roster_reaches_back_to(departures_seen_)) {
      // Too many to follow: each instance is looked at.
      for (std::size_t at = overlay_.entries().size(); at > 0; --at) {
        const Record& own = *overlay_.entries()[at - 1].record;
        const Record* record = inventory_.look(own.slot, self_);
        if (record->is_gone || record->identity != own.identity) {
          overlay_.remove(own.slot);
        }
      }
      break;
    }
    if (!change.comes) {
      drop(inventory_.slot_of(change.identity), change.identity);
    }
  }
  departures_seen_ = end;
}

// `edit` changes the fork's record of the instance, or says that there is nothing to change.
template <typename Edit>
StatusCode Fork::change(std::uint32_t slot, const Edit& edit) {
  Ledger& ledger = inventory_.ledger;
  if (slot >= ledger.slot_count()) {
    return StatusCode::kNotFound;
  }
  ledger.settle(self_);
  drop_departed();
  if (Overlay::Entry* known = overlay_.find(slot); known != nullptr) {
    const Edited edited = edit(*known);
    if (edited.is_changed) {
      ++known->record->version;
      Overlay::note_change(*known);
    }
    return edited.status;
  }
  for (;;) {
    const Record* current = inventory_.look(slot, self_);
    if (current == nullptr || current->is_gone) {
      return StatusCode::kNotFound;
    }
    std::optional<Overlay::Entry> copy = overlay_.copy(inventory_, *current);
    if (!copy.has_value()) {
      return StatusCode::kOutOfMemory;
    }
    if (ledger.record(slot).load(std::memory_order_seq_cst) != current) {
      overlay_.drop(*copy);
      continue;  // The numbers of its tasks may have been given to others before their names were read.
    }
    const Edited edited = edit(*copy);
    if (!edited.is_changed) {
      overlay_.drop(*copy);
      return edited.status;
    }
    ++copy->record->version;
    Overlay::note_change(*copy);
    overlay_.add(*copy);
    return edited.status;
  }
}

// --- Tasks. ---

std::optional<std::size_t> Fork::find_task(const Overlay::Entry& entry, const TaskHandle& task) const {
  const auto tasks = std::as_const(*entry.record).tasks();
  const auto found = std::find_if(tasks.begin(), tasks.end(), [&](const LiveTask& known) { return known.task == task.task; });
  const auto at = static_cast<std::size_t>(found - tasks.begin());
  if (found == tasks.end() || entry.names[at].generation != task.generation) {
    return std::nullopt;
  }
  return at;
}

StatusCode Fork::stop(const TaskHandle& task) {
  return change(task.slot, [&](Overlay::Entry& entry) -> Edited {
    const std::optional<std::size_t> at = find_task(entry, task);
    if (!at.has_value()) {
      return {StatusCode::kNotFound, false};
    }
    LiveTask& stopped = entry.record->tasks()[*at];
    if (stopped.desired_status == TaskStatus::kStopped) {
      return {StatusCode::kOk, false};
    }
    const bool counted = stopped.counts();
    stopped.desired_status = TaskStatus::kStopped;
    recount(*entry.record, stopped, counted);
    return {StatusCode::kOk, true};
  });
}

StatusCode Fork::release(const TaskHandle& task) {
  return change(task.slot, [&](Overlay::Entry& entry) -> Edited {
    const std::optional<std::size_t> at = find_task(entry, task);
    if (!at.has_value()) {
      return {StatusCode::kNotFound, false};
    }
    // Those that no other task has as well.
    std::uint64_t freed = entry.names[*at].gpu_mask;
    for (std::size_t other = 0; other < entry.record->task_count; ++other) {
      freed &= other == *at ? freed : ~entry.names[other].gpu_mask;
    }
    give_back(inventory_, *entry.record, entry.record->tasks()[*at], freed);
    Overlay::erase(entry, *at);
    return {StatusCode::kOk, true};
  });
}

StatusCode Fork::start(RequestClass& request_class, std::uint32_t slot, Placed& placed, placement::Reason& reason) {
  LiveChecks& checks = request_class.window(inventory_, self_).checks();
  reason = placement::Reason::kNone;
  return change(slot, [&](Overlay::Entry& entry) -> Edited {
    reason = checks.first_failure(*entry.record, true);
    if (reason != placement::Reason::kNone) {
      return {StatusCode::kOk, false};
    }
    const bool is_added = add_task(entry, request_class, inventory_.ledger.settle(self_), placed);
    return {is_added ? StatusCode::kOk : StatusCode::kOutOfMemory, is_added};
  });
}

// --- Instances. ---

StatusCode Fork::set_status(std::uint32_t slot, InstanceStatus status) {
  return change(slot,
                [&](Overlay::Entry& entry) -> Edited { return {StatusCode::kOk, std::exchange(entry.record->status, status) != status}; });
}

StatusCode Fork::set_agent_connected(std::uint32_t slot, bool is_connected) {
  return change(slot, [&](Overlay::Entry& entry) -> Edited {
    return {StatusCode::kOk, std::exchange(entry.record->agent_connected, is_connected) != is_connected};
  });
}

StatusCode Fork::put_attribute(std::uint32_t slot, std::string_view name, std::optional<std::string_view> value) {
  return change_attribute(slot, inventory_.names.intern(name), value.has_value() ? inventory_.values.intern(*value) : kAttributeNameOnly);
}

StatusCode Fork::remove_attribute(std::uint32_t slot, std::string_view name) {
  const auto id = inventory_.names.find(name);
  return id.has_value() ? change_attribute(slot, *id, kAttributeAbsent) : StatusCode::kOk;
}

StatusCode Fork::change_attribute(std::uint32_t slot, std::uint32_t name, std::uint32_t value) {
  return change(slot, [&](Overlay::Entry& entry) -> Edited {
    if (inventory_.attribute(*entry.record, name) == value) {
      return {StatusCode::kOk, false};
    }
    if (const std::optional<std::uint32_t> wide = inventory_.wide_index(name); wide.has_value()) {
      entry.record->wide_values()[*wide] = value;
      return {StatusCode::kOk, true};
    }
    const Result<std::uint32_t> interned = set_with(inventory_, entry.record->attribute_set, name, value);
    if (!interned.ok()) {
      return {interned.error().code, false};
    }
    entry.record->attribute_set = *interned;
    return {StatusCode::kOk, true};
  });
}

// --- Reading. ---

const Record* Fork::record(std::uint32_t slot) {
  if (slot >= inventory_.ledger.slot_count()) {
    return nullptr;
  }
  inventory_.ledger.settle(self_);
  drop_departed();
  if (const Overlay::Entry* own = overlay_.find(slot); own != nullptr) {
    return own->record;
  }
  const Record* record = inventory_.look(slot, self_);
  return record == nullptr || record->is_gone ? nullptr : record;
}

std::optional<InstanceHandle> Fork::instance_in(std::uint32_t slot) {
  const Record* held = record(slot);
  return held == nullptr ? std::nullopt : std::optional(InstanceHandle{slot, held->identity});
}

StatusCode Fork::tasks_of(std::uint32_t slot, std::vector<TaskHandle>& tasks) {
  inventory_.ledger.settle(self_);
  drop_departed();
  const Overlay::Entry* own = overlay_.find(slot);
  if (own == nullptr) {
    return worker_.tasks_of(slot, tasks);
  }
  tasks.clear();
  for (std::size_t task = 0; task < own->record->task_count; ++task) {
    tasks.push_back({slot, own->record->tasks()[task].task, own->names[task].generation});
  }
  return StatusCode::kOk;
}

}  // namespace berth::cluster
