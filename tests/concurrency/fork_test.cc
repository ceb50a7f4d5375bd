// Forks on one thread while another changes the cluster without a pause.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/cluster/fork.h"
#include "tests/unit/placement/model.h"

namespace berth::cluster::test {
namespace {

using placement::test::serial;

constexpr std::uint32_t kInstances = 64;
constexpr std::int32_t kCpu = 4096;
// Of the thread that changes the cluster, so that it is not a quiet one that forks ask.
constexpr std::uint64_t kTurnsMin = 2000;

class ForkUnderChurn : public testing::Test {
 protected:
  void start(std::vector<placement::Strategy> strategies, std::uint32_t index_visits) {
    placement::test::Fleet fleet;
    for (std::uint32_t index = 0; index < kInstances; ++index) {
      fleet.push_back(placement::test::make_instance("i" + std::to_string(1000 + index), index % 2 == 0 ? "a" : "b", kCpu, 32768));
    }
    // A log that goes round many times while a fork lives.
    ClusterOptions options;
    options.log_capacity = 256;
    options.window_entries = 8;
    options.index_visits = index_visits;
    cluster_ = *Cluster::from_snapshot(placement::test::build(fleet), options);
    placement::Request request = placement::test::make_request(1, std::move(strategies));
    request.demand.cpu_units = 1024;
    class_ = *cluster_->prepare(request, serial());
    churn_ = std::thread([this] { churn(); });
    while (turns_.load() < 200) {
      std::this_thread::yield();
    }
  }

  // Tasks come and go, the first eight instances drain and come back, and their tasks go whenever somebody else's are.
  void churn() {
    Worker worker = *cluster_->attach();
    std::vector<TaskHandle> tasks;
    for (std::uint64_t turn = 0; !is_over_; ++turn) {
      Placed placed;
      std::uint32_t count = 0;
      if (!worker.place(*class_, {.seed = turn, .id_base = turn, .first_task = 0}, {&placed, 1}, count).ok()) {
        return;
      }
      if (count == 1) {
        tasks.push_back(placed.task);
      }
      if (tasks.size() > 40) {
        worker.release(tasks[turn % tasks.size()]);
        tasks[turn % tasks.size()] = tasks.back();
        tasks.pop_back();
      }
      const std::uint32_t slot = cluster_->slot_of(static_cast<std::uint32_t>(turn % 8));
      worker.set_status(slot, turn % 16 < 8 ? InstanceStatus::kDraining : InstanceStatus::kActive);
      turns_.store(turn + 1);
    }
  }

  void end() {
    is_over_ = true;
    churn_.join();
  }

