// StartTask.
#include <gtest/gtest.h>

#include "tests/unit/placement/model.h"

namespace berth::placement::test {
namespace {

Decision start_on(const SnapshotPtr& snapshot, const Request& request, const std::vector<std::uint32_t>& instances) {
  Result<Decision> decision = start(snapshot, request, instances);
  if (!decision.ok()) {
    ADD_FAILURE() << decision.error().message;
    return {};
  }
  return *std::move(decision);
}

TEST(StartTask, PlacesOneTaskOnEachThatPassesInTheOrderNamed) {
  ModelInstance draining = make_instance("b");
  draining.status = InstanceStatus::kDraining;
  ModelInstance offline = make_instance("c");
  offline.agent_connected = false;
  const SnapshotPtr snapshot = build({make_instance("a"), draining, offline, make_instance("d", "z", 0), make_instance("e")});
  const Decision decision = start_on(snapshot, make_request(1), {4, 3, 2, 1, 0});
  EXPECT_EQ(placed_ids(snapshot, decision), (std::vector<std::string>{"e", "a"}));
  ASSERT_EQ(decision.failures.size(), 3U);
  EXPECT_EQ(decision.failures[0].instance, 3U);
  EXPECT_EQ(decision.failures[0].reason, Reason::kCpu);
  EXPECT_EQ(decision.failures[1].instance, 2U);
  EXPECT_EQ(decision.failures[1].reason, Reason::kAgent);
  EXPECT_EQ(decision.failures[2].instance, 1U);
  EXPECT_EQ(decision.failures[2].reason, Reason::kInactive);
  EXPECT_EQ(decision.requested, 5U);
  EXPECT_EQ(decision.failure_count, 3U);
  EXPECT_EQ(decision.lost[static_cast<std::size_t>(Reason::kInactive)], 1U);
}

TEST(StartTask, MakesNoConstraintChecks) {
  ModelInstance instance = make_instance("a");
  instance.tasks = tasks_of("service:web", 2);
  Request request = make_request(1);
  request.distinct_instance = true;
  request.member_of = {member_of("runningTasksCount == 0")};
  EXPECT_EQ(start_on(build({instance}), request, {0}).placed.size(), 1U);
}

TEST(StartTask, ChecksPortsAttributesGpusAndLocation) {
  ModelInstance busy = make_instance("a", "z1");
  busy.tcp_used = {80};
  busy.gpus_free = {true};
  busy.attributes["disk"] = "ssd";
  ModelInstance no_gpu = make_instance("b", "z1");
  no_gpu.attributes["disk"] = "ssd";
  ModelInstance no_disk = make_instance("c", "z1");
  no_disk.gpus_free = {true};
  ModelInstance elsewhere = make_instance("d", "z2");
  elsewhere.gpus_free = {true};
  elsewhere.attributes["disk"] = "ssd";
  ModelInstance good = make_instance("e", "z1");
  good.gpus_free = {false, true};
  good.attributes["disk"] = "ssd";
  Request request = make_request(1);
  request.demand.tcp_ports = {80};
  request.demand.gpu_count = 1;
  request.demand.attributes = {{"disk", "ssd", std::nullopt}};
  request.zones = {"z1"};
  const SnapshotPtr snapshot = build({busy, no_gpu, no_disk, elsewhere, good});
  const Decision decision = start_on(snapshot, request, {0, 1, 2, 3, 4});
  EXPECT_EQ(
      failures_by_id(snapshot, decision),
      (std::map<std::string, Reason>{{"a", Reason::kPorts}, {"b", Reason::kGpu}, {"c", Reason::kAttribute}, {"d", Reason::kLocation}}));
  ASSERT_EQ(placed_ids(snapshot, decision), std::vector<std::string>{"e"});
  ASSERT_EQ(decision.placed[0].gpu_slots.size(), 1U);
  EXPECT_EQ(decision.placed[0].gpu_slots[0], snapshot->gpus(4).begin + 1);
}

TEST(StartTask, AnInstanceNamedTwiceSeesItsFirstTask) {
  Request request = make_request(1);
  const SnapshotPtr snapshot = build({make_instance("a", "z", 200), make_instance("b", "z", 300)});
  const Decision decision = start_on(snapshot, request, {0, 1, 0, 1});
  EXPECT_EQ(placed_ids(snapshot, decision), (std::vector<std::string>{"a", "b", "b"}));
  ASSERT_EQ(decision.failures.size(), 1U);
  EXPECT_EQ(decision.failures[0].instance, 0U);
  EXPECT_EQ(decision.failures[0].reason, Reason::kCpu);
}

TEST(StartTask, RefusesUnknownIndexesAndMoreThanTen) {
  const SnapshotPtr snapshot = build({make_instance("a")});
  const Result<Decision> unknown = start(snapshot, make_request(1), std::vector<std::uint32_t>{0, 1});
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("instances[1]"), std::string::npos);
  const Result<Decision> many = start(snapshot, make_request(1), std::vector<std::uint32_t>(11, 0));
  ASSERT_FALSE(many.ok());
  EXPECT_EQ(many.error().code, StatusCode::kLimitExceeded);
}

}  // namespace
}  // namespace berth::placement::test
