// From a subject, an operator and what was written behind them to a checked Leaf: literals are read, patterns compiled.
//
// Thread rule: pure functions.
#pragma once

#include "engine/base/result.h"
#include "engine/query/lexer.h"
#include "engine/query/policy.h"
#include "engine/query/syntax.h"

namespace berth::query {

// Reads the argument that the leaf's subject and operator call for and stores it in the leaf. Errors: as Program::compile().
Outcome read_argument(Lexer& lexer, const Policy& policy, Leaf& leaf);

// The operator and the subject do not go together: the error says what does.
Error not_allowed(const Leaf& leaf, const OperatorToken& token);

}  // namespace berth::query
