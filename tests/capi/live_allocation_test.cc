// Allocations that fail inside calls on a live cluster: what was committed is told, what was not leaves no trace, and the next call decides
// as if nothing had happened.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "berth/berth.h"
#include "tests/capi/failing_allocations.h"

namespace {

// Made here: nothing of a test itself may allocate while allocations fail.
const std::string kFleet = R"({"instances": 60, "seed": 9, "utilization": 30})";
const std::string kChains[] = {
    R"([{"type": "spread", "field": "attribute:ecs.availability-zone"}, {"type": "binpack", "field": "memory"}])",
    R"([{"type": "spread", "field": "instanceId"}])",
    R"([{"type": "random"}])",
    R"([{"type": "binpack", "field": "cpu"}, {"type": "random"}])",
};
std::string request_of(const std::string& chain, const std::string& family) {
  return R"({"count": 3, "taskDefinition": {"family": ")" + family +
         R"(", "containerDefinitions": [{"name": "job", "image": "job", "cpu": 64, "memory": 64}]}, "placementStrategy": )" + chain +
         R"(, "placementConstraints": [{"type": "memberOf", "expression": "runningTasksCount < 1000 and attribute:ecs.instance-type =~ .*"}]})";
}
const std::string kEvent =
    R"({"detail-type": "ECS Container Instance State Change", "detail": {"containerInstanceArn":
        "arn:aws:ecs:us-east-1:000000000000:container-instance/late/0123456789abcdef0123456789abcdef", "version": 9, "status": "ACTIVE",
        "agentConnected": true, "registeredResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 2048},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": 4096}], "attributes": [{"name": "stack", "value": "one"}]}})";

class LiveAllocation : public testing::TestWithParam<bool> {
 protected:
  static constexpr std::uint32_t kTasks = 4;

  void SetUp() override {
    berth_engine_options options;
    ASSERT_EQ(berth_engine_options_init(&options, sizeof options), BERTH_OK);
    options.executor = BERTH_EXECUTOR_SERIAL;
    ASSERT_EQ(berth_engine_new(&options, &engine_, nullptr), BERTH_OK);
    ASSERT_EQ(berth_snapshot_generate(engine_, kFleet.data(), kFleet.size(), &snapshot_, nullptr), BERTH_OK);
    ASSERT_EQ(berth_cluster_new(snapshot_, nullptr, &cluster_, nullptr), BERTH_OK);
    ASSERT_EQ(berth_cluster_new(snapshot_, nullptr, &undisturbed_, nullptr), BERTH_OK);
  }
  void TearDown() override {
    berth_cluster_release(cluster_);
    berth_cluster_release(undisturbed_);
    berth_snapshot_release(snapshot_);
    berth_engine_free(engine_);
  }

  std::uint32_t prepare(berth_cluster* cluster, const std::string& request) const {
    std::uint32_t number = 0;
    EXPECT_EQ(berth_cluster_prepare(engine_, cluster, request.data(), request.size(), &number, nullptr), BERTH_OK);
    return number;
  }
  std::uint64_t task_count() const {
    berth_cluster_stats_row stats;
    EXPECT_EQ(berth_cluster_stats(cluster_, &stats, nullptr), BERTH_OK);
    return stats.tasks;
  }
  static void release_all(berth_cluster* cluster, const std::array<berth_decision_row, kTasks>& decisions) {
    for (auto decision = decisions.rbegin(); decision != decisions.rend(); ++decision) {
      if (decision->outcome == BERTH_PLACED) {
        berth_change_row row = {};
        row.kind = BERTH_CHANGE_RELEASE;
        row.task = decision->task;
        berth_change_result result;
        ASSERT_EQ(berth_cluster_change(cluster, &row, 1, nullptr, 0, nullptr, &result, nullptr), BERTH_OK);
        EXPECT_EQ(result.status, BERTH_OK);
      }
    }
  }

  berth_engine* engine_ = nullptr;
  berth_snapshot* snapshot_ = nullptr;
  berth_cluster* cluster_ = nullptr;
  berth_cluster* undisturbed_ = nullptr;
};

