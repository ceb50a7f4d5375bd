// The conformance cases of section 12 held against the oracle itself: query language, constraints and strategies.
#include "tests/oracle/place.h"

#include <gtest/gtest.h>

#include "tests/oracle/documents.h"

namespace berth::oracle {
namespace {

Json named(const std::string& id, const std::string& type, const std::string& zone, const std::string& version, bool is_connected,
           const Json& registered_at, const std::vector<std::pair<std::string, std::string>>& custom) {
  Json json = instance_json(id, 2048, 4096, {{"ecs.instance-type", type}, {"ecs.availability-zone", zone}});
  json["ec2InstanceId"] = id;
  json["versionInfo"]["agentVersion"] = version;
  json["agentConnected"] = is_connected;
  json["registeredAt"] = registered_at;
  for (const auto& [name, value] : custom) {
    json["attributes"].push_back(value.empty() ? Json{{"name", name}} : Json{{"name", name}, {"value", value}});
  }
  return json;
}

// Fixture Q of section 12.1.
Fleet fleet_q() {
  return import_fleet({{{"containerInstances",
                         {named("i-abcd1234", "t2.small", "us-east-1a", "1.14.4", true, "2018-02-12T23:59:59Z", {{"stack", "prod"}}),
                          named("i-wxyx7890", "t2.medium", "us-east-1b", "1.14.5", true, 1518480000, {{"stack", "dev"}}),
                          named("i-00000003", "g2.2xlarge", "us-east-1a", "1.9.0", false, "2018-06-18T22:28:28+00:00", {}),
                          named("i-00000004", "g2.8xlarge", "us-east-1d", "1.70.2", true, "2026-01-01T02:00:00+02:00", {{"ssd", ""}})}}},
                       {{"tasks",
                         {task_json("1", "i-abcd1234", "family:web"), task_json("2", "i-wxyx7890", "service:production"),
                          task_json("3", "i-wxyx7890", "database"), task_json("4", "i-00000004", "databases")}}}},
                      {});
}

// "1 3" for q1 and q3.
std::string selected(const std::string& expression) {
  static const std::vector<std::string> kIds = {"i-abcd1234", "i-wxyx7890", "i-00000003", "i-00000004"};
  static const Fleet kFleet = fleet_q();
  const std::vector<std::string> arns = list_container_instances(kFleet, expression);
  std::string answer;
  for (std::size_t i = 0; i < kIds.size(); ++i) {
    for (const std::string& arn : arns) {
      if (arn == instance_arn(kIds[i])) answer += (answer.empty() ? "" : " ") + std::to_string(i + 1);
    }
  }
  return answer;
}

TEST(OracleExpression, AnswersTheConformanceCases) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"attribute:ecs.instance-type == t2.small", "1"},
      {"attribute:ecs.availability-zone in [us-east-1a, us-east-1b]", "1 2 3"},
      {"attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d", "3"},
      {"task:group == service:production", "2"},
      {"not(task:group == database)", "1 3 4"},
      {"runningTasksCount == 1", "1 4"},
      {"agentVersion < 1.14.5", "1 3"},
      {"registeredAt < 2018-02-13", "1"},
      {"registeredAt >= 2018-06-18T22:28:28", "3 4"},
      {"registeredAt < 2018-06-18T22:28:28+00:00", "1 2"},
      {"registeredAt == 2026-01-01T00:00:00Z", "4"},
      {"ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']", "1 2"},
      {"ec2InstanceId in [i-abcd1234,i-wxyx7890]", "1 2"},
      {"attribute:stack == prod", "1"},
      {"attribute:stack != prod", "2"},
      {"not(attribute:stack == prod)", "2 3 4"},
      {"attribute:ecs.instance-type =~ t2.* and attribute:ecs.availability-zone == us-east-1a", "1"},
      {"ec2InstanceId in ['i-abcd1234'] and agentConnected==true", "1"},
      {"attribute:ssd exists", "4"},
      {"attribute:ssd == ''", ""},
      {"attribute:ssd != x", "4"},
      {"attribute:ssd =~ .*", "4"},
      {"attribute:ssd =~ .+", ""},
      {"attribute:stack not_exists", "3 4"},
      {"attribute:stack !exists", "3 4"},
      {"attribute:ecs.availability-zone not_in [us-east-1a]", "2 4"},
      {"attribute:ecs.instance-type =~ (p[2,3]|g[2,3]|f[1]).*", "3 4"},
      {"runningTasksCount greater_than_equal 1", "1 2 4"},
      {"task:group == databases", "4"},
      {"task:group != database", "1 4"},
      {"task:group !exists", "3"},
      {"attribute:ecs.instance-type =~ t2", ""},
      {"attribute:ecs.instance-type matches t2.*", "1 2"},
      {"attribute:ecs.instance-type == t2.small || attribute:ecs.instance-type == t2.medium", "1 2"},
      {"agentConnected==true&&runningTasksCount==0", ""},
      {"agentConnected == false or attribute:stack exists and runningTasksCount > 1", "2 3"},
      {"(agentConnected == false or attribute:stack exists) and runningTasksCount > 1", "2"},
      {"! agentConnected == true", "3"},
      {"not attribute:stack exists", "3 4"},
      {"attribute:ecs.os-family == WINDOWS_SERVER_2022_FULL", ""},
  };
  for (const auto& [expression, expected] : cases) EXPECT_EQ(selected(expression), expected) << expression;
}

