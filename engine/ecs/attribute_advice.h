// What to tell of a comparison that selects nothing because of a slip of the pen: an attribute that no instance has, a value that no
// instance has there, a pattern that is written as file names are matched.
//
// Thread rule: pure functions. Lifetime: the names are the snapshot's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/query/program.h"
#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

struct AttributeAdvice {
  std::string_view unknown;                 // The attribute as the expression has it; empty where value_note tells of its value.
  std::optional<std::string_view> nearest;  // Of the names that the instances have.
  std::string value_note = {};

  // "no instance has the attribute "x"; did you mean "y"?", or the note on the value.
  [[nodiscard]] std::string text() const;
};

// nullopt when some instance has the attribute, and for the empty name (a leaf that is about something else).
std::optional<AttributeAdvice> advise_on_attribute(const Snapshot& snapshot, std::string_view name);

// The same of a leaf of an expression, and what is to be said of its value or pattern where it selects nothing.
std::optional<AttributeAdvice> advise_on_leaf(const Snapshot& snapshot, const query::Program& program, std::uint32_t leaf,
                                              bool selects_nothing);

// The attribute that a name most likely stands for: itself where an instance has it, else one that ends in it ("zone" for
// "ecs.availability-zone"), else the nearest.
std::optional<std::string_view> attribute_like(const Snapshot& snapshot, std::string_view name);

// Where an error proposes "attribute:NAME" for a NAME that no instance has, proposes the attribute that is like it.
void propose_known_attribute(const Snapshot& snapshot, Error& error);

}  // namespace berth::ecs
