#include "tests/concurrency/racing.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace berth::cluster::test {

using placement::test::Dice;
using placement::test::Fleet;

Fleet fleet_of(const Setting& setting) {
  Dice dice(setting.seed);
  Fleet fleet;
  for (std::size_t index = 0; index < setting.instances; ++index) {
    placement::test::ModelInstance instance = placement::test::random_instance(dice, index, false);
    instance.own = {{"licence", 2}};
    instance.cpu = 1024;
    instance.memory = 4096;
    instance.status = InstanceStatus::kActive;
    instance.agent_connected = true;
    fleet.push_back(std::move(instance));
  }
  return fleet;
}

// Requests that race for everything that a commit must hold.
std::vector<placement::Request> requests_of() {
  using namespace placement::test;
  std::vector<placement::Request> requests;
  const auto add = [&](std::vector<placement::Strategy> strategies) -> placement::Request& {
    requests.push_back(make_request(1, std::move(strategies)));
    requests.back().group = "service:g" + std::to_string(requests.size());
    return requests.back();
  };
  add({spread(kZone), spread_instance()});
  add({spread(kZone), binpack_memory()});
  add({binpack_cpu()}).distinct_instance = true;
  add({random_choice()});
  add({spread_instance()}).demand.tcp_ports = {8080};
  add({binpack_memory()}).demand.gpu_count = 1;
  add({spread("rack"), random_choice()}).demand.uses_eni = true;
  add({spread_instance()}).member_of.push_back(member_of("runningTasksCount < 4"));
  add({binpack_memory()}).member_of.push_back(member_of("not(task:group == service:g1)"));
  add({spread(kZone)}).member_of.push_back(member_of("attribute:ecs.availability-zone in [a, b]"));
  add({spread_instance()}).demand.own = {{"licence", 1}};
  return requests;
}

// A new instance, the same whenever it comes.
Result<InstanceHandle> enter(Worker& worker, const std::string& arn) {
  const std::array<LiveAttribute, 1> zone = {{{placement::test::kZone, kZones[arn.size() % kZones.size()]}}};
  const std::array<OwnAmount, 1> own = {{{"licence", 2}}};
  const std::array<std::string_view, 2> gpus = {"GPU-0", "GPU-1"};
  return worker.register_instance({
      .arn = arn,
      .ec2_instance_id = {},
      .capacity_provider = {},
      .agent_version = {},
      .cpu_units = 1024,
      .memory_mib = 4096,
      .eni_limit = 2,
      .tcp_ports = {},
      .udp_ports = {},
      .gpu_ids = gpus,
      .attributes = zone,
      .own = own,
  });
}

Worker::Resources resources(std::uint32_t cpu_units) {
  return {.cpu_units = static_cast<std::int32_t>(cpu_units), .memory_mib = {}, .eni_limit = {}};
}

StartedTask started(std::uint64_t id) {
  StartedTask task;
  task.id = {1, id};
  return task;
}

Worker::TaskState runs(std::uint32_t value) {
  Worker::TaskState state;
  state.last_status = value % 2 == 0 ? TaskStatus::kRunning : TaskStatus::kPending;
  state.health = HealthStatus::kHealthy;
  return state;
}

Live live_of(const SnapshotPtr& snapshot, const ClusterOptions& options) {
  Live live;
  live.cluster = *Cluster::from_snapshot(snapshot, options);
  for (const placement::Request& request : requests_of()) {
    live.classes.push_back(*live.cluster->prepare(request, placement::test::serial()));
  }
  return live;
}

Tally& Tally::operator+=(const Tally& other) {
  for (std::size_t act = 0; act < kActCount; ++act) {
    acts[act] += other.acts[act];
  }
  for (std::size_t index = 0; index < kClassCount; ++index) {
    placed[index] += other.placed[index];
    refused[index] += other.refused[index];
  }
  gangs_refused += other.gangs_refused;
  return *this;
}

