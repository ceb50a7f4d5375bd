// Threads inside one live cluster of the C ABI at once: places are handed out without two callers in one, nothing is lost or counted twice.
// Under ThreadSanitizer this is the test of the thread rules of berth.h's live part.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "berth/berth.h"

namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 60;

const std::string kFleet = R"({"instances": 200, "seed": 3, "utilization": 20})";
std::string request_of(int family) {
  return R"({"count": 2, "taskDefinition": {"family": "f)" + std::to_string(family) +
         R"(", "containerDefinitions": [{"name": "job", "image": "job", "cpu": 16, "memory": 16}]}, "placementStrategy":
            [{"type": "spread", "field": "attribute:ecs.availability-zone"}, {"type": "binpack", "field": "memory"}]})";
}

struct Counts {
  std::atomic<std::uint64_t> placed{0};
  std::atomic<std::uint64_t> released{0};
  std::atomic<std::uint64_t> refused{0};  // Calls that found all places taken.
};

void note(berth_status status, Counts& counts) {
  if (status == BERTH_LIMIT_EXCEEDED) {
    ++counts.refused;
  } else {
    EXPECT_EQ(status, BERTH_OK);
  }
}

void work(berth_engine* engine, berth_cluster* cluster, int thread, Counts& counts) {
  const std::string request = request_of(thread % 3);
  std::uint32_t request_class = 0;
  ASSERT_EQ(berth_cluster_prepare(engine, cluster, request.data(), request.size(), &request_class, nullptr), BERTH_OK);
  for (int round = 0; round < kRounds; ++round) {
    berth_place_row row = {};
    row.request_class = request_class;
    row.count = 3;
    row.flags = round % 4 == 0 ? std::uint32_t{BERTH_PLACE_ALL_OR_NOTHING} : 0U;
    std::vector<berth_decision_row> decisions(3);
    ASSERT_EQ(berth_cluster_place(cluster, &row, 1, nullptr, decisions.data(), 3, nullptr), BERTH_OK);
    std::vector<berth_change_row> changes;
    for (const berth_decision_row& decision : decisions) {
      ASSERT_EQ(decision.outcome, BERTH_PLACED);
      ++counts.placed;
      berth_change_row change = {};
      change.kind = BERTH_CHANGE_RELEASE;
      change.task = decision.task;
      changes.push_back(change);
    }
    changes.pop_back();
    std::vector<berth_change_result> results(changes.size());
    ASSERT_EQ(berth_cluster_change(cluster, changes.data(), 2, nullptr, 0, nullptr, results.data(), nullptr), BERTH_OK);
    for (const berth_change_result& result : results) {
      EXPECT_EQ(result.status, BERTH_OK);
      ++counts.released;
    }
    if (round % 8 == thread % 8) {
      berth_document* answer = nullptr;
      note(berth_cluster_run_task(engine, cluster, request.data(), request.size(), BERTH_FORMAT_JSON, nullptr, &answer, nullptr), counts);
      counts.placed += 2;
      berth_document_free(answer);
      berth_cluster_stats_row stats;
      note(berth_cluster_stats(cluster, &stats, nullptr), counts);
      berth_fork* fork = nullptr;
      note(berth_fork_new(cluster, &fork, nullptr), counts);
      EXPECT_EQ(berth_fork_place(fork, &row, 1, nullptr, decisions.data(), 3, nullptr), BERTH_OK);
      berth_fork_free(fork);
      note(berth_cluster_apply_events(cluster, "[]", 2, nullptr, nullptr), counts);
    }
    if (round == kRounds / 2 && thread == 0) {
      berth_snapshot* snapshot = nullptr;
      note(berth_cluster_snapshot(engine, cluster, nullptr, &snapshot, nullptr), counts);
      berth_snapshot_release(snapshot);
    }
  }
}

TEST(LiveThreads, NothingIsLostOrCountedTwice) {
  berth_engine_options options;
  ASSERT_EQ(berth_engine_options_init(&options, sizeof options), BERTH_OK);
  options.executor = BERTH_EXECUTOR_THREADS;
  berth_engine* engine = nullptr;
  ASSERT_EQ(berth_engine_new(&options, &engine, nullptr), BERTH_OK);
  berth_snapshot* snapshot = nullptr;
  ASSERT_EQ(berth_snapshot_generate(engine, kFleet.data(), kFleet.size(), &snapshot, nullptr), BERTH_OK);
  std::uint32_t tasks_before = 0;
  ASSERT_EQ(berth_snapshot_counts(snapshot, nullptr, &tasks_before), BERTH_OK);
  berth_cluster* cluster = nullptr;
  ASSERT_EQ(berth_cluster_new(snapshot, nullptr, &cluster, nullptr), BERTH_OK);
  Counts counts;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      work(engine, berth_cluster_retain(cluster), thread, counts);
      berth_cluster_release(cluster);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  berth_cluster_stats_row stats;
  ASSERT_EQ(berth_cluster_stats(cluster, &stats, nullptr), BERTH_OK);
  EXPECT_EQ(stats.placed, counts.placed.load());
  EXPECT_EQ(stats.tasks, tasks_before + counts.placed.load() - counts.released.load());
  EXPECT_EQ(stats.request_classes, 3U);
  EXPECT_EQ(counts.refused.load(), 0U);
  EXPECT_LE(stats.workers, 2U * kThreads + 1);
  berth_cluster_release(cluster);
  berth_snapshot_release(snapshot);
  berth_engine_free(engine);
}

}  // namespace
