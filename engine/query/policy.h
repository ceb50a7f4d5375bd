// The open points of the cluster query language (ECS documents no answer), one named choice each, so that any can be corrected
// without touching the evaluator. Defaults are those of the table of open questions.
//
// Thread rule: a plain value.
#pragma once

#include <cstdint>

namespace berth::query {

struct Policy {
  // Does a pattern have to match the whole value, or any part of it?
  enum class Anchoring : std::uint8_t { kWhole, kSearch } anchoring = Anchoring::kWhole;
  // not > and > or, or `and` and `or` alike from left to right.
  enum class Precedence : std::uint8_t { kAndBindsTighter, kLeftToRight } precedence = Precedence::kAndBindsTighter;
  // Are AND, OR, NOT, IN, EXISTS, MATCHES ... keywords too?
  enum class KeywordCase : std::uint8_t { kLowerOnly, kAny } keyword_case = KeywordCase::kLowerOnly;
  // Is "..." a quoted value like '...'?
  enum class DoubleQuotes : std::uint8_t { kReject, kAccept } double_quotes = DoubleQuotes::kReject;
  // <, <=, >, >= on attributes: as numbers when both sides are decimal numbers, else by code point; or always by code point.
  enum class AttributeOrder : std::uint8_t { kNumericElseText, kText } attribute_order = AttributeOrder::kNumericElseText;
  // A name without a value under !=, !in, !~, =~ and the orderings: the empty string, or as if absent. It never satisfies == or in.
  enum class NameOnly : std::uint8_t { kEmptyString, kAbsent } name_only = NameOnly::kEmptyString;
  // A negative operator on task:group where no task runs: false (the subject is absent), or true.
  enum class GroupAbsent : std::uint8_t { kFalse, kTrue } group_absent = GroupAbsent::kFalse;
  // Which tasks feed task:group: those desired RUNNING, or those whose lastStatus is RUNNING.
  enum class GroupTasks : std::uint8_t { kDesiredRunning, kLastRunning } group_tasks = GroupTasks::kDesiredRunning;
  // What follows the dotted numbers of a version ("1.2.0-rc1") compares as text, or does not count.
  enum class VersionSuffix : std::uint8_t { kText, kIgnore } version_suffix = VersionSuffix::kText;

  friend bool operator==(const Policy&, const Policy&) = default;
};

}  // namespace berth::query
