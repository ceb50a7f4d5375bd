// Which tasks of a trace arrive, when and in which order: what a replay does before it places anything.
//
// Thread rule: pure functions. Lifetime: results own what they hold.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/result.h"
#include "engine/service/replay.h"

namespace berth::service {

// In the order of arrival.
struct Arrival {
  std::int64_t at_ms = 0;
  std::int64_t departs_ms = kNeverDeparts;
  std::uint32_t task = 0;  // Of the trace.
};

// Replay in time: compressed, cut at until_ms. Errors: kInvalidArgument (nothing arrives by until_ms).
Result<std::vector<Arrival>> arrivals_in_time(const Trace& trace, const ReplayOptions& options);

// Inflation is held against GPUs where tasks demand them and the fleet has some, else against what of CPU and memory the tasks demand
// the larger part of. Errors: kInvalidArgument (tasks that demand nothing that the fleet has).
Result<Resource> inflated_resource(const Trace& trace, const Amounts& capacity);

// Tasks of the trace, again and again, until they demand inflate_permille of the capacity. Errors: kLimitExceeded (more than
// kTraceTasksMax).
Result<std::vector<Arrival>> arrivals_of_inflation(const Trace& trace, const ReplayOptions& options, const Amounts& capacity,
                                                   Resource resource);

}  // namespace berth::service
