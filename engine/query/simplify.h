// Makes a syntax tree smaller without changing what it selects: chains of one connective become one node, two nots cancel.
//
// Thread rule: pure function.
#pragma once

#include <vector>

#include "engine/query/syntax.h"

namespace berth::query {

struct Simplified {
  Tree tree;
  // The operands of the outermost chain of `and`, each with its parentheses: nodes of `tree`, and where they stand in the text.
  struct Conjunct {
    std::uint32_t node;
    Piece piece;
  };
  std::vector<Conjunct> conjuncts;
};

Simplified simplify(Tree parsed);

}  // namespace berth::query
