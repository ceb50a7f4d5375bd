// Automaton: a pattern as a small program for a breadth-first walk over the text (Thompson, "Regular expression search algorithm", CACM
// 1968). It is slower than RE2 on many texts, but it allocates nothing and takes no lock, and so may run while tasks are being placed;
// it is also the second opinion against which the tests hold RE2.
//
// Thread rule: immutable once made, any thread. Lifetime: owns its program and sets.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/query/code_point_set.h"
#include "engine/query/java_pattern.h"

namespace berth::query {

// Instructions of one pattern with its repetitions written out. Bounds the time of a match (text length times this) and the stack that
// matches() uses.
inline constexpr std::uint32_t kPatternProgramMax = 8192;

class Automaton {
 public:
  // nullopt: the program would be longer than kPatternProgramMax.
  static std::optional<Automaton> make(const PatternTree& tree);

  // Whether the whole text (is_whole) or any part of it matches. Allocates nothing; uses some 40 KiB of stack.
  [[nodiscard]] bool matches(std::string_view text, bool is_whole) const;
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(program_.size()); }

 private:
  friend class AutomatonWriter;
  friend class AutomatonWalk;
  struct Instruction {
    enum class Kind : std::uint8_t { kSet, kSplit, kBeginText, kEndText, kMatch } kind;
    std::uint32_t set;  // kSet.
    std::uint32_t next;
    std::uint32_t other;  // kSplit.
  };
  std::vector<Instruction> program_;
  std::vector<CodePointSet> sets_;
  std::uint32_t start_ = 0;
};

}  // namespace berth::query
