// A fork after any history of placements, stops and changes answers what a cluster of its own would answer: one that was made from the
// parent's snapshot and went through the same. The parent, meanwhile, stays what it is, or goes on by itself.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/cluster/fork.h"
#include "engine/cluster/task_names.h"
#include "tests/unit/placement/random_cases.h"

namespace berth::cluster::test {
namespace {

using placement::test::Dice;
using placement::test::Fleet;
using placement::test::serial;

// A cluster, its worker and its classes.
struct Side {
  std::unique_ptr<Cluster> cluster;
  std::unique_ptr<Worker> worker;
  std::vector<std::unique_ptr<RequestClass>> classes;

  Side(const SnapshotPtr& snapshot, const ClusterOptions& options, const std::vector<placement::Request>& requests) {
    Result<std::unique_ptr<Cluster>> made = Cluster::from_snapshot(snapshot, options);
    RC_ASSERT(made.ok());
    cluster = *std::move(made);
    worker = std::make_unique<Worker>(*cluster->attach());
    for (const placement::Request& request : requests) {
      Result<std::unique_ptr<RequestClass>> prepared = cluster->prepare(request, serial());
      RC_ASSERT(prepared.ok());
      classes.push_back(*std::move(prepared));
    }
  }
  [[nodiscard]] std::uint32_t slot_of(const std::string& arn) const {
    const std::optional<InstanceHandle> found = cluster->find_instance(arn, *worker);
    RC_ASSERT(found.has_value());
    return found->slot;
  }
  [[nodiscard]] SnapshotPtr snapshot() const {
    Result<SnapshotPtr> taken = cluster->to_snapshot(*worker, serial());
    RC_ASSERT(taken.ok());
    return *std::move(taken);
  }
};

class ForkHistory {
 public:
  ForkHistory(std::uint64_t seed, std::size_t instances, const ClusterOptions& options, const ClusterOptions& mirror_options)
      : dice_(seed), mirror_options_(mirror_options) {
    Fleet fleet;
    for (std::size_t index = 0; index < instances; ++index) {
      fleet.push_back(placement::test::random_instance(dice_, index, dice_.rarely(2)));
    }
    const std::uint32_t class_count = 1 + dice_.below(5);
    for (std::uint32_t index = 0; index < class_count; ++index) {
      std::vector<placement::test::Predicate> predicates;
      requests_.push_back(placement::test::random_request(dice_, predicates));
      if (dice_.rarely(4)) {
        requests_.back().strategies = {placement::test::random_choice()};
      }
    }
    const SnapshotPtr begin = placement::test::build(fleet);
    for (std::uint32_t instance = 0; instance < begin->instance_count(); ++instance) {
      arns_.push_back(begin->instance_arns().text(instance));
    }
    parent_ = std::make_unique<Side>(begin, options, requests_);
    // The parent has a past: classes that were asked before, tasks and instances that came later.
    const std::uint32_t past = dice_.below(60);
    for (std::uint32_t step = 0; step < past; ++step) {
      change_parent();
    }
    open();
  }

  // One step in `parent_odds` is a change of the parent; 0: it stays as it is.
  void run(std::size_t steps, std::size_t parent_odds) {
    const SnapshotPtr before = parent_->snapshot();
    for (std::size_t step = 0; step < steps && !arns_.empty(); ++step) {
      if (parent_odds != 0 && dice_.rarely(parent_odds)) {
        change_parent();
        if (dice_.rarely(10)) {
          exchange_instances();
        }
      } else if (dice_.rarely(60)) {
        discard(parent_odds == 0 ? before : parent_->snapshot());
      } else {
        change_fork();
      }
    }
    expect_same_instances();
    if (parent_odds == 0) {
      const SnapshotPtr after = parent_->snapshot();
      RC_ASSERT(std::equal(before->bytes().begin(), before->bytes().end(), after->bytes().begin(), after->bytes().end()));
    }
  }

  [[nodiscard]] std::size_t placed() const { return placed_; }
  [[nodiscard]] std::size_t refused() const { return refused_; }

 private:
  // The same task on both sides.
  struct Pair {
    TaskHandle of_fork;
    TaskHandle of_mirror;
  };

  void open() {
    fork_ = std::make_unique<Fork>(*parent_->worker);
    mirror(parent_->snapshot());
  }

