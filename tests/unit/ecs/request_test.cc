// Requests: refused members, limits, texts, and what becomes of them in the placement engine's terms.

#include "engine/ecs/request.h"

#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs::testing {
namespace {

constexpr const char* kInvalidParameter = "InvalidParameterException";

const SnapshotPtr& one() {
  static const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}});
  return snapshot;
}

// A request as it was read, with the text that it looks into.
struct Reading {
  std::unique_ptr<std::string> text;
  std::unique_ptr<JsonDocument> document;
  std::unique_ptr<TaskRequest> request;
  placement::Request* operator->() const { return &request->placement; }
};

Reading reading(const Json& members, const Json& task = definition(), const SnapshotPtr& snapshot = one()) {
  Reading result;
  result.text = std::make_unique<std::string>(request(task, members).dump());
  result.document = std::make_unique<JsonDocument>(*JsonDocument::parse("request", *result.text));
  auto read = read_run_task(result.document->root(), *snapshot, {});
  if (!read.ok()) {
    throw std::runtime_error(read.error().message);
  }
  result.request = std::make_unique<TaskRequest>(*std::move(read));
  return result;
}

Error refused(const Json& members, const Json& task = definition(), const SnapshotPtr& snapshot = one()) {
  return refusal(snapshot, request(task, members));
}

Json member_of(const char* expression) {
  return {{"type", "memberOf"}, {"expression", expression}};
}

using Kind = placement::Strategy::Kind;

TEST(Request, DefaultsAreThoseOfTheApi) {
  const Reading read = reading(Json::object());
  EXPECT_EQ(read->count, 1U);
  EXPECT_EQ(read->group, "family:web");
  EXPECT_EQ(read->launch_type, LaunchType::kEc2);
  EXPECT_EQ(read->cluster, std::nullopt);
  ASSERT_EQ(read->strategies.size(), 1U);
  EXPECT_EQ(read->strategies[0].kind, Kind::kRandom);
}

TEST(Request, AServiceTakesItsDefaultChain) {
  for (const Json& members : {Json{{"group", "service:web"}}, Json{{"berth", {{"service", true}}}}}) {
    const Reading read = reading(members);
    ASSERT_EQ(read->strategies.size(), 2U) << members;
    EXPECT_EQ(read->strategies[0].kind, Kind::kSpreadAttribute);
    EXPECT_EQ(read->strategies[0].attribute, "ecs.availability-zone");
    EXPECT_EQ(read->strategies[1].kind, Kind::kSpreadInstance);
  }
  EXPECT_EQ(reading({{"group", "service:web"}, {"placementStrategy", {{{"type", "random"}}}}})->strategies.size(), 1U);
}

TEST(Request, StrategiesAreReadInEveryWriting) {
  const Reading read = reading({{"placementStrategy",
                                 {{{"type", "spread"}, {"field", "host"}},
                                  {{"type", "spread"}, {"field", "attribute:rack"}},
                                  {{"type", "binpack"}, {"field", "CPU"}},
                                  {{"type", "binpack"}, {"field", "memory"}},
                                  {{"type", "random"}, {"field", ""}}}}});
  ASSERT_EQ(read->strategies.size(), 5U);
  EXPECT_EQ(read->strategies[0].kind, Kind::kSpreadInstance);
  EXPECT_EQ(read->strategies[1].attribute, "rack");
  EXPECT_EQ(read->strategies[2].kind, Kind::kBinpackCpu);
  EXPECT_EQ(read->strategies[3].kind, Kind::kBinpackMemory);
  EXPECT_EQ(read->strategies[4].kind, Kind::kRandom);
}

