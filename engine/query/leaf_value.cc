#include "engine/query/leaf_value.h"

#include <algorithm>
#include <optional>

namespace berth::query {

bool is_match(const Leaf& leaf, std::string_view value, PatternRun run) {
  if (is_pattern(leaf.op)) {
    return run == PatternRun::kFast ? leaf.pattern->matches(value) : leaf.pattern->matches_without_allocation(value);
  }
  return std::find(leaf.values.begin(), leaf.values.end(), value) != leaf.values.end();
}

bool holds_for_text(const Leaf& leaf, const Policy& policy, std::string_view value, PatternRun run) {
  if (is_existence(leaf.op)) {
    return leaf.op == Operator::kExists;
  }
  if (is_ordering(leaf.op)) {
    const std::string_view literal = leaf.values.front();
    std::strong_ordering order = value.compare(literal) <=> 0;
    if (policy.attribute_order == Policy::AttributeOrder::kNumericElseText) {
      order = compare_decimal(value, literal).value_or(order);
    }
    return query::holds(leaf.op, order);
  }
  return is_match(leaf, value, run) != is_negative(leaf.op);
}

bool holds_for_absent(const Leaf& leaf) {
  return leaf.op == Operator::kNotExists;
}

bool holds_for_name_only(const Leaf& leaf, const Policy& policy, PatternRun run) {
  if (is_existence(leaf.op)) {
    return leaf.op == Operator::kExists;
  }
  // A name without a value equals nothing, not even '' (section 1.8); elsewhere it reads as the policy says.
  const bool asks_for_equal = leaf.op == Operator::kEqual || leaf.op == Operator::kIn;
  const bool reads_as_empty = policy.name_only == Policy::NameOnly::kEmptyString && !asks_for_equal;
  return reads_as_empty && holds_for_text(leaf, policy, "", run);
}

bool holds_for_connected(const Leaf& leaf, const Policy& policy, bool is_connected, PatternRun run) {
  return holds_for_text(leaf, policy, is_connected ? "true" : "false", run);
}

bool holds_for_version(const Leaf& leaf, const Policy& policy, std::string_view reported) {
  if (reported.empty()) {
    return false;
  }
  const std::optional<Version> version = read_version(reported);
  const std::optional<Version> literal = read_version(leaf.values.front());
  if (!version || !literal) {
    return leaf.op == Operator::kNotEqual;
  }
  return query::holds(leaf.op, compare(*version, *literal, policy.version_suffix == Policy::VersionSuffix::kText));
}

bool holds_for_instance_id(const Leaf& leaf, bool has_id, bool has_match) {
  return has_id && has_match != is_negative(leaf.op);
}

bool holds_for_registered_at(const Leaf& leaf, std::int64_t registered_at_ms) {
  return registered_at_ms != 0 && query::holds(leaf.op, leaf.instant.compare(registered_at_ms));
}

bool holds_for_running_tasks(const Leaf& leaf, std::int64_t running_tasks_count) {
  return query::holds(leaf.op, running_tasks_count <=> leaf.number);
}

bool holds_for_groups(const Leaf& leaf, const Policy& policy, bool has_tasks, bool has_match) {
  if (is_existence(leaf.op)) {
    return has_tasks == (leaf.op == Operator::kExists);
  }
  if (!is_negative(leaf.op)) {
    return has_match;
  }
  return has_tasks ? !has_match : policy.group_absent == Policy::GroupAbsent::kTrue;
}

}  // namespace berth::query
