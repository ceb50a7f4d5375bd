#include "engine/query/literals.h"

#include <gtest/gtest.h>

namespace berth::query {
namespace {

TEST(Instant, ReadsEveryDocumentedForm) {
  const std::int64_t noon_ms = 1529360908000;
  for (const char* text : {"2018-06-18T22:28:28+00:00", "2018-06-18T22:28:28Z", "2018-06-18T22:28:28", "2018-06-18T22:28:28-00:00",
                           "2018-06-19T08:13:28+09:45", "2018-06-18T22:28:28.0", "2018-06-18T22:28:28.000000000Z"}) {
    const auto instant = read_instant(text);
    ASSERT_TRUE(instant) << text;
    EXPECT_EQ(instant->ms, noon_ms) << text;
    EXPECT_FALSE(instant->has_remainder) << text;
  }
  EXPECT_EQ(read_instant("2018-06-18")->ms, 1529280000000);
  EXPECT_EQ(read_instant("1970-01-01")->ms, 0);
  EXPECT_EQ(read_instant("1969-12-31T23:59:59.999Z")->ms, -1);
  EXPECT_EQ(read_instant("2000-02-29")->ms, 951782400000);
  EXPECT_EQ(read_instant("0000-01-01")->ms, -62167219200000);
  EXPECT_EQ(read_instant("9999-12-31T23:59:59Z")->ms, 253402300799000);
}

TEST(Instant, RefusesWhatIsNoDate) {
  for (const char* text : {"",
                           "2018",
                           "2018-06",
                           "18-06-18",
                           "2018-06-18T",
                           "2018-06-18T22",
                           "2018-06-18T22:28",
                           "2018-06-18 22:28:28",
                           "2018-06-18T22:28:60",
                           "2018-06-18T22:60:00",
                           "2018-06-18T24:00:00",
                           "2018-02-29",
                           "1900-02-29",
                           "2018-04-31",
                           "2018-00-10",
                           "2018-13-10",
                           "2018-01-00",
                           "2018-06-18Z",
                           "2018-06-18T22:28:28z",
                           "2018-06-18T22:28:28+0000",
                           "2018-06-18T22:28:28+00",
                           "2018-06-18T22:28:28+24:00",
                           "2018-06-18T22:28:28+00:60",
                           "2018-06-18T22:28:28.",
                           "2018-06-18T22:28:28.0123456789",
                           "2018-06-18T22:28:28ZZ",
                           "2018-06-18T22:28:28+00:00x",
                           "+2018-06-18"}) {
    EXPECT_FALSE(read_instant(text)) << text;
  }
}

TEST(Instant, BetweenTwoMillisecondsEqualsNone) {
  const auto instant = read_instant("1970-01-01T00:00:00.0015");
  ASSERT_TRUE(instant);
  EXPECT_TRUE(instant->compare(1) < 0);
  EXPECT_TRUE(instant->compare(2) > 0);
}

TEST(Version, ComparesNumbersThenText) {
  const auto order = [](const char* a, const char* b) { return compare(*read_version(a), *read_version(b), true); };
  EXPECT_TRUE(order("1.9.0", "1.14.5") < 0);
  EXPECT_TRUE(order("1.14", "1.14.0") == 0);
  EXPECT_TRUE(order("1.014", "1.14") == 0);
  EXPECT_TRUE(order("1.14.0.1", "1.14") > 0);
  EXPECT_TRUE(order("1.2.0", "1.2.0-rc1") < 0);
  EXPECT_TRUE(order("1.2.0-rc2", "1.2.0-rc1") > 0);
  EXPECT_TRUE(order("1.2-rc", "1.2.0") > 0);
  EXPECT_TRUE(order("99999999999999999999999", "100000000000000000000000") < 0);
  EXPECT_TRUE(order("0", "0.0") == 0);
  EXPECT_TRUE(compare(*read_version("1.2.0-rc1"), *read_version("1.2"), false) == 0);
  for (const char* text : {"", "v1", "latest", ".1", "-1"}) {
    EXPECT_FALSE(read_version(text)) << text;
  }
}

TEST(WholeNumber, ReadsSignAndEighteenDigits) {
  EXPECT_EQ(read_whole_number("0"), 0);
  EXPECT_EQ(read_whole_number("-7"), -7);
  EXPECT_EQ(read_whole_number("007"), 7);
  EXPECT_EQ(read_whole_number("999999999999999999"), 999999999999999999);
  for (const char* text : {"", "-", "+1", "1.0", "1e3", " 1", "1234567890123456789"}) {
    EXPECT_FALSE(read_whole_number(text)) << text;
  }
}

TEST(Decimal, ComparesAnyLengthExactly) {
  const auto order = [](const char* a, const char* b) { return compare_decimal(a, b); };
  EXPECT_TRUE(*order("9", "10") < 0);
  EXPECT_TRUE(*order("-9", "-10") > 0);
  EXPECT_TRUE(*order("-0", "0.00") == 0);
  EXPECT_TRUE(*order("+1.50", "1.5") == 0);
  EXPECT_TRUE(*order("1.05", "1.5") < 0);
  EXPECT_TRUE(*order("-1.05", "-1.5") > 0);
  EXPECT_TRUE(*order("-1", "1") < 0);
  EXPECT_TRUE(*order("100000000000000000000001", "100000000000000000000000") > 0);
  for (const char* text : {"", ".5", "5.", "1e3", "0x1", "--1", "1 ", "a"}) {
    EXPECT_FALSE(order(text, "1")) << text;
    EXPECT_FALSE(order("1", text)) << text;
  }
}

}  // namespace
}  // namespace berth::query
