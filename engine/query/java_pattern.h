// The patterns of =~ and !~ are Java's (java.util.regex.Pattern). read_java_pattern() reads the part of that syntax whose meaning RE2
// can give exactly, into a small tree; everything else is refused by its name. No piece of a pattern is ever handed to RE2 as written:
// what the tree means is written out anew, so that a spelling which the two engines read differently cannot slip through.
//
// Thread rule: plain values and pure functions. Lifetime: the tree owns all that it holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/query/code_point_set.h"

namespace berth::query {

// Nested groups in one pattern.
inline constexpr std::uint32_t kPatternDepthMax = 100;
// The largest count in {n,m}, and the largest product of counts that are nested in one another; RE2 repeats no more.
inline constexpr std::uint32_t kPatternRepeatMax = 1000;
// PatternNode::repeat_max of *, + and {n,}.
inline constexpr std::uint32_t kPatternUnbounded = 0xFFFFFFFFU;

struct PatternNode {
  enum class Kind : std::uint8_t { kEmpty, kSet, kConcat, kAlternate, kRepeat, kBeginText, kEndText } kind = Kind::kEmpty;
  std::uint32_t set = 0;         // kSet: index into PatternTree::sets.
  std::uint32_t repeat_min = 0;  // kRepeat.
  std::uint32_t repeat_max = 0;
  std::vector<std::uint32_t> children;  // Indexes into PatternTree::nodes.
};

struct PatternTree {
  std::vector<PatternNode> nodes;
  std::vector<CodePointSet> sets;
  std::uint32_t root = 0;
};

// Errors carry offsets into `pattern`: kUnsupported for what Java reads and Berth does not, by name; kInvalidArgument for what Java
// refuses too; kLimitExceeded for too deep a nesting. `is_whole` says that a match must cover the whole value, which is what gives `$`
// one meaning in both engines. REQUIRES: pattern is UTF-8.
Result<PatternTree> read_java_pattern(std::string_view pattern, bool is_whole);

// The same language in RE2's syntax.
std::string to_re2_text(const PatternTree& tree);

}  // namespace berth::query
