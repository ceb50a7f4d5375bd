// explain(): every number here is worked out by hand in the comment beside its fixture.
#include <gtest/gtest.h>

#include "tests/unit/placement/model.h"

namespace berth::placement::test {
namespace {

std::uint64_t at(const std::array<std::uint64_t, kReasonCount>& counts, Reason reason) {
  return counts[static_cast<std::size_t>(reason)];
}

// What a relaxation says, in one line.
std::vector<std::string> texts(const std::vector<Relaxation>& relaxations) {
  using Kind = Relaxation::Kind;
  const std::map<Kind, std::string> names = {{Kind::kDropConstraint, "drop"}, {Kind::kDropDistinctInstance, "drop distinct"},
                                             {Kind::kLowerCpu, "lower cpu"},  {Kind::kLowerMemory, "lower memory"},
                                             {Kind::kDropPort, "drop port"},  {Kind::kDropAttribute, "drop attribute"},
                                             {Kind::kLowerGpu, "lower gpu"},  {Kind::kDropEni, "drop eni"},
                                             {Kind::kLowerOwn, "lower"}};
  std::vector<std::string> result;
  for (const Relaxation& relaxation : relaxations) {
    std::string text = names.at(relaxation.kind);
    text += relaxation.what.empty() ? "" : " " + relaxation.what;
    text += relaxation.amount == 0 ? "" : " by " + std::to_string(relaxation.amount);
    text += relaxation.origin.empty() ? "" : " of " + relaxation.origin;
    result.push_back(text + ": " + std::to_string(relaxation.instances));
  }
  return result;
}

using Texts = std::vector<std::string>;

TEST(ExplainCounts, EveryCheckThatFailsAtAll) {
  ModelInstance offline_and_small = make_instance("a", "z", 100, 100);
  offline_and_small.agent_connected = false;
  const ModelInstance small = make_instance("b", "z", 100, 100);
  const ModelInstance no_memory = make_instance("c", "z", 4096, 250);
  const SnapshotPtr snapshot = build({offline_and_small, small, no_memory});
  const Explanation explanation = explain_on(snapshot, make_request(1));  // 128 CPU units, 256 MiB.
  EXPECT_EQ(at(explanation.fails_at_all, Reason::kAgent), 1U);
  EXPECT_EQ(at(explanation.fails_at_all, Reason::kCpu), 2U);
  EXPECT_EQ(at(explanation.fails_at_all, Reason::kMemory), 3U);
  EXPECT_EQ(at(explanation.decision.lost, Reason::kAgent), 1U);
  EXPECT_EQ(at(explanation.decision.lost, Reason::kCpu), 1U);
  EXPECT_EQ(at(explanation.decision.lost, Reason::kMemory), 1U);
  ASSERT_EQ(explanation.shortfalls.size(), 2U);
  EXPECT_EQ(explanation.shortfalls[0].resource, Reason::kCpu);
  EXPECT_EQ(explanation.shortfalls[0].instances, 2U);
  EXPECT_EQ(explanation.shortfalls[0].least, 28);
  EXPECT_EQ(explanation.shortfalls[0].most, 28);
  EXPECT_EQ(explanation.shortfalls[1].resource, Reason::kMemory);
  EXPECT_EQ(explanation.shortfalls[1].instances, 3U);
  EXPECT_EQ(explanation.shortfalls[1].least, 6);
  EXPECT_EQ(explanation.shortfalls[1].most, 156);
}

TEST(ExplainCounts, AreAsOfTheFirstTaskThatWasNotPlaced) {
  // 300 CPU units take two tasks and leave 44; the third lacks 84.
  const SnapshotPtr snapshot = build({make_instance("a", "z", 300)});
  const Explanation explanation = explain_on(snapshot, make_request(5));
  EXPECT_EQ(explanation.decision.placed.size(), 2U);
  ASSERT_EQ(explanation.shortfalls.size(), 1U);
  EXPECT_EQ(explanation.shortfalls[0].least, 84);
  EXPECT_EQ(texts(explanation.relaxations), Texts{"lower cpu by 84: 1"});
  ASSERT_TRUE(explanation.closest.has_value());
  EXPECT_EQ(explanation.closest->checks_passed, 12U);
}

TEST(ExplainCounts, ShortfallsOfPortsGpusAndEnis) {
  ModelInstance instance = make_instance("a");
  instance.tcp_used = {80, 443, 22};
  instance.gpus_free = {true, false};
  instance.eni_limit = 2;
  instance.eni_used = 3;
  ModelInstance crowded = make_instance("b");
  for (std::uint16_t port = 1000; port < 1099; ++port) {
    crowded.tcp_used.insert(port);
  }
  Request request = make_request(1);
  request.demand.tcp_ports = {80, 443, 8080};
  request.demand.gpu_count = 3;
  request.demand.uses_eni = true;
  const Explanation explanation = explain_on(build({instance, crowded}), request);
  ASSERT_EQ(explanation.shortfalls.size(), 3U);
  EXPECT_EQ(explanation.shortfalls[0].resource, Reason::kPorts);
  EXPECT_EQ(explanation.shortfalls[0].instances, 2U);
  EXPECT_EQ(explanation.shortfalls[0].least, 2);  // a: 80 and 443. b: 99 + 3 ports, 2 over the limit.
  EXPECT_EQ(explanation.shortfalls[0].most, 2);
  EXPECT_EQ(explanation.shortfalls[1].resource, Reason::kGpu);
  EXPECT_EQ(explanation.shortfalls[1].least, 2);  // a has 1 free.
  EXPECT_EQ(explanation.shortfalls[1].most, 3);   // b has none.
  EXPECT_EQ(explanation.shortfalls[2].resource, Reason::kEni);
  EXPECT_EQ(explanation.shortfalls[2].instances, 1U);
  EXPECT_EQ(explanation.shortfalls[2].least, 2);  // 3 in use and one more, of 2.
}

TEST(ExplainCounts, OwnResourcesAreCountedAsCpuAndMemoryAre) {
  ModelInstance some = make_instance("a");
  some.own = {{"disk", 7}, {"licence", 1}};
  ModelInstance less = make_instance("b");
  less.own = {{"disk", 2}};
  ModelInstance overdrawn = make_instance("c");
  overdrawn.own = {{"disk", -1}, {"licence", 4}};
  const SnapshotPtr snapshot = build({some, less, overdrawn});
  Request request = make_request(1);
  request.demand.own = {{"disk", 10}, {"licence", 1}};
  const Explanation explanation = explain_on(snapshot, request);
  EXPECT_EQ(at(explanation.fails_at_all, own_reason(0)), 3U);
  EXPECT_EQ(at(explanation.fails_at_all, own_reason(1)), 1U);
  EXPECT_EQ(at(explanation.fails_alone, own_reason(0)), 2U);
  ASSERT_EQ(explanation.shortfalls.size(), 2U);
  EXPECT_EQ(explanation.shortfalls[0].resource, own_reason(0));
  EXPECT_EQ(explanation.shortfalls[0].least, 3);
  EXPECT_EQ(explanation.shortfalls[0].most, 11);
  EXPECT_EQ(explanation.shortfalls[1].resource, own_reason(1));
  EXPECT_EQ(explanation.shortfalls[1].instances, 1U);
  ASSERT_TRUE(explanation.closest.has_value());
  EXPECT_EQ(id_of(snapshot, explanation.closest->instance), explanation.closest->instance == 0 ? "a" : "c");
  EXPECT_EQ(explanation.closest->checks_passed, 14U);
  ASSERT_EQ(explanation.relaxations.size(), 1U);
  EXPECT_EQ(explanation.relaxations[0].kind, Relaxation::Kind::kLowerOwn);
  EXPECT_EQ(explanation.relaxations[0].what, "disk");
  EXPECT_EQ(explanation.relaxations[0].amount, 3);
  EXPECT_EQ(explanation.relaxations[0].instances, 1U);
}

TEST(ExplainCounts, TermsOfExpressions) {
  ModelInstance prod = make_instance("a", "z1");
  prod.attributes["stack"] = "prod";
  ModelInstance dev = make_instance("b", "z1");
  dev.attributes["stack"] = "dev";
  ModelInstance offline = make_instance("c", "z2");
  offline.attributes["stack"] = "prod";
  offline.agent_connected = false;
  ModelInstance draining = make_instance("d", "z1");
  draining.status = InstanceStatus::kDraining;
  Request request = make_request(3);
  const std::string text = "attribute:stack == prod and (attribute:ecs.availability-zone == z2 or runningTasksCount < 2)";
  request.member_of = {member_of(text, "taskDefinition.placementConstraints[0]")};
  const Explanation explanation = explain_on(build({prod, dev, offline, draining}), request);
  // Two tasks go to a; then a has 2 tasks. d is not examined.
  EXPECT_EQ(explanation.decision.placed.size(), 2U);
  ASSERT_EQ(explanation.conjuncts.size(), 2U);
  EXPECT_EQ(explanation.conjuncts[0].origin, "taskDefinition.placementConstraints[0]");
  EXPECT_EQ(explanation.conjuncts[0].text, "attribute:stack == prod");
  EXPECT_EQ(explanation.conjuncts[0].selected, 2U);
  EXPECT_EQ(explanation.conjuncts[0].failed, 1U);
  EXPECT_EQ(explanation.conjuncts[1].selected, 2U);  // b by its count, c by its zone.
  EXPECT_EQ(explanation.conjuncts[1].failed, 1U);
  ASSERT_EQ(explanation.leaves.size(), 3U);
  EXPECT_EQ(explanation.leaves[0].text, "attribute:stack == prod");
  EXPECT_EQ(explanation.leaves[1].text, "attribute:ecs.availability-zone == z2");
  EXPECT_EQ(explanation.leaves[1].selected, 1U);
  EXPECT_EQ(explanation.leaves[2].text, "runningTasksCount < 2");
  EXPECT_EQ(explanation.leaves[2].selected, 2U);
  EXPECT_EQ(explanation.leaves[2].failed, 1U);
  EXPECT_EQ(text.substr(explanation.leaves[2].piece.offset, explanation.leaves[2].piece.length), "runningTasksCount < 2");
}

TEST(ExplainCounts, RequiredAttributes) {
  ModelInstance with = make_instance("a");
  with.attributes["disk"] = "ssd";
  ModelInstance other = make_instance("b");
  other.attributes["disk"] = "hdd";
  Request request = make_request(1);
  request.demand.attributes = {{"disk", "ssd", std::nullopt}, {"net", std::nullopt, std::nullopt}, {"os", "linux", "linux"}};
  const Explanation explanation = explain_on(build({with, other, make_instance("c")}), request);
  ASSERT_EQ(explanation.attributes.size(), 3U);
  EXPECT_EQ(explanation.attributes[0].name, "disk");
  EXPECT_EQ(explanation.attributes[0].value, "ssd");
  EXPECT_EQ(explanation.attributes[0].failed, 2U);
  EXPECT_EQ(explanation.attributes[1].value, "");
  EXPECT_EQ(explanation.attributes[1].failed, 3U);
  EXPECT_EQ(explanation.attributes[2].failed, 0U);
  EXPECT_EQ(texts(explanation.relaxations), Texts{"drop attribute net: 1"});
}

TEST(Relaxations, DropOneConjunctOfOneExpression) {
  const auto instance = [](const std::string& id, const std::string& zone, const std::string& stack, std::int32_t cpu) {
    ModelInstance result = make_instance(id, zone, cpu);
    result.attributes["stack"] = stack;
    return result;
  };
  Request request = make_request(1);
  request.member_of = {member_of("attribute:stack == prod and attribute:ecs.availability-zone == z1", "placementConstraints[0]"),
                       member_of("agentVersion == 1.0.0 or attribute:stack != test", "placementConstraints[1]")};
  // a, b: wrong zone only. c: wrong stack only. d: wrong zone and no CPU. e: both conjuncts. f: test fails both expressions.
  const SnapshotPtr snapshot =
      build({instance("a", "z2", "prod", 4096), instance("b", "z3", "prod", 4096), instance("c", "z1", "dev", 4096),
             instance("d", "z2", "prod", 0), instance("e", "z2", "dev", 4096), instance("f", "z1", "test", 4096)});
  const Explanation explanation = explain_on(snapshot, request);
  EXPECT_EQ(texts(explanation.relaxations), (Texts{"drop attribute:ecs.availability-zone == z1 of placementConstraints[0]: 2",
                                                   "drop attribute:stack == prod of placementConstraints[0]: 1"}));
}

TEST(Relaxations, LowerTheLeastThatLetsAnInstanceIn) {
  // CPU alone: a lacks 28, b lacks 28, c more than the whole need, so that no lowering helps. Memory alone: d lacks 56.
  const SnapshotPtr snapshot = build({make_instance("a", "z", 100), make_instance("b", "z", 100), make_instance("c", "z", -500),
                                      make_instance("d", "z", 4096, 200), make_instance("e", "z", 120, 250)});
  EXPECT_EQ(texts(explain_on(snapshot, make_request(1)).relaxations), (Texts{"lower cpu by 28: 2", "lower memory by 56: 1"}));
  const SnapshotPtr overdrawn = build({make_instance("c", "z", -500)});
  EXPECT_EQ(texts(explain_on(overdrawn, make_request(1)).relaxations), Texts{});
}

TEST(Relaxations, DropDistinctInstanceOrAnEniOrGpus) {
  ModelInstance has_task = make_instance("a");
  has_task.tasks = tasks_of("service:web", 1);
  has_task.gpus_free = {true, true, true};
  ModelInstance no_eni = make_instance("b");
  no_eni.eni_limit = 0;
  no_eni.gpus_free = {true, true, true};
  ModelInstance two_gpus = make_instance("c");
  two_gpus.gpus_free = {true, true, false};
  ModelInstance one_gpu = make_instance("d");
  one_gpu.gpus_free = {true};
  Request request = make_request(1);
  request.distinct_instance = true;
  request.demand.uses_eni = true;
  request.demand.gpu_count = 3;
  EXPECT_EQ(texts(explain_on(build({has_task, no_eni, two_gpus, one_gpu}), request).relaxations),
            (Texts{"drop distinct: 1", "lower gpu by 1: 1", "drop eni: 1"}));
}

TEST(Relaxations, StopNeedingOnePort) {
  ModelInstance http = make_instance("a");
  http.tcp_used = {80};
  ModelInstance dns = make_instance("b");
  dns.udp_used = {53};
  ModelInstance dns_too = make_instance("c");
  dns_too.udp_used = {53};
  ModelInstance both = make_instance("d");
  both.tcp_used = {80};
  both.udp_used = {53};
  ModelInstance at_limit = make_instance("e");  // 99 + 2 ports: any one less fits.
  for (std::uint16_t port = 1000; port < 1099; ++port) {
    at_limit.tcp_used.insert(port);
  }
  ModelInstance beyond = at_limit;
  beyond.arn = arn_of("f");
  beyond.tcp_used.insert(2000);
  Request request = make_request(1);
  request.demand.tcp_ports = {80};
  request.demand.udp_ports = {53};
  EXPECT_EQ(texts(explain_on(build({http, dns, dns_too, both, at_limit, beyond}), request).relaxations),
            (Texts{"drop port 53/udp: 3", "drop port 80/tcp: 2"}));
}

TEST(Relaxations, AreEmptyWhereNoSingleChangeHelps) {
  ModelInstance offline = make_instance("a");
  offline.agent_connected = false;
  const Explanation explanation = explain_on(build({offline, make_instance("b", "z", 0, 0)}), make_request(1));
  EXPECT_TRUE(explanation.relaxations.empty());
}

TEST(Closest, PassesTheMostChecksThenHasTheMostLeft) {
  ModelInstance two_wrong = make_instance("a", "z", 0, 0);
  ModelInstance offline = make_instance("b", "z", 512, 1024);
  offline.agent_connected = false;
  ModelInstance offline_larger = make_instance("c", "z", 512, 2048);
  offline_larger.agent_connected = false;
  const SnapshotPtr snapshot = build({two_wrong, offline, offline_larger, make_instance("d", "z", 64, 4096)});
  const Explanation explanation = explain_on(snapshot, make_request(1));
  ASSERT_TRUE(explanation.closest.has_value());
  EXPECT_EQ(id_of(snapshot, explanation.closest->instance), "c");
  EXPECT_EQ(explanation.closest->reason, Reason::kAgent);
  EXPECT_EQ(explanation.closest->checks_passed, 12U);
}

TEST(Closest, IsNotNamedWhenAllTasksWerePlacedOrNothingWasExamined) {
  const Explanation placed = explain_on(build({make_instance("a")}), make_request(1));
  EXPECT_FALSE(placed.closest.has_value());
  EXPECT_TRUE(placed.relaxations.empty());
  ModelInstance draining = make_instance("a");
  draining.status = InstanceStatus::kDraining;
  EXPECT_FALSE(explain_on(build({draining}), make_request(1)).closest.has_value());
}

TEST(WhyHere, NamesTheKeyAndTheRunnerUpOfEachLevel) {
  ModelInstance a1 = make_instance("a1", "za", 4096, 2000);
  ModelInstance a2 = make_instance("a2", "za", 4096, 1000);
  ModelInstance b1 = make_instance("b1", "zb", 4096, 900);
  b1.tasks = tasks_of("service:web", 1);
  ModelInstance c1 = make_instance("c1", "zc", 4096, 500);
  c1.tasks = tasks_of("service:web", 2);
  const SnapshotPtr snapshot = build({a1, a2, b1, c1});
  ExplainOptions options;
  options.why_here_max = 2;
  const Explanation explanation = explain_on(snapshot, make_request(2, {spread(kZone), binpack_memory()}), options);
  ASSERT_EQ(explanation.why_here.size(), 2U);

  // Task 0: za has 0 tasks, so a1 and a2 are left; a2 has less memory.
  const WhyHere& first = explanation.why_here[0];
  EXPECT_EQ(first.task, 0U);
  EXPECT_EQ(id_of(snapshot, first.instance), "a2");
  EXPECT_EQ(first.candidates, 4U);
  ASSERT_TRUE(first.runner_up.has_value());
  EXPECT_EQ(id_of(snapshot, *first.runner_up), "a1");
  ASSERT_EQ(first.levels.size(), 3U);
  EXPECT_EQ(first.levels[0].strategy, "spread(attribute:ecs.availability-zone)");
  EXPECT_EQ(first.levels[0].winner, "za: 0 tasks");
  EXPECT_EQ(first.levels[0].runner_up, "zb: 1 task");
  EXPECT_EQ(first.levels[0].remaining, 2U);
  EXPECT_EQ(first.levels[1].strategy, "binpack(memory)");
  EXPECT_EQ(first.levels[1].winner, "1000 MiB remaining");
  EXPECT_EQ(first.levels[1].runner_up, "2000 MiB remaining");
  EXPECT_EQ(first.levels[1].remaining, 1U);
  EXPECT_EQ(first.levels[2].strategy, "tie");
  EXPECT_EQ(first.levels[2].runner_up, "");

  // Task 1: za and zb have 1 task each; a2 has 744 MiB left, b1 900.
  const WhyHere& second = explanation.why_here[1];
  EXPECT_EQ(id_of(snapshot, second.instance), "a2");
  EXPECT_EQ(second.levels[0].winner, "za: 1 task");
  EXPECT_EQ(second.levels[0].runner_up, "zc: 2 tasks");
  EXPECT_EQ(second.levels[0].remaining, 3U);
  EXPECT_EQ(second.levels[1].winner, "744 MiB remaining");
  EXPECT_EQ(second.levels[1].runner_up, "900 MiB remaining");
  EXPECT_EQ(id_of(snapshot, *second.runner_up), "b1");
}

TEST(WhyHere, TellsOfInstancesCpuTiesAndRandom) {
  ModelInstance busy = make_instance("b");
  busy.tasks = tasks_of("service:web", 3);
  const SnapshotPtr snapshot = build({make_instance("a"), busy});
  const Explanation ordered = explain_on(snapshot, make_request(1, {binpack_cpu(), spread_instance()}));
  ASSERT_EQ(ordered.why_here.size(), 1U);
  ASSERT_EQ(ordered.why_here[0].levels.size(), 3U);
  EXPECT_EQ(ordered.why_here[0].levels[0].winner, "4096 CPU units remaining");
  EXPECT_EQ(ordered.why_here[0].levels[0].runner_up, "");
  EXPECT_EQ(ordered.why_here[0].levels[1].winner, "0 tasks");
  EXPECT_EQ(ordered.why_here[0].levels[1].runner_up, "3 tasks");

  const Explanation random = explain_on(snapshot, make_request(1, {binpack_cpu(), random_choice()}));
  EXPECT_FALSE(random.why_here[0].runner_up.has_value());
  EXPECT_EQ(random.why_here[0].levels.back().strategy, "random");
  EXPECT_EQ(random.why_here[0].levels.back().winner, "drawn from 2");

  const Explanation tied = explain_on(snapshot, make_request(1));
  ASSERT_EQ(tied.why_here[0].levels.size(), 1U);
  EXPECT_EQ(tied.why_here[0].levels[0].strategy, "tie");
  EXPECT_LT(tied.why_here[0].levels[0].winner, tied.why_here[0].levels[0].runner_up);
}

}  // namespace
}  // namespace berth::placement::test