TEST(Request, OddStrategiesAreRefused) {
  const std::vector<std::pair<Json, std::string>> cases{
      {{{"type", "random"}, {"field", "cpu"}}, "strategy random takes no field"},
      {{{"type", "spread"}}, "strategy spread needs a field"},
      {{{"type", "spread"}, {"field", "ecs.availability-zone"}}, "did you mean \"attribute:ecs.availability-zone\"?"},
      {{{"type", "spread"}, {"field", "instanceid"}}, "did you mean \"instanceId\"?"},
      {{{"type", "spread"}, {"field", "attribute:"}}, "is no attribute name"},
      {{{"type", "binpack"}}, "strategy binpack needs a field"},
      {{{"type", "binpack"}, {"field", "gpu"}}, "\"gpu\" is no field of binpack"},
      {{{"type", "binback"}, {"field", "cpu"}}, "did you mean \"binpack\"?"},
      {{{"field", "cpu"}}, "the required member \"type\" is missing"},
  };
  for (const auto& [strategy, text] : cases) {
    EXPECT_TRUE(holds_text(refused({{"placementStrategy", Json::array({strategy})}}), text)) << strategy;
  }
  const Json six(6, Json{{"type", "random"}});
  EXPECT_TRUE(holds_text(refused({{"placementStrategy", six}}), "at most 5 placement strategies", kInvalidParameter));
}

TEST(Request, AttributesThatTheInventoryHasAreProposed) {
  EXPECT_TRUE(holds_text(refused({{"placementStrategy", {{{"type", "spread"}, {"field", "zone"}}}}}),
                         "\"zone\" is no field of spread; did you mean \"attribute:ecs.availability-zone\"?"));
  EXPECT_TRUE(
      holds_text(refused({{"placementStrategy", {{{"type", "spread"}, {"field", "planet"}}}}}), "did you mean \"attribute:planet\"?"));
  EXPECT_TRUE(holds_text(refused({{"placementConstraints", {member_of("instance-type == m5.large")}}}),
                         "did you mean 'attribute:ecs.instance-type'?"));
}

TEST(Request, OverridesNameTheirContainer) {
  const Error error = refused({{"overrides", {{"containerOverrides", {{{"cpu", 1}}}}}}});
  EXPECT_TRUE(holds_text(error, "a container override needs the name of the container that it overrides", kInvalidParameter));
}

TEST(Request, ConstraintsOfDefinitionAndRequestAreAllKept) {
  const Json task = definition({}, {{"placementConstraints", Json::array({member_of("attribute:a == b")})}});
  const Reading read = reading({{"placementConstraints", {member_of("attribute:c == d"), {{"type", "distinctInstance"}}}}}, task);
  ASSERT_EQ(read->member_of.size(), 2U);
  EXPECT_EQ(read->member_of[0].origin, "taskDefinition.placementConstraints[0]");
  EXPECT_EQ(read->member_of[1].origin, "placementConstraints[0]");
  EXPECT_TRUE(read->distinct_instance);
}

TEST(Request, ConstraintsAreValidatedInEcsWords) {
  for (const char* expression : {"", "attribute:a == b"}) {
    EXPECT_TRUE(holds_text(refused({{"placementConstraints", {{{"type", "distinctInstance"}, {"expression", expression}}}}}),
                           "distinctInstance expression should not be specified.", kInvalidParameter));
  }
  EXPECT_TRUE(holds_text(refused({{"placementConstraints", {{{"type", "memberOf"}}}}}), "memberOf needs an expression", kInvalidParameter));
  const Error error = refused({{"placementConstraints", {member_of("attribute:a == b"), member_of("foo == 1")}}});
  EXPECT_TRUE(error.message.starts_with("Invalid placement constraint expression: ")) << error.message;
  EXPECT_TRUE(holds_text(error, " (at placementConstraints[1].expression)", kInvalidParameter));
  EXPECT_EQ(error.source, "placementConstraints[1].expression");
  EXPECT_EQ(error.offset, 0U);
}

