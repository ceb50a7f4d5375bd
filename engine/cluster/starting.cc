// Tasks on a named instance: StartTask, and those that somebody else has started.

#include <algorithm>
#include <utility>

#include "engine/base/rng.h"
#include "engine/cluster/cluster.h"
#include "engine/cluster/new_task.h"
#include "engine/cluster/record_edits.h"
#include "engine/cluster/roster.h"
#include "engine/cluster/window.h"
#include "engine/cluster/worker_change.h"

namespace berth::cluster {
namespace {

// As many GPUs as `wanted`: those of them that are free, else others that are, else those that another task holds as well.
std::uint64_t gpus_like(const Record& record, std::uint64_t wanted) {
  std::uint64_t mask = wanted & record.gpu_free;
  std::uint64_t others = record.gpu_free & ~wanted;
  std::uint64_t held = wanted & ~record.gpu_free;
  for (; held != 0; held &= held - 1) {
    std::uint64_t& source = others != 0 ? others : held;
    mask |= source & (~source + 1);
    others &= others - 1;
  }
  return mask;
}

}  // namespace

Result<std::uint32_t> Cluster::make_shape(const TaskDescription& description) {
  if (description.cpu_units < 0 || description.memory_mib < 0) {
    return Error{.code = StatusCode::kInvalidArgument, .message = "a task takes less than no CPU or memory; give what it takes, or 0"};
  }
  Result<std::vector<std::int32_t>> own = inventory_->own_amounts(description.own);
  if (!own.ok()) {
    return Error{.code = own.error().code, .message = "a task takes " + own.error().message};
  }
  const auto text = [&](std::string_view value) { return value.empty() ? kNoId : inventory_->texts.intern(value); };
  const auto sorted = [](std::span<const std::uint16_t> ports) {
    std::vector<std::uint16_t> list(ports.begin(), ports.end());
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    return list;
  };
  return inventory_->intern_shape(Shape{.group = inventory_->groups.intern(description.group),
                                        .task_definition = text(description.task_definition),
                                        .started_by = text(description.started_by),
                                        .capacity_provider = text(description.capacity_provider),
                                        .cpu_units = description.cpu_units,
                                        .memory_mib = description.memory_mib,
                                        .gpu_count = description.gpu_count,
                                        .uses_eni = description.uses_eni,
                                        .launch_type = description.launch_type,
                                        .tcp_ports = sorted(description.tcp_ports),
                                        .udp_ports = sorted(description.udp_ports),
                                        .own = description.own.empty() ? std::vector<std::int32_t>() : *std::move(own)});
}

// Commits one more task on the instance, `state` but for its number. `check` says whether the record may take it.
template <typename Check>
StatusCode Worker::add_task(std::uint32_t slot, LiveTask state, IdTail id, std::optional<std::uint64_t> gpus, Placed& placed,
                            const Expected& expected, const Check& check) {
  state.task = take_task_number();
  if (state.task == kNoId) {
    return StatusCode::kLimitExceeded;
  }
  const std::uint32_t generation = name_task(state.task, id, state.group);
  TaskTable::Task& entry = inventory_->tasks.at(state.task);
  entry.slot.store(slot, std::memory_order_relaxed);
  std::uint64_t gpu_mask = 0;
  std::uint32_t identity = kNoId;
  const StatusCode status = change(slot, expected, [&](const Record& current, std::uint32_t&) -> std::pair<StatusCode, Record*> {
    if (!check(current)) {
      return {StatusCode::kOk, nullptr};
    }
    gpu_mask = gpus.has_value() ? gpus_like(current, *gpus) : lowest_gpus(current, inventory_->shapes.at(state.shape).gpu_count);
    entry.gpu_mask.store(gpu_mask, std::memory_order_release);
    identity = current.identity;
    Record* next = with_task(current, state, gpu_mask);
    return {next == nullptr ? StatusCode::kOutOfMemory : StatusCode::kOk, next};
  });
  if (!committed_at_.has_value()) {
    self_->free_tasks.push_back(state.task);
    return status;
  }
  placed = {{slot, state.task, generation}, gpu_mask, *committed_at_, identity};
  return StatusCode::kOk;
}

StatusCode Worker::start(RequestClass& request_class, std::uint32_t slot, const PlaceOptions& options, Placed& placed,
                         placement::Reason& reason, const Expected& expected) {
  LiveChecks& checks = request_class.window(*inventory_, *self_).checks();
  const LiveTask state = new_task(kNoId, request_class.shape, request_class.group);
  const IdTail id{draw64(options.id_base, options.first_task, 0), draw64(options.id_base, options.first_task, 1)};
  reason = placement::Reason::kNone;
  return add_task(slot, state, id, std::nullopt, placed, expected, [&](const Record& current) {
    reason = checks.first_failure(current, true);
    return reason == placement::Reason::kNone;
  });
}

StatusCode Worker::start_elsewhere(std::uint32_t slot, std::uint32_t shape, const StartedTask& task, Placed& placed,
                                   const Expected& expected) {
  const LiveTask state{.started_at_ms = task.started_at_ms & kStartedMask,
                       .last_status = task.last_status,
                       .desired_status = task.desired_status,
                       .health = task.health,
                       .is_protected = task.is_protected,
                       .protected_until_ms = task.protected_until_ms,
                       .task = kNoId,
                       .shape = shape,
                       .group = inventory_->shapes.at(shape).group,
                       .version = task.version};
  const Shape& taken = inventory_->shapes.at(shape);
  bool is_in_range = true;
  const StatusCode status = add_task(slot, state, task.id, task.gpu_mask, placed, expected, [&](const Record& current) {
    is_in_range = std::in_range<std::int32_t>(std::int64_t{current.cpu_remaining} - taken.cpu_units) &&
                  std::in_range<std::int32_t>(std::int64_t{current.memory_remaining} - taken.memory_mib);
    return is_in_range;
  });
  return is_in_range ? status : StatusCode::kInvalidArgument;
}

}  // namespace berth::cluster
