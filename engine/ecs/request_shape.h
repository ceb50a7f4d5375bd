// The shapes of the API's inputs as data: which members a structure has, of which type, and which words an enumeration knows. One
// function checks any JSON object against one of them, so that every level of a request refuses what the API does not know (rule D5).
//
// Thread rule: shapes are constants, check_shape() is a pure function. Lifetime: shapes are static; nothing is kept.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "engine/base/result.h"
#include "engine/ecs/json.h"

namespace berth::ecs {

struct Shape;

enum class ShapeKind : std::uint8_t {
  kString,
  kInteger,
  kBoolean,
  kWord,  // A string out of a fixed list.
  kObject,
  kStringMap,  // An object whose member names are free and whose values are strings.
  kTimestamp,  // Any of the forms of engine/ecs/timestamp.h.
  kUnread,     // Checked by whoever reads it.
};

struct MemberShape {
  std::string_view name;
  ShapeKind kind = ShapeKind::kString;
  bool is_list = false;
  bool is_required = false;
  const Shape* shape = nullptr;                                   // For kObject.
  std::span<const std::string_view> words = {};                   // For kWord.
  std::int64_t least = std::numeric_limits<std::int32_t>::min();  // For kInteger, both inclusive: the API's integers have 32 bits.
  std::int64_t most = std::numeric_limits<std::int32_t>::max();
};

struct Shape {
  std::string_view name;
  std::span<const MemberShape> members;
};

// Fails at the first member that the shape does not know (with the nearest name that it knows), that has another type, that is a word
// out of no list, or that is missing although required. A member that is null counts as absent. `word_exception` is the exception that
// ECS answers to a wrong word; the other refusals are made by AWS CLI before a request is sent, and carry none.
Outcome check_shape(const JsonValue& value, const Shape& shape, std::string_view word_exception);

// Fails like check_shape() for one word.
Outcome check_word(const JsonValue& value, std::span<const std::string_view> words, std::string_view exception);

// --- For tables of members. ---
constexpr MemberShape text_member(std::string_view name) {
  return {.name = name};
}
constexpr MemberShape texts_member(std::string_view name) {
  return {.name = name, .is_list = true};
}
constexpr MemberShape integer_member(std::string_view name, std::int64_t least = std::numeric_limits<std::int32_t>::min(),
                                     std::int64_t most = std::numeric_limits<std::int32_t>::max()) {
  return {.name = name, .kind = ShapeKind::kInteger, .least = least, .most = most};
}
constexpr MemberShape boolean_member(std::string_view name) {
  return {.name = name, .kind = ShapeKind::kBoolean};
}
constexpr MemberShape word_member(std::string_view name, std::span<const std::string_view> words) {
  return {.name = name, .kind = ShapeKind::kWord, .words = words};
}
constexpr MemberShape words_member(std::string_view name, std::span<const std::string_view> words) {
  return {.name = name, .kind = ShapeKind::kWord, .is_list = true, .words = words};
}
constexpr MemberShape object_member(std::string_view name, const Shape& shape) {
  return {.name = name, .kind = ShapeKind::kObject, .shape = &shape};
}
constexpr MemberShape objects_member(std::string_view name, const Shape& shape) {
  return {.name = name, .kind = ShapeKind::kObject, .is_list = true, .shape = &shape};
}
constexpr MemberShape map_member(std::string_view name) {
  return {.name = name, .kind = ShapeKind::kStringMap};
}
constexpr MemberShape time_member(std::string_view name) {
  return {.name = name, .kind = ShapeKind::kTimestamp};
}
constexpr MemberShape unread_member(std::string_view name) {
  return {.name = name, .kind = ShapeKind::kUnread};
}
constexpr MemberShape required(MemberShape member) {
  member.is_required = true;
  return member;
}

}  // namespace berth::ecs
