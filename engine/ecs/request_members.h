// Reading members that check_shape() has seen: their types are known, so reading cannot fail, and absent ones have a default.
//
// Thread rule: pure functions. Lifetime: results look into the JsonDocument of the value.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "engine/ecs/json.h"

namespace berth::ecs {

// "" when it is absent.
inline std::string_view text_of(const JsonValue& object, std::string_view name) {
  const auto member = object.member(name);
  return member.has_value() ? *member->string() : std::string_view();
}

inline std::optional<std::int64_t> integer_of(const JsonValue& object, std::string_view name) {
  const auto member = object.member(name);
  if (!member.has_value()) {
    return std::nullopt;
  }
  return *member->integer(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
}

// Present and true.
inline bool is_true(const JsonValue& object, std::string_view name) {
  const auto member = object.member(name);
  return member.has_value() && *member->boolean();
}

// Visits the items of a list that may be absent.
template <typename Visit>
void for_each_item(const JsonValue& object, std::string_view name, Visit&& visit) {
  if (const auto list = object.member(name); list.has_value()) {
    (void)list->for_each([&](const JsonValue& item) -> Outcome {
      visit(item);
      return {};
    });
  }
}

// A list with items, or a map with members.
inline bool has_entries(const JsonValue& object, std::string_view name) {
  const auto member = object.member(name);
  if (!member.has_value()) {
    return false;
  }
  const simdjson::dom::element element = member->element();
  return element.is_array() ? simdjson::dom::array(element).size() > 0 : element.is_object() && simdjson::dom::object(element).size() > 0;
}

}  // namespace berth::ecs
