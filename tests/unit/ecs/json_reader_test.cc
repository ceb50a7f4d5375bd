// Reading JSON: values know their paths, texts that are no JSON are told with line and column.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "engine/ecs/json.h"
#include "engine/ecs/json_syntax.h"
#include "engine/ecs/json_writer.h"

namespace berth::ecs {
namespace {

std::string parse_error(std::string_view text) {
  const Result<JsonDocument> document = JsonDocument::parse("file.json", text);
  return document.ok() ? "" : document.error().message;
}

TEST(JsonReader, PathsNameMembersAndElements) {
  const Result<JsonDocument> document = JsonDocument::parse("f", R"({"a": [{"b": 1}, {"c d": [true, {"e": null, "f-1": "x"}]}], "z": 0})");
  ASSERT_TRUE(document.ok());
  std::vector<std::string> paths;
  const std::function<Outcome(const JsonValue&)> walk = [&](const JsonValue& value) -> Outcome {
    paths.push_back(value.path());
    if (value.is_array()) {
      return value.for_each(walk);
    }
    return value.is_object() ? value.for_each_member([&](std::string_view, const JsonValue& member) { return walk(member); }) : Outcome();
  };
  ASSERT_TRUE(walk(document->root()).ok());
  const std::vector<std::string> expected = {"",
                                             "a",
                                             "a[0]",
                                             "a[0].b",
                                             "a[1]",
                                             "a[1][\"c d\"]",
                                             "a[1][\"c d\"][0]",
                                             "a[1][\"c d\"][1]",
                                             "a[1][\"c d\"][1].e",
                                             "a[1][\"c d\"][1].f-1",
                                             "z"};
  EXPECT_EQ(paths, expected);
}

TEST(JsonReader, PathsSurviveMovingTheDocument) {
  Result<JsonDocument> parsed = JsonDocument::parse("short", R"({"version": "3"})");
  ASSERT_TRUE(parsed.ok());
  const JsonValue version = *parsed->root().member("version");
  const JsonDocument moved = *std::move(parsed);
  EXPECT_EQ(version.integer(0, 9).error().message, "short: version: expected an integer, found a string");
  EXPECT_EQ(moved.root().source(), "short");
}

TEST(JsonReader, WrongTypesAreToldWithWhatWasFound) {
  const Result<JsonDocument> document =
      JsonDocument::parse("f", R"({"s": "x", "n": 1.5, "b": true, "i": 70000, "u": -1, "o": {}, "nil": null})");
  ASSERT_TRUE(document.ok());
  const auto at = [&](std::string_view name) { return *document->root().member(name); };
  EXPECT_EQ(at("s").integer(0, 1).error().message, "f: s: expected an integer, found a string");
  EXPECT_EQ(at("n").integer(0, 9).error().message, "f: n: expected an integer, found a number");
  EXPECT_EQ(at("i").integer(0, 65535).error().message, "f: i: expected an integer from 0 to 65535, found 70000");
  EXPECT_EQ(at("u").unsigned_integer().error().message, "f: u: expected an integer that is not negative");
  EXPECT_EQ(at("o").string().error().message, "f: o: expected a string, found an object");
  EXPECT_EQ(at("b").number().error().message, "f: b: expected a number, found a boolean");
  EXPECT_EQ(at("i").boolean().error().message, "f: i: expected a boolean, found an integer");
  EXPECT_FALSE(document->root().member("nil").has_value());
  EXPECT_FALSE(document->root().member("absent").has_value());
  EXPECT_EQ(*at("n").number(), 1.5);
  EXPECT_EQ(*at("i").number(), 70000.0);
}

TEST(JsonReader, ExceptionsOfEcsReadAsEcsWritesThem) {
  const Result<JsonDocument> document = JsonDocument::parse("request", R"({"a": [{"b c": 1}]})");
  ASSERT_TRUE(document.ok());
  const JsonValue root = document->root();
  Error inner;
  (void)root.member("a")->for_each([&](const JsonValue& item) -> Outcome {
    inner = item.member("b c")->error("Not so.", "ClientException");
    return {};
  });
  EXPECT_EQ(inner.message, "Not so. (at a[0][\"b c\"])");
  EXPECT_EQ(inner.source, "request");
  EXPECT_EQ(inner.exception, "ClientException");
  EXPECT_EQ(root.error("Not so.", "ClientException").message, "Not so.");
  EXPECT_EQ(root.member("a")->error("Not so.").message, "request: a: Not so.");
  const std::string cut = root.member("a")->error(std::string(3000, 'x'), "ClientException").message;
  EXPECT_TRUE(cut.ends_with("xxx... (at a)")) << "the place outlives a long text";
}

TEST(JsonReader, UnknownMembersProposeTheNearest) {
  const Result<JsonDocument> document = JsonDocument::parse("request", R"({"cluster": "c", "placementContraints": []})");
  ASSERT_TRUE(document.ok());
  constexpr std::string_view kKnown[] = {"cluster", "count", "placementConstraints"};
  const Outcome outcome = document->root().require_known_members(kKnown, "InvalidParameterException");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().message, "unknown member; did you mean \"placementConstraints\"? (at placementContraints)");
  EXPECT_EQ(outcome.error().exception, "InvalidParameterException");
}

TEST(JsonReader, FaultsAreToldWithLineAndColumn) {
  EXPECT_EQ(parse_error("{\n  \"a\": 1,\n}"), "file.json: line 3, column 1: no JSON: expected a member's name in double quotes, found '}'");
  EXPECT_EQ(parse_error("[1 2]"), "file.json: line 1, column 4: no JSON: expected ',' or ']', found '2'");
  EXPECT_EQ(parse_error("{\"a\": [1, 2"), "file.json: line 1, column 12: no JSON: expected ',' or ']', found the end of the text");
  EXPECT_EQ(parse_error("{} {}"), "file.json: line 1, column 4: no JSON: expected the end of the text, found '{'");
  EXPECT_EQ(parse_error("[\"\xC3\x28\"]"), "file.json: line 1, column 3: no JSON: the text is no UTF-8 here, found byte 0xc3");
  EXPECT_EQ(parse_error(" \n"), "file.json: is empty; expected JSON");
  EXPECT_NE(parse_error("\xFF\xFE{\0}").find("UTF-16"), std::string::npos);
  EXPECT_NE(parse_error("[1e999]").find("out of range"), std::string::npos);
}

TEST(JsonReader, OffsetsOfFaultsCountFromTheDocumentsFirstByte) {
  const Result<JsonDocument> document = JsonDocument::parse("f", "\xEF\xBB\xBF[tru]");
  ASSERT_FALSE(document.ok());
  EXPECT_EQ(document.error().offset, 4U);
  EXPECT_EQ(document.error().source, "f");
}

TEST(JsonReader, SeveralValuesInOneTextAreVisitedInOrder) {
  std::vector<JsonValue::Type> types;
  const auto visit = [&](const JsonValue& root) -> Outcome {
    types.push_back(root.type());
    return {};
  };
  ASSERT_TRUE(JsonDocument::parse_each("f", "{\"a\": \"}\"}[1, [2]]\n  true \"x\\\"{\" 7\n", visit).ok());
  using Type = JsonValue::Type;
  EXPECT_EQ(types, (std::vector{Type::kObject, Type::kArray, Type::kBoolean, Type::kString, Type::kInteger}));
  const Outcome broken = JsonDocument::parse_each("f", "{\"a\": 1}\n{\"a\": }", visit);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().message, "f: line 2, column 7: no JSON: expected a value, found '}'");
}

