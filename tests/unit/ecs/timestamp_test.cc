// Times in every form in which AWS tools print them.
#include "engine/ecs/timestamp.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace berth::ecs {
namespace {

Result<std::int64_t> read(std::string_view json) {
  static std::vector<JsonDocument> documents;  // Keeps what the errors were made from.
  Result<JsonDocument> document = JsonDocument::parse("f", "{\"at\": " + std::string(json) + "}");
  EXPECT_TRUE(document.ok());
  documents.push_back(*std::move(document));
  return read_timestamp_ms(*documents.back().root().member("at"));
}

TEST(Timestamp, TheThreeFormsMeanTheSame) {
  constexpr std::int64_t kUnixMs = 1557768075681;
  EXPECT_EQ(*read("1557768075.681"), kUnixMs);
  EXPECT_EQ(*read("\"2019-05-13T17:21:15.681Z\""), kUnixMs);
  EXPECT_EQ(*read("\"2019-05-13T13:21:15.681000-04:00\""), kUnixMs);
  EXPECT_EQ(*read(R"({"__class__": "datetime", "year": 2019, "month": 5, "day": 13, "hour": 17, "minute": 21, "second": 15,
                     "microsecond": 681000})"),
            kUnixMs);
}

TEST(Timestamp, Iso8601PartsMayBeLeftOut) {
  EXPECT_EQ(parse_iso8601_ms("1970-01-01"), 0);
  EXPECT_EQ(parse_iso8601_ms("1970-01-02T00:00"), 86'400'000);
  EXPECT_EQ(parse_iso8601_ms("1970-01-01T00:00:01"), 1000);
  EXPECT_EQ(parse_iso8601_ms("1970-01-01 00:00:01.5+0100"), 1500 - 3'600'000);
  EXPECT_EQ(parse_iso8601_ms("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(parse_iso8601_ms("2024-02-29T12:00:00-00:30"), 1709209800000);
}

TEST(Timestamp, WhatIsNoTimeIsRefused) {
  for (const std::string_view text :
       {"", "2024", "2023-02-29", "2024-13-01", "2024-01-01T25:00:00Z", "2024-01-01T10", "2024-01-01T10:00:00.Z", "2024-01-01T10:00:00+1",
        "2024-01-01x", "2024-01-01T10:00:00Zz", "0000-01-01", "12024-01-01"}) {
    EXPECT_EQ(parse_iso8601_ms(text), std::nullopt) << text;
  }
  EXPECT_EQ(read("1557768075681").error().message,
            "f: at: is beyond the year 9999; expected Unix seconds (with a fraction), not milliseconds");
  EXPECT_EQ(read("\"noon\"").error().message, "f: at: \"noon\" is no ISO 8601 time, such as 2026-11-21T08:30:00.123Z");
  EXPECT_EQ(read("true").error().message,
            "f: at: expected Unix seconds, an ISO 8601 string or a recorded datetime object, found a boolean");
  EXPECT_EQ(read(R"({"__class__": "datetime", "year": 2019, "month": 5})").error().message,
            "f: at: a recorded datetime needs the member \"day\"");
  EXPECT_EQ(read(R"({"__class__": "datetime", "year": 2019, "month": 2, "day": 30})").error().message, "f: at: is no date of the calendar");
}

RC_GTEST_PROP(Timestamp, TextReadsBackTheSame, ()) {
  const std::int64_t unix_ms = *rc::gen::inRange<std::int64_t>(-62'135'596'800'000, 253'402'300'800'000);
  RC_ASSERT(parse_iso8601_ms(to_iso8601(unix_ms)) == unix_ms);
}

TEST(Timestamp, TextsOfKnownMoments) {
  EXPECT_EQ(to_iso8601(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601(-62'135'596'800'000), "0001-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_iso8601(951'782'400'123), "2000-02-29T00:00:00.123Z");
}

}  // namespace
}  // namespace berth::ecs
