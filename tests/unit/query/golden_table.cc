#include "tests/unit/query/golden_table.h"

#include <cstdlib>
#include <fstream>
#include <iostream>

namespace berth::query::test {
namespace {

GoldenRow split(const std::string& line) {
  GoldenRow row(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\t') {
      row.emplace_back();
    } else if (line[i] == '%') {
      row.back() += static_cast<char>(std::stoi(line.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      row.back() += line[i];
    }
  }
  return row;
}

}  // namespace

std::vector<GoldenRow> read_golden(const std::string& name) {
  const std::string path = std::string(BERTH_GOLDEN_DIR) + "/" + name;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::cerr << "cannot read " << path << "\n";
    std::abort();
  }
  std::vector<GoldenRow> rows;
  bool is_comment = true;
  for (std::string line; std::getline(in, line);) {
    // Only the lines at the head are comments: a pattern may begin with '#'.
    is_comment = is_comment && line.starts_with("# ");
    if (!is_comment) {
      rows.push_back(split(line));
    }
  }
  return rows;
}

}  // namespace berth::query::test
