#include "engine/service/csv.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace berth::service::test {
namespace {

// All records; the message of the error as the last "record" where there is one.
std::vector<std::vector<std::string>> read_all(std::string_view text) {
  CsvReader reader("file.csv", text);
  std::vector<std::vector<std::string>> records;
  for (std::vector<std::string> fields;;) {
    const Result<bool> more = reader.next(fields);
    if (!more.ok()) {
      records.push_back({more.error().message});
      return records;
    }
    if (!*more) {
      return records;
    }
    records.push_back(fields);
  }
}

using Records = std::vector<std::vector<std::string>>;

TEST(Csv, ReadsFieldsOfEachLine) {
  EXPECT_EQ(read_all("a,b\n1,2\n"), (Records{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read_all("a,b\n1,2"), (Records{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read_all("a,b\r\n1,2\r\n"), (Records{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read_all("a,b\r\n1,2\r"), (Records{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read_all(""), Records{});
}

TEST(Csv, KeepsEmptyFieldsAndPassesOverEmptyLines) {
  EXPECT_EQ(read_all("a,,\n\n\r\n,\n"), (Records{{"a", "", ""}, {"", ""}}));
}

TEST(Csv, PassesOverAByteOrderMark) {
  EXPECT_EQ(read_all("\xef\xbb\xbf"
                     "a\n"),
            (Records{{"a"}}));
}

TEST(Csv, TakesQuotedFieldsWhole) {
  EXPECT_EQ(read_all("\"a,b\",\"say \"\"so\"\"\",\"two\nlines\"\nnext,,\"\"\n"),
            (Records{{"a,b", "say \"so\"", "two\nlines"}, {"next", "", ""}}));
}

TEST(Csv, NamesTheLineOfAnOpenQuote) {
  EXPECT_EQ(read_all("a\n\"b\n"), (Records{{"a"}, {"file.csv: line 2: the quote that opens field 'b\n' is never closed"}}));
}

TEST(Csv, CountsTheLinesWithinQuotes) {
  EXPECT_EQ(read_all("\"a\nb\"\n\"c\"d\n"), (Records{{"a\nb"},
                                                     {"file.csv: line 3: text follows the closing quote of field 'c'; write a quote inside "
                                                      "of quotes twice"}}));
}

}  // namespace
}  // namespace berth::service::test
