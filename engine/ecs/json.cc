#include "engine/ecs/json.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/ecs/json_syntax.h"

namespace berth::ecs {
namespace {

// simdjson keeps an element as its document and its place on the document's tape, where values stand in the order of the text. The
// place is what tells two values apart and whether one stands before another; a test of paths fails should the layout ever change.
struct TapePlace {
  const void* document;
  std::size_t index;
};
static_assert(sizeof(TapePlace) == sizeof(simdjson::dom::element) && std::is_trivially_copyable_v<simdjson::dom::element>);

std::size_t place_of(simdjson::dom::element element) {
  return std::bit_cast<TapePlace>(element).index;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

void append_member(std::string& path, std::string_view name) {
  if (!is_plain_name(name)) {
    path.append("[\"").append(name).append("\"]");
    return;
  }
  if (!path.empty()) {
    path.push_back('.');
  }
  path.append(name);
}

// Steps from `parent` to the child that is or holds the value at `target`; false when parent has none.
bool descend(simdjson::dom::element& parent, std::size_t target, std::string& path) {
  simdjson::dom::object object;
  simdjson::dom::array array;
  bool found = false;
  if (parent.get(object) == simdjson::SUCCESS) {
    std::string_view name;
    for (const auto member : object) {
      if (place_of(member.value) > target) {
        break;
      }
      found = true;
      name = member.key;
      parent = member.value;
    }
    if (found) {
      append_member(path, name);
    }
  } else if (parent.get(array) == simdjson::SUCCESS) {
    std::size_t index = 0;
    for (const simdjson::dom::element child : array) {
      if (place_of(child) > target) {
        break;
      }
      found = true;
      ++index;
      parent = child;
    }
    if (found) {
      path.append("[").append(std::to_string(index - 1)).append("]");
    }
  }
  return found;
}

// Messages quote what they refuse; they stay one line of bearable length, cut between code points.
std::string one_line(std::string text) {
  constexpr std::size_t kMessageBytesMax = 2000;
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }, ' ');
  if (text.size() > kMessageBytesMax) {
    std::size_t end = kMessageBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    text.resize(end);
    text += "...";
  }
  return text;
}

Error located(std::string_view source, std::string_view message) {
  Error error;
  error.code = StatusCode::kInvalidArgument;
  error.message = one_line(source.empty() ? std::string(message) : std::string(source).append(": ").append(message));
  error.source = source;
  return error;
}

// What stands at an offset, for "found ...".
std::string describe_byte(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) {
    return "the end of the text";
  }
  const unsigned char byte = static_cast<unsigned char>(text[offset]);
  if (byte >= 0x21 && byte < 0x7F) {
    return std::string("'") + text[offset] + "'";
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  return std::string("byte 0x") + kDigits[byte >> 4U] + kDigits[byte & 15U];
}

// `text` is the part of the document that was parsed, starting at `begin` of `whole`.
Error parse_error(std::string_view source, std::string_view whole, std::size_t begin, std::string_view text, simdjson::error_code code) {
  if (code == simdjson::MEMALLOC) {
    Error error = located(source, "not enough memory to parse " + std::to_string(text.size()) + " bytes of JSON; import it in parts");
    error.code = StatusCode::kOutOfMemory;
    return error;
  }
  if (code == simdjson::CAPACITY) {
    Error error = located(source, "one JSON value of " + std::to_string(text.size()) + " bytes is beyond 4 GiB; import it in parts");
    error.code = StatusCode::kLimitExceeded;
    return error;
  }
  const std::optional<SyntaxFault> fault = find_syntax_fault(text);
  if (!fault) {
    // What is left are numbers beyond the range of a double or an unsigned 64-bit integer.
    return located(source, std::string("a number is out of range (") + simdjson::error_message(code) + ")");
  }
  const std::size_t offset = begin + fault->offset;
  const LineColumn place = line_and_column(whole, offset);
  Error error = located(source, "line " + std::to_string(place.line) + ", column " + std::to_string(place.column) +
                                    ": no JSON: " + fault->message + ", found " + describe_byte(whole, offset));
  if (offset < kNoOffset) {
    error.offset = static_cast<std::uint32_t>(offset);
    error.length = offset < whole.size() ? 1 : 0;
  }
  return error;
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Checks what is common to every text; the number of bytes to skip at its beginning.
Result<std::size_t> check_encoding(std::string_view source, std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return located(source, "is UTF-16 text; write it as UTF-8 (PowerShell: `| Out-File -Encoding utf8`)");
  }
  const std::size_t begin = bytes.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  if (bytes.find_first_not_of(" \t\r\n", begin) == std::string_view::npos) {
    return located(source, "is empty; expected JSON");
  }
  return begin;
}

}  // namespace