// Places one row with each allocation failing in turn, until none does. What a call that failed has left in its outputs and in the cluster
// is looked at each time by `look_after` (decisions; empty when the call was refused).
template <std::size_t N, typename Call, typename LookAfter>
int place_with_failures(const Call& call, bool is_persistent, const LookAfter& look_after) {
  int failures = 0;
  for (std::int64_t allowed = 0;; ++allowed) {
    std::array<berth_decision_row, N> decisions;
    std::memset(decisions.data(), 0xCD, sizeof decisions);
    berth_error* error = nullptr;
    keeps_failing.store(is_persistent);
    allocations_left.store(allowed);
    const berth_status status = call(decisions.data(), &error);
    const bool has_failed = allocations_left.load() == kNever || allocations_left.load() < 0;
    allocations_left.store(kNever);
    if (status != BERTH_OK) {
      EXPECT_EQ(status, BERTH_OUT_OF_MEMORY);
      EXPECT_NE(error, nullptr);
      berth_error_free(error);
      EXPECT_EQ(decisions.front().row, 0xCDCDCDCDU);
      decisions = {};
    } else {
      EXPECT_EQ(error, nullptr);
      for (const berth_decision_row& decision : decisions) {
        EXPECT_TRUE(decision.outcome == BERTH_PLACED || decision.cause == BERTH_OUT_OF_MEMORY) << decision.outcome;
      }
    }
    look_after(decisions);
    failures += has_failed ? 1 : 0;
    if (!has_failed || failures > 3000) {
      EXPECT_LE(failures, 3000);
      return failures;
    }
  }
}

TEST_P(LiveAllocation, PlaceDecidesAsIfNothingHadFailed) {
  for (const std::string& chain : kChains) {
    for (const std::uint32_t flags : {std::uint32_t{0}, std::uint32_t{BERTH_PLACE_ALL_OR_NOTHING}}) {
      SCOPED_TRACE(chain + " " + std::to_string(flags));
      const std::string request = request_of(chain, "f" + std::to_string(flags));
      berth_place_row row = {};
      row.request_class = prepare(cluster_, request);
      row.count = kTasks;
      row.seed = 5;
      row.id_base = 1;
      row.flags = flags;
      std::array<berth_decision_row, kTasks> wanted;
      berth_place_row same = row;
      same.request_class = prepare(undisturbed_, request);
      ASSERT_EQ(berth_cluster_place(undisturbed_, &same, 1, nullptr, wanted.data(), kTasks, nullptr), BERTH_OK);
      release_all(undisturbed_, wanted);
      const std::uint64_t tasks = task_count();
      const auto call = [&](berth_decision_row* decisions, berth_error** error) {
        return berth_cluster_place(cluster_, &row, 1, nullptr, decisions, kTasks, error);
      };
      place_with_failures<kTasks>(call, GetParam(), [&](const std::array<berth_decision_row, kTasks>& decisions) {
        std::uint64_t placed = 0;
        for (std::uint32_t task = 0; task < kTasks; ++task) {
          if (decisions[task].outcome == BERTH_PLACED) {
            ++placed;
            EXPECT_EQ(decisions[task].instance.slot, wanted[task].instance.slot) << task;
          }
        }
        EXPECT_TRUE(flags == 0 || placed == 0 || placed == kTasks) << placed;
        EXPECT_EQ(task_count(), tasks + placed);
        release_all(cluster_, decisions);
      });
    }
  }
}

// Once its windows are filled a cluster places and releases without asking for memory.
TEST_P(LiveAllocation, RowsInTheSteadyStateAskForNone) {
  for (const std::string& chain : kChains) {
    SCOPED_TRACE(chain);
    berth_place_row row = {};
    row.request_class = prepare(cluster_, request_of(chain, "steady"));
    row.count = kTasks;
    std::array<berth_decision_row, kTasks> decisions;
    std::array<berth_change_row, kTasks> changes;
    std::array<berth_change_result, kTasks> results;
    const auto round = [&](std::uint64_t seed) {
      row.seed = seed;
      if (berth_cluster_place(cluster_, &row, 1, nullptr, decisions.data(), kTasks, nullptr) != BERTH_OK) {
        return false;
      }
      for (std::uint32_t task = 0; task < kTasks; ++task) {
        changes[task] = {};
        changes[task].kind = BERTH_CHANGE_RELEASE;
        changes[task].task = decisions[task].task;
        if (decisions[task].outcome != BERTH_PLACED) {
          return false;
        }
      }
      return berth_cluster_change(cluster_, changes.data(), kTasks, nullptr, 0, nullptr, results.data(), nullptr) == BERTH_OK &&
             results[0].status == BERTH_OK && results[kTasks - 1].status == BERTH_OK;
    };
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      ASSERT_TRUE(round(seed));
    }
    keeps_failing.store(true);
    allocations_left.store(0);
    int good = 0;
    for (std::uint64_t seed = 2000; seed < 3000; ++seed) {
      good += round(seed) ? 1 : 0;
    }
    const std::int64_t left = allocations_left.exchange(kNever);
    EXPECT_EQ(good, 1000);
    EXPECT_EQ(left, 0);
  }
}

