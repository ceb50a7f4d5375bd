// Trace: tasks that arrive and depart, read from CSV. Two forms are known by their header: Berth's own, and the pod lists of Alibaba's
// openb cluster (README.md lists the columns of both).
//
// Thread rule: a plain value. Lifetime: owns what it names; programs are shared.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/query/program.h"

namespace berth::service {

// More would make sums of amounts times tasks leave 64 bits on the largest fleets.
inline constexpr std::uint32_t kTraceTasksMax = 10'000'000;
inline constexpr std::int64_t kNeverDeparts = std::numeric_limits<std::int64_t>::max();

// What tasks that differ only in their times have in common.
struct TraceClass {
  std::int64_t cpu_units = 0;
  std::int64_t memory_mib = 0;
  std::uint32_t gpu_count = 0;
  std::string group;
  std::string expression;        // A memberOf constraint of the tasks' own; empty: none.
  query::ProgramPtr program;     // Of the expression; null: none.
  std::uint64_t task_count = 0;  // In the trace.
};

struct TraceTask {
  std::int64_t arrival_ms = 0;
  std::int64_t departure_ms = kNeverDeparts;  // Not before the arrival.
  std::uint32_t task_class = 0;               // Index into Trace::classes.
};

struct Trace {
  std::vector<TraceClass> classes;
  std::vector<TraceTask> tasks;  // By arrival; equal ones in the order of the text.
  std::uint64_t gpu_shares = 0;  // Tasks that asked for a share of a GPU and were given a whole one.
};

// Errors: kInvalidArgument, "<source>: line N: <column>: ..." with the mend; kLimitExceeded (more than kTraceTasksMax tasks).
Result<Trace> read_trace(std::string_view source, std::string_view bytes);

// CPU in thousandths of a vCPU as CPU units: 1000 are 1024. What is demanded is rounded up, what is offered down.
constexpr std::int64_t cpu_units_demanded(std::int64_t cpu_milli) {
  return (cpu_milli * 1024 + 999) / 1000;
}
constexpr std::int64_t cpu_units_offered(std::int64_t cpu_milli) {
  return cpu_milli * 1024 / 1000;
}

// The attribute that holds the model of an instance's GPUs.
inline constexpr std::string_view kGpuModelAttribute = "gpu.model";

}  // namespace berth::service
