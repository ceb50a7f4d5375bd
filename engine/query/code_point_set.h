// CodePointSet: a set of Unicode code points as ascending, disjoint, non-adjacent ranges; what a character class of a pattern means.
// Surrogates are never members.
//
// Thread rule: a plain value. Lifetime: owns its ranges.
#pragma once

#include <compare>
#include <string>
#include <vector>

namespace berth::query {

struct CodePointRange {
  char32_t first = 0;
  char32_t last = 0;  // Included.
  friend auto operator<=>(const CodePointRange&, const CodePointRange&) = default;
};

class CodePointSet {
 public:
  CodePointSet() = default;
  explicit CodePointSet(std::vector<CodePointRange> ranges);

  void add(char32_t first, char32_t last);
  void add(const CodePointSet& other);
  // Adds the other case of each ASCII letter of the range: what Java's (?i) means without (?u).
  void add_other_ascii_case(char32_t first, char32_t last);
  [[nodiscard]] CodePointSet complement() const;

  [[nodiscard]] bool contains(char32_t code_point) const;
  [[nodiscard]] const std::vector<CodePointRange>& ranges() const { return ranges_; }
  // The set in RE2's syntax: one escaped character, or a bracketed class of hexadecimal escapes.
  [[nodiscard]] std::string re2_text() const;

  friend bool operator==(const CodePointSet&, const CodePointSet&) = default;

 private:
  void normalize();
  std::vector<CodePointRange> ranges_;
};

}  // namespace berth::query
