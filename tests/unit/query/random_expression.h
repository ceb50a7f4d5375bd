// Random records, expressions and policies over small alphabets, drawn from rapidcheck, and the text of an expression with random
// spacing, aliases, quotes and parentheses.
//
// Thread rule: inside one rapidcheck property.
#pragma once

#include <string>
#include <vector>

#include "engine/query/policy.h"
#include "tests/unit/query/fixture.h"
#include "tests/unit/query/interpreter.h"

namespace berth::query::test {

Policy draw_policy();
// A fleet of at most `most` instances; with 65 and more, some attribute is likely to be laid out in a column of its own.
std::vector<PlainInstance> draw_fleet(std::size_t most);
PlainExpression draw_expression(int depth);
std::string draw_text(const PlainExpression& expression, const Policy& policy);
std::string draw_group();

}  // namespace berth::query::test
