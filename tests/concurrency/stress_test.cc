// High contention for as long as BERTH_STRESS_SECONDS says (2): few instances, more threads than processors, and everything at once that
// a commit must hold. Rounds whose history is replayed take turns with rounds on one cluster that stays, with gangs, whose instances are
// counted again after each.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <set>

#include "tests/concurrency/replay.h"

namespace berth::cluster::test {
namespace {

constexpr std::int32_t kCpu = 1024;  // Of every instance.
constexpr std::int32_t kMemory = 4096;
constexpr std::int32_t kLicences = 2;
constexpr std::uint16_t kPort = 8080;

double stress_seconds() {
  const char* text = std::getenv("BERTH_STRESS_SECONDS");
  return text == nullptr ? 2 : std::strtod(text, nullptr);
}

// Every rule on one instance, by what its tasks hold. `enis`: in use before any task came.
void check_instance(const Snapshot& now, std::uint32_t instance, std::uint32_t enis) {
  std::int64_t cpu = now.cpu_remaining()[instance];
  std::int64_t memory = now.memory_remaining()[instance];
  std::int64_t licences = now.own_resources()[0].remaining[instance];
  EXPECT_GE(cpu, 0);
  EXPECT_GE(memory, 0);
  EXPECT_GE(licences, 0);
  std::uint32_t running = 0;
  std::uint32_t pending = 0;
  std::uint32_t on_port = 0;
  std::uint32_t distinct = 0;
  std::multiset<std::uint32_t> gpus_held;
  const Snapshot::TaskRange tasks = now.tasks_of(instance);
  for (std::uint32_t task = tasks.begin; task < tasks.end; ++task) {
    const TaskShape& shape = now.task_shapes()[now.task_shape()[task]];
    const bool was_there = now.task_arns().text(task).find("/task-") != std::string::npos;
    const bool counts = now.task_desired_status()[task] == static_cast<std::uint8_t>(TaskStatus::kRunning);
    cpu += shape.cpu_units;
    memory += shape.memory_mib;
    licences += now.own_held(now.task_shape()[task])[0];
    enis += shape.uses_eni;
    running += counts ? 1U : 0U;
    pending += !was_there && now.task_last_status()[task] == static_cast<std::uint8_t>(TaskStatus::kPending) ? 1U : 0U;
    const PortSet ports = now.port_set(shape.ports);
    on_port += std::count(ports.tcp.begin(), ports.tcp.end(), kPort) > 0 ? 1U : 0U;
    distinct += counts && now.groups().at(shape.group) == "service:g" + std::to_string(kDistinctClass + 1) ? 1U : 0U;
    for (const Snapshot::TaskGpu& gpu : now.task_gpus()) {
      if (gpu.task == task) {
        gpus_held.insert(gpu.slot);
      }
    }
  }
  EXPECT_EQ(cpu, kCpu);
  EXPECT_EQ(memory, kMemory);
  EXPECT_EQ(licences, kLicences);
  EXPECT_EQ(now.eni_used()[instance], enis);
  EXPECT_LE(now.eni_used()[instance], now.eni_limit()[instance]);
  EXPECT_EQ(now.running_tasks_count()[instance], running);
  EXPECT_EQ(now.pending_tasks_count()[instance], pending);
  EXPECT_LE(on_port, 1U);
  EXPECT_LE(distinct, 1U);
  for (const std::uint32_t gpu : gpus_held) {
    EXPECT_EQ(gpus_held.count(gpu), 1U);
    EXPECT_EQ(now.gpu_free()[gpu], 0U);
  }
  const PortSet used = now.port_set(now.ports_used()[instance]);
  EXPECT_TRUE(on_port == 0 || std::count(used.tcp.begin(), used.tcp.end(), kPort) == 1);
}

// One cluster that stays for the whole test.
class Arena {
 public:
  explicit Arena(const Setting& setting) : setting_(setting), begin_(placement::test::build(fleet_of(setting))) {
    live_ = live_of(begin_, setting.options);
    for (std::size_t number = 0; number < setting.threads; ++number) {
      actors_.push_back(std::make_unique<Actor>(*live_.cluster, live_.classes, setting, number));
      actors_.back()->keeps_events = false;
    }
  }

  void run_round() {
    race(actors_);
    Worker worker = *live_.cluster->attach();
    const Result<SnapshotPtr> now = live_.cluster->to_snapshot(worker, placement::test::serial());
    ASSERT_TRUE(now.ok());
    for (std::uint32_t instance = 0; instance < (*now)->instance_count(); ++instance) {
      // One that has registered anew has none of what was there in the beginning.
      const std::string arn = (*now)->instance_arns().text(instance);
      const std::optional<std::uint32_t> first = begin_->find_instance(arn);
      const bool is_first = first.has_value() && live_.cluster->find_instance(arn, worker)->identity == *first;
      SCOPED_TRACE(arn);
      check_instance(**now, instance, is_first ? begin_->eni_used()[*first] : 0);
    }
  }

  [[nodiscard]] Tally tally() const {
    Tally sum;
    for (const auto& actor : actors_) {
      sum += actor->tally;
    }
    return sum;
  }
  [[nodiscard]] const Setting& setting() const { return setting_; }

 private:
  Setting setting_;
  SnapshotPtr begin_;
  Live live_;
  std::vector<std::unique_ptr<Actor>> actors_;
};

TEST(Stress, HoldsEveryRuleUnderContention) {
  ClusterOptions small;
  small.log_capacity = 64;
  small.window_entries = 3;
  const Setting staying{
      .seed = 71, .instances = 8, .threads = 4, .operations = 2'000, .moves = true, .options = {}, .is_strict = true, .gangs = true};
  Setting tight = staying;
  tight.seed = 72;
  tight.options = small;
  Arena arena(staying);
  Arena tight_arena(tight);
  Tally replayed;
  std::uint64_t rounds = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(stress_seconds());
  for (; rounds < 2 || std::chrono::steady_clock::now() < end; ++rounds) {
    race_and_replay({.seed = 1000 + rounds,
                     .instances = 6,
                     .threads = 3,
                     .operations = 1'500,
                     .moves = rounds % 2 == 0,
                     .options = rounds % 3 == 0 ? small : ClusterOptions{}},
                    replayed);
    for (int round = 0; round < 3; ++round) {
      arena.run_round();
      tight_arena.run_round();
    }
    if (HasFailure()) {
      FAIL() << "in round " << rounds;
    }
  }
  Tally sum = arena.tally();
  sum += tight_arena.tally();
  expect_all_raced(sum, staying);
  std::cout << rounds << " rounds; placed " << sum.count(Act::kPlace) << " tasks and " << sum.count(Act::kGang) << " gangs, stopped "
            << sum.count(Act::kStop) << ", released " << sum.count(Act::kRelease) << ", registered " << sum.count(Act::kRegister)
            << ", deregistered " << sum.count(Act::kDeregister) << ", changed " << sum.count(Act::kStatus) << " statuses and "
            << sum.count(Act::kAttribute) << " attributes; replayed " << replayed.count(Act::kPlace) << " more placements\n";
}

}  // namespace
}  // namespace berth::cluster::test