  // Makes the other side anew from what the parent is.
  void mirror(const SnapshotPtr& snapshot) {
    mirror_ = std::make_unique<Side>(snapshot, mirror_options_, requests_);
    pairs_.clear();
    for (const std::string& arn : arns_) {
      std::map<std::string, TaskHandle> by_arn;
      std::vector<TaskHandle> tasks;
      RC_ASSERT(mirror_->worker->tasks_of(mirror_->slot_of(arn), tasks) == StatusCode::kOk);
      for (const TaskHandle& task : tasks) {
        by_arn[task_arn(mirror_->cluster->inventory(), task.task, arn)] = task;
      }
      RC_ASSERT(fork_->tasks_of(parent_->slot_of(arn), tasks) == StatusCode::kOk);
      RC_ASSERT(tasks.size() == by_arn.size());
      for (const TaskHandle& task : tasks) {
        pairs_.push_back({task, by_arn.at(task_arn(parent_->cluster->inventory(), task.task, arn))});
      }
    }
  }

  // Every task that the fork placed is unknown to it from here on.
  void discard(const SnapshotPtr& snapshot) {
    fork_->discard();
    for (const Pair& pair : pairs_) {
      if (pair.of_fork.task >= kForkTasksBegin) {
        RC_ASSERT(fork_->stop(pair.of_fork) == StatusCode::kNotFound);
      }
    }
    RC_ASSERT(fork_->changed_count() == 0U);
    mirror(snapshot);
  }

  const std::string& any_arn() { return arns_[dice_.below(arns_.size())]; }

  void change_fork() {
    const std::string& arn = any_arn();
    const std::uint32_t slot = parent_->slot_of(arn);
    const std::uint32_t mirrored = mirror_->slot_of(arn);
    switch (dice_.below(12)) {
      case 0:
      case 1:
      case 2:
        place();
        break;
      case 3:
        look_for();
        break;
      case 4:
      case 5:
      case 6:
        change_task();
        break;
      case 7:
        start(slot, mirrored);
        break;
      case 8: {
        const auto status = dice_.one_of<InstanceStatus>({InstanceStatus::kActive, InstanceStatus::kActive, InstanceStatus::kDraining});
        RC_ASSERT(fork_->set_status(slot, status) == StatusCode::kOk);
        RC_ASSERT(mirror_->worker->set_status(mirrored, status) == StatusCode::kOk);
        break;
      }
      case 9: {
        const bool is_connected = !dice_.rarely(3);
        RC_ASSERT(fork_->set_agent_connected(slot, is_connected) == StatusCode::kOk);
        RC_ASSERT(mirror_->worker->set_agent_connected(mirrored, is_connected) == StatusCode::kOk);
        break;
      }
      default:
        change_attribute(slot, mirrored);
        break;
    }
  }

  void place() {
    const std::size_t chosen = dice_.below(requests_.size());
    const PlaceOptions options{
        .seed = dice_.below(1000), .id_base = ++requests_made_, .first_task = dice_.below(3), .all_or_nothing = dice_.rarely(4)};
    std::vector<Placed> of_fork(1 + dice_.below(4));
    std::vector<Placed> of_mirror(of_fork.size());
    std::uint32_t count = 0;
    std::uint32_t expected = 0;
    RC_ASSERT(fork_->place(*parent_->classes[chosen], options, of_fork, count).ok());
    RC_ASSERT(mirror_->worker->place(*mirror_->classes[chosen], options, of_mirror, expected).ok());
    RC_ASSERT(count == expected);
    for (std::uint32_t task = 0; task < count; ++task) {
      note_placed(of_fork[task], of_mirror[task]);
    }
    placed_ += count;
    refused_ += count < of_fork.size() ? 1U : 0U;
  }

  void note_placed(const Placed& of_fork, const Placed& of_mirror) {
    RC_ASSERT(parent_->cluster->arn_of(of_fork.identity) == mirror_->cluster->arn_of(of_mirror.identity));
    RC_ASSERT(of_fork.gpu_mask == of_mirror.gpu_mask);
    RC_ASSERT(parent_->worker->stop(of_fork.task) == StatusCode::kNotFound);
    pairs_.push_back({of_fork.task, of_mirror.task});
  }

