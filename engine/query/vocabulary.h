// The words of the language: subjects, operators and connectives, which operators go with which subject, and the nearest of them to a
// word that is none.
//
// Thread rule: pure functions over constants.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/query/syntax.h"

namespace berth::query {

// The prefix of attribute subjects, with its colon.
inline constexpr std::string_view kAttributePrefix = "attribute:";

struct OperatorWord {
  std::string_view text;
  Operator op;
};

// As written: "agentConnected", "task:group"; "attribute" for attributes.
std::string_view subject_text(Subject subject);
// Every subject but attributes.
std::optional<Subject> subject_from(std::string_view word);
// The known subject that the word is most like, as it would be written: "runningTasksCount", "attribute:foo".
std::string nearest_subject(std::string_view word);

// The symbol of an operator, or its word where it has none: "==", "exists".
std::string_view operator_text(Operator op);
std::span<const OperatorWord> symbol_operators();  // Longer ones before their beginnings.
std::span<const OperatorWord> word_operators();
// The operator whose spelling is most like the word; empty when none is.
std::string_view nearest_operator(std::string_view word);

bool is_allowed(Subject subject, Operator op);
// "==, !=, in, !in, =~, !~": what is_allowed() allows.
std::string allowed_operators(Subject subject);

// ASCII lower case.
std::string to_lower(std::string_view text);

}  // namespace berth::query
