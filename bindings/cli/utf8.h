// Text as people see it: code points and the columns that they take on a terminal.
//
// Thread rule: pure functions. Lifetime: nothing is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace berth::cli {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 1;  // 1 for a byte that is no UTF-8.
  bool is_valid = false;
};
// REQUIRES: at < text.size().
CodePoint code_point_at(std::string_view text, std::size_t at);

// The offset of the first byte that is not UTF-8; npos when all is.
std::size_t first_invalid_byte(std::string_view text);

// 0 for marks that combine, 2 for wide East Asian characters, else 1, as terminals lay them out.
std::uint32_t column_count(char32_t code_point);

// The text with its control characters (below 0x20, and 0x7F) written as \xHH: a terminal obeys none of them.
std::string escape_controls(std::string_view text);

}  // namespace berth::cli