void expect_all_raced(const Tally& tally, const Setting& setting) {
  for (const Act act : {Act::kPlace, Act::kStop, Act::kRelease, Act::kStatus, Act::kAgent, Act::kAttribute, Act::kState}) {
    EXPECT_GT(tally.count(act), 0U) << "nobody has done act " << static_cast<int>(act);
  }
  for (const Act act : {Act::kResources, Act::kElsewhere, Act::kStart}) {
    EXPECT_EQ(tally.count(act) > 0, !setting.is_strict) << "act " << static_cast<int>(act);
  }
  for (const Act act : {Act::kRegister, Act::kDeregister}) {
    EXPECT_EQ(tally.count(act) > 0, setting.moves) << "act " << static_cast<int>(act);
  }
  EXPECT_EQ(tally.count(Act::kGang) > 0, setting.gangs);
  EXPECT_EQ(tally.gangs_refused > 0, setting.gangs);
  for (std::uint32_t request_class = 0; request_class < kClassCount; ++request_class) {
    EXPECT_GT(tally.placed[request_class], 0U) << "nothing of class " << request_class << " was placed";
  }
  // A rule that never kept anybody out was not raced for.
  for (const std::uint32_t request_class :
       {kDistinctClass, kPortClass, kGpuClass, kEniClass, kRunningCountClass, kTaskGroupClass, kZoneClass, kOwnClass}) {
    EXPECT_GT(tally.refused[request_class], 0U) << "nothing of class " << request_class << " was refused";
  }
}

Actor::Actor(Cluster& cluster, std::vector<std::unique_ptr<RequestClass>>& classes, const Setting& setting, std::size_t number)
    : cluster_(cluster),
      worker_(*cluster.attach()),
      classes_(classes),
      dice_(setting.seed * 100 + number + 1),
      setting_(setting),
      ids_(number << 32U) {
  const Snapshot& base = cluster.inventory().base();
  for (std::uint32_t instance = 0; instance < setting.instances; ++instance) {
    arns_.push_back(base.instance_arns().text(instance));
    if (setting.moves && instance % setting.threads == number) {
      own_.push_back(arns_.back());
    }
  }
  for (std::size_t other = 0; setting.moves && other < 4 * setting.threads; ++other) {
    arns_.push_back(placement::test::arn_of("new" + std::to_string(other)));
    if (other % setting.threads == number) {
      own_.push_back(arns_.back());
    }
  }
}

void Actor::run() {
  for (std::size_t operation = 0; operation < setting_.operations; ++operation) {
    const std::uint32_t draw = dice_.below(setting_.is_strict ? 20 : 23);
    if (draw < 9) {
      place();
    } else if (draw < 10) {
      setting_.gangs ? place_gang() : change_task();
    } else if (draw < 16) {
      end_task(draw < 12);
    } else if (draw < 20) {
      change_instance(draw);
    } else {
      tell(draw);
    }
    if (!own_.empty() && dice_.rarely(12)) {
      move();
    }
  }
}

void Actor::note(Event event) {
  if (const auto position = worker_.committed_at(); position.has_value()) {
    event.position = *position;
    ++tally.acts[static_cast<std::size_t>(event.act)];
    tally.placed[event.request_class] += event.act == Act::kPlace ? 1 : 0;
    if (keeps_events) {
      events.push_back(event);
    }
  }
}

void Actor::place() {
  Event event;
  event.request_class = dice_.below(classes_.size());
  event.seed = dice_.below(1'000'000);
  Placed placed;
  std::uint32_t count = 0;
  const Outcome outcome =
      worker_.place(*classes_[event.request_class], {.seed = event.seed, .id_base = ++ids_, .first_task = 0}, {&placed, 1}, count);
  ASSERT_TRUE(outcome.ok());
  if (count == 0) {
    ++tally.refused[event.request_class];
    return;
  }
  event.task = placed.task;
  event.arn = cluster_.arn_of(placed.identity);
  event.gpu_mask = placed.gpu_mask;
  tasks_.push_back(placed.task);
  note(event);
}

void Actor::end_task(bool only_stop) {
  if (tasks_.empty()) {
    return;
  }
  const std::size_t picked = dice_.below(tasks_.size());
  Event event;
  event.task = tasks_[picked];
  event.act = only_stop ? Act::kStop : Act::kRelease;
  const StatusCode status = only_stop ? worker_.stop(event.task) : worker_.release(event.task);
  const bool has_left = status == StatusCode::kNotFound && !own_.empty();  // With its instance.
  ASSERT_TRUE(status == StatusCode::kOk || has_left);
  note(event);
  if (!only_stop || has_left) {
    tasks_[picked] = tasks_.back();
    tasks_.pop_back();
    ASSERT_EQ(worker_.release(event.task), StatusCode::kNotFound);
  }
}

// Some instance, if it is there.
std::optional<Actor::Picked> Actor::pick(Event& event) {
  event.arn = arns_[dice_.below(arns_.size())];
  const auto handle = cluster_.find_instance(event.arn, worker_);
  return handle.has_value() ? std::optional(Picked{handle->slot, {.version = {}, .identity = handle->identity}}) : std::nullopt;
}

