// What a task takes and what it must find: T37 to T65 as far as they concern placement.
#include <gtest/gtest.h>

#include <utility>

#include "tests/unit/placement/model.h"

namespace berth::placement::test {
namespace {

using Ids = std::vector<std::string>;

TEST(Resources, MemoryOfOneTaskLeavesNoRoomForTheNext) {  // T37
  Request request = make_request(2, {binpack_memory()});
  request.demand.memory_mib = 1000;
  const SnapshotPtr one = build({make_instance("a", "z", 4096, 1000)});
  const Decision decision = decide_on(one, request);
  EXPECT_EQ(placed_ids(one, decision), Ids{"a"});
  EXPECT_EQ(failures_by_id(one, decision), (std::map<std::string, Reason>{{"a", Reason::kMemory}}));
  EXPECT_EQ(decision.lost[static_cast<std::size_t>(Reason::kMemory)], 1U);

  const SnapshotPtr two = build({make_instance("a", "z", 4096, 1000), make_instance("b", "z", 4096, 1000)});
  const Decision both = decide_on(two, request);
  ASSERT_EQ(both.placed.size(), 2U);
  EXPECT_NE(both.placed[0].instance, both.placed[1].instance);
  EXPECT_TRUE(both.failures.empty());
  EXPECT_EQ(both.failure_count, 0U);
}

TEST(Resources, CpuIsCheckedBeforeMemory) {
  Request request = make_request(1);
  request.demand.cpu_units = 5000;
  request.demand.memory_mib = 9000;
  const SnapshotPtr snapshot = build({make_instance("a"), make_instance("b", "z", 8192, 8192)});
  EXPECT_EQ(failures_by_id(snapshot, decide_on(snapshot, request)),
            (std::map<std::string, Reason>{{"a", Reason::kCpu}, {"b", Reason::kMemory}}));
}

TEST(Resources, NegativeRemainderNeverFits) {  // Rule D3.
  Request request = make_request(3);
  const SnapshotPtr snapshot = build({make_instance("a", "z", -200, 1000)});
  EXPECT_EQ(failures_by_id(snapshot, decide_on(snapshot, request)), (std::map<std::string, Reason>{{"a", Reason::kCpu}}));
  request.demand.cpu_units = 0;
  EXPECT_EQ(failures_by_id(snapshot, decide_on(snapshot, request)), (std::map<std::string, Reason>{{"a", Reason::kCpu}}));
  const SnapshotPtr nothing_left = build({make_instance("a", "z", 0, 1000)});
  EXPECT_EQ(placed_ids(nothing_left, decide_on(nothing_left, request)), (Ids{"a", "a", "a"}));
}

TEST(Resources, StaticPortIsTakenByTheFirstTask) {  // T45
  ModelInstance instance = make_instance("a", "z", 2048, 3768);
  instance.tcp_used = {22, 2375, 2376, 51678};
  Request request = make_request(2);
  request.demand.tcp_ports = {80};
  const SnapshotPtr snapshot = build({instance});
  const Decision decision = decide_on(snapshot, request);
  EXPECT_EQ(placed_ids(snapshot, decision), Ids{"a"});
  EXPECT_EQ(failures_by_id(snapshot, decision), (std::map<std::string, Reason>{{"a", Reason::kPorts}}));
}

TEST(Resources, ReservedPortIsRefusedForItsProtocolOnly) {  // T49
  ModelInstance instance = make_instance("a");
  instance.tcp_used = {22};
  const SnapshotPtr snapshot = build({instance});
  Request request = make_request(1);
  request.demand.tcp_ports = {22};
  EXPECT_EQ(failures_by_id(snapshot, decide_on(snapshot, request)), (std::map<std::string, Reason>{{"a", Reason::kPorts}}));
  request.demand.tcp_ports.clear();
  request.demand.udp_ports = {22};
  EXPECT_EQ(placed_ids(snapshot, decide_on(snapshot, request)), Ids{"a"});
}

TEST(Resources, TheHundredAndFirstReservedPortIsRefused) {  // T63
  ModelInstance full = make_instance("a");
  for (std::uint16_t port = 1; port <= 60; ++port) {
    full.tcp_used.insert(port);
  }
  for (std::uint16_t port = 1; port <= 38; ++port) {
    full.udp_used.insert(port);
  }
  const SnapshotPtr snapshot = build({full});
  Request request = make_request(1);
  request.demand.tcp_ports = {8080};
  request.demand.udp_ports = {8080};
  EXPECT_EQ(placed_ids(snapshot, decide_on(snapshot, request)), Ids{"a"});
  request.demand.udp_ports = {8080, 8081};
  EXPECT_EQ(failures_by_id(snapshot, decide_on(snapshot, request)), (std::map<std::string, Reason>{{"a", Reason::kPorts}}));
}

TEST(Resources, ATaskWithoutPortsIgnoresTheLimit) {  // T47
  ModelInstance full = make_instance("a");
  for (std::uint16_t port = 1; port <= 120; ++port) {
    full.tcp_used.insert(port);
  }
  const SnapshotPtr snapshot = build({full});
  EXPECT_EQ(placed_ids(snapshot, decide_on(snapshot, make_request(2))), (Ids{"a", "a"}));
}

TEST(Resources, TwoTasksWithTheirOwnEniFitAndTheThirdDoesNot) {  // T53
  ModelInstance instance = make_instance("a");
  instance.eni_limit = 2;
  const SnapshotPtr snapshot = build({instance});
  Request request = make_request(3);
  request.demand.uses_eni = true;
  const Decision decision = decide_on(snapshot, request);
  EXPECT_EQ(decision.placed.size(), 2U);
  EXPECT_EQ(failures_by_id(snapshot, decision), (std::map<std::string, Reason>{{"a", Reason::kEni}}));
}

TEST(Resources, BridgeTaskNeedsNoEni) {  // T55
  ModelInstance instance = make_instance("a");
  instance.eni_limit = 2;
  instance.eni_used = 2;
  const SnapshotPtr snapshot = build({instance});
  EXPECT_EQ(placed_ids(snapshot, decide_on(snapshot, make_request(1))), Ids{"a"});
}

TEST(Resources, UnknownEniLimitRefusesNothing) {
  ModelInstance instance = make_instance("a");
  instance.eni_used = 500;
  const SnapshotPtr snapshot = build({instance});
  Request request = make_request(3);
  request.demand.uses_eni = true;
  EXPECT_EQ(decide_on(snapshot, request).placed.size(), 3U);
}

TEST(Resources, FourTasksWithOneGpuFitOnFourGpus) {  // T57
  ModelInstance instance = make_instance("a");
  instance.gpus_free = {true, true, true, true};
  const SnapshotPtr snapshot = build({instance, make_instance("b")});
  Request request = make_request(5);
  request.demand.gpu_count = 1;
  const Decision decision = decide_on(snapshot, request);
  ASSERT_EQ(decision.placed.size(), 4U);
  const std::uint32_t begin = snapshot->gpus(0).begin;
  for (std::uint32_t task = 0; task < 4; ++task) {
    ASSERT_EQ(decision.placed[task].gpu_slots.size(), 1U);
    EXPECT_EQ(decision.placed[task].gpu_slots[0], begin + task);
  }
  EXPECT_EQ(failures_by_id(snapshot, decision), (std::map<std::string, Reason>{{"a", Reason::kGpu}, {"b", Reason::kGpu}}));
}

TEST(Resources, LowestFreeGpuSlotsAreTakenFirst) {
  ModelInstance other = make_instance("a");
  other.gpus_free = {false, false};
  ModelInstance instance = make_instance("b");
  instance.gpus_free = {false, true, true, false, true, true};
  const SnapshotPtr snapshot = build({other, instance});
  Request request = make_request(2);
  request.demand.gpu_count = 2;
  const Decision decision = decide_on(snapshot, request);
  ASSERT_EQ(placed_ids(snapshot, decision), (Ids{"b", "b"}));
  const std::uint32_t begin = snapshot->gpus(1).begin;
  const std::vector<std::uint32_t> first(decision.placed[0].gpu_slots.begin(), decision.placed[0].gpu_slots.end());
  const std::vector<std::uint32_t> second(decision.placed[1].gpu_slots.begin(), decision.placed[1].gpu_slots.end());
  EXPECT_EQ(first, (std::vector<std::uint32_t>{begin + 1, begin + 2}));
  EXPECT_EQ(second, (std::vector<std::uint32_t>{begin + 4, begin + 5}));
}

ModelInstance with_own(const std::string& id, std::map<std::string, std::int32_t> own) {
  ModelInstance instance = make_instance(id);
  instance.own = std::move(own);
  return instance;
}

TEST(OwnResources, EachTaskTakesItsAmountUntilNoneIsLeft) {
  Request request = make_request(4);
  request.demand.own = {{"licence", 2}};
  const SnapshotPtr snapshot = build({with_own("a", {{"licence", 5}}), with_own("b", {{"licence", 3}}), make_instance("c")});
  const Decision decision = decide_on(snapshot, request);
  EXPECT_EQ(decision.placed.size(), 3U);
  EXPECT_EQ(failures_by_id(snapshot, decision),
            (std::map<std::string, Reason>{{"a", own_reason(0)}, {"b", own_reason(0)}, {"c", own_reason(0)}}));
  EXPECT_EQ(decision.lost[static_cast<std::size_t>(own_reason(0))], 3U);
}

TEST(OwnResources, WhatIsNotDemandedRefusesNobody) {
  const SnapshotPtr snapshot = build({with_own("a", {{"licence", -3}})});
  EXPECT_EQ(decide_on(snapshot, make_request(1)).placed.size(), 1U);
  Request request = make_request(1);
  request.demand.own = {{"licence", 0}};
  EXPECT_EQ(failures_by_id(snapshot, decide_on(snapshot, request)), (std::map<std::string, Reason>{{"a", own_reason(0)}}));
  request.demand.own = {{"disk", 0}};
  EXPECT_EQ(decide_on(snapshot, request).placed.size(), 1U);
}

TEST(OwnResources, AnInventoryWithoutTheNameHasNoneOfIt) {
  Request request = make_request(1);
  request.demand.own = {{"disk", 1}};
  const SnapshotPtr snapshot = build({make_instance("a")});
  EXPECT_EQ(failures_by_id(snapshot, decide_on(snapshot, request)), (std::map<std::string, Reason>{{"a", own_reason(0)}}));
  const Result<Decision> started = start(snapshot, request, std::vector<std::uint32_t>{0});
  ASSERT_TRUE(started.ok());
  ASSERT_EQ(started->failures.size(), 1U);
  EXPECT_EQ(started->failures[0].reason, own_reason(0));
}

}  // namespace
}  // namespace berth::placement::test