  // A fork on which everything was drained but four instances, which it emptied, fills exactly those, whatever the cluster does.
  void fill_four() {
    Worker worker = *cluster_->attach();
    for (int round = 0; round < 60 || (turns_.load() < kTurnsMin && round < 100'000); ++round) {
      Fork fork(worker);
      Fork beside(worker);
      std::set<std::uint32_t> kept;
      std::vector<TaskHandle> tasks;
      for (std::uint32_t instance = 0; instance < kInstances; ++instance) {
        const std::uint32_t slot = cluster_->slot_of(instance);
        const bool is_kept = instance % 16 == static_cast<std::uint32_t>(round) % 16;
        // Whatever it is already, the instance becomes the fork's own.
        ASSERT_EQ(fork.put_attribute(slot, "round", "one"), StatusCode::kOk);
        ASSERT_EQ(fork.set_status(slot, is_kept ? InstanceStatus::kActive : InstanceStatus::kDraining), StatusCode::kOk);
        if (!is_kept) {
          continue;
        }
        kept.insert(slot);
        ASSERT_EQ(fork.tasks_of(slot, tasks), StatusCode::kOk);
        for (const TaskHandle& task : tasks) {
          ASSERT_EQ(fork.release(task), StatusCode::kOk);
        }
        ASSERT_EQ(fork.record(slot)->cpu_remaining, kCpu);
      }
      std::array<Placed, 4 * 4 + 1> placed;
      std::uint32_t count = 0;
      ASSERT_TRUE(fork.place(*class_, {.seed = 1, .id_base = 1, .first_task = 0}, placed, count).ok());
      ASSERT_EQ(count, 4U * 4U);
      for (std::uint32_t task = 0; task < count; ++task) {
        EXPECT_TRUE(kept.contains(placed[task].task.slot));
      }
      for (const std::uint32_t slot : kept) {
        EXPECT_EQ(fork.record(slot)->cpu_remaining, 0);
      }
      // The other fork takes what the cluster leaves, one task at a time, and never more than there is.
      for (int task = 0; task < 20; ++task) {
        ASSERT_TRUE(beside.place(*class_, {.seed = 2, .id_base = 2, .first_task = 0}, {placed.data(), 1}, count).ok());
        if (count == 1) {
          EXPECT_GE(beside.record(placed[0].task.slot)->cpu_remaining, 0);
          EXPECT_EQ(worker.release(placed[0].task), StatusCode::kNotFound);
        }
      }
    }
  }

  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<RequestClass> class_;
  std::thread churn_;
  std::atomic<bool> is_over_{false};
  std::atomic<std::uint64_t> turns_{0};
};

TEST_F(ForkUnderChurn, IndexesAnswerForForks) {
  start({placement::test::spread(placement::test::kZone), placement::test::binpack_memory()}, 256);
  fill_four();
  end();
  EXPECT_GE(turns_.load(), kTurnsMin);
}

TEST_F(ForkUnderChurn, WindowsAnswerForForks) {
  start({placement::test::spread(placement::test::kZone), placement::test::spread_instance()}, 0);
  fill_four();
  end();
  EXPECT_GE(turns_.load(), kTurnsMin);
}

TEST_F(ForkUnderChurn, DrawsAnswerForForks) {
  start({placement::test::random_choice()}, 256);
  fill_four();
  end();
  EXPECT_GE(turns_.load(), kTurnsMin);
}

// Every answer of a fork, given while the cluster went on, is what a quiet cluster answers that was brought to the position of the answer.
class ForkReplay : public testing::Test {
 protected:
  static constexpr std::uint32_t kQuestionsMin = 4000;
  static constexpr std::uint32_t kQuestionsMax = 400'000;
  static constexpr std::uint64_t kReplayedMin = 10'000;
  static constexpr std::uint32_t kDrained = 6;
  static constexpr std::uint32_t kFleet = 200;

  struct Side {
    explicit Side(const SnapshotPtr& snapshot) : cluster(*Cluster::from_snapshot(snapshot)), worker(*cluster->attach()) {
      using placement::test::kZone;
      for (auto strategies :
           std::vector<std::vector<placement::Strategy>>{{placement::test::spread(kZone), placement::test::binpack_memory()},
                                                         {placement::test::spread(kZone), placement::test::spread_instance()},
                                                         {placement::test::binpack_cpu(), placement::test::spread(kZone)},
                                                         {placement::test::random_choice()}}) {
        placement::Request request = placement::test::make_request(1, std::move(strategies));
        request.demand.cpu_units = 512;
        classes.push_back(*cluster->prepare(request, serial()));
      }
    }
    std::unique_ptr<Cluster> cluster;
    Worker worker;
    std::vector<std::unique_ptr<RequestClass>> classes;
  };
  // What the cluster's thread committed.
  struct Change {
    enum class Kind : std::uint8_t { kPlaced, kReleased, kStatus } kind;
    std::uint64_t position = 0;
    std::uint32_t slot = 0;
    std::uint64_t task = 0;  // Placements are numbered.
    std::uint32_t class_index = 0;
    InstanceStatus status = InstanceStatus::kActive;
  };
  struct Answer {
    std::uint64_t position = 0;
    std::uint32_t slot = kNoId;
  };

  static SnapshotPtr fleet() {
    placement::test::Fleet fleet;
    for (std::uint32_t index = 0; index < kFleet; ++index) {
      fleet.push_back(placement::test::make_instance("i" + std::to_string(1000 + index), std::string(1, static_cast<char>('a' + index % 3)),
                                                     kCpu, 32768));
    }
    return placement::test::build(fleet);
  }