  void look_for() {
    const std::size_t chosen = dice_.below(requests_.size());
    const PlaceOptions options{.seed = dice_.below(1000), .id_base = 0, .first_task = dice_.below(3)};
    const std::optional<std::uint32_t> found = fork_->look_for(*parent_->classes[chosen], options);
    const std::optional<std::uint32_t> expected = mirror_->worker->look_for(*mirror_->classes[chosen], options);
    RC_ASSERT(found.has_value() == expected.has_value());
    if (found.has_value()) {
      RC_ASSERT(parent_->cluster->instance_arn(*found, *parent_->worker) == mirror_->cluster->instance_arn(*expected, *mirror_->worker));
    }
  }

  void start(std::uint32_t slot, std::uint32_t mirrored) {
    const std::size_t chosen = dice_.below(requests_.size());
    Placed of_fork;
    Placed of_mirror;
    placement::Reason reason{};
    placement::Reason expected{};
    RC_ASSERT(fork_->start(*parent_->classes[chosen], slot, of_fork, reason) == StatusCode::kOk);
    RC_ASSERT(mirror_->worker->start(*mirror_->classes[chosen], mirrored, {.seed = 1, .id_base = ++requests_made_, .first_task = 0},
                                     of_mirror, expected) == StatusCode::kOk);
    RC_ASSERT(reason == expected);
    if (reason == placement::Reason::kNone) {
      note_placed(of_fork, of_mirror);
    }
  }

  void change_task() {
    if (pairs_.empty()) {
      return;
    }
    const std::size_t picked = dice_.below(pairs_.size());
    const Pair pair = pairs_[picked];
    if (dice_.rarely(2)) {
      RC_ASSERT(fork_->stop(pair.of_fork) == StatusCode::kOk);
      RC_ASSERT(mirror_->worker->stop(pair.of_mirror) == StatusCode::kOk);
      return;
    }
    RC_ASSERT(fork_->release(pair.of_fork) == StatusCode::kOk);
    RC_ASSERT(fork_->release(pair.of_fork) == StatusCode::kNotFound);
    RC_ASSERT(mirror_->worker->release(pair.of_mirror) == StatusCode::kOk);
    pairs_[picked] = pairs_.back();
    pairs_.pop_back();
  }

  void change_attribute(std::uint32_t slot, std::uint32_t mirrored) {
    const std::string name = dice_.one_of<std::string>({"rack", "stack", "serial", "ecs.availability-zone", "fresh"});
    if (dice_.rarely(4)) {
      RC_ASSERT(fork_->remove_attribute(slot, name) == StatusCode::kOk);
      RC_ASSERT(mirror_->worker->remove_attribute(mirrored, name) == StatusCode::kOk);
      return;
    }
    const std::string value = dice_.one_of<std::string>({"r1", "r2", "prod", "a", "b", "c", "7", "unheard"});
    const std::optional<std::string_view> given = dice_.rarely(5) ? std::nullopt : std::optional<std::string_view>(value);
    RC_ASSERT(fork_->put_attribute(slot, name, given) == StatusCode::kOk);
    RC_ASSERT(mirror_->worker->put_attribute(mirrored, name, given) == StatusCode::kOk);
  }

  // --- The parent. What it does to an instance that the fork did not change happens on the other side as well. ---

  [[nodiscard]] bool is_followed(std::uint32_t slot) { return fork_ != nullptr && !fork_->is_changed(slot); }

  void change_parent() {
    if (arns_.empty()) {
      return;
    }
    const std::string arn = any_arn();
    const std::uint32_t slot = parent_->slot_of(arn);
    switch (dice_.below(9)) {
      case 0:
      case 1:
      case 2:
        place_in_parent();
        break;
      case 3:
      case 4:
        end_in_parent(slot);
        break;
      case 5: {
        const auto status = dice_.one_of<InstanceStatus>({InstanceStatus::kActive, InstanceStatus::kActive, InstanceStatus::kDraining});
        RC_ASSERT(parent_->worker->set_status(slot, status) == StatusCode::kOk);
        if (is_followed(slot)) {
          RC_ASSERT(mirror_->worker->set_status(mirror_->slot_of(arn), status) == StatusCode::kOk);
        }
        break;
      }
      case 6: {
        const std::string value = dice_.one_of<std::string>({"r1", "r2", "a", "b"});
        const std::string name = dice_.one_of<std::string>({"rack", "ecs.availability-zone"});
        RC_ASSERT(parent_->worker->put_attribute(slot, name, value) == StatusCode::kOk);
        if (is_followed(slot)) {
          RC_ASSERT(mirror_->worker->put_attribute(mirror_->slot_of(arn), name, value) == StatusCode::kOk);
        }
        break;
      }
      case 7:
        deregister(arn);
        break;
      default:
        enter();
        break;
    }
  }

