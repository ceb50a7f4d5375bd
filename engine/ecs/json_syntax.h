// Where a text stops being JSON. simdjson says that a text is wrong but not where; this slower reader is run on such texts only.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace berth::ecs {

// The first byte at which a text is no JSON value, and why; `offset` may be the text's size.
struct SyntaxFault {
  std::size_t offset;
  std::string message;  // Such as "expected ',' or '}'".
};

// Nesting beyond this is refused, as the parser does.
inline constexpr std::size_t kJsonDepthMax = 1024;

// nullopt when the whole text is one JSON value (with white space around it) as RFC 8259 defines it.
std::optional<SyntaxFault> find_syntax_fault(std::string_view text);

// The length of the first value of a text that starts with one, by brackets and quotes alone: for splitting values that stand one
// after another. The text's size when the value does not end.
std::size_t value_extent(std::string_view text);

// The length of the well-formed UTF-8 sequence that starts at `at` (Unicode 15, table 3-7), 0 when there is none.
std::size_t utf8_sequence_length(std::string_view text, std::size_t at);

struct LineColumn {
  std::size_t line;    // From 1.
  std::size_t column;  // From 1, in bytes.
};
LineColumn line_and_column(std::string_view text, std::size_t offset);

}  // namespace berth::ecs