TEST(OracleExpression, RefusesWhatTheGrammarDoesNotHave) {
  for (const std::string& expression :
       {std::string(2001, 'x'), std::string("attribute:ecs.instance-type =="), std::string("attribute:x in ["),
        std::string("(attribute:a == b"), std::string("foo == 1"), std::string("ecs.os-type=='windows'"),
        std::string("attribute:x in (a, b)"), std::string("attribute:x == \"a\""), std::string("attribute:x == a AND attribute:y == b"),
        std::string("attribute:x =~ a&&b"), std::string("attribute:x =~ a||b"), std::string(""), std::string("attribute:x in []"),
        std::string("registeredAt < yesterday"), std::string("runningTasksCount > many"),
        std::string("attribute:x == a attribute:y == b")}) {
    EXPECT_THROW(Expression{expression}, Invalid) << expression;
  }
}

TEST(OracleExpression, SplitsTheOutermostAnd) {
  const Expression expression("attribute:a == 1 and (attribute:b == 2 or attribute:c == 3 and attribute:d == 4) && not attribute:e exists");
  ASSERT_EQ(expression.conjunct_count(), 3U);
  EXPECT_EQ(expression.conjunct_text(0), "attribute:a == 1");
  EXPECT_EQ(expression.conjunct_text(1), "(attribute:b == 2 or attribute:c == 3 and attribute:d == 4)");
  EXPECT_EQ(expression.conjunct_text(2), "not attribute:e exists");
  EXPECT_EQ(expression.leaf_texts().size(), 5U);
}

std::vector<std::string> ids(const Answer& answer) {
  std::vector<std::string> ids;
  for (const Placed& placed : answer.placed) ids.push_back(placed.arn.substr(placed.arn.rfind('/') + 1));
  return ids;
}

using Ids = std::vector<std::string>;

TEST(OraclePlacement, BinpackTakesTheInstanceWithTheLeastThatFits) {
  const Fleet fleet =
      import_fleet({Json::array({instance_json("a", 1024, 500), instance_json("b", 1024, 300), instance_json("c", 1024, 100)})}, {});
  Json request = request_json(definition_json(0, 200));
  request["placementStrategy"] = Json::array({strategy("binpack", "memory")});
  EXPECT_EQ(ids(run_task(fleet, request)), Ids{"b"});
}

TEST(OraclePlacement, SpreadCountsTheGroupOverEligibleInstancesOnly) {
  std::vector<Json> documents;
  for (const char* zone : {"a", "b", "c"}) {
    documents.push_back(instance_json(std::string("1") + zone, zone[0] == 'b' ? 0 : 1024, 4096, {{"ecs.availability-zone", zone}}));
  }
  documents.push_back({{"tasks",
                        {task_json("1", "1a", "service:x"), task_json("2", "1a", "service:x"), task_json("3", "1b", "service:x"),
                         task_json("4", "1c", "service:x"), task_json("5", "1c", "service:y"), task_json("6", "1c", "service:y")}}});
  Json request = request_json(definition_json(128, 256));
  request["group"] = "service:x";
  request["placementStrategy"] = Json::array({strategy("spread", "attribute:ecs.availability-zone")});
  EXPECT_EQ(ids(run_task(import_fleet(documents, {}), request)), Ids{"1c"});
}

