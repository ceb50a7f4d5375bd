// What a Program holds; shared by the files that make it and bind it.
//
// Thread rule: immutable once made. Lifetime: its Program's.
#pragma once

#include <string>
#include <vector>

#include "engine/query/policy.h"
#include "engine/query/program.h"
#include "engine/query/simplify.h"

namespace berth::query {

struct Program::State {
  std::string text;
  Policy policy;
  Tree tree;
  std::vector<Simplified::Conjunct> conjuncts;
};

}  // namespace berth::query
