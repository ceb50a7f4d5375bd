// The syntax tree of an expression: subjects, operators, comparisons (the leaves) and the connectives above them.
//
// Thread rule: plain values. Lifetime: a tree owns all that it holds; pieces are offsets into the text it was parsed from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/query/literals.h"
#include "engine/query/pattern.h"
#include "engine/query/program.h"

namespace berth::query {

enum class Subject : std::uint8_t {
  kAgentConnected,
  kAgentVersion,
  kAttribute,
  kEc2InstanceId,
  kRegisteredAt,
  kRunningTasksCount,
  kTaskGroup,
};

enum class Operator : std::uint8_t {
  kEqual,
  kNotEqual,
  kGreater,
  kGreaterEqual,
  kLess,
  kLessEqual,
  kExists,
  kNotExists,
  kIn,
  kNotIn,
  kMatches,
  kNotMatches,
};

// != !in !~ !exists: each the negation of its positive operator on a subject that is present.
constexpr bool is_negative(Operator op) {
  return op == Operator::kNotEqual || op == Operator::kNotIn || op == Operator::kNotMatches || op == Operator::kNotExists;
}
constexpr bool is_ordering(Operator op) {
  return op == Operator::kGreater || op == Operator::kGreaterEqual || op == Operator::kLess || op == Operator::kLessEqual;
}
constexpr bool is_pattern(Operator op) {
  return op == Operator::kMatches || op == Operator::kNotMatches;
}
constexpr bool is_list(Operator op) {
  return op == Operator::kIn || op == Operator::kNotIn;
}
constexpr bool is_existence(Operator op) {
  return op == Operator::kExists || op == Operator::kNotExists;
}

// Whether "value op literal" holds when the two compare as `order` says; for == != and the orderings.
constexpr bool holds(Operator op, std::strong_ordering order) {
  switch (op) {
    case Operator::kEqual:
      return order == 0;
    case Operator::kNotEqual:
      return order != 0;
    case Operator::kGreater:
      return order > 0;
    case Operator::kGreaterEqual:
      return order >= 0;
    case Operator::kLess:
      return order < 0;
    case Operator::kLessEqual:
      return order <= 0;
    default:
      return false;
  }
}

// One comparison. Of the arguments exactly those are set that the subject and the operator call for.
struct Leaf {
  Subject subject = Subject::kAttribute;
  Operator op = Operator::kEqual;
  Piece piece;                             // From the subject to the end of the argument.
  std::string attribute_name;              // kAttribute.
  std::vector<std::string> values;         // Texts: == != in !in and the orderings, of attributes, ids, groups and versions.
  std::shared_ptr<const Pattern> pattern;  // =~ !~
  std::int64_t number = 0;                 // kRunningTasksCount.
  Instant instant;                         // kRegisteredAt.
};

struct Node {
  enum class Kind : std::uint8_t { kLeaf, kNot, kAnd, kOr } kind = Kind::kLeaf;
  std::uint32_t leaf = 0;               // kLeaf: index into Tree::leaves.
  std::vector<std::uint32_t> children;  // Indexes into Tree::nodes; one for kNot, two or more for kAnd and kOr.
  Piece piece;                          // With the parentheses around it.
};

struct Tree {
  std::vector<Node> nodes;
  std::vector<Leaf> leaves;  // In the order of the text.
  std::uint32_t root = 0;
};

}  // namespace berth::query
