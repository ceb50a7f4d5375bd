#include "tests/unit/query/random_expression.h"

#include <rapidcheck.h>

#include <algorithm>
#include <utility>

namespace berth::query::test {
namespace {

using Texts = std::vector<std::string>;

std::size_t below(std::size_t bound) {
  return *rc::gen::inRange<std::size_t>(0, bound);
}
bool coin() {
  return below(2) == 0;
}
template <typename T>
const T& one_of(const std::vector<T>& from) {
  return from[below(from.size())];
}

const Texts kAttributeValues = {"a", "b", "aa", "1", "10", "9.5", "-1", "x y", "", "a/b", "and"};
const Texts kAttributeNames = {"a", "b.c", "d/e", "host", "never"};
const Texts kGroups = {"service:a", "service:b", "family:a", "a", ""};
const Texts kIds = {"i-0a", "i-0123456789abcdef0", "i-0123456789abcdef1", "mi-0c0000000000000aa", "I-0123456789ABCDEF0", "odd"};
const Texts kVersions = {"1.9", "1.10", "1.10.0", "1.10-rc1", "1.10.0-rc2", "2", "01.9.0"};
// Read alike by Java, RE2 and ECMAScript.
const Texts kPatterns = {"a.*",   "[ab]+", "(a|b)",      "1?0", "x\\sy", ".", "", "i-0.*", "(service|family):a",
                         "[^a]*", "t.*e",  "(a|)b{0,2}", "\\w+"};
const std::vector<std::pair<std::string, std::int64_t>> kInstants = {{"2018-02-13", 1518480000000},
                                                                     {"2018-02-13T01:00:00+01:00", 1518480000000},
                                                                     {"2018-02-12T23:59:59", 1518479999000},
                                                                     {"2018-02-13T00:00:00.5Z", 1518480000500},
                                                                     {"2018-02-12T18:30:00-05:30", 1518480000000},
                                                                     {"9999-12-31", 253402214400000}};
const Texts kTextOperators = {"==", "!=", "in", "!in", "=~", "!~"};
const Texts kOrderOperators = {"==", "!=", "<", "<=", ">", ">="};

std::string alias_of(const std::string& op) {
  static const std::map<std::string, std::string> kAliases = {
      {"==", "equals"},          {"!=", "not_equals"},      {"<", "less_than"},
      {"<=", "less_than_equal"}, {">", "greater_than"},     {">=", "greater_than_equal"},
      {"exists", "exists"},      {"!exists", "not_exists"}, {"in", "in"},
      {"!in", "not_in"},         {"=~", "matches"},         {"!~", "not_matches"}};
  return kAliases.at(op);
}

bool is_bare_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string("-_.@/\\:").find(c) != std::string::npos;
}

std::string blanks(std::size_t least) {
  static const Texts kBlanks = {"", " ", "  ", "\t", "\r\n", " \n "};
  const std::string& drawn = one_of(kBlanks);
  return drawn.size() < least ? " " : drawn;
}

std::string literal_text(const std::string& value, const Policy& policy, bool is_date = false) {
  const bool is_bare =
      !value.empty() && std::all_of(value.begin(), value.end(), [&](char c) { return is_bare_char(c) || (is_date && c == '+'); });
  if (is_bare && coin()) return value;
  return policy.double_quotes == Policy::DoubleQuotes::kAccept && coin() ? '"' + value + '"' : "'" + value + "'";
}

std::string keyword(std::string word, const Policy& policy) {
  if (policy.keyword_case == Policy::KeywordCase::kAny && coin()) {
    std::transform(word.begin(), word.end(), word.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  }
  return word;
}

std::string comparison_text(const PlainExpression& e, const Policy& policy) {
  const bool is_existence = e.op == "exists" || e.op == "!exists";
  const bool is_list = e.op == "in" || e.op == "!in";
  const bool is_pattern = e.op == "=~" || e.op == "!~";
  std::string text = e.subject;
  const bool is_word = coin() || e.op == "in" || e.op == "exists";
  text +=
      is_word ? blanks(1) + keyword(alias_of(e.op), policy) : blanks(0) + (e.op.size() > 2 ? "!" + keyword(e.op.substr(1), policy) : e.op);
  if (is_existence) return text;
  if (is_list) {
    text += blanks(0) + "[";
    for (std::size_t i = 0; i < e.values.size(); ++i) {
      text += (i == 0 ? "" : ",") + blanks(0) + literal_text(e.values[i], policy) + blanks(0);
    }
    return text + "]";
  }
  const std::string& value = e.values[0];
  if (is_pattern) {
    // A bare pattern ends at the next blank: the caller puts one behind every comparison.
    return text + blanks(is_word ? 1 : 0) + (value.empty() || coin() ? "'" + value + "'" : value);
  }
  return text + blanks(is_word ? 1 : 0) + literal_text(value, policy, e.subject == "registeredAt");
}

PlainExpression draw_comparison() {
  PlainExpression e;
  switch (below(9)) {
    case 0:
      e.subject = "agentConnected";
      e.op = one_of(kTextOperators);
      e.values = {coin() ? "true" : "false"};
      break;
    case 1:
      e.subject = "agentVersion";
      e.op = one_of(kOrderOperators);
      e.values = {one_of(kVersions)};
      break;
    case 2:
      e.subject = "ec2InstanceId";
      e.op = one_of(kTextOperators);
      e.values = {one_of(kIds)};
      break;
    case 3: {
      e.subject = "registeredAt";
      e.op = one_of(kOrderOperators);
      const auto& [text, ms] = one_of(kInstants);
      e.values = {text};
      e.instant_ms = ms;
      return e;
    }
    case 4:
      e.subject = "runningTasksCount";
      e.op = one_of(kOrderOperators);
      e.values = {std::to_string(static_cast<int>(below(5)) - 1)};
      break;
    case 5:
    case 6:
      e.subject = "task:group";
      e.op = coin() ? one_of(kTextOperators) : one_of(Texts{"exists", "!exists"});
      e.values = {one_of(kGroups)};
      break;
    default:
      e.subject = "attribute:" + one_of(kAttributeNames);
      e.op = one_of(Texts{"==", "!=", "<", "<=", ">", ">=", "exists", "!exists", "in", "!in", "=~", "!~"});
      e.values = {e.subject.ends_with("host") && coin() ? "host-" + std::to_string(below(90)) : one_of(kAttributeValues)};
      break;
  }
  if (e.op == "=~" || e.op == "!~") e.values = {one_of(kPatterns)};
  if (e.op == "in" || e.op == "!in") {
    for (std::size_t more = below(3); more > 0; --more) {
      e.values.push_back(e.subject == "agentConnected"  ? "false"
                         : e.subject == "ec2InstanceId" ? one_of(kIds)
                         : e.subject == "task:group"    ? one_of(kGroups)
                                                        : one_of(kAttributeValues));
    }
  }
  return e;
}

}  // namespace

std::string draw_group() {
  return coin() ? "service:new-" + std::to_string(below(3)) : one_of(kGroups);
}

Policy draw_policy() {
  Policy policy;
  if (coin()) return policy;
  policy.anchoring = coin() ? Policy::Anchoring::kSearch : policy.anchoring;
  policy.precedence = coin() ? Policy::Precedence::kLeftToRight : policy.precedence;
  policy.keyword_case = coin() ? Policy::KeywordCase::kAny : policy.keyword_case;
  policy.double_quotes = coin() ? Policy::DoubleQuotes::kAccept : policy.double_quotes;
  policy.attribute_order = coin() ? Policy::AttributeOrder::kText : policy.attribute_order;
  policy.name_only = coin() ? Policy::NameOnly::kAbsent : policy.name_only;
  policy.group_absent = coin() ? Policy::GroupAbsent::kTrue : policy.group_absent;
  policy.group_tasks = coin() ? Policy::GroupTasks::kLastRunning : policy.group_tasks;
  policy.version_suffix = coin() ? Policy::VersionSuffix::kIgnore : policy.version_suffix;
  return policy;
}

std::vector<PlainInstance> draw_fleet(std::size_t most) {
  static const Texts kReportedVersions = {"", "latest", "v1.9", "1.9", "1.9.0", "1.10-rc1", "1.10", "2.0"};
  static const std::vector<std::int64_t> kTimesMs = {0, 1518479999000, 1518480000000, 1518480000500, 1600000000000};
  std::vector<PlainInstance> fleet(below(most + 1));
  // A fleet as big as it gets is drawn from one seed: thousands of draws would drown the shrinking.
  std::uint64_t state = *rc::gen::arbitrary<std::uint64_t>();
  const auto roll = [&](std::size_t bound) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>((state >> 33U) % bound);
  };
  const auto pick = [&](const auto& from) { return from[roll(from.size())]; };
  const bool has_hosts = coin();
  for (std::size_t i = 0; i < fleet.size(); ++i) {
    PlainInstance& instance = fleet[i];
    instance.ec2_instance_id = roll(4) == 0 ? "" : pick(kIds);
    instance.agent_version = pick(kReportedVersions);
    instance.agent_connected = roll(2) == 0;
    instance.registered_at_ms = pick(kTimesMs);
    for (const char* name : {"a", "b.c", "d/e"}) {
      if (roll(3) != 0) {
        instance.attributes[name] = roll(4) == 0 ? std::nullopt : std::optional(pick(kAttributeValues));
      }
    }
    if (has_hosts && roll(8) != 0) {
      instance.attributes["host"] = roll(8) == 0 ? std::nullopt : std::optional("host-" + std::to_string(i));
    }
    for (std::size_t tasks = roll(4); tasks > 0; --tasks) {
      instance.tasks.push_back({pick(kGroups), roll(2) == 0 ? TaskStatus::kRunning : TaskStatus::kPending,
                                roll(3) == 0 ? TaskStatus::kStopped : TaskStatus::kRunning});
    }
  }
  return fleet;
}

