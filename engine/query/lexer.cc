#include "engine/query/lexer.h"

#include <array>
#include <utility>

#include "engine/query/utf8.h"
#include "engine/query/vocabulary.h"

namespace berth::query {
namespace {

constexpr std::size_t kAttributeNameBytesMax = 128;
constexpr std::string_view kQuoteMend = "put a value with other characters than letters, digits and - _ . @ / \\ : into single quotes";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_attribute_name_char(char c) {
  return is_letter_or_digit(c) || c == '-' || c == '_' || c == '/' || c == '\\' || c == '.';
}
bool is_operator_symbol(char c) {
  return c == '=' || c == '!' || c == '<' || c == '>' || c == '~' || c == '&' || c == '|';
}

}  // namespace

bool is_word_char(char c) {
  return is_attribute_name_char(c) || c == '@' || c == ':';
}

void Lexer::skip_blanks() {
  while (at_ < text_.size() && is_blank(text_[at_])) {
    ++at_;
  }
}

void Lexer::consume(std::size_t bytes) {
  at_ += bytes;
  last_end_ = at_;
}

Error Lexer::error_at(std::size_t offset, std::size_t length, std::string message) const {
  Error error;
  error.code = StatusCode::kInvalidArgument;
  error.message = std::move(message);
  error.offset = static_cast<std::uint32_t>(offset);
  error.length = static_cast<std::uint32_t>(length);
  return error;
}

Piece Lexer::found_piece() const {
  std::size_t end = at_;
  if (at_ < text_.size()) {
    bool (*const belongs)(char) = is_word_char(text_[at_]) ? is_word_char : is_operator_symbol;
    while (end < text_.size() && belongs(text_[end])) {
      ++end;
    }
    if (end == at_) {
      end += std::max(decode_utf8(text_, at_).bytes, 1U);
    }
  }
  return {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(end - at_)};
}

Error Lexer::expected(std::string_view what, std::string_view mend) const {
  const Piece piece = found_piece();
  std::string message = "expected ";
  message += what;
  message += ", found ";
  if (piece.length == 0) {
    message += "the end of the expression";
  } else {
    message += piece.length == 1 && text_[at_] == '\'' ? std::string("a single quote")
                                                       : "'" + printable(text_.substr(piece.offset, piece.length)) + "'";
  }
  if (!mend.empty()) {
    message += "; ";
    message += mend;
  }
  return error_at(piece.offset, piece.length, std::move(message));
}

bool Lexer::is_keyword(std::string_view word, std::string_view keyword) const {
  return word == keyword || (policy_.keyword_case == Policy::KeywordCase::kAny && to_lower(word) == keyword);
}

std::string Lexer::case_mend(std::string_view word) const {
  const std::string lower = to_lower(word);
  bool is_known = lower == "and" || lower == "or" || lower == "not";
  for (const OperatorWord& known : word_operators()) {
    is_known = is_known || known.text == lower;
  }
  return is_known && lower != word ? "keywords are in lower case: write '" + lower + "'" : std::string();
}

bool Lexer::take(char symbol) {
  skip_blanks();
  if (peek() != symbol || at_end()) {
    return false;
  }
  consume(1);
  return true;
}

bool Lexer::take_not() {
  if (take('!')) {
    return true;
  }
  if (!is_keyword(peek_word(), "not")) {
    return false;
  }
  consume(3);
  return true;
}

std::optional<Connective> Lexer::take_connective() {
  skip_blanks();
  const std::string_view symbol = text_.substr(at_, 2);
  const std::string_view word = peek_word();
  if (symbol == "&&" || is_keyword(word, "and")) {
    consume(symbol == "&&" ? 2 : 3);
    return Connective::kAnd;
  }
  if (symbol == "||" || is_keyword(word, "or")) {
    consume(2);
    return Connective::kOr;
  }
  return std::nullopt;
}

std::string_view Lexer::peek_word() const {
  std::size_t end = at_;
  while (end < text_.size() && is_word_char(text_[end])) {
    ++end;
  }
  return text_.substr(at_, end - at_);
}

std::string_view Lexer::take_word() {
  skip_blanks();
  const std::string_view word = peek_word();
  if (!word.empty()) {
    consume(word.size());
  }
  return word;
}

Result<std::string_view> Lexer::attribute_name() {
  const std::size_t begin = at_ + kAttributePrefix.size();
  std::size_t end = begin;
  while (end < text_.size() && is_attribute_name_char(text_[end])) {
    ++end;
  }
  if (end == begin) {
    at_ = begin;
    return expected("an attribute name after 'attribute:'", "a name is made of letters, digits and - _ / \\ .");
  }
  if (end - begin > kAttributeNameBytesMax) {
    return error_at(begin, end - begin,
                    "expected an attribute name of at most " + std::to_string(kAttributeNameBytesMax) + " characters, found " +
                        std::to_string(end - begin));
  }
  consume(end - at_);
  return text_.substr(begin, end - begin);
}

Result<OperatorToken> Lexer::comparison_operator(std::string_view subject) {
  skip_blanks();
  const std::string_view word = peek_word();
  for (const OperatorWord& known : word_operators()) {
    if (is_keyword(word, known.text)) {
      const OperatorToken token{known.op, found_piece(), word};
      consume(word.size());
      return token;
    }
  }
  for (const OperatorWord& known : symbol_operators()) {
    const std::size_t bytes = known.text.size();
    const std::string_view here = text_.substr(at_, bytes);
    const bool is_word_like = known.text.size() > 2;  // !in and !exists end as words do.
    const bool is_it = is_word_like ? is_keyword(here, known.text) && (at_ + bytes == text_.size() || !is_word_char(text_[at_ + bytes]))
                                    : here == known.text;
    if (is_it) {
      const OperatorToken token{known.op, {at(), static_cast<std::uint32_t>(bytes)}, here};
      consume(bytes);
      return token;
    }
  }
  std::string mend = case_mend(word);
  const Piece piece = found_piece();
  const std::string_view nearest = nearest_operator(text_.substr(piece.offset, piece.length));
  if (peek() == '!') {
    mend = "'!' stands directly before exists, in, = or ~";
  } else if (mend.empty() && !nearest.empty()) {
    mend = "did you mean '" + std::string(nearest) + "'?";
  }
  return expected("an operator such as '==' or 'in' after '" + printable(subject) + "'", mend);
}

std::optional<Literal> Lexer::quoted_if_any(Error& error) {
  if (at_end() || (text_[at_] != '\'' && text_[at_] != '"')) {
    return std::nullopt;
  }
  const char quote = text_[at_];
  if (quote == '"' && policy_.double_quotes == Policy::DoubleQuotes::kReject) {
    const std::size_t close = text_.find('"', at_ + 1);
    const std::size_t length = close == std::string_view::npos ? 1 : close + 1 - at_;
    error = error_at(at_, length, "expected a value, found a double quote; quote with single quotes: '...'");
    return std::nullopt;
  }
  const std::size_t close = text_.find(quote, at_ + 1);
  if (close == std::string_view::npos) {
    error = error_at(at_, text_.size() - at_,
                     std::string("expected a closing ") + (quote == '"' ? "double" : "single") + " quote, found the end of the expression");
    return std::nullopt;
  }
  const auto begin = static_cast<std::uint32_t>(at_);
  const auto bytes = static_cast<std::uint32_t>(close - at_ - 1);
  const Literal literal{text_.substr(at_ + 1, bytes), {begin, bytes + 2}, {begin + 1, bytes}};
  consume(bytes + 2U);
  return literal;
}

Result<Literal> Lexer::literal(std::string_view what, bool is_date, bool is_in_list) {
  skip_blanks();
  Error error;
  error.offset = kNoOffset;
  if (std::optional<Literal> quoted = quoted_if_any(error)) {
    return *quoted;
  }
  if (error.offset != kNoOffset) {
    return error;
  }
  std::size_t end = at_;
  while (end < text_.size() && (is_word_char(text_[end]) || (is_date && text_[end] == '+'))) {
    ++end;
  }
  if (end == at_) {
    if (at_end() || peek() == ')' || peek() == ']' || peek() == ',') {
      return expected(what);
    }
    if (peek() == '[' && !is_in_list) {
      return expected(what, "a list goes with 'in' or '!in'");
    }
    return expected(what, is_operator_symbol(peek()) ? std::string_view() : kQuoteMend);
  }
  const Piece piece{at(), static_cast<std::uint32_t>(end - at_)};
  consume(piece.length);
  return Literal{text_.substr(piece.offset, piece.length), piece, piece};
}

Result<std::vector<Literal>> Lexer::list(std::string_view after) {
  skip_blanks();
  const std::string what = "a list in square brackets after '" + std::string(after) + "'";
  if (peek() == '(') {
    return expected(what, "write [a, b] in place of (a, b)");
  }
  const std::uint32_t begin = at();
  if (!take('[')) {
    return expected(what, "write [a, b]");
  }
  std::vector<Literal> values;
  for (;;) {
    Result<Literal> value = literal("a value in the list", false, true);
    if (!value) {
      return std::move(value).error();
    }
    values.push_back(*value);
    if (take(']')) {
      return values;
    }
    if (!take(',')) {
      return at_end() ? expected("',' or ']' to close the list that begins at byte " + std::to_string(begin))
                      : expected("',' or ']' after a value of the list",
                                 peek() == '\'' || is_word_char(peek()) ? "put ',' between values" : kQuoteMend);
    }
  }
}

std::size_t Lexer::bare_pattern_end(Error& error) const {
  std::vector<std::size_t> open;  // Where the parentheses that are open stand.
  bool is_in_class = false;
  std::size_t end = at_;
  for (; end < text_.size() && !is_blank(text_[end]); ++end) {
    const char c = text_[end];
    const std::string_view pair = text_.substr(end, 2);
    if (c == '\\' && end + 1 < text_.size() && !is_blank(text_[end + 1])) {
      ++end;
    } else if (is_in_class) {
      is_in_class = c != ']';
    } else if (pair == "&&" || (pair == "||" && open.empty())) {
      error = error_at(end, 2,
                       "expected a pattern without blanks, found '" + std::string(pair) +
                           "' in it; quote the pattern ('...') or put a blank before the '" + std::string(pair) + "'");
      return end;
    } else if (c == '[') {
      is_in_class = true;
    } else if (c == '(') {
      open.push_back(end);
    } else if (c == ')') {
      if (open.empty()) {
        break;
      }
      open.pop_back();
    }
  }
  if (!open.empty()) {
    error = error_at(open.back(), 1,
                     "expected ')' to close this '(' of the pattern before the next blank, found none; "
                     "quote a pattern that has blanks");
  }
  return end;
}

Result<Literal> Lexer::pattern(std::string_view after) {
  skip_blanks();
  const std::string what = "a pattern after '" + std::string(after) + "'";
  Error error;
  error.offset = kNoOffset;
  if (std::optional<Literal> quoted = quoted_if_any(error)) {
    return *quoted;
  }
  if (error.offset != kNoOffset) {
    return error;
  }
  const std::size_t end = bare_pattern_end(error);
  if (error.offset != kNoOffset) {
    return error;
  }
  if (end == at_) {
    return expected(what);
  }
  const Piece piece{at(), static_cast<std::uint32_t>(end - at_)};
  consume(piece.length);
  return Literal{text_.substr(piece.offset, piece.length), piece, piece};
}

}  // namespace berth::query