TEST(Request, TenConstraintsInAll) {
  const Json task = definition({}, {{"placementConstraints", Json(6, member_of("attribute:a == b"))}});
  EXPECT_TRUE(holds_text(refused({{"placementConstraints", Json(5, member_of("attribute:a == b"))}}, task),
                         "at most 10 placement constraints", kInvalidParameter));
  EXPECT_EQ(reading({{"placementConstraints", Json(4, member_of("attribute:a == b"))}}, task)->member_of.size(), 10U);
}

TEST(Request, UnknownMembersAndWrongTypesAreRefused) {
  EXPECT_TRUE(holds_text(refused({{"placementStrategies", Json::array()}}), "did you mean \"placementStrategy\"?"));
  EXPECT_TRUE(holds_text(refused({{"count", "2"}}), "count: expected an integer, found a string"));
  EXPECT_TRUE(holds_text(refused({{"enableExecuteCommand", "yes"}}), "enableExecuteCommand: expected a boolean"));
  EXPECT_TRUE(holds_text(refused({{"berth", {{"sed", 1}}}}), "berth.sed: unknown member; did you mean \"seed\"?"));
  EXPECT_TRUE(holds_text(refused({{"berth", {{"seed", -1}}}}), "berth.seed"));
  EXPECT_TRUE(holds_text(refused({{"berth", {{"subnets", {{"subnet-1", {{"az", "x"}}}}}}}}), "az: unknown member"));
  EXPECT_TRUE(holds_text(refused({{"overrides", {{"containerOverrides", {{{"name", "web"}, {"image", "x"}}}}}}}), "image: unknown member"));
  EXPECT_TRUE(holds_text(refused({{"volumeConfigurations", {{{"name", "v"}, {"managedEBSVolume", {{"roleArn", "r"}, {"size", 1}}}}}}}),
                         "managedEBSVolume.size: unknown member"));
}

TEST(Request, MembersThatDoNotBearOnPlacementAreAccepted) {
  const Reading read = reading({{"tags", {{{"key", "a"}, {"value", "b"}}}},
                                {"startedBy", "me"},
                                {"propagateTags", "TASK_DEFINITION"},
                                {"enableECSManagedTags", true},
                                {"enableExecuteCommand", true},
                                {"referenceId", "r"},
                                {"platformVersion", "LATEST"},
                                {"clientToken", "t"},
                                {"volumeConfigurations", {{{"name", "v"}, {"managedEBSVolume", {{"roleArn", "r"}, {"sizeInGiB", 1}}}}}}});
  EXPECT_TRUE(std::any_of(read->demand.attributes.begin(), read->demand.attributes.end(),
                          [](const auto& requirement) { return requirement.name == "ecs.capability.execute-command"; }));
}

TEST(Request, LengthsAreLimited) {
  EXPECT_TRUE(holds_text(refused({{"group", std::string(256, 'g')}}), "group can have at most 255 characters.", kInvalidParameter));
  EXPECT_TRUE(holds_text(refused({{"startedBy", std::string(129, 's')}}), "startedBy can have at most 128 characters.", kInvalidParameter));
  EXPECT_TRUE(holds_text(refused({{"clientToken", std::string(65, 's')}}), "clientToken can have at most 64 characters."));
  EXPECT_TRUE(
      holds_text(refused({{"overrides", {{"taskRoleArn", std::string(8192, 'r')}}}}), "overrides can have at most 8192 characters"));
  EXPECT_TRUE(holds_text(refused({{"tags", Json(51, Json{{"key", "k"}})}}), "at most 50 tags"));
  EXPECT_TRUE(holds_text(refused({{"count", 0}}), "from 1 to 100000"));
  EXPECT_TRUE(holds_text(refused({{"count", 100001}}), "from 1 to 100000"));
  EXPECT_EQ(reading({{"count", 100000}})->count, 100000U);
}