TEST(OraclePlacement, DistinctInstancePlacesOnePerInstanceAndFailsTheRest) {
  const Fleet fleet =
      import_fleet({Json::array({instance_json("a", 1024, 500), instance_json("b", 1024, 500), instance_json("c", 1024, 500)})}, {});
  Json request = request_json(definition_json(1, 1), 4);
  request["placementConstraints"] = {{{"type", "distinctInstance"}}};
  const Answer answer = run_task(fleet, request);
  EXPECT_EQ(answer.placed.size(), 3U);
  ASSERT_EQ(answer.failures.size(), 3U);
  EXPECT_EQ(answer.failures[0], (Failure{instance_arn("a"), "DistinctInstance placement constraint unsatisfied."}));
  request["group"] = "other";
  EXPECT_EQ(run_task(answer.next, request).placed.size(), 3U);
}

TEST(OraclePlacement, ReasonsFollowTheOrderOfChecks) {
  Json disconnected = instance_json("a", 10, 10);
  disconnected["agentConnected"] = false;
  Json draining = instance_json("z", 1024, 1024);
  draining["status"] = "DRAINING";
  const Fleet fleet =
      import_fleet({Json::array({disconnected, instance_json("b", 10, 10), instance_json("c", 100, 10),
                                 instance_json("d", 100, 100, {{"ecs.capability.external", ""}}), instance_json("e", 100, 100), draining})},
                   {});
  Json request = request_json(definition_json(100, 100));
  request["placementConstraints"] = {{{"type", "memberOf"}, {"expression", "attribute:x exists"}}};
  const Answer answer = run_task(fleet, request);
  const std::vector<std::string> expected = {"AGENT", "RESOURCE:CPU", "RESOURCE:MEMORY", "LAUNCH_TYPE",
                                             "MemberOf placement constraint unsatisfied."};
  ASSERT_EQ(answer.failures.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(answer.failures[i].reason, expected[i]);
  EXPECT_EQ(answer.examined, 5U);
}

TEST(OraclePlacement, RandomIsUniformOverTheEligible) {
  const Fleet fleet =
      import_fleet({Json::array({instance_json("a", 1024, 500), instance_json("b", 1024, 500), instance_json("c", 1024, 500)})}, {});
  std::map<std::string, int> hits;
  for (int seed = 0; seed < 3000; ++seed) {
    Json request = request_json(definition_json(1, 1));
    request["berth"]["seed"] = seed;
    ++hits[run_task(fleet, request).placed.at(0).arn];
  }
  for (const auto& [arn, count] : hits) EXPECT_NEAR(count, 1000, 120) << arn;
}

TEST(OraclePlacement, LookingAgainAtTheChangedInstanceAloneChangesNothing) {
  std::vector<Json> documents;
  for (int i = 0; i < 40; ++i) {
    documents.push_back(instance_json("i" + std::to_string(i), 256 * (i % 7), 512 * (i % 5), {{"zone", std::to_string(i % 3)}}));
  }
  const Fleet fleet = import_fleet(documents, {});
  Json request = request_json(definition_json(100, 200), 60);
  request["placementStrategy"] = Json::array({strategy("spread", "attribute:zone"), strategy("binpack", "cpu")});
  request["placementConstraints"] = {{{"type", "memberOf"}, {"expression", "runningTasksCount < 3"}}};
  const Answer all = run_task(fleet, request, Recheck::kAll);
  const Answer changed = run_task(fleet, request, Recheck::kChanged);
  EXPECT_GT(all.placed.size(), 20U);
  EXPECT_EQ(all.placed, changed.placed);
  EXPECT_EQ(all.failures, changed.failures);
}

TEST(OraclePlacement, StartTaskMakesItsOwnChecks) {
  Json draining = instance_json("b", 1024, 1024);
  draining["status"] = "DRAINING";
  const Fleet fleet = import_fleet({Json::array({instance_json("a", 1024, 1024), draining, instance_json("c", 10, 10)})}, {});
  Json request = request_json(definition_json(100, 100));
  request.erase("count");
  request["containerInstances"] = {instance_arn("c"), "a", instance_arn("b"), instance_arn("x")};
  const Answer answer = start_task(fleet, request);
  EXPECT_EQ(ids(answer), Ids{"a"});
  const std::vector<Failure> expected = {
      {instance_arn("c"), "RESOURCE:CPU"}, {instance_arn("b"), "INACTIVE"}, {instance_arn("x"), "MISSING"}};
  EXPECT_EQ(answer.failures, expected);
}

}  // namespace
}  // namespace berth::oracle
