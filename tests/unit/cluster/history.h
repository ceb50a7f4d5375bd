// History: a live cluster under a random history of placements, stops and changes, each placement beside what decide() says on the snapshot
// of that moment.
//
// Thread rule: one thread. Lifetime: owns its cluster.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/cluster/cluster.h"
#include "engine/placement/decision.h"
#include "tests/unit/placement/random_cases.h"

namespace berth::cluster::test {

using placement::test::Dice;
using placement::test::Fleet;
using placement::test::serial;

class History {
 public:
  History(std::uint64_t seed, std::size_t instances, ClusterOptions options) : dice_(seed) {
    Fleet fleet;
    for (std::size_t index = 0; index < instances; ++index) {
      fleet.push_back(placement::test::random_instance(dice_, index, dice_.rarely(2)));
    }
    begin_ = placement::test::build(fleet);
    Result<std::unique_ptr<Cluster>> cluster = Cluster::from_snapshot(begin_, options);
    RC_ASSERT(cluster.ok());
    cluster_ = *std::move(cluster);
    for (int worker = 0; worker < 2; ++worker) {
      workers_.push_back(*cluster_->attach());
    }
    for (std::uint32_t instance = 0; instance < begin_->instance_count(); ++instance) {
      arns_.push_back(begin_->instance_arns().text(instance));
      whole_[arns_.back()] = holdings_of(*begin_, instance);
    }
    const std::uint32_t class_count = 1 + dice_.below(5);
    for (std::uint32_t index = 0; index < class_count; ++index) {
      std::vector<placement::test::Predicate> predicates;
      requests_.push_back(placement::test::random_request(dice_, predicates));
      if (index == 0 && dice_.rarely(2)) {
        requests_.back() = undemanding(requests_.back());
      } else if (index == 1 && dice_.rarely(2)) {
        requests_.back() = packing(requests_.back());
      }
      Result<std::unique_ptr<RequestClass>> prepared = cluster_->prepare(requests_.back(), serial());
      RC_ASSERT(prepared.ok());
      classes_.push_back(*std::move(prepared));
    }
  }

  // One change in `odds` is an instance that comes or goes; 0: none is.
  void let_instances_move(std::size_t odds) { moves_odds_ = odds; }

  // rest: how many other changes come between two placements, about.
  void run(std::size_t steps, std::size_t rest) {
    for (std::size_t step = 0; step < steps; ++step) {
      if (dice_.rarely(rest + 1)) {
        place();
        continue;
      }
      if (moves_odds_ > 0 && dice_.rarely(moves_odds_)) {
        dice_.rarely(2) ? register_one() : deregister_one();
      }
      if (arns_.empty()) {
        continue;
      }
      if (dice_.rarely(4 + rest)) {
        tell();
        continue;
      }
      switch (dice_.below(6)) {
        case 0:
        case 1:
          change_task();
          break;
        case 2:
          RC_ASSERT(is_fine(worker().set_status(
              slot(), dice_.one_of<InstanceStatus>({InstanceStatus::kActive, InstanceStatus::kActive, InstanceStatus::kDraining}))));
          break;
        case 3:
          RC_ASSERT(is_fine(worker().set_agent_connected(slot(), !dice_.rarely(3))));
          break;
        case 4:
          RC_ASSERT(is_fine(worker().set_agent_version(slot(), dice_.one_of<std::string>({"1.70.0", "1.80.1"}))));
          break;
        default:
          change_attribute();
          break;
      }
    }
    expect_nothing_lost();
  }

  [[nodiscard]] std::size_t placed() const { return placed_; }
  [[nodiscard]] std::size_t refused() const { return refused_; }

