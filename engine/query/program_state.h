// What a Program holds; shared by the files that make it and bind it.
//
// Thread rule: immutable once made. Lifetime: its Program's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/query/policy.h"
#include "engine/query/program.h"
#include "engine/query/simplify.h"

namespace berth::query {

struct Program::State {
  // What the leaves of a conjunct are about.
  struct Subjects {
    std::uint8_t dependencies = 0;             // Dependency.
    std::vector<std::string_view> attributes;  // Names, as they stand in the leaves of `tree`.
  };
  // Of the leaves below a node.
  [[nodiscard]] Subjects subjects_below(std::uint32_t top) const;

  std::string text;
  Policy policy;
  Tree tree;
  std::vector<Simplified::Conjunct> conjuncts;
  std::vector<Subjects> subjects;  // By conjunct.
};

}  // namespace berth::query
