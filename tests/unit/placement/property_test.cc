// decide() against the definitions, on random fleets and requests, on every executor.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "engine/base/rng.h"
#include "tests/unit/placement/reference.h"

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

// Fleets and requests come from a stream under one seed, so that a failure shrinks in the number of instances only, and every value is
// as likely in the first trial as in the last.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : stream_(seed) {}
  // [0, bound).
  std::uint32_t below(std::size_t bound) { return static_cast<std::uint32_t>(stream_.below(bound)); }
  // True once in `odds`.
  bool rarely(std::size_t odds) { return below(odds) == 0; }
  template <typename T>
  T one_of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  Stream stream_;
};

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

// For the log of a failed property.
std::string describe(const Fleet& fleet, const Request& request) {
  std::ostringstream text;
  for (const ModelInstance& i : fleet) {
    text << i.arn.substr(i.arn.find('/')) << " status " << static_cast<int>(i.status) << " agent " << i.agent_connected << " provider '"
         << i.capacity_provider << "' cpu " << i.cpu << " memory " << i.memory << " ports " << i.tcp_used.size() << "/" << i.udp_used.size()
         << " eni " << i.eni_used << "/" << (i.eni_limit.has_value() ? std::to_string(*i.eni_limit) : "?") << " gpus "
         << i.gpus_free.size();
    for (const auto& [name, value] : i.attributes) {
      text << " " << name << "=" << value.value_or("(none)");
    }
    for (const ModelTask& task : i.tasks) {
      text << " [" << task.group << " " << berth::to_text(task.desired) << "]";
    }
    text << "\n";
  }
  text << request.count << " of " << request.group << " cpu " << request.demand.cpu_units << " memory " << request.demand.memory_mib
       << " gpus " << request.demand.gpu_count << " eni " << request.demand.uses_eni << " distinct " << request.distinct_instance
       << " strategies";
  for (const Strategy& strategy : request.strategies) {
    text << " " << static_cast<int>(strategy.kind) << strategy.attribute;
  }
  for (const AttributeRequirement& requirement : request.demand.attributes) {
    text << " requires " << requirement.name << "=" << requirement.value.value_or("(any)");
  }
  for (const MemberOf& constraint : request.member_of) {
    text << " memberOf " << constraint.program->text();
  }
  return text.str();
}

void check_same(const SnapshotPtr& snapshot, const Decision& got, const ReferenceDecision& want) {
  RC_ASSERT(got.examined == want.examined);
  RC_ASSERT(got.placed.size() == want.placed.size());
  for (std::size_t task = 0; task < want.placed.size(); ++task) {
    RC_ASSERT(got.placed[task].instance == want.placed[task].instance);
    std::vector<std::uint32_t> slots;
    for (const std::uint32_t slot : got.placed[task].gpu_slots) {
      slots.push_back(slot - snapshot->gpus(got.placed[task].instance).begin);
    }
    RC_ASSERT(slots == want.placed[task].gpu_slots);
  }
  RC_ASSERT(got.failure_count == want.failures.size());
  RC_ASSERT(got.failures.size() == want.failures.size());
  std::array<std::uint64_t, kReasonCount> lost{};
  for (std::size_t index = 0; index < want.failures.size(); ++index) {
    RC_ASSERT(got.failures[index].instance == want.failures[index].instance);
    RC_ASSERT(to_text(got.failures[index].reason) == to_text(want.failures[index].reason));
    ++lost[static_cast<std::size_t>(want.failures[index].reason)];
  }
  RC_ASSERT(got.lost == lost);
}

RC_GTEST_PROP(PlacementProperty, DecidesAsDefined, ()) {
  const auto instance_count = *rc::gen::inRange<std::size_t>(1, 80);
  const auto seed = *rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>());
  Dice dice(seed);
  std::vector<Predicate> predicates;
  const Request request = random_request(dice, predicates);
  const std::uint64_t tie_seed = dice.below(1000);
  const bool unique_serials = dice.rarely(2);
  Fleet fleet;
  for (std::size_t index = 0; index < instance_count; ++index) {
    fleet.push_back(random_instance(dice, index, unique_serials));
  }

  const SnapshotPtr snapshot = build(fleet, tie_seed);
  RC_LOG() << describe(fleet, request);
  RC_ASSERT(snapshot != nullptr);
  const ReferenceDecision want = decide_by_definition(fleet, request, predicates, tie_seed);
  check_same(snapshot, decide_on(snapshot, request), want);
  RC_TAG(std::string(want.failures.empty() ? "all placed" : want.placed.empty() ? "none placed" : "some placed"));
}

// So many values that the snapshot keeps them by instance instead of in attribute sets: every look-up takes its other path.
void widen(Dice& dice, std::size_t index, ModelInstance& instance) {
  if (!dice.rarely(5)) {
    instance.attributes["serial"] = std::to_string(index);
  }
  if (instance.attributes.contains("rack") && !dice.rarely(5)) {
    instance.attributes["rack"] = "r" + std::to_string(dice.below(100));
  }
  if (instance.attributes.contains(kZone) && !dice.rarely(9)) {
    instance.attributes[kZone] = dice.rarely(12) ? std::optional<std::string>() : "z" + std::to_string(dice.below(90));
  }
  if (instance.attributes.contains("ecs.capability.external")) {
    instance.attributes["ecs.capability.external"] = std::to_string(index);
  }
}

RC_GTEST_PROP(PlacementProperty, DecidesAsDefinedOnWideAttributes, ()) {
  const auto instance_count = *rc::gen::inRange<std::size_t>(120, 200);
  const auto seed = *rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>());
  Dice dice(seed);
  std::vector<Predicate> predicates;
  Request request = random_request(dice, predicates);
  if (!request.zones.empty() || dice.rarely(4)) {
    request.zones = {dice.rarely(2) ? "" : "b"};
    for (int zone = 0; zone < 60; ++zone) {
      request.zones.push_back("z" + std::to_string(zone));
    }
  }
  const std::uint64_t tie_seed = dice.below(1000);
  Fleet fleet;
  for (std::size_t index = 0; index < instance_count; ++index) {
    fleet.push_back(random_instance(dice, index, true));
    widen(dice, index, fleet.back());
  }

  const SnapshotPtr snapshot = build(fleet, tie_seed);
  RC_LOG() << describe(fleet, request);
  RC_ASSERT(snapshot != nullptr);
  RC_ASSERT(!snapshot->wide_attributes().empty());
  check_same(snapshot, decide_on(snapshot, request), decide_by_definition(fleet, request, predicates, tie_seed));
  std::string names;
  for (const WideAttribute& wide : snapshot->wide_attributes()) {
    names += std::string(snapshot->attribute_names().at(wide.name)) + " ";
  }
  RC_TAG(names);
}

}  // namespace
}  // namespace berth::placement::test
