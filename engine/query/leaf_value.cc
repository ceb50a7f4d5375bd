#include "engine/query/leaf_value.h"

#include <algorithm>

namespace berth::query {

bool is_match(const Leaf& leaf, std::string_view value) {
  if (is_pattern(leaf.op)) {
    return leaf.pattern->matches(value);
  }
  return std::find(leaf.values.begin(), leaf.values.end(), value) != leaf.values.end();
}

bool holds_for_text(const Leaf& leaf, const Policy& policy, std::string_view value) {
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
  return is_match(leaf, value) != is_negative(leaf.op);
}

bool holds_for_version(const Leaf& leaf, const Policy& policy, std::string_view reported) {
  const std::optional<Version> version = read_version(reported);
  if (!version) {
    return leaf.op == Operator::kNotEqual;
  }
  return query::holds(leaf.op, compare(*version, leaf.version, policy.version_suffix == Policy::VersionSuffix::kText));
}

}  // namespace berth::query