  void place_in_parent() {
    const std::size_t chosen = dice_.below(requests_.size());
    std::vector<Placed> placed(1 + dice_.below(2));
    std::uint32_t count = 0;
    RC_ASSERT(
        parent_->worker
            ->place(*parent_->classes[chosen], {.seed = dice_.below(1000), .id_base = ++requests_made_, .first_task = 0}, placed, count)
            .ok());
    for (std::uint32_t task = 0; task < count; ++task) {
      if (is_followed(placed[task].task.slot)) {
        StartedTask started;
        started.id = {++requests_made_, 1};
        started.last_status = TaskStatus::kPending;
        started.gpu_mask = placed[task].gpu_mask;
        Placed mirrored;
        RC_ASSERT(mirror_->worker->start_elsewhere(mirror_->slot_of(parent_->cluster->arn_of(placed[task].identity)),
                                                   mirror_->classes[chosen]->shape, started, mirrored) == StatusCode::kOk);
        pairs_.push_back({placed[task].task, mirrored.task});
      }
    }
  }

  void end_in_parent(std::uint32_t slot) {
    std::vector<TaskHandle> tasks;
    RC_ASSERT(parent_->worker->tasks_of(slot, tasks) == StatusCode::kOk);
    if (tasks.empty()) {
      return;
    }
    const TaskHandle task = tasks[dice_.below(tasks.size())];
    const bool stops = dice_.rarely(2);
    RC_ASSERT((stops ? parent_->worker->stop(task) : parent_->worker->release(task)) == StatusCode::kOk);
    if (!is_followed(slot)) {
      return;
    }
    const auto pair = std::find_if(pairs_.begin(), pairs_.end(), [&](const Pair& known) { return known.of_fork == task; });
    RC_ASSERT(pair != pairs_.end());
    RC_ASSERT((stops ? mirror_->worker->stop(pair->of_mirror) : mirror_->worker->release(pair->of_mirror)) == StatusCode::kOk);
    if (!stops) {
      RC_ASSERT(fork_->stop(task) == StatusCode::kNotFound);
      pairs_.erase(pair);
    }
  }

  // It leaves the fork as well, with what the fork placed on it.
  void deregister(const std::string& arn) {
    const std::uint32_t slot = parent_->slot_of(arn);
    std::vector<Orphan> orphans;
    RC_ASSERT(parent_->worker->deregister(slot, true, orphans).ok());
    std::erase(arns_, arn);
    if (fork_ == nullptr) {
      return;
    }
    RC_ASSERT(mirror_->worker->deregister(mirror_->slot_of(arn), true, orphans).ok());
    for (const Pair& pair : pairs_) {
      if (pair.of_fork.slot == slot) {
        RC_ASSERT(fork_->stop(pair.of_fork) == StatusCode::kNotFound);
      }
    }
    std::erase_if(pairs_, [&](const Pair& pair) { return pair.of_fork.slot == slot; });
  }

  // More than the log of comings and goings holds, where that is small.
  void exchange_instances() {
    for (std::uint32_t left = dice_.below(12); left > 0 && !arns_.empty(); --left) {
      deregister(std::string(any_arn()));
      enter();
    }
  }

  void enter() {
    placement::test::ModelInstance model = placement::test::random_instance(dice_, 1000 + registered_++, false);
    if (std::find(arns_.begin(), arns_.end(), model.arn) != arns_.end()) {
      return;
    }
    std::vector<LiveAttribute> attributes;
    for (const auto& [name, value] : model.attributes) {
      attributes.push_back({name, value.has_value() ? std::optional<std::string_view>(*value) : std::nullopt});
    }
    const std::vector<std::string_view> gpus(std::min<std::size_t>(model.gpus_free.size(), 1), "GPU-0");
    const Registration registration{.arn = model.arn,
                                    .ec2_instance_id = "i-1",
                                    .capacity_provider = model.capacity_provider,
                                    .agent_version = "1.70.0",
                                    .status = InstanceStatus::kActive,
                                    .agent_connected = model.agent_connected,
                                    .registered_at_ms = 1'700'000'000'000,
                                    .version = 1,
                                    .cpu_units = std::max(model.cpu, 0),
                                    .memory_mib = std::max(model.memory, 0),
                                    .eni_limit = model.eni_limit.value_or(kEniUnlimited),
                                    .tcp_ports = {},
                                    .udp_ports = {},
                                    .gpu_ids = gpus,
                                    .attributes = attributes};
    RC_ASSERT(parent_->worker->register_instance(registration).ok());
    if (fork_ != nullptr) {
      RC_ASSERT(mirror_->worker->register_instance(registration).ok());
    }
    arns_.push_back(model.arn);
  }

