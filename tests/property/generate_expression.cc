// Expressions over every subject and operator, in the spellings that users have: symbols and words, with and without blanks and quotes.
#include <map>

#include "tests/property/generators.h"

namespace berth::property {
namespace {

using Texts = std::vector<std::string>;

struct Attribute {
  std::string name;
  Texts values;
};

std::string quote_if_needed(Random& random, const std::string& value) {
  const bool must = value.empty() || value.find(' ') != std::string::npos;
  return must || random.chance(25) ? "'" + value + "'" : value;
}

std::string spell(Random& random, const std::string& symbol) {
  static const std::map<std::string, std::string> kWords = {
      {"==", "equals"},   {"!=", "not_equals"},      {">", "greater_than"}, {">=", "greater_than_equal"},
      {"<", "less_than"}, {"<=", "less_than_equal"}, {"!in", "not_in"},     {"!exists", "not_exists"},
      {"=~", "matches"},  {"!~", "not_matches"}};
  const auto word = kWords.find(symbol);
  if (word != kWords.end() && random.chance(30)) return " " + word->second + " ";
  const bool is_letters = symbol.find_first_of("inexst") != std::string::npos;
  return is_letters || random.chance(80) ? " " + symbol + " " : symbol;
}

std::string pattern_for(Random& random, const std::string& value) {
  if (value.find(' ') != std::string::npos) return "'" + value.substr(0, value.find(' ')) + " .*'";
  const std::string head = value.substr(0, value.size() / 2 + 1);
  switch (random.below(8)) {
    case 0:
      return value;
    case 1:
      return "(" + head + "|zzz).*";
    case 2:
      return "[" + value.substr(0, 1) + ",_].*";
    case 3:
      return ".*" + value.substr(value.size() / 2);
    case 4:
      return "'" + head + ".*'";
    case 5:
      return "(?i)" + head + ".*";
    case 6:
      return ".+";
    default:
      return head + ".*";
  }
}

// A comparison of `subject` by `op` with values drawn from `values`.
std::string compare(Random& random, const std::string& subject, const std::string& op, const Texts& values) {
  const std::string head = subject + spell(random, op);
  if (op == "exists" || op == "!exists") return subject + (op == "exists" ? " exists" : spell(random, op));
  if (op == "in" || op == "!in") {
    std::string list;
    for (int left = random.between(1, 3); left > 0; --left) {
      list += (list.empty() ? "" : random.chance(50) ? ", " : ",") + quote_if_needed(random, random.pick(values));
    }
    return head + "[" + list + "]";
  }
  if (op == "=~" || op == "!~") return head + pattern_for(random, random.pick(values)) + " ";
  return head + quote_if_needed(random, random.pick(values));
}

std::string generate_leaf(Random& random, const Vocabulary& words) {
  static const Texts kAll = {"==", "!=", "in", "!in", "=~", "!~", "exists", "!exists", "<", "<=", ">", ">="};
  static const Texts kText = {"==", "!=", "in", "!in", "=~", "!~"};
  static const Texts kOrder = {"==", "!=", "<", "<=", ">", ">=", "<", ">"};
  static const Texts kGroup = {"==", "!=", "in", "!in", "=~", "!~", "exists", "!exists"};
  const std::vector<Attribute> attributes = {{"ecs.instance-type", words.instance_types},
                                             {"ecs.availability-zone", words.zones},
                                             {"ecs.os-type", {"linux", "windows"}},
                                             {"ecs.cpu-architecture", {"x86_64", "arm64"}},
                                             {"ecs.ami-id", {"ami-1", "ami-2", "ami-3"}},
                                             {"stack", {"prod", "dev", "test", ""}},
                                             {"tier", {"1", "2", "5", "9.5", "10", "gold", "-4"}},
                                             {"ssd", {"", "x"}},
                                             {"team", {"blue team", "red team", "x@y.z", "ops:night"}},
                                             {"foundry.signoz.io/storage", {"persistent", "scratch"}},
                                             {"ecs.capability.external", {"", "x"}},
                                             {"unheard-of", {"a", "b"}}};
  switch (random.below(12)) {
    case 0:
      return compare(random, "agentConnected", random.pick(kText), {"true", "true", "false"});
    case 1:
      return compare(random, "agentVersion", random.pick(kOrder), words.agent_versions);
    case 2: {
      if (words.ec2_instance_ids.empty()) return "ec2InstanceId != i-0";
      return compare(random, "ec2InstanceId", random.pick(Texts{"!=", "!in", "=~", "!~", "in", "=="}), words.ec2_instance_ids);
    }
    case 3:
      return compare(random, "registeredAt", random.pick(kOrder),
                     {"2022-05-20", "2022-05-20T08:30:00Z", "2023-01-01T00:00:00+00:00", "2024-03-15T17:00:00", "2024-06-15T17:00:00Z"});
    case 4:
      return compare(random, "runningTasksCount", random.pick(kOrder), {"0", "1", "2", "3", "5", "8"});
    case 5:
    case 6:
      return compare(random, "task:group", random.pick(kGroup), words.groups);
    default:
      break;
  }
  const Attribute& attribute = random.pick(attributes);
  const std::string op = random.pick(kAll);
  Texts values = attribute.values;
  if (op == "=~" || op == "!~") std::erase(values, "");
  return compare(random, "attribute:" + attribute.name, op, values.empty() ? Texts{"x"} : values);
}

}  // namespace

std::string generate_expression(Random& random, const Vocabulary& vocabulary, int depth) {
  if (depth == 0 || random.chance(40)) return generate_leaf(random, vocabulary);
  const auto part = [&] { return generate_expression(random, vocabulary, depth - 1); };
  switch (random.below(6)) {
    case 0:
      return part() + (random.chance(70) ? " and " : " && ") + part();
    case 1:
    case 2:
      return part() + (random.chance(70) ? " or " : " || ") + part();
    case 3:
      return (random.chance(70) ? "not(" : "!(") + part() + ")";
    case 4:
      return "not " + generate_leaf(random, vocabulary);
    default:
      return "(" + part() + (random.chance(60) ? " or " : " and ") + part() + ")";
  }
}

}  // namespace berth::property