 private:
  // The same in the order of tie keys and with little that rules instances out: nearly every change is near the top of its window.
  static placement::Request undemanding(const placement::Request& request) {
    placement::Request plain = placement::test::make_request(1, {});
    plain.group = request.group;
    plain.demand.cpu_units = request.demand.cpu_units;
    plain.demand.memory_mib = request.demand.memory_mib;
    return plain;
  }
  // Nor is much ruled out here: the order of amounts is gone through, of the whole fleet or part by part.
  placement::Request packing(const placement::Request& request) {
    placement::Request packed = undemanding(request);
    packed.strategies.push_back(dice_.rarely(2) ? placement::test::binpack_cpu() : placement::test::binpack_memory());
    if (dice_.rarely(3)) {
      packed.strategies.insert(packed.strategies.begin(),
                               dice_.rarely(2) ? placement::test::spread("rack") : placement::test::spread_instance());
    }
    return packed;
  }
  static bool is_fine(StatusCode code) { return code == StatusCode::kOk; }
  Worker& worker() { return workers_[dice_.below(workers_.size())]; }
  std::uint32_t slot() { return slot_of(arns_[dice_.below(arns_.size())]); }
  std::uint32_t slot_of(const std::string& arn) {
    const std::optional<InstanceHandle> found = cluster_->find_instance(arn, workers_.front());
    RC_ASSERT(found.has_value());
    return found->slot;
  }
  SnapshotPtr snapshot() {
    Result<SnapshotPtr> snapshot = cluster_->to_snapshot(workers_.front(), serial());
    RC_ASSERT(snapshot.ok());
    return *std::move(snapshot);
  }

  // What remains and what the tasks hold together are what they were when the instance came, whatever happened in between.
  void expect_nothing_lost() {
    const SnapshotPtr now = snapshot();
    RC_ASSERT(now->instance_count() == whole_.size());
    for (std::uint32_t instance = 0; instance < now->instance_count(); ++instance) {
      RC_ASSERT(holdings_of(*now, instance) == whole_.at(now->instance_arns().text(instance)));
    }
  }

  // A new one, or one that has left before, perhaps as something else; one that is there is refused.
  void register_one() {
    placement::test::ModelInstance model = placement::test::random_instance(dice_, 1000 + registered_, dice_.rarely(2));
    ++registered_;
    const std::uint32_t origin = dice_.below(4);
    if (origin == 0 && !gone_.empty()) {
      model.arn = gone_[dice_.below(gone_.size())];
    } else if (origin == 1 && !arns_.empty()) {
      model.arn = arns_[dice_.below(arns_.size())];
    }
    const bool is_there = whole_.contains(model.arn);
    const Outcome outcome = enter(model);
    RC_ASSERT(outcome.ok() != is_there);
    if (is_there) {
      RC_ASSERT(outcome.error().code == StatusCode::kAlreadyExists);
      RC_ASSERT(outcome.error().message.find(model.arn) != std::string::npos);
      return;
    }
    std::erase(gone_, model.arn);
    arns_.push_back(model.arn);
    whole_[model.arn] = {std::max(model.cpu, 0), std::max(model.memory, 0), 0, static_cast<std::int64_t>(model.gpus_free.size()), {}};
    for (const OwnResource& own : begin_->own_resources()) {
      const auto found = model.own.find(std::string(own.name));
      whole_[model.arn].own.push_back(found == model.own.end() ? 0 : std::max(found->second, 0));
    }
  }

  Outcome enter(const placement::test::ModelInstance& model) {
    std::vector<LiveAttribute> attributes;
    for (const auto& [name, value] : model.attributes) {
      attributes.push_back({name, value.has_value() ? std::optional<std::string_view>(*value) : std::nullopt});
    }
    const std::vector<std::uint16_t> tcp(model.tcp_used.begin(), model.tcp_used.end());
    const std::vector<std::uint16_t> udp(model.udp_used.begin(), model.udp_used.end());
    const std::vector<std::string> texts = numbered(model.gpus_free.size());
    const std::vector<std::string_view> gpus(texts.begin(), texts.end());
    std::vector<OwnAmount> own;
    for (const auto& [name, amount] : model.own) {
      if (begin_->find_own_resource(name).has_value()) {
        own.push_back({name, std::max(amount, 0)});
      }
    }
    const Result<InstanceHandle> handle = worker().register_instance({
        .arn = model.arn,
        .ec2_instance_id = "i-1",
        .capacity_provider = model.capacity_provider,
        .agent_version = "1.70.0",
        .status = dice_.rarely(5) ? InstanceStatus::kRegistering : InstanceStatus::kActive,
        .agent_connected = model.agent_connected,
        .registered_at_ms = 1'700'000'000'000,
        .version = 1,
        .cpu_units = std::max(model.cpu, 0),
        .memory_mib = std::max(model.memory, 0),
        .eni_limit = model.eni_limit.value_or(kEniUnlimited),
        .tcp_ports = tcp,
        .udp_ports = udp,
        .gpu_ids = gpus,
        .attributes = attributes,
        .own = own,
    });
    return handle.ok() ? Outcome() : Outcome(handle.error());
  }
  static std::vector<std::string> numbered(std::size_t count) {
    std::vector<std::string> texts;
    for (std::size_t number = 0; number < count; ++number) {
      texts.push_back("GPU-" + std::to_string(number));
    }
    return texts;
  }

