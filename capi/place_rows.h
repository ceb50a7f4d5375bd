// Rows of tasks to place, checked and carried out on a live cluster (a Worker) or on a what-if (a Fork), which both place in the same way.
//
// Thread rule: the call's. Lifetime: the call's.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <type_traits>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/call_limits.h"
#include "capi/cluster.h"
#include "engine/base/result.h"
#include "engine/cluster/cluster.h"

namespace berth::capi {

inline constexpr std::uint32_t kRowsMax = 1U << 20U;
inline constexpr std::uint32_t kTasksPerRowMax = 1U << 20U;

struct PlaceRows {
  std::span<const berth_place_row> rows;
  berth_decision_row* decisions;  // Room for the sum of all counts.
};

// Everything about the rows that can be wrong, before anything is done. Errors: kInvalidArgument, kNotFound, kLimitExceeded.
Outcome check_place_rows(const berth_cluster& cluster, const berth_place_row* rows, std::uint32_t row_count,
                         const berth_decision_row* decisions, std::uint32_t decision_capacity);

inline berth_task task_row(const cluster::TaskHandle& task) {
  return {.slot = task.slot, .number = task.task, .generation = task.generation, .reserved = 0};
}

template <typename Target>
class RowPlacer {
 public:
  RowPlacer(berth_cluster& cluster, Target& target, WorkerPool::Place& place, const CallLimits& limits)
      : cluster_(cluster), target_(target), place_(place), limits_(limits) {}

  // An error only if no task was decided; `decisions` is as it was then.
  Outcome run(const PlaceRows& work) {
    reserve(work.rows);
    out_ = work.decisions;
    for (std::size_t row = 0; row < work.rows.size(); ++row) {
      if (const StatusCode why = run_row(work.rows[row], static_cast<std::uint32_t>(row)); why != StatusCode::kOk) {
        if (out_ == work.decisions) {
          return undecided(why);
        }
        skip(work.rows, static_cast<std::uint32_t>(row), why);
        break;
      }
    }
    note_counts();
    return {};
  }

 private:
  // Tasks between two looks at the limits: some hundred microseconds at most.
  static constexpr std::uint32_t kTasksPerPoll = 16;
  static constexpr std::uint32_t kTasksPerChunk = 64;

  // A row for all or nothing is placed in one piece. Before anything is committed, because it may ask for memory.
  void reserve(std::span<const berth_place_row> rows) {
    std::uint32_t most = kTasksPerChunk;
    for (const berth_place_row& row : rows) {
      most = (row.flags & BERTH_PLACE_ALL_OR_NOTHING) != 0 ? std::max(most, row.count) : most;
    }
    if (place_.placed.size() < most) {
      place_.placed.resize(most);
    }
  }

  // kOk, or why the rest was not attempted. Nothing here makes texts, which ask for memory, as long as tasks were decided.
  StatusCode run_row(const berth_place_row& row, std::uint32_t number) {
    row_ = number;
    index_ = 0;
    cluster::RequestClass& request_class = cluster_.classes.at(row.request_class);
    cluster::PlaceOptions options{.seed = row.seed, .id_base = row.id_base, .first_task = 0, .all_or_nothing = false};
    if ((row.flags & BERTH_PLACE_DRY_RUN) != 0) {
      return look(request_class, options);
    }
    options.id_base = row.id_base != 0 ? row.id_base : cluster_.take_id_base();
    options.all_or_nothing = (row.flags & BERTH_PLACE_ALL_OR_NOTHING) != 0;
    const std::uint32_t chunk = options.all_or_nothing ? row.count : (limits_.is_limited() ? kTasksPerPoll : kTasksPerChunk);
    while (index_ < row.count) {
      if (const StatusCode why = limits_.poll(); why != StatusCode::kOk) {
        return why;
      }
      const std::uint32_t wanted = std::min(chunk, row.count - index_);
      options.first_task = index_;
      std::uint32_t count = 0;
      const StatusCode status = place(request_class, options, std::span(place_.placed.data(), wanted), count);
      for (std::uint32_t task = 0; task < count; ++task) {
        write_placed(place_.placed[task]);
      }
      if (status != StatusCode::kOk) {
        return status;
      }
      // What fits no task of a class as of one position fits none of the others of the row either.
      if (count < wanted) {
        while (index_ < row.count) {
          write_not_placed();
        }
      }
    }
    return StatusCode::kOk;
  }

