// Writing JSON, and the table that stands in for it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "engine/ecs/json.h"
#include "engine/ecs/json_writer.h"
#include "engine/ecs/table.h"

namespace berth::ecs {
namespace {

TEST(JsonWriter, IndentsByTwoAndEndsWithANewline) {
  JsonWriter writer;
  writer.begin_object().member("a", "x").key("list").begin_array().integer(-1).begin_object().end_object().end_array();
  writer.key("none").begin_array().end_array().member_boolean("yes", true).key("nil").null().end_object();
  EXPECT_EQ(writer.take(),
            "{\n  \"a\": \"x\",\n  \"list\": [\n    -1,\n    {}\n  ],\n  \"none\": [],\n  \"yes\": true,\n  \"nil\": null\n}\n");
  EXPECT_EQ(writer.begin_array().end_array().take(), "[]\n");
}

TEST(JsonWriter, CompactHasNoBlanks) {
  JsonWriter writer(JsonWriter::Style::kCompact);
  writer.begin_array().unsigned_integer(18446744073709551615ULL).number(0.1).raw("{\"r\":0.0}").string("s").end_array();
  EXPECT_EQ(writer.take(), "[18446744073709551615,0.1,{\"r\":0.0},\"s\"]");
}

TEST(JsonWriter, InvalidUtf8BecomesTheReplacementCharacter) {
  JsonWriter writer(JsonWriter::Style::kCompact);
  EXPECT_EQ(writer.string("a\xFFz\xE2\x82").take(), "\"a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

RC_GTEST_PROP(JsonWriter, StringsReadBackTheSame, (const std::string& text)) {
  std::string ascii = text;
  for (char& c : ascii) {
    c = static_cast<char>(static_cast<unsigned char>(c) & 0x7FU);
  }
  JsonWriter writer(JsonWriter::Style::kCompact);
  const std::string json = writer.begin_array().string(ascii).end_array().take();
  const Result<JsonDocument> document = JsonDocument::parse("written", json);
  RC_ASSERT(document.ok());
  RC_ASSERT(document->root()
                .for_each([&](const JsonValue& value) -> Outcome {
                  return *value.string() == ascii ? Outcome() : Outcome(value.error("differs"));
                })
                .ok());
}

RC_GTEST_PROP(JsonWriter, NumbersReadBackTheSame, (std::int64_t integer, double number)) {
  RC_PRE(std::isfinite(number));
  JsonWriter writer(JsonWriter::Style::kCompact);
  const std::string json = writer.begin_object().member_integer("i", integer).key("n").number(number).end_object().take();
  const Result<JsonDocument> document = JsonDocument::parse("written", json);
  RC_ASSERT(document.ok());
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  RC_ASSERT(*document->root().member("i")->integer(kLeast, kMost) == integer);
  RC_ASSERT(*document->root().member("n")->number() == number);
}

TEST(Table, AlignsColumnsByCodePoints) {
  Table table;
  table.column("ZONE").column("COUNT", Table::Align::kRight).column("NOTE");
  table.row({"us-east-1a", "7", "x"}).row({"\xC3\xA9", "1,234,567"}).row({"a\nb"});
  EXPECT_EQ(table.render(),
            "ZONE            COUNT  NOTE\n"
            "us-east-1a          7  x\n"
            "\xC3\xA9           1,234,567\n"
            "a b\n");
}

TEST(Table, GroupsDigits) {
  EXPECT_EQ(grouped_digits(0), "0");
  EXPECT_EQ(grouped_digits(-999), "-999");
  EXPECT_EQ(grouped_digits(-1000), "-1,000");
  EXPECT_EQ(grouped_digits(1234567), "1,234,567");
}

}  // namespace
}  // namespace berth::ecs
