// Reading JSON with an eye on errors: a JsonValue can say the path by which it was reached, so that a refusal can name the member
// ("containerInstances[3].version") and the document.
//
// Wraps simdjson's DOM. Paths are found when they are asked for, by descending from the root to the value, so reading costs nothing
// for them. Thread rule: one thread per parsed document; values are views. Lifetime: a JsonValue and every string_view it gives live
// as long as the JsonDocument they came from.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace berth::ecs {

class JsonValue {
 public:
  enum class Type { kNull, kBoolean, kInteger, kNumber, kString, kArray, kObject };

  JsonValue(std::string_view source, simdjson::dom::element root) : JsonValue(source, root, root) {}

  [[nodiscard]] Type type() const;
  [[nodiscard]] bool is_null() const { return element_.is_null(); }
  [[nodiscard]] bool is_object() const { return element_.is_object(); }
  [[nodiscard]] bool is_array() const { return element_.is_array(); }

  // The path from the document's root, such as "placementConstraints[1].expression"; "" for the root. Members whose names are no
  // identifiers stand in brackets: ["a b"]. Costs one step per sibling on the way.
  [[nodiscard]] std::string path() const;
  [[nodiscard]] std::string_view source() const { return source_; }

  // An error about this value: "<source>: <path>: <message>". With `exception`, ECS's exception type (a literal), it reads as ECS's own:
  // "<message> (at <path>)", and Error::source alone names the source.
  [[nodiscard]] Error error(std::string_view message, std::string_view exception = "") const;

  // Each fails with the path, the type that was expected and the one found. Numbers given as strings are refused (rule D5).
  [[nodiscard]] Result<bool> boolean() const;
  [[nodiscard]] Result<std::int64_t> integer(std::int64_t least, std::int64_t most) const;
  [[nodiscard]] Result<std::uint64_t> unsigned_integer() const;
  [[nodiscard]] Result<double> number() const;
  [[nodiscard]] Result<std::string_view> string() const;

  // A member of an object, nullopt when it is absent or null; the first one where a name stands twice. REQUIRES: is_object().
  [[nodiscard]] std::optional<JsonValue> member(std::string_view name) const;
  // Visits until a visit fails. REQUIRES: is_array() / is_object().
  Outcome for_each(const std::function<Outcome(const JsonValue&)>& visit) const;
  Outcome for_each_member(const std::function<Outcome(std::string_view name, const JsonValue&)>& visit) const;
  // Fails at the first member that is none of `known`, proposing the nearest of them. REQUIRES: is_object().
  Outcome require_known_members(std::span<const std::string_view> known, std::string_view exception = "") const;

  // Shape checks that fail with the path: "expected an object, found a string".
  [[nodiscard]] Outcome expect(Type type) const;

  [[nodiscard]] simdjson::dom::element element() const { return element_; }

 private:
  JsonValue(std::string_view source, simdjson::dom::element element, simdjson::dom::element root)
      : source_(source), element_(element), root_(root) {}

  [[nodiscard]] Error mismatch(Type expected) const;

  std::string_view source_;
  simdjson::dom::element element_;
  simdjson::dom::element root_;
};

std::string_view to_text(JsonValue::Type type);  // "an object", "a string", ...

// One JSON text, parsed. Errors name the source and the line and column of the first byte that is wrong.
class JsonDocument {
 public:
  static Result<JsonDocument> parse(std::string_view source, std::string_view bytes);
  // For text that holds several values one after another; visits each root. Errors as above; text without any value is one.
  static Outcome parse_each(std::string_view source, std::string_view bytes, const std::function<Outcome(const JsonValue& root)>& visit);

  [[nodiscard]] JsonValue root() const { return {state_->source, state_->root}; }

 private:
  // Behind a pointer, so that moving the document moves neither the source's name nor the parsed values.
  struct State {
    std::string source;
    simdjson::dom::parser parser;
    simdjson::dom::element root;
  };
  std::unique_ptr<State> state_;
};

// The nearest of `known` to a word (Damerau-Levenshtein without regard to case, at most a third of the longer one's length away);
// nullopt when none is near.
std::optional<std::string_view> nearest_name(std::string_view word, std::span<const std::string_view> known);

}  // namespace berth::ecs
