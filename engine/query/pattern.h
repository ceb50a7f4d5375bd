// Pattern: one pattern of =~ or !~, read as Java reads it (java_pattern.h) and run by RE2, or by an automaton of its own where nothing
// may be allocated.
//
// Thread rule: immutable once made; any number of threads may match with it. Lifetime: owns its text and programs.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace berth::query {

// Memory that RE2 may use for one pattern: its program, and the states that it keeps between matches.
inline constexpr std::int64_t kPatternMemoryBytesMax = 8 << 20;

class Pattern {
 public:
  // is_whole: a match covers the whole value. Errors: as read_java_pattern(), and kLimitExceeded for a pattern whose repetitions make
  // it larger than kPatternProgramMax or kPatternMemoryBytesMax. REQUIRES: text is UTF-8.
  static Result<std::shared_ptr<const Pattern>> make(std::string_view text, bool is_whole);

  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  ~Pattern();

  // By RE2, in time linear in the value.
  [[nodiscard]] bool matches(std::string_view value) const;
  // The same answer without allocation and without locks, more slowly.
  [[nodiscard]] bool matches_without_allocation(std::string_view value) const;

  // What RE2 was given; for tests.
  [[nodiscard]] const std::string& re2_text() const;

 private:
  Pattern();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::query