  // Whatever the fork tells of any instance is what the other side has.
  void expect_same_instances() {
    const SnapshotPtr now = mirror_->snapshot();
    RC_ASSERT(now->instance_count() == arns_.size());
    for (std::uint32_t instance = 0; instance < now->instance_count(); ++instance) {
      const std::string arn = now->instance_arns().text(instance);
      const Record* record = fork_->record(parent_->slot_of(arn));
      RC_ASSERT(record != nullptr);
      RC_ASSERT(record->cpu_remaining == now->cpu_remaining()[instance]);
      RC_ASSERT(record->memory_remaining == now->memory_remaining()[instance]);
      RC_ASSERT(record->eni_used == now->eni_used()[instance]);
      RC_ASSERT(record->running_tasks == now->running_tasks_count()[instance]);
      RC_ASSERT(record->pending_tasks == now->pending_tasks_count()[instance]);
      RC_ASSERT(record->status == static_cast<InstanceStatus>(now->status()[instance]));
      RC_ASSERT(record->agent_connected == (now->agent_connected()[instance] != 0));
      const Snapshot::TaskRange tasks = now->tasks_of(instance);
      RC_ASSERT(record->task_count == tasks.end - tasks.begin);
      const Snapshot::GpuRange gpus = now->gpus(instance);
      for (std::uint32_t gpu = 0; gpu < gpus.count; ++gpu) {
        RC_ASSERT((record->gpu_free >> gpu & 1U) == (now->gpu_free()[gpus.begin + gpu] != 0 ? 1U : 0U));
      }
      for (std::uint32_t own = 0; own < now->own_resources().size(); ++own) {
        RC_ASSERT(parent_->cluster->inventory().own_remaining(*record, own) == now->own_resources()[own].remaining[instance]);
      }
    }
  }

  Dice dice_;
  ClusterOptions mirror_options_;
  std::vector<placement::Request> requests_;
  std::vector<std::string> arns_;  // Of the instances that are registered.
  std::unique_ptr<Side> parent_;
  std::unique_ptr<Fork> fork_;
  std::unique_ptr<Side> mirror_;
  std::vector<Pair> pairs_;
  std::uint64_t requests_made_ = 0;
  std::size_t registered_ = 0;
  std::size_t placed_ = 0;
  std::size_t refused_ = 0;
};

// Small windows and logs, so that windows run dry and logs go round; indexes that find, that give up, and none.
ClusterOptions random_options() {
  ClusterOptions options;
  options.window_entries = *rc::gen::element<std::uint32_t>(1, 2, 5, 20, 2048);
  options.log_capacity = *rc::gen::element<std::uint32_t>(4, 64, 1024);
  options.index_visits = *rc::gen::element<std::uint32_t>(0, 3, 1024);
  options.instances_max = *rc::gen::element<std::uint32_t>(0, 1);
  return options;
}

void check_histories(std::size_t parent_odds) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto instances = *rc::gen::inRange<std::size_t>(1, 40);
  const auto steps = *rc::gen::inRange<std::size_t>(1, 100);
  const ClusterOptions options = random_options();
  ClusterOptions mirror_options = random_options();
  std::size_t placed = 0;
  std::size_t refused = 0;
  for (std::uint64_t number = 0; number < 10; ++number) {
    ForkHistory history(seed + number, instances, options, mirror_options);
    history.run(steps, parent_odds);
    placed += history.placed();
    refused += history.refused();
  }
  RC_CLASSIFY(placed > 0, "places");
  RC_CLASSIFY(refused > 0, "refuses");
}

}  // namespace

RC_GTEST_PROP(ForkHistory, AnswersAsAClusterOfItsOwn, ()) {
  check_histories(0);
}

RC_GTEST_PROP(ForkHistory, AnswersAsAClusterOfItsOwnWhileTheParentGoesOn, ()) {
  check_histories(3);
}

}  // namespace berth::cluster::test
