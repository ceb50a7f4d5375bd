// The checks that are not about resources, their order, who is examined, and failures: T59 to T69.
#include <gtest/gtest.h>

#include "tests/unit/placement/model.h"

namespace berth::placement::test {
namespace {

using Ids = std::vector<std::string>;
using Reasons = std::map<std::string, Reason>;

Reasons reasons_of(const Fleet& fleet, const Request& request) {
  const SnapshotPtr snapshot = build(fleet);
  const Decision decision = decide_on(snapshot, request);
  EXPECT_TRUE(decision.placed.empty());
  return failures_by_id(snapshot, decision);
}

TEST(Checks, MissingRequiredAttributeIsRefused) {  // T59
  ModelInstance with = make_instance("b");
  with.attributes["com.amazonaws.ecs.capability.task-iam-role"] = std::nullopt;
  Request request = make_request(1);
  request.demand.attributes = {{"com.amazonaws.ecs.capability.task-iam-role", std::nullopt, std::nullopt}};
  EXPECT_EQ(reasons_of({make_instance("a")}, request), (Reasons{{"a", Reason::kAttribute}}));
  const SnapshotPtr snapshot = build({make_instance("a"), with});
  EXPECT_EQ(placed_ids(snapshot, decide_on(snapshot, request)), Ids{"b"});
}

TEST(Checks, ArchitectureMatchesAndAbsentReadsAsItsDefault) {  // T61
  ModelInstance arm = make_instance("arm");
  arm.attributes["ecs.cpu-architecture"] = "arm64";
  ModelInstance intel = make_instance("intel");
  intel.attributes["ecs.cpu-architecture"] = "x86_64";
  const ModelInstance silent = make_instance("silent");
  Request request = make_request(1);
  request.demand.attributes = {{"ecs.cpu-architecture", "arm64", "x86_64"}};
  EXPECT_EQ(reasons_of({intel, silent}, request), (Reasons{{"intel", Reason::kAttribute}, {"silent", Reason::kAttribute}}));
  const SnapshotPtr snapshot = build({arm, intel, silent});
  EXPECT_EQ(placed_ids(snapshot, decide_on(snapshot, request)), Ids{"arm"});
  request.demand.attributes = {{"ecs.cpu-architecture", "x86_64", "x86_64"}};
  EXPECT_EQ(reasons_of({arm}, request), (Reasons{{"arm", Reason::kAttribute}}));
  EXPECT_EQ(decide_on(build({silent}), request).placed.size(), 1U);
}

TEST(Checks, NameOnlyAttributeHasTheEmptyValue) {
  ModelInstance instance = make_instance("a");
  instance.attributes["disk"] = std::nullopt;
  Request request = make_request(1);
  request.demand.attributes = {{"disk", "", std::nullopt}};
  EXPECT_EQ(decide_on(build({instance}), request).placed.size(), 1U);
  request.demand.attributes = {{"disk", "ssd", std::nullopt}};
  EXPECT_EQ(reasons_of({instance}, request), (Reasons{{"a", Reason::kAttribute}}));
}

TEST(Checks, DisconnectedAgentIsRefused) {  // T65
  ModelInstance instance = make_instance("a", "z", 0, 0);
  instance.agent_connected = false;
  EXPECT_EQ(reasons_of({instance}, make_request(1)), (Reasons{{"a", Reason::kAgent}}));
}

TEST(Checks, LaunchTypesKeepToTheirInstances) {
  ModelInstance external = make_instance("x");
  external.attributes["ecs.capability.external"] = std::nullopt;
  Request request = make_request(1);
  EXPECT_EQ(reasons_of({external}, request), (Reasons{{"x", Reason::kLaunchType}}));
  request.launch_type = LaunchType::kExternal;
  EXPECT_EQ(reasons_of({make_instance("a")}, request), (Reasons{{"a", Reason::kLaunchType}}));
  EXPECT_EQ(decide_on(build({external}), request).placed.size(), 1U);
}

TEST(Checks, CapacityProviderMustBeTheInstances) {
  ModelInstance blue = make_instance("blue");
  blue.capacity_provider = "cp-blue";
  Request request = make_request(1);
  request.capacity_provider = "cp-green";
  EXPECT_EQ(reasons_of({blue, make_instance("none")}, request),
            (Reasons{{"blue", Reason::kCapacityProvider}, {"none", Reason::kCapacityProvider}}));
  request.capacity_provider = "cp-blue";
  const SnapshotPtr snapshot = build({blue, make_instance("none")});
  EXPECT_EQ(placed_ids(snapshot, decide_on(snapshot, request)), Ids{"blue"});
}

TEST(Checks, ZoneMustBeOneOfTheRequests) {
  ModelInstance nowhere = make_instance("n");
  nowhere.attributes.clear();
  Request request = make_request(1);
  request.zones = {"z1", "z2"};
  EXPECT_EQ(reasons_of({make_instance("a", "z3"), nowhere}, request), (Reasons{{"a", Reason::kLocation}, {"n", Reason::kLocation}}));
  EXPECT_EQ(decide_on(build({make_instance("a", "z2")}), request).placed.size(), 1U);
}

TEST(Checks, FirstFailingCheckIsTheReason) {
  ModelInstance instance = make_instance("a", "z9", 0, 0);
  instance.agent_connected = false;
  instance.tcp_used = {80};
  instance.eni_limit = 0;
  instance.attributes["ecs.capability.external"] = std::nullopt;
  instance.tasks = tasks_of("service:web", 1);
  Request request = make_request(1);
  request.capacity_provider = "cp";
  request.demand.tcp_ports = {80};
  request.demand.gpu_count = 1;
  request.demand.uses_eni = true;
  request.demand.attributes = {{"disk", std::nullopt, std::nullopt}};
  request.demand.own = {{"bandwidth", 7}, {"disk", 3}};
  request.zones = {"z1"};
  request.member_of = {member_of("attribute:disk exists")};
  request.distinct_instance = true;
  // Each mend lets the next check in the order of the rules speak.
  const std::vector<std::pair<Reason, std::function<void()>>> steps = {
      {Reason::kAgent, [&] { instance.agent_connected = true; }},
      {Reason::kLaunchType, [&] { instance.attributes.erase("ecs.capability.external"); }},
      {Reason::kCapacityProvider, [&] { instance.capacity_provider = "cp"; }},
      {Reason::kCpu, [&] { instance.cpu = 1024; }},
      {Reason::kMemory, [&] { instance.memory = 1024; }},
      {Reason::kPorts, [&] { instance.tcp_used.clear(); }},
      {Reason::kGpu, [&] { instance.gpus_free = {true}; }},
      {Reason::kEni, [&] { instance.eni_limit = 1; }},
      {own_reason(0), [&] { instance.own["bandwidth"] = 7; }},
      {own_reason(1), [&] { instance.own["disk"] = 3; }},
      {Reason::kAttribute, [&] { request.demand.attributes.clear(); }},
      {Reason::kLocation, [&] { instance.attributes[kZone] = "z1"; }},
      {Reason::kMemberOf, [&] { instance.attributes["disk"] = "ssd"; }},
      {Reason::kDistinctInstance, [&] { instance.tasks.clear(); }},
  };
  for (const auto& [reason, mend] : steps) {
    EXPECT_EQ(reasons_of({instance}, request), (Reasons{{"a", reason}})) << to_text(reason);
    mend();
  }
  EXPECT_EQ(decide_on(build({instance}), request).placed.size(), 1U);
}

TEST(Checks, DistinctInstanceGivesEachTaskItsOwn) {  // T67
  Request request = make_request(4);
  request.distinct_instance = true;
  const SnapshotPtr snapshot = build({make_instance("a"), make_instance("b"), make_instance("c")});
  const Decision decision = decide_on(snapshot, request);
  Ids ids = placed_ids(snapshot, decision);
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids, (Ids{"a", "b", "c"}));
  EXPECT_EQ(decision.lost[static_cast<std::size_t>(Reason::kDistinctInstance)], 3U);
  EXPECT_EQ(decision.failure_count, 3U);
}

TEST(Checks, DistinctInstanceLooksAtItsOwnGroupOnly) {  // T69
  ModelInstance instance = make_instance("a");
  instance.tasks = tasks_of("service:other", 3);
  Request request = make_request(1);
  request.distinct_instance = true;
  EXPECT_EQ(decide_on(build({instance}), request).placed.size(), 1U);
  instance.tasks = tasks_of("service:web", 1);
  EXPECT_EQ(reasons_of({instance}, request), (Reasons{{"a", Reason::kDistinctInstance}}));
}

TEST(Checks, DistinctInstanceGoesByDesiredStatus) {
  ModelInstance pending = make_instance("pending");
  pending.tasks = {{"service:web", TaskStatus::kRunning, TaskStatus::kPending}};
  ModelInstance stopping = make_instance("stopping");
  stopping.tasks = {{"service:web", TaskStatus::kStopped, TaskStatus::kRunning}};
  Request request = make_request(2);
  request.distinct_instance = true;
  const SnapshotPtr snapshot = build({pending, stopping});
  EXPECT_EQ(placed_ids(snapshot, decide_on(snapshot, request)), Ids{"stopping"});
}

TEST(Checks, EachPlacedTaskCountsForRunningTasksCountAndTaskGroup) {
  const SnapshotPtr snapshot = build({make_instance("a"), make_instance("b")});
  Request request = make_request(9);
  request.member_of = {member_of("runningTasksCount < 2")};
  const Decision counted = decide_on(snapshot, request);
  EXPECT_EQ(counted.placed.size(), 4U);
  EXPECT_EQ(counted.lost[static_cast<std::size_t>(Reason::kMemberOf)], 2U);
  request.member_of = {member_of("not(task:group == service:web)")};
  EXPECT_EQ(decide_on(snapshot, request).placed.size(), 2U);
}

TEST(Checks, AffinityToTheOwnGroupNeverSpreadsToOtherInstances) {
  ModelInstance home = make_instance("home", "z", 512, 8192);
  home.tasks = tasks_of("service:web", 1);
  const SnapshotPtr snapshot = build({home, make_instance("other")});
  Request request = make_request(6);
  request.member_of = {member_of("task:group == service:web")};
  const Decision decision = decide_on(snapshot, request);
  EXPECT_EQ(placed_ids(snapshot, decision), (Ids{"home", "home", "home", "home"}));
  EXPECT_EQ(failures_by_id(snapshot, decision), (Reasons{{"home", Reason::kCpu}, {"other", Reason::kMemberOf}}));
}

TEST(Examined, OnlyActiveInstancesOfTheCluster) {
  ModelInstance draining = make_instance("draining");
  draining.status = InstanceStatus::kDraining;
  ModelInstance foreign = make_instance("foreign");
  foreign.arn = "arn:aws:ecs:us-east-1:123456789012:container-instance/web2/foreign";
  ModelInstance old_format = make_instance("old");
  old_format.arn = "arn:aws:ecs:us-east-1:123456789012:container-instance/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";
  Request request = make_request(1);
  request.demand.cpu_units = 100'000;
  const Fleet fleet = {draining, foreign, old_format, make_instance("own")};
  const SnapshotPtr snapshot = build(fleet);
  EXPECT_EQ(decide_on(snapshot, request).examined, 3U);
  request.cluster = "web";
  const Decision decision = decide_on(snapshot, request);
  EXPECT_EQ(decision.examined, 2U);
  EXPECT_EQ(failures_by_id(snapshot, decision), (Reasons{{"0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f", Reason::kCpu}, {"own", Reason::kCpu}}));
}

TEST(Examined, TheClusterIsOfItsRegionAndAccountWhereTheRequestNamesThem) {
  ModelInstance elsewhere = make_instance("a");
  elsewhere.arn = "arn:aws:ecs:eu-west-1:123456789012:container-instance/web/a";
  ModelInstance old_elsewhere = make_instance("b");
  old_elsewhere.arn = "arn:aws:ecs:us-east-1:999999999999:container-instance/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";
  ModelInstance no_arn = make_instance("c");
  no_arn.arn = "c";
  const ModelInstance own = make_instance("own");
  const SnapshotPtr snapshot = build({elsewhere, old_elsewhere, no_arn, own});
  Request request = make_request(1);
  request.cluster = "web";
  EXPECT_EQ(decide_on(snapshot, request).examined, 4U);
  request.cluster_home = own.arn.substr(0, own.arn.find(":container-instance/"));
  EXPECT_EQ(decide_on(snapshot, request).examined, 2U);
}

TEST(Examined, NoneExaminedAnswersWithoutFailures) {
  ModelInstance draining = make_instance("a");
  draining.status = InstanceStatus::kDraining;
  const Decision decision = decide_on(build({draining}), make_request(2));
  EXPECT_EQ(decision.examined, 0U);
  EXPECT_EQ(decision.requested, 2U);
  EXPECT_TRUE(decision.placed.empty());
  EXPECT_TRUE(decision.failures.empty());
  EXPECT_EQ(decision.failure_count, 0U);
}

TEST(Failures, AreInIdOrderAndBoundedButCountedInFull) {
  Fleet fleet;
  for (const char* id : {"e", "b", "d", "a", "c"}) {
    fleet.push_back(make_instance(id, "z", 200, 8192));
  }
  fleet[2].agent_connected = false;
  const SnapshotPtr snapshot = build(fleet);
  DecideOptions options;
  options.failures_max = 3;
  const Decision decision = decide_on(snapshot, make_request(10), options);
  EXPECT_EQ(decision.placed.size(), 4U);
  ASSERT_EQ(decision.failures.size(), 3U);
  EXPECT_EQ(decision.failure_count, 5U);
  for (std::uint32_t index = 0; index < 3; ++index) {
    EXPECT_EQ(decision.failures[index].instance, index);
    EXPECT_EQ(decision.failures[index].reason, Reason::kCpu);
  }
  EXPECT_EQ(decision.lost[static_cast<std::size_t>(Reason::kCpu)], 4U);
  EXPECT_EQ(decision.lost[static_cast<std::size_t>(Reason::kAgent)], 1U);
}

}  // namespace
}  // namespace berth::placement::test
