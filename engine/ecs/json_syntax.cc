#include "engine/ecs/json_syntax.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace berth::ecs {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Reads one value without recursion: `open_` holds the brackets that are open.
class SyntaxReader {
 public:
  explicit SyntaxReader(std::string_view text) : text_(text) {}

  std::optional<SyntaxFault> read() {
    skip_spaces();
    bool more = value();
    while (more && !open_.empty()) {
      skip_spaces();
      more = open_.back() == '{' ? after_member() : after_element();
    }
    if (!more) {
      return std::move(fault_);
    }
    skip_spaces();
    if (at_ < text_.size()) {
      fail("expected the end of the text");
      return std::move(fault_);
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) {
      ++at_;
    }
  }
  bool fail(std::string message) {
    fault_ = SyntaxFault{at_, std::move(message)};
    return false;
  }

  bool value() {
    switch (peek()) {
      case '{':
        return enter('{') && first_member();
      case '[':
        return enter('[') && first_element();
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return peek() == '-' || is_digit(peek()) ? number() : fail("expected a value");
    }
  }

  bool enter(char bracket) {
    if (open_.size() == kJsonDepthMax) {
      return fail("values nest more than " + std::to_string(kJsonDepthMax) + " deep");
    }
    open_.push_back(bracket);
    ++at_;
    skip_spaces();
    return true;
  }
  void leave() {
    open_.pop_back();
    ++at_;
  }

  bool first_member() {
    if (peek() == '}' && at_ < text_.size()) {
      leave();
      return true;
    }
    return key("expected a member's name in double quotes, or '}'") && value();
  }
  bool first_element() {
    if (peek() == ']') {
      leave();
      return true;
    }
    return value();
  }
  bool after_member() {
    if (peek() == '}') {
      leave();
      return true;
    }
    if (peek() != ',') {
      return fail("expected ',' or '}'");
    }
    ++at_;
    skip_spaces();
    return key("expected a member's name in double quotes") && value();
  }
  bool after_element() {
    if (peek() == ']') {
      leave();
      return true;
    }
    if (peek() != ',') {
      return fail("expected ',' or ']'");
    }
    ++at_;
    skip_spaces();
    return value();
  }
  bool key(const char* expected) {
    if (peek() != '"') {
      return fail(expected);
    }
    if (!string()) {
      return false;
    }
    skip_spaces();
    if (peek() != ':') {
      return fail("expected ':'");
    }
    ++at_;
    skip_spaces();
    return true;
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) {
      return fail("expected a value");
    }
    at_ += expected.size();
    return ends_here();
  }
  // A word or number must be followed by white space, a bracket, a comma or the end.
  bool ends_here() {
    const char c = peek();
    const bool ends = at_ == text_.size() || is_space(c) || c == ',' || c == ']' || c == '}' || c == ':';
    return ends || fail("expected the end of a value");
  }

  bool number() {
    if (peek() == '-') {
      ++at_;
    }
    if (!is_digit(peek())) {
      return fail("expected a digit");
    }
    if (peek() == '0') {
      ++at_;
    } else {
      digits();
    }
    if (peek() == '.') {
      ++at_;
      if (!is_digit(peek())) {
        return fail("expected a digit");
      }
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') {
        ++at_;
      }
      if (!is_digit(peek())) {
        return fail("expected a digit");
      }
      digits();
    }
    return ends_here();
  }
  void digits() {
    while (is_digit(peek())) {
      ++at_;
    }
  }

  bool string() {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20U) {
        return fail("a control character inside a string must be escaped");
      }
      if (c == '\\') {
        if (!escape()) {
          return false;
        }
        continue;
      }
      const std::size_t length = utf8_sequence_length(text_, at_);
      if (length == 0) {
        return fail("the text is no UTF-8 here");
      }
      at_ += length;
    }
    return fail("the string does not end");
  }

  bool escape() {
    const char kind = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (kind != 'u') {
      if (kind == '\0' || std::string_view("\"\\/bfnrt").find(kind) == std::string_view::npos) {
        return fail("unknown escape in a string");
      }
      at_ += 2;
      return true;
    }
    std::uint32_t unit = 0;
    if (!hex_unit(at_, unit)) {
      return fail("expected four hexadecimal digits after \\u");
    }
    if (unit >= 0xDC00U && unit <= 0xDFFFU) {
      return fail("half of a surrogate pair stands alone");
    }
    if (unit >= 0xD800U && unit <= 0xDBFFU) {
      std::uint32_t low = 0;
      if (!hex_unit(at_ + 6, low) || low < 0xDC00U || low > 0xDFFFU) {
        return fail("half of a surrogate pair stands alone");
      }
      at_ += 6;
    }
    at_ += 6;
    return true;
  }
  // Reads \uXXXX at `at`.
  bool hex_unit(std::size_t at, std::uint32_t& unit) const {
    if (at + 6 > text_.size() || text_[at] != '\\' || text_[at + 1] != 'u') {
      return false;
    }
    unit = 0;
    for (std::size_t i = at + 2; i < at + 6; ++i) {
      const char c = text_[i];
      if (!is_hex(c)) {
        return false;
      }
      const int digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
      unit = unit * 16 + static_cast<std::uint32_t>(digit);
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<char> open_;
  std::optional<SyntaxFault> fault_;
};

// The offset after the string that starts at `at`, or the text's size.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(at);
  if (lead < 0x80U) {
    return 1;
  }
  const auto follows = [&](std::size_t i, unsigned low = 0x80U, unsigned high = 0xBFU) { return byte(i) >= low && byte(i) <= high; };
  if (lead >= 0xC2U && lead <= 0xDFU) {
    return follows(at + 1) ? 2 : 0;
  }
  if (lead >= 0xE0U && lead <= 0xEFU) {
    const unsigned low = lead == 0xE0U ? 0xA0U : 0x80U;
    const unsigned high = lead == 0xEDU ? 0x9FU : 0xBFU;
    return follows(at + 1, low, high) && follows(at + 2) ? 3 : 0;
  }
  if (lead >= 0xF0U && lead <= 0xF4U) {
    const unsigned low = lead == 0xF0U ? 0x90U : 0x80U;
    const unsigned high = lead == 0xF4U ? 0x8FU : 0xBFU;
    return follows(at + 1, low, high) && follows(at + 2) && follows(at + 3) ? 4 : 0;
  }
  return 0;
}

std::optional<SyntaxFault> find_syntax_fault(std::string_view text) {
  return SyntaxReader(text).read();
}

std::size_t value_extent(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at);
      if (depth == 0) {
        return at;
      }
      continue;
    }
    ++at;
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1) {
        return at;
      }
      --depth;
    } else if (depth == 0 && (at == text.size() || is_space(text[at]) || text[at] == '{' || text[at] == '[' || text[at] == '"')) {
      return at;
    }
  }
  return text.size();
}

LineColumn line_and_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t last = before.rfind('\n');
  return {static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          last == std::string_view::npos ? before.size() + 1 : before.size() - last};
}

}  // namespace berth::ecs
