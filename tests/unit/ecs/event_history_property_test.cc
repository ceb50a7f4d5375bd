// Any history of events, in any order and with any doubles, ends in what its newest versions tell. What that is, is worked out here a
// second time, from the events alone.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/unit/ecs/event_fixture.h"

namespace berth::ecs {
namespace {

// What one event tells of a task or of an instance, as the test's own model keeps it.
struct Telling {
  std::string arn;
  std::uint64_t version = 0;
  std::string json;  // The detail.
  bool is_task = false;
  std::string status;  // Of an instance, or lastStatus.
  // Of an instance.
  bool agent_connected = true;
  std::map<std::string, std::string> attributes;
  int gpus = 0;
  // Of a task.
  std::string instance;
  bool is_desired = true;  // RUNNING.
  bool is_healthy = false;
  int cpu = 0;
  int memory = 0;
  std::set<int> ports;
  bool uses_eni = false;
  bool holds_gpu = false;
};

constexpr int kCpu = 4096;
constexpr int kMemory = 8192;

std::string named(std::string_view kind, std::size_t number) {
  std::string id = std::to_string(number);
  id.insert(0, 32 - id.size(), '0');
  return kind == "task" ? task_arn(id) : instance_arn(id);
}

class Story {
 public:
  explicit Story(std::uint64_t seed) : random_(seed) {
    const std::size_t instances = 1 + below(4);
    for (std::size_t number = 0; number < instances; ++number) {
      tell_instance(number);
    }
    const std::size_t tasks = below(12);
    for (std::size_t number = 0; number < tasks; ++number) {
      tell_task(number, below(instances));
    }
  }

  std::vector<Telling> tellings;

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  bool rarely(std::size_t odds) { return below(odds) == 0; }
  std::mt19937_64& random() { return random_; }

 private:
  static std::string quoted(std::string_view name, std::string_view value) {
    return "\"" + std::string(name) + "\": \"" + std::string(value) + "\"";
  }

  void tell_instance(std::size_t number) {
    Telling next;
    next.arn = named("instance", number);
    next.version = 1 + below(3);
    next.status = rarely(3) ? "REGISTERING" : "ACTIVE";
    next.gpus = gpus_[number] = static_cast<int>(below(3));
    const std::size_t length = 1 + below(5);
    for (std::size_t event = 0; event < length; ++event) {
      next.agent_connected = !rarely(3);
      next.attributes.clear();
      for (const std::string_view name : {"stack", "rack", "zone"}) {
        if (!rarely(3)) {
          next.attributes[std::string(name)] = std::to_string(below(3));
        }
      }
      std::string attributes;
      for (const auto& [name, value] : next.attributes) {
        attributes += (attributes.empty() ? "{" : ", {") + quoted("name", name) + ", " + quoted("value", value) + "}";
      }
      std::string gpus;
      for (int gpu = 0; gpu < next.gpus; ++gpu) {
        gpus += (gpu == 0 ? "\"GPU-" : ", \"GPU-") + std::to_string(gpu) + "\"";
      }
      next.json = "{" + quoted("containerInstanceArn", next.arn) + ", \"version\": " + std::to_string(next.version) + ", " +
                  quoted("status", next.status) + ", \"agentConnected\": " + (next.agent_connected ? "true" : "false") +
                  ", \"attributes\": [" + attributes +
                  R"(], "registeredResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 4096},
                      {"name": "MEMORY", "type": "INTEGER", "integerValue": 8192},
                      {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]},
                      {"name": "GPU", "type": "STRINGSET", "stringSetValue": [)" +
                  gpus + "]}]}";
      tellings.push_back(next);
      next.version += 1 + below(3);
      next.status = next.status == "REGISTERING" || rarely(2) ? "ACTIVE" : "DRAINING";
      if (event + 2 == length && rarely(3)) {
        next.status = "INACTIVE";
      }
    }
  }

