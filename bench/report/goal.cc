#include "bench/report/goal.h"

#include <array>

namespace berth::bench {
namespace {

constexpr Direction kMost = Direction::kAtMost;
constexpr Direction kLeast = Direction::kAtLeast;
constexpr double kNsPerUs = 1000;

constexpr std::array kGoals = {
    Goal{"W1", "new class, live: worst chain over its pass", "W1.ratio", "", "", 1, kMost, 2, 4},
    Goal{"W1", "new class, live: median", "W1.live_median_ms", "pass over its columns", "W1.streaming_median_ms"},
    Goal{"W1", "new class, live: worst single one", "W1.live_worst_ms", "pass over its columns", "W1.streaming_median_ms"},
    Goal{"W1", "decide() of one task: worst chain over its pass", "W1.decide_ratio", "", "", 1, kMost, 2, 4},
    Goal{"W1", "decide() of one task: median", "W1.decide_median_ms", "pass by all threads", "W1.streaming_by_all_threads_median_ms"},

    Goal{"W2", "Z(200), placements/s", "W2.z200.placements_per_second", "", "", 1, kLeast, 1'000'000, 250'000},
    Goal{"W2", "Z(200), mean of a turn", "W2.z200.us_per_placement", "dependent DRAM miss", "memory.chase_ns", kNsPerUs},
    Goal{"W2", "Z(200), p50", "W2.z200.p50_us", "dependent DRAM miss", "memory.chase_ns", kNsPerUs},
    Goal{"W2", "Z(200), p99", "W2.z200.p99_us", "dependent DRAM miss", "memory.chase_ns", kNsPerUs, kMost, 20, 100},
    Goal{"W2", "Z(200), p99.9", "W2.z200.p999_us", "dependent DRAM miss", "memory.chase_ns", kNsPerUs, kMost, 200, 1000},
    Goal{"W2", "Z(200), cold events within", "W2.z200.cold_events"},
    Goal{"W2", "Z(5000), placements/s", "W2.z5000.placements_per_second", "", "", 1, kLeast, 250'000, 50'000},
    Goal{"W2", "Z(5000), p99", "W2.z5000.p99_us", "dependent DRAM miss", "memory.chase_ns", kNsPerUs},
    Goal{"W2", "Z(5000), cold events within", "W2.z5000.cold_events"},
    Goal{"W2", "Z(200), two threads over one", "W2.two_thread_speedup", "", "", 1, kLeast, 1.7, 1.6},
    Goal{"W2", "Z(5000), two threads over one", "W2.z5000.two_thread_speedup"},

    Goal{"W3", "100,000 tasks: spread zone, instance", "W3.service_default_ms", "pass over its columns", "W3.streaming_ms", 1, kMost, 50,
         200},
    Goal{"W3", "100,000 tasks: spread zone, binpack memory", "W3.spread_zone_binpack_memory_ms", "pass over its columns", "W3.streaming_ms",
         1, kMost, 50, 200},
    Goal{"W3", "100,000 tasks: binpack cpu", "W3.binpack_cpu_ms", "pass over its columns", "W3.streaming_ms", 1, kMost, 50, 200},
    Goal{"W3", "100,000 tasks: binpack memory", "W3.binpack_memory_ms", "pass over its columns", "W3.streaming_ms", 1, kMost, 50, 200},
    Goal{"W3", "100,000 tasks: random", "W3.random_ms", "pass over its columns", "W3.streaming_ms", 1, kMost, 50, 200},
    Goal{"W3", "100,000 tasks: spread stack", "W3.spread_stack_ms", "pass over its columns", "W3.streaming_ms", 1, kMost, 50, 200},

    Goal{"W4", "==", "W4.equals_ns_per_instance", "pass over one column", "W4.streaming_ns_per_instance", 1, kMost, 0.5, 2},
    Goal{"W4", "in", "W4.in_ns_per_instance", "pass over one column", "W4.streaming_ns_per_instance", 1, kMost, 0.5, 2},
    Goal{"W4", "=~", "W4.pattern_ns_per_instance", "pass over one column", "W4.streaming_ns_per_instance", 1, kMost, 0.5, 2},
    Goal{"W4", "compound", "W4.compound_ns_per_instance", "pass over one column", "W4.streaming_ns_per_instance", 1, kMost, 0.5, 2},
    Goal{"W4", "unique ids, ==", "W4.id_equals_ns_per_instance", "pass over one column", "W4.streaming_ns_per_instance"},
    Goal{"W4", "unique ids, in", "W4.id_in_ns_per_instance", "pass over one column", "W4.streaming_ns_per_instance"},
    Goal{"W4", "unique ids, =~", "W4.id_pattern_ns_per_instance", "pass over one column", "W4.streaming_ns_per_instance", 1, kMost, 150},
    Goal{"W4", "runningTasksCount", "W4.running_tasks_ns_per_instance", "pass over one column", "W4.streaming_ns_per_instance"},
    Goal{"W4", "task:group", "W4.task_group_ns_per_instance", "pass over one column", "W4.streaming_ns_per_instance"},

    Goal{"W5", "on disk, bytes per instance", "W5.bytes_per_instance", "", "", 1, kMost, 100, 128},
    Goal{"W5", "on disk, bytes per task", "W5.bytes_per_task", "", "", 1, kMost, 40, 48},
    Goal{"W5", "load from memory", "W5.load_ms", "memcpy of the file's bytes", "W5.memcpy_ms", 1, kMost, 300, 600},
    Goal{"W5", "write a file", "W5.write_ms", "memcpy of the file's bytes", "W5.memcpy_ms"},
    Goal{"W5", "RSS of a process with the snapshot", "W5.rss_mib", "bytes on disk", "W5.file_mib", 1, kMost, 512, 768},
    Goal{"W5", "RSS of a process with the live cluster", "W5.cluster_rss_mib", "bytes on disk", "W5.file_mib"},

    Goal{"W6", "changes/s at which W2's p99 at most doubles", "W6.deltas_per_second", "", "", 1, kLeast, 200'000, 100'000},
    Goal{"W6", "W2's p99 meanwhile", "W6.p99_us", "W2's p99 without", "W6.p99_without_us"},
    Goal{"W6", "W2's p99, with over without", "W6.p99_ratio", "", "", 1, kMost, 2, 2},
    Goal{"W6", "W2's placements/s meanwhile", "W6.placements_per_second", "W2's without", "W6.placements_per_second_without"},

    Goal{"W8", "openb in time, end to end", "W8.replay_ms"},
    Goal{"W8", "openb in time, tasks/s", "W8.tasks_per_second"},
    Goal{"W8", "openb inflated, GPUs in use at 130 %: best chain", "W8.best_gpu_percent", "published best, shared GPUs",
         "W8.published_best_gpu_percent"},
    Goal{"W8", "openb inflated, GPUs in use at 130 %: random", "W8.random_gpu_percent", "published random, shared GPUs",
         "W8.published_random_gpu_percent"},

    Goal{"growth", "Z(200), cost at n over cost at n/100", "growth.ratio", "", "", 1, kMost, 2, 3},
    Goal{"growth", "Z(200), cost at n/10 over cost at n/100", "growth.tenth_ratio"},
};

bool is_within(Direction direction, double value, double bound) {
  return direction == Direction::kAtMost ? value <= bound : value >= bound;
}

}  // namespace

std::span<const Goal> goals() {
  return kGoals;
}

Reached reached(const Goal& goal, double value) {
  if (!goal.goal.has_value() && !goal.milestone.has_value()) {
    return Reached::kUnbounded;
  }
  if (goal.goal.has_value() && is_within(goal.direction, value, *goal.goal)) {
    return Reached::kGoal;
  }
  if (goal.milestone.has_value() && is_within(goal.direction, value, *goal.milestone)) {
    return Reached::kMilestone;
  }
  return Reached::kNeither;
}

}  // namespace berth::bench
