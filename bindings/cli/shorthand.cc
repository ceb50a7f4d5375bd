#include "bindings/cli/shorthand.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "bindings/cli/failure.h"

namespace berth::cli {
namespace {

// Lists and maps within each other; the API's own structures nest four deep.
constexpr int kDepthMax = 32;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.#/:").find(c) != std::string_view::npos;
}

class Parser {
 public:
  Parser(std::string_view flag, std::string_view text) : flag_(flag), text_(text) {}

  Json item() {
    Json object = Json::object();
    while (true) {
      const std::size_t begin = at_;
      std::string key = read_key();
      if (object.contains(key)) {
        fail_at(begin, fmt::format("the key \"{}\" stands there a second time; name it once", key));
      }
      expect_equals(key);
      object[key] = value();
      if (at_end()) {
        return object;
      }
      if (text_[at_] != ',') {
        fail(fmt::format("expected ',' or the end, found '{}'; put a value that holds it in quotes: {}=\"...\"", text_[at_], key));
      }
      ++at_;
      skip_blanks();
    }
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }

  [[noreturn]] void fail_at(std::size_t offset, std::string_view message) const {
    throw Failure(fmt::format("{}: column {} of \"{}\": {}", flag_, offset + 1, text_, message));
  }
  [[noreturn]] void fail(std::string_view message) const { fail_at(at_, message); }

  void skip_blanks() {
    while (!at_end() && is_blank(text_[at_])) {
      ++at_;
    }
  }

  std::string read_key() {
    const std::size_t begin = at_;
    while (!at_end() && is_key_character(text_[at_])) {
      ++at_;
    }
    std::string key(text_.substr(begin, at_ - begin));
    if (key.empty()) {
      fail(at_end() ? "expected a key before '=', found the end; use key=value[,key=value...] or JSON"
                    : fmt::format("expected a key before '=', found '{}'; use key=value[,key=value...] or JSON", text_[at_]));
    }
    skip_blanks();
    return key;
  }

  void expect_equals(std::string_view key) {
    if (at_end() || text_[at_] != '=') {
      fail(fmt::format("expected '=' after \"{}\"; use key=value[,key=value...] or JSON", key));
    }
    ++at_;
    skip_blanks();
  }

  Json value() {
    if (at_end()) {
      return "";
    }
    if (text_[at_] == '[' || text_[at_] == '{') {
      Json nested = element(1);
      skip_blanks();
      return nested;
    }
    Json first = first_text();
    skip_blanks();
    Json list = Json::array({first});
    while (!at_end() && text_[at_] == ',') {
      const std::size_t comma = at_;
      ++at_;
      skip_blanks();
      std::optional<std::string> next = later_text();
      skip_blanks();
      // "key=" begins here: the comma separates two pairs, not two texts.
      if (!next.has_value() || (!at_end() && text_[at_] == '=')) {
        at_ = comma;
        break;
      }
      list.push_back(*std::move(next));
    }
    return list.size() == 1 ? first : list;
  }

  Json element(int depth) {
    if (depth > kDepthMax) {
      fail("lists and maps are nested too deep");
    }
    if (!at_end() && text_[at_] == '[') {
      return list(depth);
    }
    if (!at_end() && text_[at_] == '{') {
      return map(depth);
    }
    return first_text();
  }

  Json list(int depth) {
    Json items = Json::array();
    open();
    while (!close(']')) {
      items.push_back(element(depth + 1));
      separate(']');
    }
    return items;
  }

  Json map(int depth) {
    Json members = Json::object();
    open();
    while (!close('}')) {
      const std::size_t begin = at_;
      std::string key = read_key();
      if (members.contains(key)) {
        fail_at(begin, fmt::format("the key \"{}\" stands there a second time; name it once", key));
      }
      expect_equals(key);
      members[key] = element(depth + 1);
      separate('}');
    }
    return members;
  }

  void open() {
    ++at_;
    skip_blanks();
  }

  bool close(char bracket) {
    if (!at_end() && text_[at_] == bracket) {
      ++at_;
      return true;
    }
    return false;
  }

  void separate(char bracket) {
    skip_blanks();
    if (at_end()) {
      fail(fmt::format("expected ',' or '{}', found the end", bracket));
    }
    if (text_[at_] == bracket) {
      return;
    }
    if (text_[at_] != ',') {
      fail(fmt::format("expected ',' or '{}', found '{}'", bracket, text_[at_]));
    }
    ++at_;
    skip_blanks();
  }

  std::string first_text() {
    if (!at_end() && (text_[at_] == '\'' || text_[at_] == '"')) {
      return quoted();
    }
    if (!at_end() && text_[at_] == '=') {
      fail("a value cannot begin with '='; put it in quotes");
    }
    return bare(false);
  }

  // nullopt where no text can begin.
  std::optional<std::string> later_text() {
    if (at_end()) {
      return std::nullopt;
    }
    if (text_[at_] == '\'' || text_[at_] == '"') {
      return quoted();
    }
    if (text_[at_] == '[' || text_[at_] == '{') {
      fail(fmt::format("a list of plain texts cannot hold '{}'; put brackets around the whole list: [...]", text_[at_]));
    }
    std::string text = bare(true);
    return text.empty() ? std::nullopt : std::optional(std::move(text));
  }

  std::string bare(bool ends_before_equals) {
    constexpr std::string_view kBrackets = "]}";
    std::string text;
    while (!at_end()) {
      const char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == ',') {
        text += ',';
        at_ += 2;
        continue;
      }
      // A text may begin with a closing bracket, where none is open.
      const bool is_bracket = !ends_before_equals && !text.empty() && kBrackets.find(c) != std::string_view::npos;
      if (c == ',' || c == '"' || c == '\'' || is_bracket || (ends_before_equals && c == '=')) {
        break;
      }
      text += c;
      ++at_;
    }
    while (!text.empty() && is_blank(text.back())) {
      text.pop_back();
    }
    return text;
  }

  // The first quote without a backslash before it closes; where there is none, the last one of all, so that a text may end with a
  // backslash.
  std::string quoted() {
    const std::size_t begin = at_;
    const char quote = text_[begin];
    std::size_t end = begin + 1;
    while (end < text_.size() && (text_[end] != quote || text_[end - 1] == '\\')) {
      ++end;
    }
    if (end >= text_.size()) {
      end = text_.rfind(quote);
    }
    if (end == begin) {
      fail(fmt::format("this {} is not closed; write \\{} for one inside the value", quote, quote));
    }
    at_ = end + 1;
    const std::string_view body = text_.substr(begin + 1, end - begin - 1);
    return collapse(collapse(body, quote), '\\');
  }

  // Every backslash before `escaped` goes.
  static std::string collapse(std::string_view body, char escaped) {
    std::string text;
    for (std::size_t at = 0; at < body.size(); ++at) {
      if (body[at] == '\\' && at + 1 < body.size() && body[at + 1] == escaped) {
        ++at;
      }
      text += body[at];
    }
    return text;
  }

  std::string_view flag_;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Json parse_shorthand(std::string_view flag, std::string_view text) {
  return Parser(flag, text).item();
}

}  // namespace berth::cli