TEST(Request, ClustersAreThoseOfTheInventory) {
  EXPECT_EQ(reading({{"cluster", "web"}})->cluster, "web");
  EXPECT_EQ(reading({{"cluster", "arn:aws:ecs:us-east-1:123456789012:cluster/web"}})->cluster, "web");
  const Error error = refused({{"cluster", "db"}});
  EXPECT_TRUE(holds_text(error, "Cluster not found.", "ClusterNotFoundException"));
  EXPECT_EQ(error.code, StatusCode::kNotFound);
  TestInstance old{.id = "a"};
  old.prefix = "arn:aws:ecs:us-east-1:123456789012:container-instance/";
  EXPECT_EQ(reading({{"cluster", "db"}}, definition(), snapshot_of({old}))->cluster, "db");
  EXPECT_TRUE(holds_text(refused({{"cluster", "db"}}, definition(), snapshot_of({old, TestInstance{.id = "b"}})), "Cluster not found."));
}

TEST(Request, AClustersArnNamesRegionAndAccountToo) {
  const auto in = [](const char* id, const char* account) {
    TestInstance instance{.id = id};
    instance.prefix = "arn:aws:ecs:us-east-1:" + std::string(account) + ":container-instance/web/";
    return instance;
  };
  const SnapshotPtr two = snapshot_of({in("a", "111111111111"), in("b", "222222222222")});
  const Reading read = reading({{"cluster", "arn:aws:ecs:us-east-1:222222222222:cluster/web"}}, definition(), two);
  EXPECT_EQ(read->cluster, "web");
  EXPECT_EQ(read->cluster_home, "arn:aws:ecs:us-east-1:222222222222");
  EXPECT_EQ(reading({{"cluster", "web"}}, definition(), two)->cluster_home, "");
  for (const char* arn : {"arn:aws:ecs:eu-west-1:111111111111:cluster/web", "arn:aws-cn:ecs:us-east-1:111111111111:cluster/web",
                          "arn:aws:ecs:us-east-1:333333333333:cluster/web", "arn:aws:ecs:us-east-1:111111111111:cluster/db"}) {
    const Error error = refused({{"cluster", arn}}, definition(), two);
    EXPECT_EQ(error.message, "Cluster not found. (\"" + std::string(arn) +
                                 "\"; the inventory holds arn:aws:ecs:us-east-1:111111111111:cluster/web, "
                                 "arn:aws:ecs:us-east-1:222222222222:cluster/web) (at cluster)");
    EXPECT_EQ(error.exception, "ClusterNotFoundException");
  }
  EXPECT_TRUE(holds_text(refused({{"cluster", "db"}}, definition(), two), "; the inventory holds web)"));
}

TEST(Request, OldArnsTellRegionAndAccountButNoCluster) {
  TestInstance old{.id = "a"};
  old.prefix = "arn:aws:ecs:us-east-1:123456789012:container-instance/";
  const SnapshotPtr snapshot = snapshot_of({old});
  EXPECT_EQ(reading({{"cluster", "arn:aws:ecs:us-east-1:123456789012:cluster/db"}}, definition(), snapshot)->cluster, "db");
  EXPECT_TRUE(holds_text(refused({{"cluster", "arn:aws:ecs:us-east-1:999999999999:cluster/db"}}, definition(), snapshot),
                         "Cluster not found.", "ClusterNotFoundException"));
  TestInstance plain{.id = "a"};
  plain.prefix = "";
  EXPECT_EQ(reading({{"cluster", "arn:aws:ecs:us-east-1:999999999999:cluster/db"}}, definition(), snapshot_of({plain}))->cluster, "db");
}

