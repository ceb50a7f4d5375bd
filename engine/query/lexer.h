// Lexer: reads the pieces of an expression from left to right. What a piece may be depends on where it stands (after `==` the word `and`
// is a value), so the parser asks for the kind that it expects, and each kind that fails says what was expected and what was found.
//
// Thread rule: one thread. Lifetime: looks into the text, which must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/query/policy.h"
#include "engine/query/syntax.h"

namespace berth::query {

// A value as written: `text` without its quotes.
struct Literal {
  std::string_view text;
  Piece piece;  // With the quotes.
  Piece inner;  // Without.
};

struct OperatorToken {
  Operator op = Operator::kEqual;
  Piece piece;
  std::string_view text;  // As written.
};

enum class Connective : std::uint8_t { kAnd, kOr };

class Lexer {
 public:
  Lexer(std::string_view text, const Policy& policy) : text_(text), policy_(policy) {}

  [[nodiscard]] std::uint32_t at() const { return static_cast<std::uint32_t>(at_); }
  // The end of the last piece that was read, before the blanks behind it.
  [[nodiscard]] std::uint32_t last_end() const { return static_cast<std::uint32_t>(last_end_); }
  void skip_blanks();
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }

  // Each of these skips blanks first, and consumes only when it succeeds.
  bool take(char symbol);
  bool take_not();  // `!` or `not`.
  std::optional<Connective> take_connective();
  // The letters, digits and - _ . @ / \ : that stand here; may be empty.
  std::string_view take_word();
  // REQUIRES: the text here begins with "attribute:", which is skipped.
  Result<std::string_view> attribute_name();
  Result<OperatorToken> comparison_operator(std::string_view subject);
  // One value: quoted, or a bare word. `expected` says what for; a date may hold '+'.
  Result<Literal> literal(std::string_view expected, bool is_date, bool is_in_list = false);
  Result<std::vector<Literal>> list(std::string_view after);
  Result<Literal> pattern(std::string_view after);

  [[nodiscard]] std::string_view text_between(std::uint32_t begin, std::uint32_t end) const { return text_.substr(begin, end - begin); }
  // The word that stands here, without consuming it.
  [[nodiscard]] std::string_view peek_word() const;
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  // An error at what stands here: "expected <what>, found <it>; <mend>".
  [[nodiscard]] Error expected(std::string_view what, std::string_view mend = "") const;
  // The mend for a keyword that is not in lower case; empty for other words.
  [[nodiscard]] std::string case_mend(std::string_view word) const;

 private:
  [[nodiscard]] bool is_keyword(std::string_view word, std::string_view keyword) const;
  [[nodiscard]] Piece found_piece() const;
  [[nodiscard]] std::optional<Literal> quoted_if_any(Error& error);
  [[nodiscard]] std::size_t bare_pattern_end(Error& error) const;
  Error error_at(std::size_t offset, std::size_t length, std::string message) const;
  void consume(std::size_t bytes);

  std::string_view text_;
  const Policy& policy_;
  std::size_t at_ = 0;
  std::size_t last_end_ = 0;
};

// True for the letters, digits and - _ . @ / \ : of bare words.
bool is_word_char(char c);

}  // namespace berth::query