  static void churn(Side& side, const std::atomic<bool>& is_over, std::atomic<std::uint64_t>& turns, std::vector<Change>& changes) {
    Worker worker = *side.cluster->attach();
    struct Task {
      TaskHandle handle;
      std::uint64_t number;
    };
    std::vector<Task> tasks;
    for (std::uint64_t turn = 0; !is_over; ++turn) {
      const auto chosen = static_cast<std::uint32_t>(turn % side.classes.size());
      Placed placed;
      std::uint32_t count = 0;
      if (worker.place(*side.classes[chosen], {.seed = turn, .id_base = turn, .first_task = 0}, {&placed, 1}, count).ok() && count == 1) {
        tasks.push_back({placed.task, turn});
        changes.push_back({Change::Kind::kPlaced, placed.position, placed.task.slot, turn, chosen});
      }
      if (tasks.size() > 300) {
        const Task released = tasks[turn % tasks.size()];
        tasks[turn % tasks.size()] = tasks.back();
        tasks.pop_back();
        worker.release(released.handle);
        changes.push_back({Change::Kind::kReleased, *worker.committed_at(), released.handle.slot, released.number});
      }
      if (turn % 5 == 0) {
        const std::uint32_t slot = side.cluster->slot_of(static_cast<std::uint32_t>(turn / 5 % kFleet));
        const InstanceStatus status = turn % 3 == 0 ? InstanceStatus::kDraining : InstanceStatus::kActive;
        worker.set_status(slot, status);
        if (worker.committed_at().has_value()) {
          changes.push_back({.kind = Change::Kind::kStatus, .position = *worker.committed_at(), .slot = slot, .status = status});
        }
      }
      turns.store(turn + 1);
    }
  }

  // Empties and drains some instances, so that they count for nothing whatever was on them.
  static void begin_anew(Side& side, Fork& fork) {
    fork.discard();
    std::vector<TaskHandle> tasks;
    for (std::uint32_t instance = 0; instance < kDrained; ++instance) {
      const std::uint32_t slot = side.cluster->slot_of(31 * instance);
      ASSERT_EQ(fork.put_attribute(slot, "fork", "own"), StatusCode::kOk);
      ASSERT_EQ(fork.set_status(slot, InstanceStatus::kDraining), StatusCode::kOk);
      ASSERT_EQ(fork.tasks_of(slot, tasks), StatusCode::kOk);
      for (const TaskHandle& task : tasks) {
        ASSERT_EQ(fork.release(task), StatusCode::kOk);
      }
    }
  }

  static Answer ask(Side& side, Fork& fork, std::uint32_t question) {
    if (question % 8 == 0) {
      begin_anew(side, fork);
    }
    Placed placed;
    std::uint32_t count = 0;
    EXPECT_TRUE(
        fork.place(*side.classes[question % side.classes.size()], {.seed = question, .id_base = 1, .first_task = 0}, {&placed, 1}, count)
            .ok());
    EXPECT_EQ(count, 1U);
    return {placed.position, placed.task.slot};
  }

  static void replay(Side& side, const Change& change, std::map<std::uint64_t, TaskHandle>& tasks) {
    switch (change.kind) {
      case Change::Kind::kPlaced: {
        StartedTask task;
        task.id = {1, change.task};
        task.last_status = TaskStatus::kPending;
        Placed placed;
        ASSERT_EQ(side.worker.start_elsewhere(change.slot, side.classes[change.class_index]->shape, task, placed), StatusCode::kOk);
        tasks[change.task] = placed.task;
        break;
      }
      case Change::Kind::kReleased:
        ASSERT_EQ(side.worker.release(tasks.at(change.task)), StatusCode::kOk);
        break;
      case Change::Kind::kStatus:
        ASSERT_EQ(side.worker.set_status(change.slot, change.status), StatusCode::kOk);
        break;
    }
  }
};

TEST_F(ForkReplay, AnswersAreExactAtTheirPositions) {
  const SnapshotPtr snapshot = fleet();
  Side side(snapshot);
  std::atomic<bool> is_over{false};
  std::atomic<std::uint64_t> turns{0};
  std::vector<Change> changes;
  std::thread other([&] { churn(side, is_over, turns, changes); });
  while (turns.load() < 400) {
    std::this_thread::yield();
  }
  std::vector<Answer> answers;
  {
    Fork fork(side.worker);
    const std::uint64_t begun = turns.load();
    for (std::uint32_t question = 0; question < kQuestionsMin || (turns.load() < begun + kReplayedMin && question < kQuestionsMax);
         ++question) {
      answers.push_back(ask(side, fork, question));
    }
  }
  is_over = true;
  other.join();

  Side quiet(snapshot);
  Fork fork(quiet.worker);
  std::map<std::uint64_t, TaskHandle> tasks;
  auto next = changes.begin();
  for (std::uint32_t question = 0; question < answers.size(); ++question) {
    for (; next != changes.end() && next->position < answers[question].position; ++next) {
      replay(quiet, *next, tasks);
    }
    ASSERT_EQ(ask(quiet, fork, question).slot, answers[question].slot) << "question " << question;
  }
  // They lay scattered over the other thread's changes.
  EXPECT_GT(answers.back().position, answers.front().position + kReplayedMin);
}

}  // namespace
}  // namespace berth::cluster::test