TEST(JsonReader, MessagesAreOneLineOfBearableLength) {
  const Result<JsonDocument> document = JsonDocument::parse("f", "{\"a\\nb\": 1}");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->root().member("a\nb")->string().error().message, "f: [\"a b\"]: expected a string, found an integer");
  std::string long_text = "x";
  for (int i = 0; i < 2000; ++i) {
    long_text += "\xC3\xA9";
  }
  const std::string message = document->root().error(long_text).message;
  EXPECT_LT(message.size(), 2100U);
  EXPECT_TRUE(message.ends_with("\xC3\xA9..."));
}

TEST(JsonReader, NestingHasALimit) {
  EXPECT_FALSE(parse_error(std::string(100'000, '[')).empty());
  EXPECT_EQ(parse_error(std::string(1000, '[') + std::string(1000, ']')), "");
}

// The slow reader must agree with simdjson on every text, or faults would be told where none is.
RC_GTEST_PROP(JsonSyntax, AgreesWithTheParser, ()) {
  const std::vector<std::string> pieces = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("{", "}", "[", "]", ",", ":", "\"a\"", "1", "-", "0", ".5", "e3", "true", "null", " ", "\"\\u00e9\"",
                                    "\"", "\\", "\xC3\xA9", "\xC3", "\n"));
  std::string text;
  for (const std::string& piece : pieces) {
    text += piece;
  }
  RC_PRE(text.find_first_not_of(" \n") != std::string::npos);
  simdjson::dom::parser parser;
  const bool parses = parser.parse(text.data(), text.size()).error() == simdjson::SUCCESS;
  RC_ASSERT(parses == !find_syntax_fault(text).has_value());
}

TEST(NearestName, FindsSlipsAndNothingElse) {
  constexpr std::string_view kKnown[] = {"ecs.instance-type", "ecs.availability-zone", "stack"};
  EXPECT_EQ(nearest_name("ecs.instance_type", kKnown), "ecs.instance-type");
  EXPECT_EQ(nearest_name("ECS.INSTANCE-TYPE", kKnown), "ecs.instance-type");
  EXPECT_EQ(nearest_name("satck", kKnown), "stack");
  EXPECT_EQ(nearest_name("colour", kKnown), std::nullopt);
  EXPECT_EQ(nearest_name("", kKnown), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(100'000, 'x'), kKnown), std::nullopt);
}

}  // namespace
}  // namespace berth::ecs
