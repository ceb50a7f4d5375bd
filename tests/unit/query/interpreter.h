// A second, plain answer to what an expression selects: a tree of comparisons interpreted over plain records, one at a time. It shares
// nothing with the engine but the names of the policies.
//
// Thread rule: plain values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/query/policy.h"
#include "tests/unit/query/fixture.h"

namespace berth::query::test {

struct PlainExpression {
  enum class Kind { kComparison, kNot, kAnd, kOr } kind = Kind::kComparison;
  std::vector<PlainExpression> operands;

  // Of a comparison.
  std::string subject;              // "attribute:NAME" for attributes.
  std::string op;                   // The symbol; "exists" and "!exists".
  std::vector<std::string> values;  // Of the literal, list or pattern.
  std::int64_t instant_ms = 0;      // What values[0] means where the subject is registeredAt.
};

bool interpret(const PlainExpression& expression, const PlainInstance& instance, const Policy& policy);

}  // namespace berth::query::test