PlainExpression draw_expression(int depth) {
  if (depth == 0 || below(3) == 0) return draw_comparison();
  PlainExpression e;
  const std::size_t kind = below(3);
  e.kind = kind == 0 ? PlainExpression::Kind::kNot : kind == 1 ? PlainExpression::Kind::kAnd : PlainExpression::Kind::kOr;
  const std::size_t operands = kind == 0 ? 1 : 2 + below(2);
  for (std::size_t i = 0; i < operands; ++i) {
    e.operands.push_back(draw_expression(depth - 1));
  }
  return e;
}

std::string draw_text(const PlainExpression& e, const Policy& policy) {
  using Kind = PlainExpression::Kind;
  if (e.kind == Kind::kComparison) return comparison_text(e, policy) + blanks(1);
  const auto wrapped = [&](const PlainExpression& operand) { return "(" + blanks(0) + draw_text(operand, policy) + blanks(0) + ")"; };
  if (e.kind == Kind::kNot) {
    const PlainExpression& operand = e.operands[0];
    const bool is_chain = operand.kind == Kind::kAnd || operand.kind == Kind::kOr;
    const bool is_symbol = coin();
    const std::string inner = is_chain || coin() ? wrapped(operand) : blanks(is_symbol ? 0 : 1) + draw_text(operand, policy);
    return (is_symbol ? "!" : keyword("not", policy)) + blanks(0) + inner;
  }
  std::string text;
  for (std::size_t i = 0; i < e.operands.size(); ++i) {
    const PlainExpression& operand = e.operands[i];
    const bool binds_tighter =
        policy.precedence == Policy::Precedence::kAndBindsTighter && e.kind == Kind::kOr && operand.kind == Kind::kAnd;
    const bool is_first_of_left_to_right = policy.precedence == Policy::Precedence::kLeftToRight && i == 0;
    const bool needs_none = operand.kind == Kind::kComparison || operand.kind == Kind::kNot || binds_tighter || is_first_of_left_to_right;
    if (i > 0) {
      const bool is_symbol = coin();
      const std::string word = keyword(e.kind == Kind::kAnd ? "and" : "or", policy);
      text += is_symbol ? (e.kind == Kind::kAnd ? "&&" : "||") + blanks(0) : word + blanks(1);
    }
    text += needs_none && coin() ? draw_text(operand, policy) : wrapped(operand);
  }
  return text;
}

}  // namespace berth::query::test