TEST_P(LiveAllocation, ForksDecideAsIfNothingHadFailed) {
  berth_fork* reference = nullptr;
  ASSERT_EQ(berth_fork_new(undisturbed_, &reference, nullptr), BERTH_OK);
  for (const std::string& chain : kChains) {
    SCOPED_TRACE(chain);
    const std::string request = request_of(chain, "fork");
    berth_place_row row = {};
    row.count = kTasks;
    row.seed = 5;
    row.request_class = prepare(undisturbed_, request);
    std::array<berth_decision_row, kTasks> wanted;
    ASSERT_EQ(berth_fork_place(reference, &row, 1, nullptr, wanted.data(), kTasks, nullptr), BERTH_OK);
    ASSERT_EQ(berth_fork_discard(reference, nullptr), BERTH_OK);
    row.request_class = prepare(cluster_, request);
    berth_fork* fork = nullptr;
    ASSERT_EQ(berth_fork_new(cluster_, &fork, nullptr), BERTH_OK);
    const auto call = [&](berth_decision_row* decisions, berth_error** error) {
      return berth_fork_place(fork, &row, 1, nullptr, decisions, kTasks, error);
    };
    place_with_failures<kTasks>(call, GetParam(), [&](const std::array<berth_decision_row, kTasks>& decisions) {
      for (std::uint32_t task = 0; task < kTasks; ++task) {
        if (decisions[task].outcome == BERTH_PLACED) {
          EXPECT_EQ(decisions[task].instance.slot, wanted[task].instance.slot) << task;
        }
      }
      EXPECT_EQ(berth_fork_discard(fork, nullptr), BERTH_OK);
    });
    berth_fork_free(fork);
  }
  berth_fork_free(reference);
}

TEST_P(LiveAllocation, HandlesAndClasses) {
  const auto attempts = [&](const auto& make, const auto& free) {
    return fail_at_each_allocation(
        [&](berth_error** error) {
          decltype(make(error).second) made = nullptr;
          const auto [status, handle] = make(error);
          made = handle;
          const bool is_untouched = status == BERTH_OK || made == nullptr;
          free(made);
          return Attempt{status, is_untouched};
        },
        GetParam());
  };
  EXPECT_GT(attempts(
                [&](berth_error** error) {
                  berth_cluster* made = nullptr;
                  const berth_status status = berth_cluster_new(snapshot_, nullptr, &made, error);
                  return std::pair(status, made);
                },
                berth_cluster_release),
            0);
  EXPECT_GT(attempts(
                [&](berth_error** error) {
                  berth_cancel* made = nullptr;
                  const berth_status status = berth_cancel_new(&made, error);
                  return std::pair(status, made);
                },
                berth_cancel_free),
            0);
  EXPECT_GT(attempts(
                [&](berth_error** error) {
                  berth_fork* made = nullptr;
                  const berth_status status = berth_fork_new(cluster_, &made, error);
                  return std::pair(status, made);
                },
                berth_fork_free),
            0);
  const std::string request = request_of(kChains[0], "classes");
  EXPECT_GT(fail_at_each_allocation(
                [&](berth_error** error) {
                  std::uint32_t number = 77;
                  const berth_status status = berth_cluster_prepare(engine_, cluster_, request.data(), request.size(), &number, error);
                  return Attempt{status, status == BERTH_OK || number == 77};
                },
                GetParam()),
            0);
}

