#include "bindings/cli/shorthand.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "bindings/cli/failure.h"
#include "bindings/cli/json_parameter.h"
#include "bindings/cli/shorthand_types.h"

namespace berth::cli {
namespace {

// What AWS CLI 1.45 makes of each.
TEST(Shorthand, ReadsWhatAwsCliReads) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"type=distinctInstance", R"({"type":"distinctInstance"})"},
      {"type=memberOf,expression=attribute:x == y", R"({"type":"memberOf","expression":"attribute:x == y"})"},
      {R"(type=memberOf,expression="attribute:x in [a, b]")", R"({"type":"memberOf","expression":"attribute:x in [a, b]"})"},
      {"awsvpcConfiguration={subnets=[subnet-1,subnet-2],securityGroups=[sg-1]}",
       R"({"awsvpcConfiguration":{"subnets":["subnet-1","subnet-2"],"securityGroups":["sg-1"]}})"},
      {"a=b,c,d", R"({"a":["b","c","d"]})"},
      {"a=b,c,d=e", R"({"a":["b","c"],"d":"e"})"},
      {"a=", R"({"a":""})"},
      {R"(a=b\,c)", R"({"a":"b,c"})"},
      {R"(a="b\"c",d='e\'f')", R"({"a":"b\"c","d":"e'f"})"},
      {R"(a="b\\c")", R"({"a":"b\\c"})"},
      {R"(a="b\.c")", R"({"a":"b\\.c"})"},
      {"a = b , c = d", R"({"a":"b","c":"d"})"},
      {"a=[[b,c],[d]]", R"({"a":[["b","c"],["d"]]})"},
      {"a=[{b=c},{d=e}]", R"({"a":[{"b":"c"},{"d":"e"}]})"},
      {"a=x==y", R"({"a":"x==y"})"},
      {"a={}", R"({"a":{}})"},
      {"a=[]", R"({"a":[]})"},
  };
  for (const auto& [text, wanted] : cases) {
    EXPECT_EQ(parse_shorthand("--x", text).dump(), wanted) << text;
  }
}

TEST(Shorthand, RefusesWithTheColumn) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "column 1"},        {"a", "column 2"},        {"=b", "column 1"},      {"a=b,a=c", "column 5"},
      {"a=[b", "column 5"},    {"a=\"b", "column 3"},    {"a=b]", "column 4"},    {"a==b", "column 3"},
      {"a=b,[c]", "column 5"}, {"a=b,c=d,", "column 9"}, {"a={b=c;", "column 8"},
  };
  for (const auto& [text, place] : cases) {
    try {
      ADD_FAILURE() << text << " gave " << parse_shorthand("--x", text).dump();
    } catch (const Failure& failure) {
      EXPECT_NE(std::string(failure.what()).find("--x: " + place), std::string::npos) << failure.what();
    }
  }
}

TEST(Shorthand, DeepNestingIsRefused) {
  EXPECT_THROW(parse_shorthand("--x", "a=" + std::string(100'000, '[')), Failure);
}

TEST(ShorthandTypes, FollowTheApi) {
  EXPECT_EQ(structures_parameter("--x", {"capacityProvider=p,weight=2,base=1"}, kCapacityProviderTypes).dump(),
            R"([{"capacityProvider":"p","weight":2,"base":1}])");
  EXPECT_EQ(structure_parameter("--x", "awsvpcConfiguration={subnets=subnet-1}", kNetworkTypes).dump(),
            R"({"awsvpcConfiguration":{"subnets":["subnet-1"]}})");
  EXPECT_EQ(structure_parameter("--x", "cpu=256,containerOverrides=[{name=w,cpu=1,command=[a,b]}]", kOverrideTypes).dump(),
            R"({"cpu":"256","containerOverrides":[{"name":"w","cpu":1,"command":["a","b"]}]})");
  EXPECT_THROW(structures_parameter("--x", {"capacityProvider=p,weight=two"}, kCapacityProviderTypes), Failure);
  EXPECT_THROW(structures_parameter("--x", {"type=memberOf,expression=a in b,c"}, kPlacementConstraintTypes), Failure);
}

TEST(JsonParameter, TextPassesUnchanged) {
  EXPECT_EQ(structure_parameter("--x", R"({"containerOverrides": [{"cpu": "12"}]})", kOverrideTypes).dump(),
            R"({"containerOverrides":[{"cpu":"12"}]})");
  EXPECT_EQ(structures_parameter("--x", {R"([{"type": "distinctInstance"}])"}, kPlacementConstraintTypes).size(), 1U);
}

TEST(JsonParameter, SaysWhereTheTextIsNoJson) {
  try {
    parse_json("f.json", "{\n  \"a\": }");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(std::string(failure.what()).find("f.json: line 2, column 8: no JSON"), 0U) << failure.what();
  }
  EXPECT_THROW(parse_json("f.json", std::string(100'000, '[')), Failure);
}

}  // namespace
}  // namespace berth::cli