  void deregister_one() {
    if (arns_.empty()) {
      return;
    }
    const std::size_t picked = dice_.below(arns_.size());
    const std::uint32_t slot = slot_of(arns_[picked]);
    Worker& by = worker();
    std::vector<TaskHandle> tasks;
    RC_ASSERT(is_fine(by.tasks_of(slot, tasks)));
    std::vector<Orphan> orphans;
    const Outcome outcome = by.deregister(slot, false, orphans);
    if (!outcome.ok()) {
      RC_ASSERT(outcome.error().code == StatusCode::kInvalidArgument);
      RC_ASSERT(!tasks.empty());
      RC_ASSERT(by.deregister(slot, true, orphans).ok());
      RC_ASSERT(!orphans.empty());
    }
    for (const TaskHandle& task : tasks) {
      RC_ASSERT(by.release(task) == StatusCode::kNotFound);
    }
    RC_ASSERT(by.set_agent_connected(slot, true) == StatusCode::kNotFound);
    RC_ASSERT(!cluster_->find_instance(arns_[picked], by).has_value());
    whole_.erase(arns_[picked]);
    gone_.push_back(arns_[picked]);
    arns_[picked] = arns_.back();
    arns_.pop_back();
  }

  struct Holdings {
    std::int64_t cpu = 0;
    std::int64_t memory = 0;
    std::int64_t enis = 0;
    std::int64_t gpus = 0;
    std::vector<std::int64_t> own;
    friend bool operator==(const Holdings&, const Holdings&) = default;
  };
  static Holdings holdings_of(const Snapshot& snapshot, std::uint32_t instance) {
    Holdings holdings{snapshot.cpu_remaining()[instance], snapshot.memory_remaining()[instance], snapshot.eni_used()[instance], 0, {}};
    for (const OwnResource& own : snapshot.own_resources()) {
      holdings.own.push_back(own.remaining[instance]);
    }
    const Snapshot::TaskRange tasks = snapshot.tasks_of(instance);
    for (std::uint32_t task = tasks.begin; task < tasks.end; ++task) {
      const TaskShape& shape = snapshot.task_shapes()[snapshot.task_shape()[task]];
      holdings.cpu += shape.cpu_units;
      holdings.memory += shape.memory_mib;
      holdings.enis -= shape.uses_eni;
      for (std::size_t own = 0; own < holdings.own.size(); ++own) {
        holdings.own[own] += snapshot.own_held(snapshot.task_shape()[task])[own];
      }
      holdings.gpus += std::count_if(snapshot.task_gpus().begin(), snapshot.task_gpus().end(),
                                     [&](const Snapshot::TaskGpu& gpu) { return gpu.task == task; });
    }
    const Snapshot::GpuRange gpus = snapshot.gpus(instance);
    for (std::uint32_t gpu = gpus.begin; gpu < gpus.begin + gpus.count; ++gpu) {
      holdings.gpus += snapshot.gpu_free()[gpu];
    }
    return holdings;
  }

  void place() {
    const std::size_t chosen = dice_.below(classes_.size());
    placement::Request request = requests_[chosen];
    request.count = 1 + dice_.below(4);
    request.seed = dice_.below(1000);
    const SnapshotPtr before = snapshot();
    const Result<placement::Decision> expected = placement::decide(before, request, serial());
    if (!expected.ok()) {
      return;  // No instance of its cluster is registered; the document calls answer that before a cluster is asked.
    }
    std::vector<Placed> placed(request.count);
    std::uint32_t count = 0;
    Worker& by = worker();
    const bool is_whole = dice_.rarely(4);
    RC_ASSERT(by.place(*classes_[chosen], {.seed = request.seed, .id_base = ++requests_made_, .first_task = 0, .all_or_nothing = is_whole},
                       placed, count)
                  .ok());
    if (is_whole && expected->placed.size() < request.count) {
      ++refused_;
      RC_ASSERT(count == 0U);
      RC_ASSERT(!by.committed_at().has_value());
      expect_nothing_stays(*before);
      return;
    }
    RC_ASSERT(count == expected->placed.size());
    for (std::uint32_t task = 0; task < count; ++task) {
      const std::uint32_t instance = expected->placed[task].instance;
      RC_ASSERT(cluster_->instance_arn(placed[task].task.slot, by) == before->instance_arns().text(instance));
      std::uint64_t gpu_mask = 0;
      for (const std::uint32_t gpu : expected->placed[task].gpu_slots) {
        gpu_mask |= std::uint64_t{1} << (gpu - before->gpus(instance).begin);
      }
      RC_ASSERT(placed[task].gpu_mask == gpu_mask);
    }
    placed_ += count;
    refused_ += count < request.count ? 1 : 0;
  }