  void tell_task(std::size_t number, std::size_t instance) {
    Telling next;
    next.is_task = true;
    next.arn = named("task", number);
    next.instance = named("instance", instance);
    next.cpu = static_cast<int>(128 * (1 + below(4)));
    next.memory = static_cast<int>(256 * (1 + below(4)));
    next.uses_eni = rarely(4);
    next.holds_gpu = gpus_taken_[instance] < gpus_[instance] && rarely(2);
    const std::string gpu = "GPU-" + std::to_string(gpus_taken_[instance]);
    gpus_taken_[instance] += next.holds_gpu ? 1 : 0;
    const int port = 8000 + static_cast<int>(number);
    const std::vector<std::string> life = {"PENDING", "RUNNING", "RUNNING", "STOPPING", "STOPPED"};
    const std::size_t end = 1 + below(life.size());
    next.version = 1;
    const bool has_port = !next.uses_eni && rarely(2);
    for (std::size_t state = below(2); state < std::max<std::size_t>(end, 2); ++state) {
      next.status = life[state];
      next.is_desired = next.is_desired && state < 3 && !(state == 2 && rarely(3));
      next.is_healthy = state >= 1 && rarely(2);
      if (has_port && state >= 1) {
        next.ports = {port};
      }
      std::string bindings;
      for (const int each : next.ports) {
        bindings = "{\"hostPort\": " + std::to_string(each) + ", \"protocol\": \"tcp\"}";
      }
      next.json = "{" + quoted("taskArn", next.arn) + ", " + quoted("containerInstanceArn", next.instance) + ", " +
                  quoted("lastStatus", next.status) + ", " + quoted("desiredStatus", next.is_desired ? "RUNNING" : "STOPPED") + ", " +
                  quoted("healthStatus", next.is_healthy ? "HEALTHY" : "UNKNOWN") + ", " + quoted("group", "service:g1") +
                  ", \"version\": " + std::to_string(next.version) + ", " + quoted("cpu", std::to_string(next.cpu)) + ", " +
                  quoted("memory", std::to_string(next.memory)) +
                  (next.uses_eni ? R"(, "attachments": [{"type": "eni", "status": "ATTACHED"}])" : "") +
                  R"(, "containers": [{"name": "c", "networkBindings": [)" + bindings + "], \"gpuIds\": [" +
                  (next.holds_gpu ? "\"" + gpu + "\"" : "") + "]}]}";
      tellings.push_back(next);
      next.version += 1 + below(3);
    }
  }

  std::mt19937_64 random_;
  std::map<std::size_t, int> gpus_;  // By instance: how many it has, and how many tasks were given.
  std::map<std::size_t, int> gpus_taken_;
};

std::map<std::string, Telling> newest(const std::vector<Telling>& tellings) {
  std::map<std::string, Telling> known;
  for (const Telling& telling : tellings) {
    Telling& place = known[telling.arn];
    place = telling.version > place.version || place.arn.empty() ? telling : place;
  }
  return known;
}

// What the newest versions tell, as text per instance.
std::map<std::string, std::string> told(const std::vector<Telling>& tellings) {
  const std::map<std::string, Telling> known = newest(tellings);
  std::map<std::string, std::string> fleet;
  for (const auto& [arn, instance] : known) {
    if (instance.is_task || instance.status == "INACTIVE") {
      continue;
    }
    int cpu = kCpu;
    int memory = kMemory;
    int enis = 0;
    int gpus = instance.gpus;
    int running = 0;
    int pending = 0;
    std::set<int> ports = {22};
    std::string tasks;
    for (const auto& [task_arn, task] : known) {
      if (!task.is_task || task.instance != arn || task.status == "STOPPED") {
        continue;
      }
      cpu -= task.cpu;
      memory -= task.memory;
      enis += task.uses_eni ? 1 : 0;
      ports.insert(task.ports.begin(), task.ports.end());
      running += task.is_desired ? 1 : 0;
      pending += task.status == "PENDING" ? 1 : 0;
      gpus -= task.holds_gpu ? 1 : 0;
      tasks += task_arn + " " + std::to_string(task.version) + " " + task.status + (task.is_desired ? " RUNNING" : " STOPPED") +
               (task.is_healthy ? " HEALTHY" : " UNKNOWN") + "\n";
    }
    std::string text = instance.status + (instance.agent_connected ? " connected" : " lost");
    for (const auto& [name, value] : instance.attributes) {
      text += " " + name + "=" + value;
    }
    for (const int amount : {cpu, memory, enis, gpus, running, pending}) {
      text += " " + std::to_string(amount);
    }
    for (const int port : ports) {
      text += " :" + std::to_string(port);
    }
    fleet[arn] = text + "\n" + tasks;
  }
  return fleet;
}

std::map<std::string, std::string> told(const Snapshot& now) {
  std::map<std::string, std::string> fleet;
  for (std::uint32_t instance = 0; instance < now.instance_count(); ++instance) {
    std::string text = std::string(to_text(static_cast<InstanceStatus>(now.status()[instance]))) +
                       (now.agent_connected()[instance] != 0 ? " connected" : " lost");
    for (const std::string_view name : {"rack", "stack", "zone"}) {
      if (const auto value = now.attribute_text(instance, name); value.has_value()) {
        text += " " + std::string(name) + "=" + std::string(*value);
      }
    }
    const Snapshot::GpuRange gpus = now.gpus(instance);
    const auto free = std::count(now.gpu_free().begin() + gpus.begin, now.gpu_free().begin() + gpus.begin + gpus.count, 1);
    text += " " + std::to_string(now.cpu_remaining()[instance]) + " " + std::to_string(now.memory_remaining()[instance]) + " " +
            std::to_string(now.eni_used()[instance]) + " " + std::to_string(free) + " " +
            std::to_string(now.running_tasks_count()[instance]) + " " + std::to_string(now.pending_tasks_count()[instance]);
    for (const std::uint16_t port : now.port_set(now.ports_used()[instance]).tcp) {
      text += " :" + std::to_string(port);
    }
    text += "\n";
    const Snapshot::TaskRange tasks = now.tasks_of(instance);
    for (std::uint32_t task = tasks.begin; task < tasks.end; ++task) {
      text += now.task_arns().text(task) + " " + std::to_string(now.task_version()[task]) + " " +
              std::string(to_text(static_cast<TaskStatus>(now.task_last_status()[task]))) + " " +
              std::string(to_text(static_cast<TaskStatus>(now.task_desired_status()[task]))) + " " +
              std::string(to_text(static_cast<HealthStatus>(now.task_health()[task]))) + "\n";
    }
    fleet[now.instance_arns().text(instance)] = text;
  }
  return fleet;
}

std::string event_of(const Telling& telling) {
  return telling.is_task ? task_event(telling.json) : instance_event(telling.json);
}

// The events in batches, as arrays or one after another, whole or their details alone.
std::vector<std::string> batches_of(Story& story, const std::vector<Telling>& tellings) {
  std::vector<std::string> batches;
  for (std::size_t begin = 0; begin < tellings.size();) {
    const std::size_t end = std::min(tellings.size(), begin + 1 + story.below(6));
    const bool is_array = story.rarely(2);
    std::string batch = is_array ? "[" : "";
    for (; begin < end; ++begin) {
      batch += (batch.size() > 1 ? (is_array ? ", " : "\n") : "") + (story.rarely(4) ? tellings[begin].json : event_of(tellings[begin]));
    }
    batches.push_back(batch + (is_array ? "]" : ""));
  }
  return batches;
}

}  // namespace

