// Escapes and character classes of Java's patterns: everything that denotes a set of code points.
//
// Thread rule: a reader belongs to one thread. Lifetime: looks into the pattern that it reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/query/code_point_set.h"

namespace berth::query {

// An error of a pattern: `offset` and `length` are bytes into the pattern.
Error pattern_error(StatusCode code, std::size_t offset, std::size_t length, std::string message);
// kUnsupported: "Java's <what> is not supported in patterns; <mend>".
Error unsupported_pattern(std::size_t offset, std::size_t length, std::string_view what, std::string_view mend = "");

// What an escape or an item of a class stands for: one code point, or a set such as \d.
struct ClassItem {
  bool is_set = false;
  char32_t code_point = 0;
  CodePointSet set;
};

class JavaClassReader {
 public:
  explicit JavaClassReader(std::string_view pattern) : pattern_(pattern) {}

  // Reads the escape whose backslash is at `at`, and moves `at` behind it. Anchors (\A, \z) are not escapes in this sense and are
  // refused here like everything that is unknown.
  Result<ClassItem> escape(std::size_t& at, bool ignores_case) const;
  // Reads the class whose '[' is at `at`, and moves `at` behind its ']'.
  Result<CodePointSet> bracketed(std::size_t& at, bool ignores_case) const;

 private:
  Result<ClassItem> hexadecimal_escape(std::size_t& at) const;
  Result<ClassItem> named_class(std::size_t& at, bool ignores_case) const;
  Result<ClassItem> class_item(std::size_t& at, std::size_t class_begin, bool ignores_case) const;

  std::string_view pattern_;
};

}  // namespace berth::query
