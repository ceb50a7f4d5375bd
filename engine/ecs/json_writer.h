// Writing JSON: appends to one string, keeps track of commas, escapes strings. Two-space indentation or compact.
//
// Thread rule: one thread. Lifetime: the caller's. Mismatched begin/end is a programming error, asserted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace berth::ecs {

class JsonWriter {
 public:
  enum class Style { kCompact, kIndented };
  explicit JsonWriter(Style style = Style::kIndented) : style_(style) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view text);  // Invalid UTF-8 bytes become U+FFFD.
  JsonWriter& integer(std::int64_t value);
  JsonWriter& unsigned_integer(std::uint64_t value);
  JsonWriter& number(double value);  // Shortest text that reads back the same; finite only.
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // A value that is JSON already.

  // Shorthands for one member.
  JsonWriter& member(std::string_view name, std::string_view text) { return key(name).string(text); }
  JsonWriter& member(std::string_view name, const char* text) { return key(name).string(text); }
  JsonWriter& member_integer(std::string_view name, std::int64_t value) { return key(name).integer(value); }
  JsonWriter& member_boolean(std::string_view name, bool value) { return key(name).boolean(value); }

  // The document, with a final newline when indented. The writer is empty afterwards.
  [[nodiscard]] std::string take();

 private:
  void before_value();
  void newline();

  Style style_;
  std::string out_;
  std::vector<char> open_;  // '{' or '[' per level.
  bool first_ = true;       // No value yet on this level.
  bool after_key_ = false;
};

}  // namespace berth::ecs