  // What the outside world tells of an instance.
  void tell() {
    switch (dice_.below(5)) {
      case 0:
        RC_ASSERT(is_fine(worker().set_capacity_provider(slot(), dice_.one_of<std::string>({"", "asg-1", "asg-2", "fresh"}))));
        break;
      case 1:
        set_resources();
        break;
      case 2:
        start_elsewhere();
        break;
      case 3:
        start();
        break;
      default:
        expect_version();
        break;
    }
  }

  void set_resources() {
    const std::string arn = arns_[dice_.below(arns_.size())];
    const SnapshotPtr before = snapshot();
    const std::uint32_t instance = *before->find_instance(arn);
    const std::int32_t cpu = dice_.one_of<std::int32_t>({0, 256, 1024, 8192});
    const std::int32_t memory = dice_.one_of<std::int32_t>({0, 512, 16384});
    Worker::Resources resources;
    if (!dice_.rarely(3)) {
      resources.cpu_units = cpu;
      whole_[arn].cpu += cpu - before->cpu_registered()[instance];
    }
    if (!dice_.rarely(3)) {
      resources.memory_mib = memory;
      whole_[arn].memory += memory - before->memory_registered()[instance];
    }
    RC_ASSERT(is_fine(worker().set_resources(slot_of(arn), resources)));
    RC_ASSERT(worker().set_resources(slot_of(arn), {.cpu_units = -1, .memory_mib = {}, .eni_limit = {}}) == StatusCode::kInvalidArgument);
  }

  // It takes what it takes, also where nothing remains.
  void start_elsewhere() {
    const std::vector<std::uint16_t> ports = dice_.rarely(3) ? std::vector<std::uint16_t>{8080, 80} : std::vector<std::uint16_t>{};
    std::vector<OwnAmount> own;
    for (const OwnResource& resource : begin_->own_resources()) {
      own.push_back({resource.name, dice_.one_of<std::int32_t>({0, 2, 7})});
    }
    const Result<std::uint32_t> shape =
        cluster_->make_shape({.group = dice_.one_of<std::string>({"service:web", "service:db", "service:odd"}),
                              .task_definition = "web:7",
                              .started_by = {},
                              .capacity_provider = {},
                              .cpu_units = dice_.one_of<std::int32_t>({0, 256, 4096}),
                              .memory_mib = dice_.one_of<std::int32_t>({16, 512, 4096}),
                              .gpu_count = dice_.below(2),
                              .uses_eni = dice_.rarely(3),
                              .tcp_ports = ports,
                              .udp_ports = {},
                              .own = own});
    RC_ASSERT(shape.ok());
    StartedTask task;
    task.id = {++requests_made_, 7};
    task.last_status = dice_.one_of<TaskStatus>({TaskStatus::kRunning, TaskStatus::kPending});
    task.desired_status = dice_.one_of<TaskStatus>({TaskStatus::kRunning, TaskStatus::kRunning, TaskStatus::kStopped});
    Placed placed;
    const std::string arn = arns_[dice_.below(arns_.size())];
    RC_ASSERT(is_fine(worker().start_elsewhere(slot_of(arn), *shape, task, placed)));
    RC_ASSERT(cluster_->arn_of(placed.identity) == arn);
  }

  void start() {
    const std::size_t chosen = dice_.below(classes_.size());
    const std::string arn = arns_[dice_.below(arns_.size())];
    const SnapshotPtr before = snapshot();
    const std::uint32_t instance = *before->find_instance(arn);
    const Result<placement::Decision> expected = placement::start(before, requests_[chosen], std::span(&instance, 1));
    RC_ASSERT(expected.ok());
    Placed placed;
    placement::Reason reason{};
    Worker& by = worker();
    RC_ASSERT(
        is_fine(by.start(*classes_[chosen], slot_of(arn), {.seed = 1, .id_base = ++requests_made_, .first_task = 0}, placed, reason)));
    RC_ASSERT(by.committed_at().has_value() == !expected->placed.empty());
    RC_ASSERT(reason == (expected->failures.empty() ? placement::Reason::kNone : expected->failures.front().reason));
  }

