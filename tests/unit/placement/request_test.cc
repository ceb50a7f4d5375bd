#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/placement/model.h"

namespace berth::placement::test {
namespace {

TEST(DefaultStrategies, ServicesSpreadOverZonesThenInstances) {
  const std::vector<Strategy> chain = default_strategies(true);
  ASSERT_EQ(chain.size(), 2U);
  EXPECT_EQ(chain[0].kind, Strategy::Kind::kSpreadAttribute);
  EXPECT_EQ(chain[0].attribute, "ecs.availability-zone");
  EXPECT_EQ(chain[1].kind, Strategy::Kind::kSpreadInstance);
}

TEST(DefaultStrategies, StandaloneTasksAreRandom) {
  const std::vector<Strategy> chain = default_strategies(false);
  ASSERT_EQ(chain.size(), 1U);
  EXPECT_EQ(chain[0].kind, Strategy::Kind::kRandom);
}

TEST(ReasonText, NamesOwnResources) {
  Demand demand;
  demand.own = {{"disk", 1}, {"licence", 2}};
  EXPECT_EQ(reason_text(own_reason(0), demand), "RESOURCE:disk");
  EXPECT_EQ(reason_text(own_reason(1), demand), "RESOURCE:licence");
  EXPECT_EQ(reason_text(Reason::kCpu, demand), "RESOURCE:CPU");
}

TEST(ReasonText, EveryCheckStandsOnceInTheirOrder) {
  std::set<Reason> seen(kCheckOrder.begin(), kCheckOrder.end());
  EXPECT_EQ(seen.size(), kReasonCount - 1);
  EXPECT_FALSE(seen.contains(Reason::kNone));
  const auto at = [](Reason reason) { return std::find(kCheckOrder.begin(), kCheckOrder.end(), reason) - kCheckOrder.begin(); };
  EXPECT_EQ(at(Reason::kEni) + 1, at(own_reason(0)));
  EXPECT_EQ(at(own_reason(7)) + 1, at(Reason::kAttribute));
}

TEST(ReasonText, IsTheOneOfTheApi) {
  EXPECT_EQ(to_text(Reason::kNone), "");
  EXPECT_EQ(to_text(Reason::kInactive), "INACTIVE");
  EXPECT_EQ(to_text(Reason::kAgent), "AGENT");
  EXPECT_EQ(to_text(Reason::kLaunchType), "LAUNCH_TYPE");
  EXPECT_EQ(to_text(Reason::kCapacityProvider), "CAPACITY_PROVIDER");
  EXPECT_EQ(to_text(Reason::kCpu), "RESOURCE:CPU");
  EXPECT_EQ(to_text(Reason::kMemory), "RESOURCE:MEMORY");
  EXPECT_EQ(to_text(Reason::kPorts), "RESOURCE:PORTS");
  EXPECT_EQ(to_text(Reason::kGpu), "RESOURCE:GPU");
  EXPECT_EQ(to_text(Reason::kEni), "RESOURCE:ENI");
  EXPECT_EQ(to_text(Reason::kAttribute), "ATTRIBUTE");
  EXPECT_EQ(to_text(Reason::kLocation), "LOCATION");
  EXPECT_EQ(to_text(Reason::kMemberOf), "MemberOf placement constraint unsatisfied.");
  EXPECT_EQ(to_text(Reason::kDistinctInstance), "DistinctInstance placement constraint unsatisfied.");
}

void expect_refused(const Request& request, StatusCode code, const std::string& piece) {
  const SnapshotPtr snapshot = build({make_instance("a")});
  const Result<Decision> decision = decide(snapshot, request, serial());
  ASSERT_FALSE(decision.ok());
  EXPECT_EQ(decision.error().code, code);
  EXPECT_EQ(decision.error().exception, "InvalidParameterException");
  EXPECT_NE(decision.error().message.find(piece), std::string::npos) << decision.error().message;
  EXPECT_FALSE(explain(snapshot, request, serial()).ok());
}

TEST(RequestRules, RefuseWhatIsOutOfRange) {
  expect_refused(make_request(0), StatusCode::kInvalidArgument, "count is 0");
  expect_refused(make_request(100'001), StatusCode::kInvalidArgument, "count is 100001");
  Request request = make_request(1);
  request.demand.cpu_units = -1;
  expect_refused(request, StatusCode::kInvalidArgument, "demand.cpu_units is -1");
  request = make_request(1);
  request.demand.memory_mib = std::int64_t{1} << 50U;
  expect_refused(request, StatusCode::kLimitExceeded, "demand.memory_mib");
  request = make_request(1);
  request.demand.udp_ports = {53, 53};
  expect_refused(request, StatusCode::kInvalidArgument, "demand.udp_ports");
  request = make_request(1);
  request.member_of = {{nullptr, "placementConstraints[0]"}};
  expect_refused(request, StatusCode::kInvalidArgument, "member_of[0]");
  request = make_request(1);
  request.launch_type = LaunchType::kFargate;
  expect_refused(request, StatusCode::kInvalidArgument, "FARGATE");
}

TEST(RequestRules, RefuseTheEleventhConstraintAndTheSixthStrategy) {
  Request request = make_request(1, std::vector<Strategy>(6, binpack_cpu()));
  expect_refused(request, StatusCode::kLimitExceeded, "6 placement strategies");
  request = make_request(1);
  request.member_of.assign(10, member_of("agentConnected == true"));
  EXPECT_TRUE(decide(build({make_instance("a")}), request, serial()).ok());
  request.distinct_instance = true;
  expect_refused(request, StatusCode::kLimitExceeded, "11 placement constraints");
}

TEST(RequestRules, OwnResourcesAreSortedNamedOnceAndFew) {
  Request request = make_request(1);
  request.demand.own = {{"disk", 1}, {"disk", 1}};
  expect_refused(request, StatusCode::kInvalidArgument, "demand.own must be ascending by name, each once");
  request.demand.own = {{"disk", -1}};
  expect_refused(request, StatusCode::kInvalidArgument, "resource disk is -1");
  request.demand.own = {{"disk", std::int64_t{1} << 41U}};
  expect_refused(request, StatusCode::kLimitExceeded, "resource disk is 2199023255552");
  request.demand.own = {{"Memory", 1}};
  expect_refused(request, StatusCode::kInvalidArgument, "is not the user's own");
  request.demand.own.clear();
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "i"}) {
    request.demand.own.push_back({name, 0});
  }
  expect_refused(request, StatusCode::kLimitExceeded, "demand.own has 9 resources; the most is 8");
  request.demand.own.pop_back();
  EXPECT_TRUE(decide(build({make_instance("a")}), request, serial()).ok());
}

TEST(RequestRules, AnInventoryWithoutInstancesIsAnError) {
  const Result<Decision> decision = decide(build({}), make_request(1), serial());
  ASSERT_FALSE(decision.ok());
  EXPECT_EQ(decision.error().message, "No Container Instances were found in your cluster.");
  EXPECT_EQ(decision.error().exception, "InvalidParameterException");
}

TEST(RequestRules, AClusterWithoutRegisteredInstancesIsAnError) {
  ModelInstance inactive = make_instance("a");
  inactive.status = InstanceStatus::kInactive;
  ModelInstance foreign = make_instance("b");
  foreign.arn = "arn:aws:ecs:us-east-1:123456789012:container-instance/db/b";
  const SnapshotPtr snapshot = build({inactive, foreign});
  EXPECT_EQ(decide(build({inactive}), make_request(1), serial()).ok(), false);
  EXPECT_EQ(decide(snapshot, make_request(1), serial())->placed.size(), 1U);
  Request request = make_request(1);
  request.cluster = "web";
  for (const bool is_explained : {false, true}) {
    const std::string message =
        is_explained ? explain(snapshot, request, serial(), {}).error().message : decide(snapshot, request, serial()).error().message;
    EXPECT_EQ(message, "No Container Instances were found in your cluster.");
  }
  foreign.status = InstanceStatus::kDraining;
  request.cluster = "db";
  EXPECT_EQ(decide(build({inactive, foreign}), request, serial())->examined, 0U);
}

}  // namespace
}  // namespace berth::placement::test