JsonValue::Type JsonValue::type() const {
  switch (element_.type()) {
    case simdjson::dom::element_type::ARRAY:
      return Type::kArray;
    case simdjson::dom::element_type::OBJECT:
      return Type::kObject;
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
      return Type::kInteger;
    case simdjson::dom::element_type::DOUBLE:
      return Type::kNumber;
    case simdjson::dom::element_type::STRING:
      return Type::kString;
    case simdjson::dom::element_type::BOOL:
      return Type::kBoolean;
    case simdjson::dom::element_type::NULL_VALUE:
      break;
  }
  return Type::kNull;
}

std::string JsonValue::path() const {
  std::string path;
  const std::size_t target = place_of(element_);
  simdjson::dom::element at = root_;
  while (place_of(at) < target && descend(at, target, path)) {
  }
  return path;
}

Error JsonValue::error(std::string_view message, std::string_view exception) const {
  std::string where = path();
  if (exception.empty()) {
    if (!where.empty()) {
      where += ": ";
    }
    return located(source_, where.append(message));
  }
  Error error = located("", message);
  if (!where.empty()) {
    error.message += one_line(" (at " + where) + ")";
  }
  error.exception = exception;
  error.source = source_;
  return error;
}

Error JsonValue::mismatch(Type expected) const {
  return error("expected " + std::string(to_text(expected)) + ", found " + std::string(to_text(type())));
}

Result<bool> JsonValue::boolean() const {
  bool value = false;
  if (element_.get(value) != simdjson::SUCCESS) {
    return mismatch(Type::kBoolean);
  }
  return value;
}

Result<std::int64_t> JsonValue::integer(std::int64_t least, std::int64_t most) const {
  if (type() != Type::kInteger) {
    return mismatch(Type::kInteger);
  }
  std::int64_t value = 0;
  if (element_.get(value) != simdjson::SUCCESS || value < least || value > most) {
    const std::string found = element_.is_int64() ? std::to_string(value) : std::to_string(std::uint64_t(element_));
    return error("expected an integer from " + std::to_string(least) + " to " + std::to_string(most) + ", found " + found);
  }
  return value;
}

Result<std::uint64_t> JsonValue::unsigned_integer() const {
  if (type() != Type::kInteger) {
    return mismatch(Type::kInteger);
  }
  std::uint64_t value = 0;
  if (element_.get(value) != simdjson::SUCCESS) {
    return error("expected an integer that is not negative");
  }
  return value;
}

Result<double> JsonValue::number() const {
  if (type() != Type::kInteger && type() != Type::kNumber) {
    return mismatch(Type::kNumber);
  }
  double value = 0;
  if (element_.get(value) != simdjson::SUCCESS) {
    return error("expected a number");
  }
  return value;
}

Result<std::string_view> JsonValue::string() const {
  std::string_view value;
  if (element_.get(value) != simdjson::SUCCESS) {
    return mismatch(Type::kString);
  }
  return value;
}

std::optional<JsonValue> JsonValue::member(std::string_view name) const {
  simdjson::dom::object object;
  simdjson::dom::element value;
  if (element_.get(object) != simdjson::SUCCESS || object.at_key(name).get(value) != simdjson::SUCCESS || value.is_null()) {
    return std::nullopt;
  }
  return JsonValue(source_, value, root_);
}

Outcome JsonValue::for_each(const std::function<Outcome(const JsonValue&)>& visit) const {
  simdjson::dom::array array;
  if (element_.get(array) != simdjson::SUCCESS) {
    return mismatch(Type::kArray);
  }
  for (const simdjson::dom::element child : array) {
    if (Outcome outcome = visit(JsonValue(source_, child, root_)); !outcome) {
      return outcome;
    }
  }
  return {};
}

