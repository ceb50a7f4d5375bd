#include "tests/unit/placement/random_cases.h"

#include <algorithm>
#include <string>

namespace berth::placement::test {
namespace {

struct Expression {
  std::string text;
  Predicate means;
};

std::size_t running_tasks(const ModelInstance& instance, std::uint32_t added) {
  return added + static_cast<std::size_t>(std::count_if(instance.tasks.begin(), instance.tasks.end(),
                                                        [](const ModelTask& task) { return task.desired == TaskStatus::kRunning; }));
}

bool has_group(const ModelInstance& instance, const std::string& group) {
  return std::any_of(instance.tasks.begin(), instance.tasks.end(),
                     [&](const ModelTask& task) { return task.desired == TaskStatus::kRunning && task.group == group; });
}

const std::vector<Expression>& expressions() {
  static const std::vector<Expression> all = {
      {"attribute:rack exists", [](const ModelInstance& i, std::uint32_t, const std::string&) { return i.attributes.contains("rack"); }},
      {"runningTasksCount < 3",
       [](const ModelInstance& i, std::uint32_t added, const std::string&) { return running_tasks(i, added) < 3; }},
      {"not(task:group == service:web)",
       [](const ModelInstance& i, std::uint32_t added, const std::string& group) {
         return !has_group(i, "service:web") && !(added > 0 && group == "service:web");
       }},
      {"task:group == service:db and runningTasksCount <= 4",
       [](const ModelInstance& i, std::uint32_t added, const std::string& group) {
         return (has_group(i, "service:db") || (added > 0 && group == "service:db")) && running_tasks(i, added) <= 4;
       }},
      {"attribute:stack == prod or attribute:rack == r1",
       [](const ModelInstance& i, std::uint32_t, const std::string&) {
         const auto stack = i.attributes.find("stack");
         const auto rack = i.attributes.find("rack");
         return (stack != i.attributes.end() && stack->second == "prod") || (rack != i.attributes.end() && rack->second == "r1");
       }},
  };
  return all;
}

}  // namespace

ModelInstance random_instance(Dice& dice, std::size_t index, bool unique_serials) {
  ModelInstance instance;
  const std::string id = std::to_string(100 + dice.below(900)) + std::to_string(index);
  instance.arn = dice.rarely(12)
                     ? "arn:aws:ecs:us-east-1:123456789012:container-instance/" + id
                     : "arn:aws:ecs:us-east-1:123456789012:container-instance/" + std::string(dice.rarely(10) ? "other/" : "web/") + id;
  instance.status = dice.rarely(10) ? InstanceStatus::kDraining : InstanceStatus::kActive;
  instance.agent_connected = !dice.rarely(10);
  instance.capacity_provider = dice.one_of<std::string>({"", "asg-1", "asg-1", "asg-2"});
  instance.cpu = dice.one_of<std::int32_t>({-128, 0, 128, 256, 512, 512, 1024});
  instance.memory = dice.one_of<std::int32_t>({-1, 256, 512, 1024, 1024, 2048});
  if (!dice.rarely(8)) {
    instance.attributes[kZone] = dice.one_of<std::string>({"a", "b", "c"});
  }
  if (!dice.rarely(3)) {
    instance.attributes["rack"] = dice.rarely(4) ? std::optional<std::string>() : dice.one_of<std::string>({"r1", "r2", "r3", "r4", ""});
  }
  if (!dice.rarely(3)) {
    instance.attributes["stack"] = dice.one_of<std::string>({"prod", "dev"});
  }
  if (unique_serials && !dice.rarely(6)) {
    instance.attributes["serial"] = std::to_string(dice.rarely(3) ? 0 : index);
  }
  if (dice.rarely(8)) {
    instance.attributes["ecs.capability.external"] = std::nullopt;
  }
  if (dice.rarely(3)) {
    instance.tcp_used = {22, 80};
  }
  if (dice.rarely(8)) {
    for (std::uint16_t port = 0; port < 99; ++port) {
      instance.udp_used.insert(static_cast<std::uint16_t>(1000 + port));
    }
  }
  if (!dice.rarely(4)) {
    instance.eni_limit = static_cast<std::uint16_t>(dice.below(4));
    instance.eni_used = static_cast<std::uint16_t>(dice.below(2));
  }
  const std::uint32_t gpu_count = dice.below(5);
  for (std::uint32_t slot = 0; slot < gpu_count; ++slot) {
    instance.gpus_free.push_back(!dice.rarely(3));
  }
  for (const char* name : {"disk", "licence"}) {
    if (dice.rarely(2)) {
      instance.own[name] = dice.one_of<std::int32_t>({-1, 0, 1, 3, 10, 100});
    }
  }
  const std::uint32_t task_count = dice.below(4);
  for (std::uint32_t task = 0; task < task_count; ++task) {
    instance.tasks.push_back({dice.one_of<std::string>({"service:web", "service:db"}),
                              dice.rarely(4) ? TaskStatus::kStopped : TaskStatus::kRunning,
                              dice.one_of<TaskStatus>({TaskStatus::kPending, TaskStatus::kRunning})});
  }
  return instance;
}

Request random_request(Dice& dice, std::vector<Predicate>& predicates) {
  Request request;
  request.count = 1 + dice.below(60);
  request.group = dice.one_of<std::string>({"service:web", "service:db", "service:new"});
  request.seed = dice.below(1000);
  request.demand.cpu_units = dice.one_of<std::int64_t>({0, 64, 128, 300});
  request.demand.memory_mib = dice.one_of<std::int64_t>({0, 64, 256, 300});
  request.demand.gpu_count = dice.rarely(6) ? 1 + dice.below(2) : 0;
  request.demand.uses_eni = dice.rarely(5);
  if (dice.rarely(8)) {
    request.demand.tcp_ports = {80, 443};
  }
  if (dice.rarely(8)) {
    request.demand.udp_ports = {53};
  }
  if (dice.rarely(5)) {
    request.demand.attributes.push_back({"rack", dice.rarely(2) ? std::optional<std::string>() : "r1", std::nullopt});
  }
  if (dice.rarely(5)) {
    request.demand.attributes.push_back({"stack", "prod", dice.rarely(2) ? std::optional<std::string>("prod") : std::nullopt});
  }
  for (const char* name : {"absent", "disk", "licence"}) {
    if (dice.rarely(std::string(name) == "absent" ? 12 : 4)) {
      request.demand.own.push_back({name, dice.one_of<std::int64_t>({0, 1, 2, 5})});
    }
  }
  request.distinct_instance = dice.rarely(6);
  const std::vector<Strategy> kinds = {spread(kZone), spread("rack"),   spread("serial"), spread("absent"), spread_instance(),
                                       binpack_cpu(), binpack_memory(), spread(kZone),    random_choice()};
  const std::uint32_t strategy_count = dice.below(5);
  for (std::uint32_t index = 0; index < strategy_count; ++index) {
    request.strategies.push_back(kinds[dice.below(kinds.size())]);
  }
  if (dice.rarely(8)) {
    request.launch_type = LaunchType::kExternal;
  } else if (dice.rarely(6)) {
    request.capacity_provider = dice.one_of<std::string>({"asg-1", "asg-9"});
  }
  if (dice.rarely(3)) {
    request.cluster = "web";
  }
  if (dice.rarely(6)) {
    request.zones = {"b", "c"};
  }
  const int expression_count = static_cast<int>(dice.below(5)) - 2;
  for (int index = 0; index < expression_count; ++index) {
    const Expression& expression = expressions()[dice.below(expressions().size())];
    request.member_of.push_back(member_of(expression.text));
    predicates.push_back(expression.means);
  }
  return request;
}

}  // namespace berth::placement::test
