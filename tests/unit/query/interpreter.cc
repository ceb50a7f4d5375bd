#include "tests/unit/query/interpreter.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

namespace berth::query::test {
namespace {

template <typename T>
bool ordered(const std::string& op, const T& left, const T& right) {
  if (op == "==") return left == right;
  if (op == "!=") return left != right;
  if (op == "<") return left < right;
  if (op == "<=") return left <= right;
  if (op == ">") return left > right;
  return left >= right;
}

bool is_number(const std::string& text) {
  static const std::regex kNumber("[+-]?[0-9]+(\\.[0-9]+)?");
  return std::regex_match(text, kNumber);
}

bool matches(const std::string& pattern, const std::string& value, const Policy& policy) {
  static std::map<std::string, std::regex>& cache = *new std::map<std::string, std::regex>;
  const auto [entry, is_new] = cache.try_emplace(pattern, pattern);
  return policy.anchoring == Policy::Anchoring::kWhole ? std::regex_match(value, entry->second) : std::regex_search(value, entry->second);
}

bool positive(const PlainExpression& e, const std::string& value, const Policy& policy) {
  if (e.op == "=~" || e.op == "!~") return matches(e.values[0], value, policy);
  return std::find(e.values.begin(), e.values.end(), value) != e.values.end();
}

bool is_negated(const PlainExpression& e) {
  return e.op == "!=" || e.op == "!in" || e.op == "!~";
}

bool text_holds(const PlainExpression& e, const std::string& value, const Policy& policy) {
  if (e.op[0] == '<' || e.op[0] == '>') {
    const std::string& literal = e.values[0];
    if (policy.attribute_order == Policy::AttributeOrder::kNumericElseText && is_number(value) && is_number(literal)) {
      return ordered(e.op, std::stod(value), std::stod(literal));
    }
    return ordered(e.op, value, literal);
  }
  return positive(e, value, policy) != is_negated(e);
}

bool attribute_holds(const PlainExpression& e, const PlainInstance& instance, const Policy& policy) {
  const auto found = instance.attributes.find(e.subject.substr(std::string("attribute:").size()));
  const bool is_present = found != instance.attributes.end();
  if (e.op == "exists") return is_present;
  if (e.op == "!exists") return !is_present;
  if (!is_present) return false;
  if (!found->second && (policy.name_only == Policy::NameOnly::kAbsent || e.op == "==" || e.op == "in")) return false;
  return text_holds(e, found->second.value_or(""), policy);
}

bool group_holds(const PlainExpression& e, const PlainInstance& instance, const Policy& policy) {
  std::set<std::string> groups;
  for (const PlainTask& task : instance.tasks) {
    const TaskStatus status = policy.group_tasks == Policy::GroupTasks::kDesiredRunning ? task.desired_status : task.last_status;
    if (status == TaskStatus::kRunning) groups.insert(task.group);
  }
  if (e.op == "exists") return !groups.empty();
  if (e.op == "!exists") return groups.empty();
  const bool any = std::any_of(groups.begin(), groups.end(), [&](const std::string& group) { return positive(e, group, policy); });
  if (!is_negated(e)) return any;
  return groups.empty() ? policy.group_absent == Policy::GroupAbsent::kTrue : !any;
}

// (numbers, suffix); numbers padded to six groups so that 1.14 is 1.14.0.
std::pair<std::vector<long>, std::string> version_key(const std::string& text, const Policy& policy) {
  std::vector<long> numbers;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t used = 0;
    numbers.push_back(std::stol(text.substr(at), &used));
    at += used;
    if (at + 1 < text.size() && text[at] == '.' && text[at + 1] >= '0' && text[at + 1] <= '9') {
      ++at;
    } else {
      break;
    }
  }
  numbers.resize(6);
  return {numbers, policy.version_suffix == Policy::VersionSuffix::kText ? text.substr(at) : ""};
}

bool version_holds(const PlainExpression& e, const std::string& version, const Policy& policy) {
  if (version.empty()) return false;
  if (version[0] < '0' || version[0] > '9') return e.op == "!=";
  return ordered(e.op, version_key(version, policy), version_key(e.values[0], policy));
}

}  // namespace

bool interpret(const PlainExpression& e, const PlainInstance& instance, const Policy& policy) {
  const auto holds = [&](const PlainExpression& operand) { return interpret(operand, instance, policy); };
  switch (e.kind) {
    case PlainExpression::Kind::kNot:
      return !holds(e.operands[0]);
    case PlainExpression::Kind::kAnd:
      return std::all_of(e.operands.begin(), e.operands.end(), holds);
    case PlainExpression::Kind::kOr:
      return std::any_of(e.operands.begin(), e.operands.end(), holds);
    case PlainExpression::Kind::kComparison:
      break;
  }
  if (e.subject == "task:group") return group_holds(e, instance, policy);
  if (e.subject == "agentConnected") return text_holds(e, instance.agent_connected ? "true" : "false", policy);
  if (e.subject == "agentVersion") return version_holds(e, instance.agent_version, policy);
  if (e.subject == "ec2InstanceId") return !instance.ec2_instance_id.empty() && text_holds(e, instance.ec2_instance_id, policy);
  if (e.subject == "registeredAt") return instance.registered_at_ms != 0 && ordered(e.op, instance.registered_at_ms, e.instant_ms);
  if (e.subject == "runningTasksCount") {
    return ordered(e.op, static_cast<long>(instance.running_tasks_count()), std::stol(e.values[0]));
  }
  return attribute_holds(e, instance, policy);
}

}  // namespace berth::query::test