TEST_P(LiveAllocation, Changes) {
  const std::string request = request_of(kChains[0], "changes");
  const std::uint32_t request_class = prepare(cluster_, request);
  std::array<berth_instance, 60> instances;
  std::uint32_t count = 0;
  ASSERT_EQ(berth_cluster_select(cluster_, request_class, nullptr, instances.data(), 60, &count, nullptr), BERTH_OK);
  ASSERT_GT(count, 0U);
  const std::string blob = "a.name.that.is.longer.than.small.stringsand.a.value.that.is.as.well";
  std::array<berth_change_row, 3> rows = {};
  rows[0].kind = BERTH_CHANGE_PUT_ATTRIBUTE;
  rows[0].instance = instances[0];
  rows[0].name = {.offset = 0, .length = 38};
  rows[0].text = {.offset = 38, .length = blob.size() - 38};
  rows[1].kind = BERTH_CHANGE_AGENT_VERSION;
  rows[1].instance = instances[0];
  rows[1].text = {.offset = 3, .length = 40};
  rows[2].kind = BERTH_CHANGE_START;
  rows[2].instance = instances[0];
  rows[2].request_class = request_class;
  const std::uint64_t tasks = task_count();
  std::uint64_t started = 0;
  for (std::int64_t allowed = 0;; ++allowed) {
    std::array<berth_change_result, 3> results;
    std::memset(results.data(), 0xCD, sizeof results);
    berth_error* error = nullptr;
    keeps_failing.store(GetParam());
    allocations_left.store(allowed);
    const berth_status status = berth_cluster_change(cluster_, rows.data(), 3, blob.data(), blob.size(), nullptr, results.data(), &error);
    const bool has_failed = allocations_left.load() == kNever || allocations_left.load() < 0;
    allocations_left.store(kNever);
    if (status == BERTH_OK) {
      for (const berth_change_result& result : results) {
        EXPECT_TRUE(result.status == BERTH_OK || result.status == BERTH_OUT_OF_MEMORY) << result.status;
      }
      started += results[2].status == BERTH_OK ? 1U : 0U;
    } else {
      EXPECT_EQ(status, BERTH_OUT_OF_MEMORY);
      EXPECT_EQ(results[0].status, static_cast<berth_status>(0xCDCDCDCD));
      berth_error_free(error);
    }
    EXPECT_EQ(task_count(), tasks + started);
    if (!has_failed) {
      EXPECT_EQ(results[0].status, BERTH_OK);
      break;
    }
  }
}

TEST_P(LiveAllocation, Documents) {
  const std::string request = request_of(kChains[0], "documents");
  const auto attempts = [&](const auto& call) {
    return fail_at_each_allocation(
        [&](berth_error** error) {
          berth_document* answer = nullptr;
          const berth_status status = call(&answer, error);
          const bool is_untouched = status == BERTH_OK || answer == nullptr;
          berth_document_free(answer);
          return Attempt{status, is_untouched};
        },
        GetParam());
  };
  // A call that failed has left no task behind.
  const std::uint64_t tasks = task_count();
  EXPECT_GT(attempts([&](berth_document** answer, berth_error** error) {
              const berth_status status =
                  berth_cluster_run_task(engine_, cluster_, request.data(), request.size(), BERTH_FORMAT_JSON, nullptr, answer, error);
              const std::int64_t left = allocations_left.exchange(kNever);
              EXPECT_EQ(task_count(), status == BERTH_OK ? tasks + 3 : tasks);
              allocations_left.store(left);
              return status;
            }),
            0);
  EXPECT_GT(attempts([&](berth_document** answer, berth_error** error) {
              return berth_cluster_apply_events(cluster_, kEvent.data(), kEvent.size(), answer, error);
            }),
            0);
  EXPECT_GT(fail_at_each_allocation(
                [&](berth_error** error) {
                  berth_snapshot* made = nullptr;
                  const berth_status status = berth_cluster_snapshot(engine_, cluster_, nullptr, &made, error);
                  const bool is_untouched = status == BERTH_OK || made == nullptr;
                  berth_snapshot_release(made);
                  return Attempt{status, is_untouched};
                },
                GetParam()),
            0);
}

INSTANTIATE_TEST_SUITE_P(OnceOrForGood, LiveAllocation, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& instance) { return instance.param ? "forGood" : "once"; });

}  // namespace
