// Threads that place, stop and change instances of a small cluster at once. Every commit has its position in one order; replayed in
// that order by one thread, each placement must be the decision of that moment, and nothing may be missing.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "engine/cluster/cluster.h"
#include "engine/placement/decision.h"
#include "tests/unit/placement/random_cases.h"

namespace berth::cluster::test {
namespace {

using placement::test::Dice;
using placement::test::Fleet;

enum class Act : std::uint8_t {
  kPlace,
  kStop,
  kRelease,
  kStatus,
  kAgent,
  kAttribute,
  kResources,
  kElsewhere,
  kStart,
  kRegister,
  kDeregister
};

// What one thread did, as far as it was committed.
struct Event {
  std::uint64_t position = 0;
  Act act = Act::kPlace;
  std::uint32_t request_class = 0;
  std::uint64_t seed = 0;
  TaskHandle task;
  std::uint64_t gpu_mask = 0;
  std::string arn;          // Of the instance.
  std::uint32_t value = 0;  // Of status, agent and attribute; for kDeregister how many tasks left with the instance.
};

constexpr std::array<std::string_view, 3> kZones = {"a", "b", "c"};

struct Setting {
  std::uint64_t seed = 0;
  std::size_t instances = 0;
  std::size_t threads = 0;
  std::size_t operations = 0;  // Of each thread.
  bool moves = false;          // Instances come and go.
  ClusterOptions options;
};

Fleet fleet_of(const Setting& setting) {
  Dice dice(setting.seed);
  Fleet fleet;
  for (std::size_t index = 0; index < setting.instances; ++index) {
    placement::test::ModelInstance instance = placement::test::random_instance(dice, index, false);
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
  return requests;
}

// A new instance, the same whenever it comes.
Result<InstanceHandle> enter(Worker& worker, const std::string& arn) {
  const std::array<LiveAttribute, 1> zone = {{{placement::test::kZone, kZones[arn.size() % kZones.size()]}}};
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

class Actor {
 public:
  Actor(Cluster& cluster, std::vector<std::unique_ptr<RequestClass>>& classes, const Setting& setting, std::size_t number)
      : cluster_(cluster),
        worker_(*cluster.attach()),
        classes_(classes),
        dice_(setting.seed * 100 + number + 1),
        operations_(setting.operations),
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

  void run() {
    for (std::size_t operation = 0; operation < operations_; ++operation) {
      const std::uint32_t draw = dice_.below(23);
      if (draw < 10) {
        place();
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

  std::vector<Event> events;
  std::size_t refused = 0;

 private:
  void note(Event event) {
    if (const auto position = worker_.committed_at(); position.has_value()) {
      event.position = *position;
      events.push_back(event);
    }
  }

  void place() {
    Event event;
    event.request_class = dice_.below(classes_.size());
    event.seed = dice_.below(1'000'000);
    Placed placed;
    std::uint32_t count = 0;
    const Outcome outcome =
        worker_.place(*classes_[event.request_class], {.seed = event.seed, .id_base = ++ids_, .first_task = 0}, {&placed, 1}, count);
    ASSERT_TRUE(outcome.ok());
    if (count == 0) {
      ++refused;
      return;
    }
    event.task = placed.task;
    event.arn = cluster_.arn_of(placed.identity);
    event.gpu_mask = placed.gpu_mask;
    tasks_.push_back(placed.task);
    note(event);
  }

  void end_task(bool only_stop) {
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
  std::optional<InstanceHandle> pick(Event& event) {
    event.arn = arns_[dice_.below(arns_.size())];
    return cluster_.find_instance(event.arn, worker_);
  }

  void change_instance(std::uint32_t draw) {
    Event event;
    const auto handle = pick(event);
    if (!handle.has_value()) {
      return;
    }
    const Expected same{.version = {}, .identity = handle->identity};
    StatusCode status = StatusCode::kOk;
    if (draw == 16) {
      event.act = Act::kStatus;
      event.value = static_cast<std::uint32_t>(dice_.rarely(3) ? InstanceStatus::kDraining : InstanceStatus::kActive);
      status = worker_.set_status(handle->slot, static_cast<InstanceStatus>(event.value), same);
    } else if (draw == 17) {
      event.act = Act::kAgent;
      event.value = dice_.rarely(3) ? 0 : 1;
      status = worker_.set_agent_connected(handle->slot, event.value != 0, same);
    } else {
      event.act = Act::kAttribute;
      event.value = dice_.below(kZones.size());
      status = worker_.put_attribute(handle->slot, placement::test::kZone, kZones[event.value], same);
    }
    ASSERT_TRUE(status == StatusCode::kOk || (status == StatusCode::kNotFound && !own_.empty()));
    note(event);
  }

  // What the outside world tells of an instance.
  void tell(std::uint32_t draw) {
    Event event;
    const auto handle = pick(event);
    if (!handle.has_value()) {
      return;
    }
    const Expected same{.version = {}, .identity = handle->identity};
    StatusCode status = StatusCode::kOk;
    Placed placed;
    if (draw == 20) {
      event.act = Act::kResources;
      event.value = 512 * (1 + dice_.below(4));
      status = worker_.set_resources(handle->slot, resources(event.value), same);
    } else if (draw == 21) {
      event.act = Act::kElsewhere;
      event.request_class = dice_.below(classes_.size());
      status = worker_.start_elsewhere(handle->slot, classes_[event.request_class]->shape, started(++ids_), placed, same);
    } else {
      event.act = Act::kStart;
      event.request_class = dice_.below(classes_.size());
      placement::Reason reason{};
      status = worker_.start(*classes_[event.request_class], handle->slot, {.seed = 0, .id_base = ++ids_, .first_task = 0}, placed, reason,
                             same);
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
  void move() {
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

  Cluster& cluster_;
  Worker worker_;
  std::vector<std::unique_ptr<RequestClass>>& classes_;
  Dice dice_;
  std::size_t operations_;
  std::uint64_t ids_;              // Of the tasks that it placed last.
  std::vector<std::string> arns_;  // Of all instances that may be there.
  std::vector<std::string> own_;   // Those that this thread lets come and go.
  std::vector<TaskHandle> tasks_;
};

struct Live {
  std::unique_ptr<Cluster> cluster;
  std::vector<std::unique_ptr<RequestClass>> classes;
};

Live live_of(const SnapshotPtr& snapshot, const ClusterOptions& options) {
  Live live;
  live.cluster = *Cluster::from_snapshot(snapshot, options);
  for (const placement::Request& request : requests_of()) {
    live.classes.push_back(*live.cluster->prepare(request, placement::test::serial()));
  }
  return live;
}

// Replays what was committed, one after another, on a cluster of its own; now and then on decide() as well.
void replay(const SnapshotPtr& snapshot, const std::vector<Event>& events) {
  Live live = live_of(snapshot, {});
  const std::vector<placement::Request> requests = requests_of();
  Worker worker = *live.cluster->attach();
  std::map<std::tuple<std::uint32_t, std::uint32_t>, TaskHandle> handles;
  const auto handle = [&](const TaskHandle& task) -> TaskHandle& { return handles[{task.task, task.generation}]; };
  const auto slot = [&](const std::string& arn) { return live.cluster->find_instance(arn, worker).value_or(InstanceHandle{}).slot; };
  for (std::size_t at = 0; at < events.size(); ++at) {
    const Event& event = events[at];
    ASSERT_EQ(event.position, at) << "a commit is missing or has a double";
    switch (event.act) {
      case Act::kPlace: {
        if (at % 64 == 0) {
          const SnapshotPtr moment = *live.cluster->to_snapshot(worker, placement::test::serial());
          placement::Request request = requests[event.request_class];
          request.seed = event.seed;
          const placement::Decision decision = *placement::decide(moment, request, placement::test::serial());
          ASSERT_EQ(decision.placed.size(), 1U);
          ASSERT_EQ(moment->instance_arns().text(decision.placed.front().instance), event.arn);
        }
        Placed placed;
        std::uint32_t count = 0;
        ASSERT_TRUE(
            worker.place(*live.classes[event.request_class], {.seed = event.seed, .id_base = at, .first_task = 0}, {&placed, 1}, count)
                .ok());
        ASSERT_EQ(count, 1U) << "position " << at << " placed a task that fits nowhere";
        ASSERT_EQ(live.cluster->arn_of(placed.identity), event.arn) << "position " << at << ", class " << event.request_class;
        ASSERT_EQ(placed.gpu_mask, event.gpu_mask);
        handle(event.task) = placed.task;
        break;
      }
      case Act::kStop:
        ASSERT_EQ(worker.stop(handle(event.task)), StatusCode::kOk);
        break;
      case Act::kRelease:
        ASSERT_EQ(worker.release(handle(event.task)), StatusCode::kOk);
        break;
      case Act::kStatus:
        ASSERT_EQ(worker.set_status(slot(event.arn), static_cast<InstanceStatus>(event.value)), StatusCode::kOk);
        break;
      case Act::kAgent:
        ASSERT_EQ(worker.set_agent_connected(slot(event.arn), event.value != 0), StatusCode::kOk);
        break;
      case Act::kAttribute:
        ASSERT_EQ(worker.put_attribute(slot(event.arn), placement::test::kZone, kZones[event.value]), StatusCode::kOk);
        break;
      case Act::kResources:
        ASSERT_EQ(worker.set_resources(slot(event.arn), resources(event.value)), StatusCode::kOk);
        break;
      case Act::kElsewhere:
      case Act::kStart: {
        Placed placed;
        placement::Reason reason{};
        RequestClass& request_class = *live.classes[event.request_class];
        ASSERT_EQ(event.act == Act::kStart
                      ? worker.start(request_class, slot(event.arn), {.seed = 0, .id_base = at, .first_task = 0}, placed, reason)
                      : worker.start_elsewhere(slot(event.arn), request_class.shape, started(at), placed),
                  StatusCode::kOk);
        ASSERT_EQ(placed.gpu_mask, event.gpu_mask);
        handle(event.task) = placed.task;
        break;
      }
      case Act::kRegister:
        ASSERT_TRUE(enter(worker, event.arn).ok());
        break;
      case Act::kDeregister: {
        std::vector<Orphan> orphans;
        ASSERT_TRUE(worker.deregister(slot(event.arn), true, orphans).ok());
        ASSERT_EQ(orphans.size(), event.value);
        break;
      }
    }
    ASSERT_EQ(worker.committed_at(), at) << "the operation changed something then and nothing now";
  }
}

void run(const Setting& setting) {
  const SnapshotPtr snapshot = placement::test::build(fleet_of(setting));
  Live live = live_of(snapshot, setting.options);
  std::vector<Event> events;
  std::size_t refused = 0;
  {
    std::vector<std::unique_ptr<Actor>> actors;
    for (std::size_t number = 0; number < setting.threads; ++number) {
      actors.push_back(std::make_unique<Actor>(*live.cluster, live.classes, setting, number));
    }
    std::vector<std::thread> threads;
    threads.reserve(actors.size());
    for (const auto& actor : actors) {
      threads.emplace_back([&actor] { actor->run(); });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    for (const auto& actor : actors) {
      events.insert(events.end(), actor->events.begin(), actor->events.end());
      refused += actor->refused;
    }
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.position < b.position; });
  ASSERT_GT(events.size(), setting.operations / 2) << "too little was committed to show anything; " << refused << " refused";
  replay(snapshot, events);
}

}  // namespace

TEST(ConcurrentHistory, ReplaysInItsOrderOnFewInstances) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    run({.seed = seed, .instances = 6, .threads = 3, .operations = 3000, .moves = false, .options = {}});
  }
}

TEST(ConcurrentHistory, ReplaysInItsOrderOnManyInstances) {
  run({.seed = 11, .instances = 300, .threads = 2, .operations = 6000, .moves = false, .options = {}});
}

TEST(ConcurrentHistory, ReplaysInItsOrderWhileInstancesMove) {
  for (std::uint64_t seed = 31; seed <= 33; ++seed) {
    run({.seed = seed, .instances = 12, .threads = 3, .operations = 2500, .moves = true, .options = {}});
  }
  ClusterOptions options;
  options.window_entries = 3;
  options.log_capacity = 16;
  run({.seed = 34, .instances = 40, .threads = 4, .operations = 1500, .moves = true, .options = options});
}

TEST(ConcurrentHistory, ReplaysWithWindowsAndLogThatAreTooSmall) {
  ClusterOptions options;
  options.window_entries = 3;
  options.log_capacity = 16;
  options.index_visits = 0;
  for (std::uint64_t seed = 21; seed <= 23; ++seed) {
    run({.seed = seed, .instances = 40, .threads = 4, .operations = 1500, .moves = false, .options = options});
  }
}

}  // namespace berth::cluster::test