  // `count` is right also when memory runs out.
  StatusCode place(cluster::RequestClass& request_class, const cluster::PlaceOptions& options, std::span<cluster::Placed> placed,
                   std::uint32_t& count) {
    try {
      const Outcome outcome = target_.place(request_class, options, placed, count);
      return outcome.ok() ? StatusCode::kOk : outcome.error().code;
    } catch (const std::bad_alloc&) {
      return StatusCode::kOutOfMemory;
    }
  }

  StatusCode look(cluster::RequestClass& request_class, const cluster::PlaceOptions& options) {
    for (;;) {
      if (const StatusCode why = limits_.poll(); why != StatusCode::kOk) {
        return why;
      }
      std::optional<std::uint32_t> slot;
      try {
        slot = target_.look_for(request_class, options);
      } catch (const std::bad_alloc&) {
        return StatusCode::kOutOfMemory;
      }
      if (!slot.has_value()) {
        write_not_placed();
        return StatusCode::kOk;
      }
      // It may have left since: then the answer is of no use, and the question is asked again.
      if (const std::optional<cluster::InstanceHandle> instance = target_.instance_in(*slot); instance.has_value()) {
        berth_decision_row& decision = next(BERTH_PLACED);
        decision.instance = {.slot = instance->slot, .identity = instance->identity};
        decision.position = target_.answered_at();
        return StatusCode::kOk;
      }
    }
  }

  static Outcome undecided(StatusCode why) {
    if (why == StatusCode::kOutOfMemory) {
      throw std::bad_alloc();
    }
    if (why == StatusCode::kLimitExceeded) {
      return refusal("cluster: holds as many tasks as its tasks_max allows; release some, or make it with a larger one", why);
    }
    return stopped(why);
  }

  berth_decision_row& next(berth_outcome outcome) {
    berth_decision_row& decision = *out_++;
    decision = {};
    decision.row = row_;
    decision.index = index_++;
    decision.outcome = outcome;
    return decision;
  }

  void write_placed(const cluster::Placed& placed) {
    berth_decision_row& decision = next(BERTH_PLACED);
    decision.instance = {.slot = placed.task.slot, .identity = placed.identity};
    decision.task = task_row(placed.task);
    decision.gpu_mask = placed.gpu_mask;
    decision.position = placed.position;
    ++placed_count_;
  }

  void write_not_placed() {
    berth_decision_row& decision = next(BERTH_NOT_PLACED);
    decision.instance = kNoInstance;
    decision.position = target_.answered_at();
    ++not_placed_count_;
  }

  // Everything from the task on that the call stands at.
  void skip(std::span<const berth_place_row> rows, std::uint32_t first, StatusCode why) {
    for (std::uint32_t row = first; row < rows.size(); ++row) {
      index_ = row == first ? index_ : 0;
      row_ = row;
      while (index_ < rows[row].count) {
        berth_decision_row& decision = next(BERTH_NOT_ATTEMPTED);
        decision.cause = static_cast<berth_status>(why);
        decision.instance = kNoInstance;
      }
    }
  }

  // What was placed on a fork was not placed.
  void note_counts() {
    if (std::is_same_v<Target, cluster::Fork>) {
      return;
    }
    place_.placed_count.fetch_add(placed_count_, std::memory_order_relaxed);
    place_.not_placed_count.fetch_add(not_placed_count_, std::memory_order_relaxed);
  }

  static constexpr berth_instance kNoInstance{.slot = 0, .identity = BERTH_NO_INSTANCE};

  berth_cluster& cluster_;
  Target& target_;
  WorkerPool::Place& place_;
  const CallLimits& limits_;
  berth_decision_row* out_ = nullptr;
  std::uint32_t row_ = 0;
  std::uint32_t index_ = 0;
  std::uint64_t placed_count_ = 0;
  std::uint64_t not_placed_count_ = 0;
};

}  // namespace berth::capi
