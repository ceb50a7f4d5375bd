#include "engine/query/java_class.h"

#include <array>
#include <optional>
#include <utility>

#include "engine/query/utf8.h"

namespace berth::query {
namespace {

bool is_ascii_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

CodePointSet digits() {
  return CodePointSet({{'0', '9'}});
}
CodePointSet word() {
  return CodePointSet({{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}});
}
// Java's \s: blank, \t, \n, \x0B, \f, \r. RE2's lacks \x0B.
CodePointSet blanks() {
  return CodePointSet({{0x09, 0x0D}, {' ', ' '}});
}

CodePointSet one_of(char kind) {
  switch (kind) {
    case 'd':
      return digits();
    case 'D':
      return digits().complement();
    case 'w':
      return word();
    case 'W':
      return word().complement();
    case 's':
      return blanks();
    default:
      return blanks().complement();
  }
}

struct NamedSet {
  std::string_view name;
  std::vector<CodePointRange> ranges;
};

// The POSIX classes of Java, which are ASCII without (?U).
std::optional<CodePointSet> posix_class(std::string_view name) {
  const std::array<NamedSet, 13> classes = {{
      {"Lower", {{'a', 'z'}}},
      {"Upper", {{'A', 'Z'}}},
      {"ASCII", {{0, 0x7F}}},
      {"Alpha", {{'A', 'Z'}, {'a', 'z'}}},
      {"Digit", {{'0', '9'}}},
      {"Alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
      {"Punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
      {"Graph", {{'!', '~'}}},
      {"Print", {{' ', '~'}}},
      {"Blank", {{'\t', '\t'}, {' ', ' '}}},
      {"Cntrl", {{0, 0x1F}, {0x7F, 0x7F}}},
      {"XDigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}},
      {"Space", {{0x09, 0x0D}, {' ', ' '}}},
  }};
  for (const NamedSet& entry : classes) {
    if (entry.name == name) {
      return CodePointSet(entry.ranges);
    }
  }
  return std::nullopt;
}

int hexadecimal_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

ClassItem item_of(char32_t code_point) {
  return {false, code_point, {}};
}
ClassItem item_of(CodePointSet set) {
  return {true, 0, std::move(set)};
}

struct RefusedEscape {
  char letter;
  std::string_view what;
  std::string_view mend;
};

constexpr std::array<RefusedEscape, 15> kRefusedEscapes = {{
    {'b', "the word boundary \\b", "it reads letters beyond ASCII differently from one Java to the next"},
    {'B', "the non-word boundary \\B", "it reads letters beyond ASCII differently from one Java to the next"},
    {'v', "the vertical white space \\v", "write [\\n\\r\\f]"},
    {'V', "the escape \\V", "write [^\\n\\r\\f]"},
    {'h', "the horizontal white space \\h", "write [ \\t]"},
    {'H', "the escape \\H", "write [^ \\t]"},
    {'R', "the line break \\R", "write (\\r\\n|\\n)"},
    {'X', "the grapheme cluster \\X", ""},
    {'N', "the named character \\N{...}", "write the character itself or \\x{...}"},
    {'G', "the end of the previous match \\G", ""},
    {'Z', "the end before a line terminator \\Z", "write \\z"},
    {'k', "the named back reference \\k<...>", ""},
    {'Q', "the quotation \\Q...\\E", "put a backslash before each special character"},
    {'E', "the quotation \\Q...\\E", "put a backslash before each special character"},
    {'C', "the escape \\C", "Java has no such escape"},
}};

}  // namespace

Error pattern_error(StatusCode code, std::size_t offset, std::size_t length, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.offset = static_cast<std::uint32_t>(offset);
  error.length = static_cast<std::uint32_t>(length);
  return error;
}

Error unsupported_pattern(std::size_t offset, std::size_t length, std::string_view what, std::string_view mend) {
  std::string message = "the pattern uses ";
  message += what;
  message += ", which is not supported";
  if (!mend.empty()) {
    message += "; ";
    message += mend;
  }
  return pattern_error(StatusCode::kUnsupported, offset, length, std::move(message));
}

Result<ClassItem> JavaClassReader::escape(std::size_t& at, bool ignores_case) const {
  const std::size_t begin = at;
  if (begin + 1 >= pattern_.size()) {
    return pattern_error(StatusCode::kInvalidArgument, begin, 1, "expected a character after '\\', found the end of the pattern");
  }
  const char letter = pattern_[begin + 1];
  at = begin + 2;
  switch (letter) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
    case 's':
    case 'S':
      return item_of(one_of(letter));
    case 't':
      return item_of('\t');
    case 'n':
      return item_of('\n');
    case 'r':
      return item_of('\r');
    case 'f':
      return item_of('\f');
    case 'a':
      return item_of(0x07);
    case 'e':
      return item_of(0x1B);
    case 'u':
    case 'x':
      at = begin;
      return hexadecimal_escape(at);
    case 'p':
    case 'P':
      at = begin;
      return named_class(at, ignores_case);
    case '0':
      return unsupported_pattern(begin, 2, "the octal escape \\0", "write \\xHH");
    case 'c':
      if (at < pattern_.size() && pattern_[at] >= 'A' && pattern_[at] <= 'Z') {
        return item_of(static_cast<char32_t>(pattern_[at++] - '@'));
      }
      return unsupported_pattern(begin, 2, "the control escape \\c of other than A to Z", "write \\xHH");
    default:
      break;
  }
  if (letter >= '1' && letter <= '9') {
    return unsupported_pattern(begin, 2, "a back reference", "RE2 has none, since they cost exponential time");
  }
  for (const RefusedEscape& refused : kRefusedEscapes) {
    if (refused.letter == letter) {
      return unsupported_pattern(begin, 2, refused.what, refused.mend);
    }
  }
  const DecodedCodePoint decoded = decode_utf8(pattern_, begin + 1);
  if (is_ascii_letter(decoded.code_point)) {
    return pattern_error(StatusCode::kInvalidArgument, begin, 2,
                         "expected an escape that Java knows, found '" + std::string(pattern_.substr(begin, 2)) + "'");
  }
  at = begin + 1 + decoded.bytes;
  return item_of(decoded.code_point);
}

Result<ClassItem> JavaClassReader::hexadecimal_escape(std::size_t& at) const {
  const std::size_t begin = at;
  const bool is_unicode = pattern_[begin + 1] == 'u';
  at = begin + 2;
  const bool is_braced = !is_unicode && at < pattern_.size() && pattern_[at] == '{';
  at += is_braced ? 1 : 0;
  // Digits beyond these cannot keep the value in range unless they lead with zeros, which Java takes and Berth need not.
  const std::size_t digits_max = is_unicode ? 4 : (is_braced ? 6 : 2);
  const std::size_t digits_begin = at;
  std::uint32_t value = 0;
  while (at < pattern_.size() && at - digits_begin < digits_max && hexadecimal_value(pattern_[at]) >= 0) {
    value = value * 16 + static_cast<std::uint32_t>(hexadecimal_value(pattern_[at]));
    ++at;
  }
  const std::size_t digit_count = at - digits_begin;
  const bool is_closed = !is_braced || (at < pattern_.size() && pattern_[at] == '}');
  if (digit_count == 0 || (!is_braced && digit_count != digits_max) || !is_closed || value > kCodePointMax) {
    return pattern_error(StatusCode::kInvalidArgument, begin, at - begin,
                         "expected \\xHH, \\x{H...} up to 10FFFF or \\uHHHH with hexadecimal digits, found '" +
                             printable(pattern_.substr(begin, at - begin)) + "'");
  }
  at += is_braced ? 1 : 0;
  if (value >= 0xD800 && value <= 0xDFFF) {
    return unsupported_pattern(begin, at - begin, "a surrogate escape", "write \\x{H...} with the code point");
  }
  return item_of(static_cast<char32_t>(value));
}

Result<ClassItem> JavaClassReader::named_class(std::size_t& at, bool ignores_case) const {
  const std::size_t begin = at;
  const bool is_negated = pattern_[begin + 1] == 'P';
  at = begin + 2;
  const std::size_t close = at < pattern_.size() && pattern_[at] == '{' ? pattern_.find('}', at) : std::string_view::npos;
  if (close == std::string_view::npos) {
    at = begin + 2;
    return unsupported_pattern(begin, 2, "a Unicode class", "write the characters, or \\p{Alpha}, \\p{Digit}, \\p{Alnum}, ...");
  }
  const std::string_view name = pattern_.substr(at + 1, close - at - 1);
  at = close + 1;
  const std::optional<CodePointSet> set = posix_class(name);
  if (!set) {
    return unsupported_pattern(begin, at - begin, "the Unicode class " + printable(pattern_.substr(begin, at - begin)),
                               "its members depend on Java's release; write the characters, or \\p{Alpha}, \\p{Digit}, \\p{Alnum}, ...");
  }
  if (ignores_case && (name == "Lower" || name == "Upper")) {
    return unsupported_pattern(begin, at - begin, "\\p{Lower} or \\p{Upper} under (?i)",
                               "its meaning depends on Java's release; write \\p{Alpha}");
  }
  return item_of(is_negated ? set->complement() : *set);
}

Result<ClassItem> JavaClassReader::class_item(std::size_t& at, std::size_t class_begin, bool ignores_case) const {
  if (at >= pattern_.size()) {
    return pattern_error(StatusCode::kInvalidArgument, class_begin, pattern_.size() - class_begin,
                         "expected ']' to close the class, found the end of the pattern");
  }
  if (pattern_[at] == '\\') {
    return escape(at, ignores_case);
  }
  if (pattern_[at] == '[') {
    const bool is_posix = pattern_.substr(at, 2) == "[:";
    return is_posix ? unsupported_pattern(at, 2, "a bracket expression such as [[:alpha:]]", "Java reads it otherwise; write \\p{Alpha}")
                    : unsupported_pattern(at, 1, "a class inside a class (union)", "write one class, or \\[ for the character");
  }
  if (pattern_.substr(at, 2) == "&&") {
    return unsupported_pattern(at, 2, "class intersection &&", "write the characters that are left");
  }
  const DecodedCodePoint decoded = decode_utf8(pattern_, at);
  at += decoded.bytes;
  return item_of(decoded.code_point);
}

Result<CodePointSet> JavaClassReader::bracketed(std::size_t& at, bool ignores_case) const {
  const std::size_t begin = at;
  ++at;
  const bool is_negated = at < pattern_.size() && pattern_[at] == '^';
  at += is_negated ? 1 : 0;
  if (at < pattern_.size() && pattern_[at] == ']') {
    return unsupported_pattern(at, 1, "']' as the first of a class", "write \\]");
  }
  CodePointSet set;
  const auto add = [&](char32_t first, char32_t last) {
    set.add(first, last);
    if (ignores_case) {
      set.add_other_ascii_case(first, last);
    }
  };
  while (at >= pattern_.size() || pattern_[at] != ']') {
    const std::size_t item_begin = at;
    Result<ClassItem> item = class_item(at, begin, ignores_case);
    if (!item) {
      return std::move(item).error();
    }
    if (item->is_set) {
      set.add(item->set);
      continue;
    }
    // A '-' before the closing bracket stands for itself.
    const bool is_range = at + 1 < pattern_.size() && pattern_[at] == '-' && pattern_[at + 1] != ']';
    if (!is_range) {
      add(item->code_point, item->code_point);
      continue;
    }
    ++at;
    Result<ClassItem> last = class_item(at, begin, ignores_case);
    if (!last) {
      return std::move(last).error();
    }
    if (last->is_set || last->code_point < item->code_point) {
      return pattern_error(
          StatusCode::kInvalidArgument, item_begin, at - item_begin,
          "expected a range from a lower to a higher character, found '" + printable(pattern_.substr(item_begin, at - item_begin)) + "'");
    }
    add(item->code_point, last->code_point);
  }
  ++at;
  return is_negated ? set.complement() : set;
}

}  // namespace berth::query
