// What to tell of an attribute that an expression names and no instance has: most often its name is misspelt.
//
// Thread rule: pure functions. Lifetime: the names are the snapshot's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

struct AttributeAdvice {
  std::string_view unknown;                 // As the expression has it.
  std::optional<std::string_view> nearest;  // Of the names that the instances have.

  // "no instance has the attribute "x"; did you mean "y"?"
  [[nodiscard]] std::string text() const;
};

// nullopt when some instance has the attribute, and for the empty name (a leaf that is about something else).
std::optional<AttributeAdvice> advise_on_attribute(const Snapshot& snapshot, std::string_view name);

}  // namespace berth::ecs