TEST(Request, EcsTextsComeFirstAndTheirPlaceAfterThem) {
  const Error distinct = refused({{"placementConstraints", {{{"type", "distinctInstance"}, {"expression", ""}}}}});
  EXPECT_EQ(distinct.message, "distinctInstance expression should not be specified. (at placementConstraints[0].expression)");
  EXPECT_EQ(distinct.source, "request");
  const Json in_definition = definition({}, {{"placementConstraints", {{{"type", "distinctInstance"}}}}});
  EXPECT_EQ(refused(Json::object(), in_definition).message,
            "constraint.type 'distinctInstance' is not supported. (at taskDefinition.placementConstraints[0])");
  EXPECT_EQ(refused({{"networkConfiguration", Json::object()}}, definition({}, {{"networkMode", "awsvpc"}})).message,
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.");
}

TEST(Request, AnEmptyInventoryIsAnException) {
  const Error error = refused(Json::object(), definition(), snapshot_of({}));
  EXPECT_EQ(error.message, "No Container Instances were found in your cluster.");
  EXPECT_EQ(error.exception, kInvalidParameter);
}

TEST(Request, LaunchTypesAreChecked) {
  EXPECT_EQ(reading({{"launchType", "EXTERNAL"}})->launch_type, LaunchType::kExternal);
  const Error managed = refused({{"launchType", "MANAGED_INSTANCES"}});
  EXPECT_EQ(managed.code, StatusCode::kUnsupported);
  EXPECT_TRUE(holds_text(managed, "launchType MANAGED_INSTANCES is not supported"));
  EXPECT_TRUE(holds_text(refused({{"launchType", "EXTERNAL"}}, definition({}, {{"networkMode", "awsvpc"}})),
                         "Task definition does not support launch_type EXTERNAL.", kInvalidParameter));
  EXPECT_TRUE(holds_text(refused({}, definition({}, {{"compatibilities", {"FARGATE"}}})),
                         "Task definition does not support launch_type EC2.", kInvalidParameter));
  EXPECT_TRUE(holds_text(refused({{"launchType", "EC3"}}), "(values: EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES)", kInvalidParameter));
}

Json strategy(std::vector<Json> items) {
  return {{"capacityProviderStrategy", std::move(items)}};
}

TEST(Request, OneCapacityProviderRestrictsTheInstances) {
  const Reading read = reading(strategy({{{"capacityProvider", "cp-1"}}}));
  EXPECT_EQ(read->capacity_provider, "cp-1");
  EXPECT_EQ(read->launch_type, LaunchType::kEc2);
}

TEST(Request, CapacityProviderStrategiesAreRefusedInEcsWords) {
  const Json item{{"capacityProvider", "cp-1"}, {"weight", 1}};
  const Json other{{"capacityProvider", "cp-2"}, {"weight", 1}};
  Json both = strategy({item});
  both["launchType"] = "EC2";
  EXPECT_TRUE(
      holds_text(refused(both), "Specifying both a launch type and capacity provider strategy is not supported.", kInvalidParameter));
  EXPECT_TRUE(holds_text(refused(strategy({item, {{"capacityProvider", "FARGATE"}, {"weight", 1}}})),
                         "A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate "
                         "providers. Specify one or the other and try again.",
                         kInvalidParameter));
  const Error several = refused(strategy({item, other}));
  EXPECT_EQ(several.code, StatusCode::kUnsupported);
  EXPECT_TRUE(holds_text(several, "cp-1, cp-2"));
  EXPECT_TRUE(holds_text(refused(strategy({{{"capacityProvider", "FARGATE"}}, {{"capacityProvider", "FARGATE_SPOT"}}})),
                         "There are no capacity providers with a weight value greater than zero defined in the default capacity provider "
                         "strategy. At least one capacity provider must have a weight value greater than zero specified. Update the "
                         "cluster's default capacity provider strategy or specify a valid capacity provider strategy and try again.",
                         kInvalidParameter));
  for (const char* name : {"aws-x", "ecs1", "fargate", "a b", ""}) {
    EXPECT_TRUE(holds_text(refused(strategy({{{"capacityProvider", name}}})), "The specified capacity provider name is invalid.",
                           kInvalidParameter));
  }
  EXPECT_TRUE(
      holds_text(refused(strategy({{{"capacityProvider", "FARGATE"}, {"base", 1}}, {{"capacityProvider", "FARGATE_SPOT"}, {"base", 1}}})),
                 "only one item"));
  EXPECT_TRUE(holds_text(refused(strategy({{{"capacityProvider", "cp"}, {"weight", 1001}}})), "from 0 to 1000"));
}

// --- Networks. ---

Json awsvpc(std::vector<std::string> subnets) {
  return {{"networkConfiguration", {{"awsvpcConfiguration", {{"subnets", std::move(subnets)}}}}}};
}

const Json& eni_task() {
  static const Json task = definition({}, {{"networkMode", "awsvpc"}});
  return task;
}

const SnapshotPtr& subnets() {
  static const SnapshotPtr snapshot = [] {
    TestInstance a{.id = "a"};
    a.with("ecs.subnet-id", "subnet-a").with("ecs.vpc-id", "vpc-1");
    TestInstance b{.id = "b"};
    b.with("ecs.subnet-id", "subnet-b").with("ecs.availability-zone", "us-east-1b").with("ecs.vpc-id", "vpc-1");
    TestInstance c{.id = "c"};
    c.with("ecs.subnet-id", "subnet-c").with("ecs.vpc-id", "vpc-2");
    return snapshot_of({a, b, c});
  }();
  return snapshot;
}

TEST(Request, AwsvpcNeedsANetworkConfiguration) {
  EXPECT_TRUE(holds_text(refused(Json::object(), eni_task()),
                         "Network Configuration must be provided when networkMode 'awsvpc' is specified.", kInvalidParameter));
  EXPECT_TRUE(holds_text(refused(awsvpc({"subnet-a"}), definition(), subnets()),
                         "Network Configuration is not valid for the given networkMode of this task definition.", kInvalidParameter));
}

TEST(Request, ZonesAndVpcOfSubnetsAreLearntFromTheInventory) {
  const Reading read = reading(awsvpc({"subnet-b", "subnet-a"}), eni_task(), subnets());
  EXPECT_EQ(read->zones, (std::vector<std::string>{"us-east-1b", "us-east-1a"}));
  EXPECT_TRUE(std::any_of(read->demand.attributes.begin(), read->demand.attributes.end(),
                          [](const auto& requirement) { return requirement.name == "ecs.vpc-id" && requirement.value == "vpc-1"; }));
  EXPECT_TRUE(holds_text(refused(awsvpc({"subnet-a", "subnet-c"}), eni_task(), subnets()), "the subnets of a task belong to one VPC"));
}

TEST(Request, ASubnetThatNobodyKnowsIsRefusedWithTheMend) {
  EXPECT_TRUE(holds_text(refused(awsvpc({"subnet-x"}), eni_task(), subnets()), "\"berth\": {\"subnets\": {\"subnet-x\""));
  Json told = awsvpc({"subnet-x"});
  told["berth"] = {{"subnets", {{"subnet-x", {{"zone", "us-east-1c"}, {"vpc", "vpc-1"}}}}}};
  EXPECT_EQ(reading(told, eni_task(), subnets())->zones, (std::vector<std::string>{"us-east-1c"}));
}

TEST(Request, NetworksAreLimited) {
  EXPECT_TRUE(
      holds_text(refused(awsvpc(std::vector<std::string>(17, "subnet-a")), eni_task(), subnets()), "subnets can have at most 16 items."));
  EXPECT_TRUE(holds_text(refused(awsvpc({}), eni_task(), subnets()), "subnets can not be empty."));
  Json groups = awsvpc({"subnet-a"});
  groups["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] = Json(6, "sg-1");
  EXPECT_TRUE(holds_text(refused(groups, eni_task(), subnets()), "security groups can have at most 5 items."));
  Json open = awsvpc({"subnet-a"});
  open["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] = "ENABLED";
  EXPECT_TRUE(holds_text(refused(open, eni_task(), subnets()), "Assign public IP is not supported for this launch type."));
}

}  // namespace
}  // namespace berth::ecs::testing
