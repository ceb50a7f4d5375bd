#include "bench/report/print.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "bench/report/goal.h"

namespace berth::bench {
namespace {

std::vector<std::string> words_of_line(const std::string& table, std::string_view what) {
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    if (const std::size_t at = line.find(what); at != std::string::npos) {
      std::istringstream words(line.substr(at + what.size()));
      return {std::istream_iterator<std::string>(words), {}};
    }
  }
  return {};
}

TEST(Table, TellsOfWhatWasMeasuredAlone) {
  EXPECT_EQ(to_table(Figures()), "");
  Figures figures;
  figures.add("W3.random_ms", 44);
  const std::string table = to_table(figures);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 2);
  EXPECT_EQ(words_of_line(table, "tasks: random"), (std::vector<std::string>{"44", "ms", "<=", "50", "<=", "200", "goal"}));
}

TEST(Table, HoldsAFigureAgainstTheOther) {
  Figures figures;
  figures.add("W2.z200.p99_us", 30);
  figures.add("memory.chase_ns", 150);
  figures.add("W2.z200.placements_per_second", 1'234'567);
  const std::string table = to_table(figures);
  EXPECT_EQ(words_of_line(table, "Z(200), p99 "),
            (std::vector<std::string>{"30", "us", "dependent", "DRAM", "miss", "150", "ns", "200x", "<=", "20", "<=", "100", "milestone"}));
  EXPECT_EQ(words_of_line(table, "placements/s"), (std::vector<std::string>{"1,234,567", ">=", "1,000,000", ">=", "250,000", "goal"}));
}

TEST(Table, SaysWhatWasNotReached) {
  Figures figures;
  figures.add("W3.random_ms", 201);
  EXPECT_EQ(words_of_line(to_table(figures), "tasks: random").back(), "no");
}

TEST(Table, HasALineForEachGoal) {
  Figures figures;
  for (const Goal& goal : goals()) {
    figures.add(goal.key, 1);
  }
  const std::string table = to_table(figures);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), static_cast<std::ptrdiff_t>(goals().size()) + 1);
}

TEST(Json, IsOneFlatObjectOfNumbers) {
  Figures figures;
  for (const Goal& goal : goals()) {
    figures.add(goal.key, 0.25);
  }
  figures.add("memory.chase_ns", 123456789);
  const nlohmann::json json = nlohmann::json::parse(to_json(figures));
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json.size(), goals().size() + 1);
  for (const auto& [key, value] : json.items()) {
    EXPECT_TRUE(value.is_number()) << key;
  }
  EXPECT_EQ(json.at("W2.two_thread_speedup"), 0.25);
  EXPECT_EQ(json.at("memory.chase_ns"), 123456789);
  EXPECT_EQ(nlohmann::json::parse(to_json(Figures())), nlohmann::json::object());
}

}  // namespace
}  // namespace berth::bench
