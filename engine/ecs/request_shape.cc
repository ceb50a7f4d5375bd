#include "engine/ecs/request_shape.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/ecs/timestamp.h"

namespace berth::ecs {
namespace {

Outcome check_map(const JsonValue& value) {
  if (Outcome typed = value.expect(JsonValue::Type::kObject); !typed.ok()) {
    return typed;
  }
  return value.for_each_member([](std::string_view, const JsonValue& entry) -> Outcome {
    Result<std::string_view> text = entry.string();
    return text.ok() ? Outcome() : Outcome(std::move(text).error());
  });
}

template <typename T>
Outcome outcome_of(Result<T> result) {
  return result.ok() ? Outcome() : Outcome(std::move(result).error());
}

Outcome check_one(const JsonValue& value, const MemberShape& member, std::string_view word_exception) {
  switch (member.kind) {
    case ShapeKind::kString:
      return outcome_of(value.string());
    case ShapeKind::kInteger:
      return outcome_of(value.integer(member.least, member.most));
    case ShapeKind::kBoolean:
      return outcome_of(value.boolean());
    case ShapeKind::kWord:
      return check_word(value, member.words, word_exception);
    case ShapeKind::kObject:
      return check_shape(value, *member.shape, word_exception);
    case ShapeKind::kStringMap:
      return check_map(value);
    case ShapeKind::kTimestamp:
      return outcome_of(read_timestamp_ms(value));
    case ShapeKind::kUnread:
      break;
  }
  return {};
}

}  // namespace

Outcome check_word(const JsonValue& value, std::span<const std::string_view> words, std::string_view exception) {
  Result<std::string_view> word = value.string();
  if (!word.ok()) {
    return std::move(word).error();
  }
  if (std::find(words.begin(), words.end(), *word) != words.end()) {
    return {};
  }
  std::string message = "\"" + std::string(*word) + "\" is not a value of this member";
  if (const auto nearest = nearest_name(*word, words); nearest.has_value()) {
    message += "; did you mean \"" + std::string(*nearest) + "\"?";
  }
  message += " (values: ";
  for (std::size_t i = 0; i < words.size(); ++i) {
    message += (i == 0 ? "" : ", ") + std::string(words[i]);
  }
  return value.error(message + ")", exception);
}

Outcome check_shape(const JsonValue& value, const Shape& shape, std::string_view word_exception) {
  if (Outcome typed = value.expect(JsonValue::Type::kObject); !typed.ok()) {
    return typed;
  }
  std::vector<std::string_view> names;
  names.reserve(shape.members.size());
  for (const MemberShape& member : shape.members) {
    names.push_back(member.name);
  }
  if (Outcome known = value.require_known_members(names); !known.ok()) {
    return known;
  }
  for (const MemberShape& member : shape.members) {
    const std::optional<JsonValue> found = value.member(member.name);
    if (!found.has_value()) {
      if (member.is_required) {
        return value.error("the required member \"" + std::string(member.name) + "\" is missing");
      }
      continue;
    }
    Outcome checked;
    if (member.is_list) {
      checked = found->expect(JsonValue::Type::kArray);
      if (checked.ok()) {
        checked = found->for_each([&](const JsonValue& item) { return check_one(item, member, word_exception); });
      }
    } else {
      checked = check_one(*found, member, word_exception);
    }
    if (!checked.ok()) {
      return checked;
    }
  }
  return {};
}

}  // namespace berth::ecs
