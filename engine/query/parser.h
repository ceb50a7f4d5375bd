// The parser: text to syntax tree, by recursive descent. The grammar is in README.md beside this file.
//
// Thread rule: pure function.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/query/policy.h"
#include "engine/query/syntax.h"

namespace berth::query {

// Errors: as Program::compile(), messages without the position. REQUIRES: text is UTF-8.
Result<Tree> parse(std::string_view text, const Policy& policy);

}  // namespace berth::query