Outcome JsonValue::for_each_member(const std::function<Outcome(std::string_view name, const JsonValue&)>& visit) const {
  simdjson::dom::object object;
  if (element_.get(object) != simdjson::SUCCESS) {
    return mismatch(Type::kObject);
  }
  for (const auto member : object) {
    if (Outcome outcome = visit(member.key, JsonValue(source_, member.value, root_)); !outcome) {
      return outcome;
    }
  }
  return {};
}

Outcome JsonValue::require_known_members(std::span<const std::string_view> known, std::string_view exception) const {
  return for_each_member([&](std::string_view name, const JsonValue& value) -> Outcome {
    if (std::find(known.begin(), known.end(), name) != known.end()) {
      return {};
    }
    std::string message = "unknown member";
    if (const std::optional<std::string_view> nearest = nearest_name(name, known)) {
      message.append("; did you mean \"").append(*nearest).append("\"?");
    } else if (known.empty()) {
      message += "; none is known here";
    } else {
      message += "; known are ";
      for (std::size_t i = 0; i < known.size(); ++i) {
        message.append(i == 0 ? "" : ", ").append(known[i]);
      }
    }
    return value.error(message, exception);
  });
}

Outcome JsonValue::expect(Type expected) const {
  const Type found = type();
  const bool fits = found == expected || (expected == Type::kNumber && found == Type::kInteger);
  return fits ? Outcome() : Outcome(mismatch(expected));
}

std::string_view to_text(JsonValue::Type type) {
  switch (type) {
    case JsonValue::Type::kNull:
      return "null";
    case JsonValue::Type::kBoolean:
      return "a boolean";
    case JsonValue::Type::kInteger:
      return "an integer";
    case JsonValue::Type::kNumber:
      return "a number";
    case JsonValue::Type::kString:
      return "a string";
    case JsonValue::Type::kArray:
      return "an array";
    case JsonValue::Type::kObject:
      return "an object";
  }
  return "";
}

Result<JsonDocument> JsonDocument::parse(std::string_view source, std::string_view bytes) {
  const Result<std::size_t> begin = check_encoding(source, bytes);
  if (!begin) {
    return begin.error();
  }
  JsonDocument document;
  document.state_ = std::make_unique<State>();
  document.state_->source = source;
  const std::string_view text = bytes.substr(*begin);
  const simdjson::error_code code = document.state_->parser.parse(text.data(), text.size()).get(document.state_->root);
  if (code != simdjson::SUCCESS) {
    return parse_error(source, bytes, *begin, text, code);
  }
  return document;
}

Outcome JsonDocument::parse_each(std::string_view source, std::string_view bytes,
                                 const std::function<Outcome(const JsonValue& root)>& visit) {
  const Result<std::size_t> begin = check_encoding(source, bytes);
  if (!begin) {
    return begin.error();
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  // One value is the rule, so the whole text is tried first and split only when that fails.
  const std::string_view text = bytes.substr(*begin);
  if (parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS) {
    return visit(JsonValue(source, root));
  }
  std::size_t at = *begin;
  while ((at = bytes.find_first_not_of(" \t\r\n", at)) != std::string_view::npos) {
    const std::string_view value = bytes.substr(at, value_extent(bytes.substr(at)));
    const simdjson::error_code code = parser.parse(value.data(), value.size()).get(root);
    if (code != simdjson::SUCCESS) {
      return parse_error(source, bytes, at, value, code);
    }
    if (Outcome outcome = visit(JsonValue(source, root)); !outcome) {
      return outcome;
    }
    at += value.size();
  }
  return {};
}

namespace {

char fold(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours cost one each (Damerau 1964, without
// editing a swapped pair again).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    last[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = fold(a[i - 1]) == fold(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest_name(std::string_view word, std::span<const std::string_view> known) {
  constexpr std::size_t kWordMax = 256;
  std::optional<std::string_view> nearest;
  std::size_t least = kWordMax;
  for (const std::string_view name : known) {
    const std::size_t longer = std::max(word.size(), name.size());
    const std::size_t shorter = std::min(word.size(), name.size());
    if (longer > kWordMax || longer - shorter > longer / 3) {
      continue;
    }
    const std::size_t distance = edit_distance(word, name);
    if (distance <= longer / 3 && distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace berth::ecs