void Actor::change_instance(std::uint32_t draw) {
  Event event;
  const auto picked = pick(event);
  if (!picked.has_value()) {
    return;
  }
  const auto& [slot, same] = *picked;
  StatusCode status = StatusCode::kOk;
  if (draw == 16) {
    event.act = Act::kStatus;
    event.value = static_cast<std::uint32_t>(dice_.rarely(3) ? InstanceStatus::kDraining : InstanceStatus::kActive);
    status = worker_.set_status(slot, static_cast<InstanceStatus>(event.value), same);
  } else if (draw == 17) {
    event.act = Act::kAgent;
    event.value = dice_.rarely(3) ? 0 : 1;
    status = worker_.set_agent_connected(slot, event.value != 0, same);
  } else {
    event.act = Act::kAttribute;
    event.value = dice_.below(kZones.size());
    status = worker_.put_attribute(slot, placement::test::kZone, kZones[event.value], same);
  }
  ASSERT_TRUE(status == StatusCode::kOk || (status == StatusCode::kNotFound && !own_.empty()));
  note(event);
}

// What the outside world tells of an instance.
void Actor::tell(std::uint32_t draw) {
  Event event;
  const auto picked = pick(event);
  if (!picked.has_value()) {
    return;
  }
  const auto& [slot, same] = *picked;
  StatusCode status = StatusCode::kOk;
  Placed placed;
  if (draw == 20) {
    event.act = Act::kResources;
    event.value = 512 * (1 + dice_.below(4));
    status = worker_.set_resources(slot, resources(event.value), same);
  } else if (draw == 21) {
    event.act = Act::kElsewhere;
    event.request_class = dice_.below(classes_.size());
    status = worker_.start_elsewhere(slot, classes_[event.request_class]->shape, started(++ids_), placed, same);
  } else {
    event.act = Act::kStart;
    event.request_class = dice_.below(classes_.size());
    placement::Reason reason{};
    status = worker_.start(*classes_[event.request_class], slot, {.seed = 0, .id_base = ++ids_, .first_task = 0}, placed, reason, same);
  }
  ASSERT_TRUE(status == StatusCode::kOk || (status == StatusCode::kNotFound && !own_.empty()));
  if (event.act != Act::kResources && worker_.committed_at().has_value()) {
    event.task = placed.task;
    event.gpu_mask = placed.gpu_mask;
    tasks_.push_back(placed.task);
  }
  note(event);
}

// One of the instances that only this thread lets come and go.
void Actor::move() {
  Event event;
  event.arn = own_[dice_.below(own_.size())];
  const auto handle = cluster_.find_instance(event.arn, worker_);
  if (handle.has_value()) {
    event.act = Act::kDeregister;
    std::vector<Orphan> orphans;
    ASSERT_TRUE(worker_.deregister(handle->slot, true, orphans, {.version = {}, .identity = handle->identity}).ok());
    event.value = static_cast<std::uint32_t>(orphans.size());
  } else {
    event.act = Act::kRegister;
    ASSERT_TRUE(enter(worker_, event.arn).ok());
  }
  note(event);
}

void Actor::change_task() {
  if (tasks_.empty()) {
    return;
  }
  Event event;
  event.act = Act::kState;
  event.task = tasks_[dice_.below(tasks_.size())];
  event.value = dice_.below(2);
  const StatusCode status = worker_.set_task_state(event.task, runs(event.value));
  ASSERT_TRUE(status == StatusCode::kOk || (status == StatusCode::kNotFound && !own_.empty()));
  note(event);
}

void Actor::place_gang() {
  if (dice_.rarely(2)) {
    change_task();
    return;
  }
  std::vector<Placed> placed(2 + dice_.below(3));
  const std::uint32_t request_class = dice_.below(classes_.size());
  const PlaceOptions options{.seed = dice_.below(1000), .id_base = ++ids_, .first_task = 0, .all_or_nothing = true};
  std::uint32_t count = 0;
  ASSERT_TRUE(worker_.place(*classes_[request_class], options, placed, count).ok());
  ASSERT_TRUE(count == 0 || count == placed.size());
  tally.gangs_refused += count == 0 ? 1 : 0;
  tally.acts[static_cast<std::size_t>(Act::kGang)] += count == 0 ? 0 : 1;
  for (std::uint32_t task = 0; task < count; ++task) {
    tasks_.push_back(placed[task].task);
  }
}

}  // namespace berth::cluster::test
