#include "engine/query/leaf.h"

#include <optional>
#include <utility>

#include "engine/query/utf8.h"
#include "engine/query/vocabulary.h"

namespace berth::query {
namespace {

Error wrong_literal(const Literal& literal, std::string_view expected, std::string_view mend = "") {
  Error error;
  error.code = StatusCode::kInvalidArgument;
  error.message = "expected " + std::string(expected) + ", found '" + printable(literal.text) + "'";
  if (!mend.empty()) {
    error.message += "; " + std::string(mend);
  }
  error.offset = literal.piece.offset;
  error.length = literal.piece.length;
  return error;
}

Outcome store_text(const Literal& literal, Leaf& leaf) {
  if (leaf.subject == Subject::kAgentConnected && literal.text != "true" && literal.text != "false") {
    const std::string lower = to_lower(literal.text);
    const bool is_case = lower == "true" || lower == "false";
    return wrong_literal(literal, "true or false for 'agentConnected'", is_case ? "write it in lower case" : "");
  }
  leaf.values.emplace_back(literal.text);
  return {};
}

Outcome store_literal(const Literal& literal, Leaf& leaf) {
  if (leaf.subject == Subject::kAgentVersion) {
    if (!read_version(literal.text)) {
      return wrong_literal(literal, "a version such as 1.14.5 for 'agentVersion'");
    }
    return store_text(literal, leaf);
  }
  if (leaf.subject == Subject::kRegisteredAt) {
    const std::optional<Instant> instant = read_instant(literal.text);
    if (!instant) {
      return wrong_literal(literal, "a date such as 2018-06-18, 2018-06-18T22:28:28, 2018-06-18T22:28:28Z or 2018-06-18T22:28:28+00:00");
    }
    leaf.instant = *instant;
    return {};
  }
  if (leaf.subject == Subject::kRunningTasksCount) {
    const std::optional<std::int64_t> number = read_whole_number(literal.text);
    if (!number) {
      return wrong_literal(literal, "a whole number of at most 18 digits for 'runningTasksCount'");
    }
    leaf.number = *number;
    return {};
  }
  return store_text(literal, leaf);
}

Outcome read_pattern(Lexer& lexer, const Policy& policy, std::string_view after, Leaf& leaf) {
  Result<Literal> literal = lexer.pattern(after);
  if (!literal) {
    return std::move(literal).error();
  }
  Result<std::shared_ptr<const Pattern>> pattern = Pattern::make(literal->text, policy.anchoring == Policy::Anchoring::kWhole);
  if (!pattern) {
    Error error = std::move(pattern).error();
    error.offset += literal->inner.offset;
    return error;
  }
  leaf.pattern = *std::move(pattern);
  return {};
}

}  // namespace

Outcome read_argument(Lexer& lexer, const Policy& policy, Leaf& leaf) {
  const std::string after(operator_text(leaf.op));
  if (is_existence(leaf.op)) {
    return {};
  }
  if (is_pattern(leaf.op)) {
    return read_pattern(lexer, policy, after, leaf);
  }
  if (is_list(leaf.op)) {
    Result<std::vector<Literal>> values = lexer.list(after);
    if (!values) {
      return std::move(values).error();
    }
    for (const Literal& value : *values) {
      if (Outcome stored = store_text(value, leaf); !stored) {
        return stored;
      }
    }
    return {};
  }
  Result<Literal> value = lexer.literal("a value after '" + after + "'", leaf.subject == Subject::kRegisteredAt);
  return value ? store_literal(*value, leaf) : Outcome(std::move(value).error());
}

Error not_allowed(const Leaf& leaf, const OperatorToken& token) {
  const std::string subject(subject_text(leaf.subject));
  Error error;
  error.code = StatusCode::kInvalidArgument;
  error.message =
      "expected one of " + allowed_operators(leaf.subject) + " after '" + subject + "', found '" + std::string(token.text) + "'";
  if (is_list(token.op)) {
    error.message += token.op == Operator::kIn ? "; join comparisons with 'or'" : "; join comparisons with 'and'";
  } else if (is_existence(token.op)) {
    error.message += "; only attributes and task:group can be absent in this sense";
  } else if (leaf.subject == Subject::kAgentConnected && is_ordering(token.op)) {
    error.message += "; it is true or false";
  }
  error.offset = token.piece.offset;
  error.length = token.piece.length;
  return error;
}

}  // namespace berth::query
