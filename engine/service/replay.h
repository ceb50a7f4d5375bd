// Replay: a trace against a fleet. Tasks arrive one after another, each is placed as RunTask would place it at that moment or is refused
// for good, and gives back what it took when it departs. What is counted, and how, is told in README.md.
//
// Thread rule: pure functions over immutable inputs, any thread. Lifetime: results own what they hold; instances are indexes into the
// snapshot, tasks are in the order of their arrival.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/progress.h"
#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/placement/reason.h"
#include "engine/placement/request.h"
#include "engine/service/stock.h"
#include "engine/service/trace.h"
#include "engine/snapshot/snapshot.h"

namespace berth::service {

inline constexpr std::uint32_t kStepsMax = 100'000;
inline constexpr std::uint32_t kPermille = 1000;

struct ReplayOptions {
  // The rules that every task is placed by, besides its own memberOf.
  std::vector<placement::Strategy> strategies = {};
  std::vector<placement::MemberOf> member_of = {};
  bool distinct_instance = false;
  std::uint64_t seed = 1;

  // --- In time. ---
  bool has_departures = true;
  std::uint32_t compress_permille = kPermille;  // Arrivals follow each other so much faster; tasks stay as long as they did.
  std::optional<std::int64_t> until_ms = {};    // What comes later is left out. Of the compressed time.
  std::int64_t step_ms = 0;                     // Of one row; 0: a two hundredth of the whole, in full seconds.

  // --- Inflation: nobody departs, and tasks of the trace arrive until they demand so much of the fleet's capacity. ---
  std::uint32_t inflate_permille = 0;  // 0: replay in time.
  // In what order they arrive: drawn under the seed, as in the trace, or those that demand the largest part of the fleet first.
  enum class Order : std::uint8_t { kRandom, kGiven, kLargest };
  Order order = Order::kRandom;

  Progress* progress = nullptr;
};

using Refusals = std::array<std::uint64_t, placement::kReasonCount>;

// By Resource, in percent of the capacity; 0 where there is none.
struct Shares {
  std::array<double, kResourceCount> used{};
  std::array<double, kResourceCount> fragmented{};
};

// One row: what happened since the row before, and how things stand.
struct Step {
  std::int64_t time_ms = 0;     // At its end.
  double demanded_percent = 0;  // Inflation: what has arrived demands so much of the capacity.
  std::uint64_t arrived = 0;
  std::uint64_t placed = 0;
  std::uint64_t refused = 0;
  std::uint64_t departed = 0;
  Refusals refusals{};        // Sums to `refused`.
  std::uint64_t running = 0;  // Of the trace's tasks, at the end of the step; so is the next.
  std::uint32_t instances_in_use = 0;
  Shares shares;  // In time: the mean over the step. Inflation: at its end.
};

// What became of one task.
struct Fate {
  std::uint32_t instance = kNoId;  // kNoId: refused.
  placement::Reason reason = placement::Reason::kNone;
};

struct Replay {
  std::vector<Step> steps;
  Step total;  // time_ms: of the whole; shares: in time the mean over the whole, inflation: at the end.
  std::array<double, kResourceCount> peak_used{};
  std::uint64_t running_max = 0;
  std::int64_t begin_ms = 0;  // The first arrival.
  Amounts capacity{};
  std::uint32_t instance_count = 0;     // ACTIVE ones.
  std::optional<Resource> inflated;     // Whose capacity inflation is held against.
  std::vector<Fate> fates;              // By arrival.
  std::vector<std::uint32_t> arrivals;  // The tasks of the trace, as they arrived.
  SnapshotPtr at_end;                   // Only where want_end was set.
};

// Errors: kInvalidArgument (no instance; nothing to inflate against; too many steps; until_ms before the first arrival), kLimitExceeded.
Result<Replay> replay(const SnapshotPtr& snapshot, const Trace& trace, const ReplayOptions& options, Executor& executor,
                      bool want_end = false);

}  // namespace berth::service
