// placementConstraints and placementStrategy.

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "engine/base/limits.h"
#include "engine/ecs/request.h"
#include "engine/ecs/request_members.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kInvalidParameter = "InvalidParameterException";
constexpr std::string_view kAttributePrefix = "attribute:";
constexpr std::size_t kAttributeNameBytesMax = 128;

Outcome read_constraint(const JsonValue& value, std::size_t index, placement::Request& placement) {
  const auto expression = value.member("expression");
  if (text_of(value, "type") == "distinctInstance") {
    if (expression.has_value()) {
      return expression->error("distinctInstance expression should not be specified.", kInvalidParameter);
    }
    placement.distinct_instance = true;
    return {};
  }
  if (!expression.has_value()) {
    return value.error("Invalid placement constraint expression: memberOf needs an expression", kInvalidParameter);
  }
  Result<query::ProgramPtr> program = query::Program::compile(*expression->string());
  if (!program.ok()) {
    return expression_error(*expression, program.error());
  }
  placement.member_of.push_back({*std::move(program), "placementConstraints[" + std::to_string(index) + "]"});
  return {};
}

Outcome read_constraints(const JsonValue& root, TaskRequest& request) {
  for (const DefinitionConstraint& constraint : request.definition->constraints) {
    request.placement.member_of.push_back({constraint.program, constraint.origin});
  }
  const auto list = root.member("placementConstraints");
  if (!list.has_value()) {
    return {};
  }
  std::size_t count = 0;
  Outcome read = list->for_each([&](const JsonValue& item) { return read_constraint(item, count++, request.placement); });
  if (!read.ok()) {
    return read;
  }
  const std::size_t defined = request.definition->constraints.size();
  if (defined + count > kConstraintsMax) {
    return list->error("at most " + std::to_string(kConstraintsMax) +
                           " placement constraints are allowed in task definition and request together, found " + std::to_string(defined) +
                           " + " + std::to_string(count),
                       kInvalidParameter);
  }
  return {};
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool is_attribute_name(std::string_view name) {
  return !name.empty() && name.size() <= kAttributeNameBytesMax && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '/' || c == '\\' || c == '.';
  });
}

using Strategy = placement::Strategy;

Result<Strategy> read_binpack(const JsonValue& where, std::string_view field) {
  const std::string resource = lower_case(field);
  if (resource == "cpu") {
    return Strategy{Strategy::Kind::kBinpackCpu, {}};
  }
  if (resource == "memory") {
    return Strategy{Strategy::Kind::kBinpackMemory, {}};
  }
  return where.error(field.empty() ? "strategy binpack needs a field: \"cpu\" or \"memory\""
                                   : "\"" + std::string(field) + "\" is no field of binpack; expected \"cpu\" or \"memory\"",
                     kInvalidParameter);
}

Result<Strategy> read_spread(const JsonValue& where, std::string_view field) {
  if (field == "instanceId" || field == "host") {
    return Strategy{Strategy::Kind::kSpreadInstance, {}};
  }
  if (field.empty()) {
    return where.error("strategy spread needs a field: \"instanceId\", \"host\" or \"attribute:NAME\"", kInvalidParameter);
  }
  if (!field.starts_with(kAttributePrefix)) {
    const std::string proposed = lower_case(field) == "instanceid" ? "instanceId" : "attribute:" + std::string(field);
    return where.error("\"" + std::string(field) + "\" is no field of spread; did you mean \"" + proposed +
                           "\"? (fields: instanceId, host, attribute:NAME)",
                       kInvalidParameter);
  }
  const std::string_view name = field.substr(kAttributePrefix.size());
  if (!is_attribute_name(name)) {
    return where.error("\"" + std::string(name) + "\" is no attribute name: 1 to 128 letters, digits, - _ / \\ and .", kInvalidParameter);
  }
  return Strategy{Strategy::Kind::kSpreadAttribute, std::string(name)};
}

Result<Strategy> read_strategy(const JsonValue& value) {
  const std::string_view type = text_of(value, "type");
  const std::string_view field = text_of(value, "field");
  const JsonValue where = value.member("field").value_or(value);
  if (type == "binpack") {
    return read_binpack(where, field);
  }
  if (type == "spread") {
    return read_spread(where, field);
  }
  if (!field.empty()) {
    return where.error("strategy random takes no field", kInvalidParameter);
  }
  return Strategy{};
}

}  // namespace

Outcome read_placement_rules(const JsonValue& root, TaskRequest& request) {
  if (request.is_fargate()) {
    for (const auto& [name, text] : {std::pair<std::string_view, std::string_view>{
                                         "placementConstraints", "Placement constraints are not supported with FARGATE launch type."},
                                     {"placementStrategy", "Placement strategies are not supported with FARGATE launch type"}}) {
      if (has_entries(root, name)) {
        return root.member(name)->error(text, kInvalidParameter);
      }
    }
    return {};
  }
  if (Outcome read = read_constraints(root, request); !read.ok()) {
    return read;
  }
  auto& strategies = request.placement.strategies;
  if (const auto list = root.member("placementStrategy"); list.has_value()) {
    Outcome read = list->for_each([&](const JsonValue& item) -> Outcome {
      Result<Strategy> strategy = read_strategy(item);
      if (!strategy.ok()) {
        return std::move(strategy).error();
      }
      if (strategies.size() == kStrategiesMax) {
        return list->error("at most " + std::to_string(kStrategiesMax) + " placement strategies are allowed", kInvalidParameter);
      }
      strategies.push_back(*std::move(strategy));
      return {};
    });
    if (!read.ok()) {
      return read;
    }
  }
  if (strategies.empty()) {
    const bool is_service = request.berth.is_service || request.placement.group.starts_with("service:");
    strategies = placement::default_strategies(is_service);
  }
  return {};
}

}  // namespace berth::ecs
