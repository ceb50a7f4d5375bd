// What answers say beside what they answer.

#include "engine/ecs/request_notes.h"

#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs::testing {
namespace {

TestInstance in_cluster(const std::string& cluster, const std::string& id) {
  TestInstance instance{.id = id};
  instance.prefix = "arn:aws:ecs:us-east-1:123456789012:container-instance/" + cluster + "/";
  return instance;
}

// The notes of RunTask's answer, which explain must tell as well.
Json notes(const SnapshotPtr& snapshot, const Json& body) {
  const Json answer = run(snapshot, body).answer;
  const auto explained = explain(snapshot, body.dump(), serial(), {});
  EXPECT_TRUE(explained.ok());
  Json found = answer["berth"].value("notes", Json::array());
  EXPECT_EQ(Json::parse(explained.ok() ? *explained : "{}").value("notes", Json()), found);
  return found;
}

std::string table(const SnapshotPtr& snapshot, const Json& body) {
  DocumentOptions options;
  options.format = Format::kTable;
  auto answer = run_task(snapshot, body.dump(), false, serial(), options);
  EXPECT_TRUE(answer.ok());
  return answer.ok() ? answer->document : "";
}

TEST(RequestNotes, SeveralClustersAreNamedWhereTheRequestNamesNone) {
  const SnapshotPtr two = snapshot_of({in_cluster("web", "a"), in_cluster("batch", "b")});
  const std::string note =
      "the request names no cluster and takes the instances of all 2 (batch, web); name one with \"cluster\" (--cluster)";
  EXPECT_EQ(notes(two, request(definition())), Json::array({note}));
  EXPECT_EQ(notes(two, request(definition(), {{"cluster", "web"}})), Json::array());
  EXPECT_EQ(notes(snapshot_of({in_cluster("web", "a")}), request(definition())), Json::array());
  const std::string several = table(two, request(definition(), {{"count", 2}, {"placementConstraints", {{{"type", "distinctInstance"}}}}}));
  EXPECT_NE(several.find("(seed 1).\nNOTE: " + note + "\n"), std::string::npos) << several;
  EXPECT_NE(several.find("CLUSTER"), std::string::npos) << several;
  const std::string one = table(two, request(definition(), {{"cluster", "web"}}));
  EXPECT_EQ(one.find("NOTE"), std::string::npos) << one;
  EXPECT_EQ(one.find("CLUSTER"), std::string::npos) << one;
}

TEST(RequestNotes, ClustersOfOneNameAreToldByTheirArns) {
  TestInstance abroad = in_cluster("web", "b");
  abroad.prefix = "arn:aws:ecs:eu-west-1:123456789012:container-instance/web/";
  const Json found = notes(snapshot_of({in_cluster("web", "a"), abroad}), request(definition()));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(
      found[0].get<std::string>().find("(arn:aws:ecs:eu-west-1:123456789012:cluster/web, arn:aws:ecs:us-east-1:123456789012:cluster/web)"),
      std::string::npos)
      << found;
}

TEST(RequestNotes, UnknownCapacityProvidersAreToldWithTheNearest) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a", .capacity_provider = "web-cp"}});
  const auto asking = [](const char* name) {
    return request(definition(), {{"capacityProviderStrategy", {{{"capacityProvider", name}, {"weight", 1}}}}});
  };
  EXPECT_EQ(notes(snapshot, asking("web-pc")), Json::array({R"(no instance has the capacity provider "web-pc"; did you mean "web-cp"?)"}));
  EXPECT_EQ(notes(snapshot, asking("nope")), Json::array({R"(no instance has the capacity provider "nope")"}));
  EXPECT_EQ(notes(snapshot, asking("web-cp")), Json::array());
}

TEST(RequestNotes, AttributesToSpreadOverThatNoInstanceHasAreTold) {
  const SnapshotPtr snapshot = snapshot_of({TestInstance{.id = "a"}});
  const auto spread = [](const char* field) {
    return request(definition(), {{"placementStrategy", {{{"type", "spread"}, {"field", field}}}}});
  };
  EXPECT_EQ(notes(snapshot, spread("attribute:ecs.availability-zon")),
            Json::array({R"(spread: no instance has the attribute "ecs.availability-zon"; did you mean "ecs.availability-zone"?)"}));
  EXPECT_EQ(notes(snapshot, spread("attribute:ecs.availability-zone")), Json::array());
  TestInstance bare{.id = "b"};
  bare.attributes.clear();
  EXPECT_EQ(notes(snapshot_of({bare}), request(definition(), {{"group", "service:web"}})), Json::array())
      << "a chain that nobody asked for";
}

}  // namespace
}  // namespace berth::ecs::testing
