// Tables of golden cases under tests/golden/query: one case a line, columns apart by tabs, %HH for a byte, lines that begin with '#'
// are comments.
//
// Thread rule: pure functions.
#pragma once

#include <string>
#include <vector>

namespace berth::query::test {

using GoldenRow = std::vector<std::string>;

// Fails the process with a message when the file cannot be read.
std::vector<GoldenRow> read_golden(const std::string& name);

}  // namespace berth::query::test
