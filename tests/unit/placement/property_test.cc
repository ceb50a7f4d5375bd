// decide() against the definitions, on random fleets and requests, on every executor.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "engine/base/rng.h"
#include "tests/unit/placement/random_cases.h"
#include "tests/unit/placement/reference.h"

namespace berth::placement::test {
namespace {

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
  for (const OwnDemand& own : request.demand.own) {
    text << " own " << own.name << "=" << own.amount;
  }
  for (const MemberOf& constraint : request.member_of) {
    text << " memberOf " << constraint.program->text();
  }
  return text.str();
}

void check_same(const SnapshotPtr& snapshot, const Request& request, const Decision& got, const ReferenceDecision& want) {
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
    RC_ASSERT(reason_text(got.failures[index].reason, request.demand) == reason_text(want.failures[index].reason, request.demand));
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
  if (want.is_refused) {
    const Result<Decision> got = decide(snapshot, request, serial());
    RC_ASSERT(!got.ok());
    RC_ASSERT(got.error().message == "No Container Instances were found in your cluster.");
    RC_TAG(std::string("refused"));
    return;
  }
  check_same(snapshot, request, decide_on(snapshot, request), want);
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
  check_same(snapshot, request, decide_on(snapshot, request), decide_by_definition(fleet, request, predicates, tie_seed));
  std::string names;
  for (const WideAttribute& wide : snapshot->wide_attributes()) {
    names += std::string(snapshot->attribute_names().at(wide.name)) + " ";
  }
  RC_TAG(names);
}

}  // namespace
}  // namespace berth::placement::test