  // Who saw another version than there is changes nothing, and hears which there is.
  void expect_version() {
    const std::string arn = arns_[dice_.below(arns_.size())];
    const SnapshotPtr before = snapshot();
    const std::uint64_t version = before->version()[*before->find_instance(arn)];
    Worker& by = worker();
    const Expected seen{.version = version - dice_.below(2), .identity = cluster_->find_instance(arn, by)->identity};
    const StatusCode status = by.put_attribute(slot_of(arn), "rack", dice_.one_of<std::string>({"r1", "r2", "r9"}), seen);
    if (seen.version == version) {
      RC_ASSERT(is_fine(status));
      return;
    }
    RC_ASSERT(status == StatusCode::kConflict);
    RC_ASSERT(by.version_found() == version);
    RC_ASSERT(!by.committed_at().has_value());
    RC_ASSERT(by.set_agent_connected(slot_of(arn), true, {.version = version, .identity = seen.identity + 100'000}) ==
              StatusCode::kNotFound);
    RC_ASSERT(snapshot()->version()[*before->find_instance(arn)] == version);
  }

  // Of a request for all or nothing that was refused.
  void expect_nothing_stays(const Snapshot& before) {
    const SnapshotPtr now = snapshot();
    RC_ASSERT(now->task_count() == before.task_count());
    for (std::uint32_t instance = 0; instance < now->instance_count(); ++instance) {
      RC_ASSERT(holdings_of(*now, instance) == holdings_of(before, instance));
      RC_ASSERT(now->cpu_remaining()[instance] == before.cpu_remaining()[instance]);
      RC_ASSERT(now->running_tasks_count()[instance] == before.running_tasks_count()[instance]);
    }
  }

  void change_task() {
    std::vector<TaskHandle> tasks;
    Worker& by = worker();
    RC_ASSERT(is_fine(by.tasks_of(slot(), tasks)));
    if (tasks.empty()) {
      return;
    }
    const TaskHandle task = tasks[dice_.below(tasks.size())];
    switch (dice_.below(4)) {
      case 0:
        RC_ASSERT(is_fine(by.stop(task)));
        break;
      case 1:
      case 2:
        RC_ASSERT(is_fine(by.release(task)));
        RC_ASSERT(by.release(task) == StatusCode::kNotFound);
        break;
      default:
        RC_ASSERT(is_fine(by.set_task_state(task, {.last_status = TaskStatus::kRunning,
                                                   .desired_status = {},
                                                   .health = HealthStatus::kHealthy,
                                                   .started_at_ms = 1'700'000'000'000,
                                                   .is_protected = dice_.rarely(3),
                                                   .protected_until_ms = {}})));
        break;
    }
  }

  void change_attribute() {
    const std::string name = dice_.one_of<std::string>({"rack", "stack", "serial", "ecs.availability-zone", "fresh"});
    if (dice_.rarely(4)) {
      RC_ASSERT(is_fine(worker().remove_attribute(slot(), name)));
    } else if (dice_.rarely(5)) {
      RC_ASSERT(is_fine(worker().put_attribute(slot(), name, std::nullopt)));
    } else {
      RC_ASSERT(is_fine(worker().put_attribute(slot(), name, dice_.one_of<std::string>({"r1", "r2", "prod", "a", "b", "c", "7"}))));
    }
  }

  Dice dice_;
  SnapshotPtr begin_;
  std::unique_ptr<Cluster> cluster_;
  std::vector<Worker> workers_;
  std::vector<std::string> arns_;  // Of the instances that are registered.
  std::vector<std::string> gone_;
  std::map<std::string, Holdings> whole_;  // What an instance had when it came, by ARN.
  std::size_t moves_odds_ = 0;
  std::size_t registered_ = 0;
  std::vector<placement::Request> requests_;
  std::vector<std::unique_ptr<RequestClass>> classes_;
  std::uint64_t requests_made_ = 0;
  std::size_t placed_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace berth::cluster::test