RC_GTEST_PROP(EventHistory, EndsAsTheNewestVersionsTell, ()) {
  Story story(*rc::gen::arbitrary<std::uint64_t>());
  // A part of the instances, and of their tasks, is known from the beginning, as of some moment.
  std::vector<std::string> instances = {instance_json(instance_arn(std::string(32, 'f')), R"("version": 1)")};
  std::vector<std::string> tasks;
  std::set<std::string> imported;
  for (const Telling& telling : story.tellings) {
    if (telling.status != "INACTIVE" && telling.status != "STOPPED" && telling.status != "PENDING" && !imported.contains(telling.arn) &&
        (!telling.is_task || imported.contains(telling.instance)) && story.rarely(3)) {
      imported.insert(telling.arn);
      (telling.is_task ? tasks : instances).push_back(telling.json);
    }
  }
  FedCluster fed({instances_json(instances), tasks_json(tasks)});
  std::vector<Telling> events = story.tellings;
  for (const Telling& telling : story.tellings) {
    for (std::size_t doubles = story.below(3); doubles > 0; --doubles) {
      events.push_back(telling);
    }
  }
  std::shuffle(events.begin(), events.end(), story.random());
  const std::vector<std::string> batches = batches_of(story, events);
  for (const std::string& batch : batches) {
    const EventReport report = fed.apply(batch);
    RC_ASSERT(report.count(EventFate::kRefused) == 0U);
  }
  std::map<std::string, std::string> expected = told(story.tellings);
  const SnapshotPtr now = fed.now();
  std::map<std::string, std::string> found = told(*now);
  found.erase(instance_arn(std::string(32, 'f')));
  RC_ASSERT(found == expected);
  // Nothing of it counts a second time.
  for (const std::string& batch : batches) {
    const EventReport report = fed.apply(batch);
    RC_ASSERT(report.count(EventFate::kApplied) == 0U);
    RC_ASSERT(report.count(EventFate::kWaiting) == 0U);
  }
  RC_ASSERT(fed.now()->generation() == now->generation());
  RC_CLASSIFY(now->task_count() > 0, "runs tasks");
  RC_CLASSIFY(tasks.size() > 0, "imports tasks");
}

}  // namespace berth::ecs
