#include "tests/oracle/expression.h"

#include <algorithm>
#include <functional>
#include <map>
#include <regex>

namespace berth::oracle {

struct ExpressionNode {
  enum class Kind { kAnd, kOr, kNot, kComparison };
  Kind kind = Kind::kComparison;
  std::size_t begin = 0;  // With the parentheses around it.
  std::size_t end = 0;
  std::vector<std::shared_ptr<const ExpressionNode>> operands;

  // Of a comparison.
  std::size_t leaf_begin = 0;  // Without parentheses.
  std::size_t leaf_end = 0;
  std::string subject;  // "attribute", "task:group", ...
  std::string attribute;
  std::string op;  // The symbol, also where the text has the word; "exists" and "!exists".
  std::vector<std::string> arguments;
  std::regex pattern;
  mutable std::map<std::string, bool> pattern_results;
};

namespace {

using Node = ExpressionNode;
using NodePtr = std::shared_ptr<const Node>;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_name_char(char c) {
  return is_letter(c) || is_digit(c) || std::string("-_/\\.").find(c) != std::string::npos;
}
bool is_value_char(char c) {
  return is_letter(c) || is_digit(c) || std::string("-_.@/\\:").find(c) != std::string::npos;
}

const std::map<std::string, std::string>& words_to_symbols() {
  static const std::map<std::string, std::string> kWords = {
      {"equals", "=="},   {"not_equals", "!="},      {"greater_than", ">"}, {"greater_than_equal", ">="},
      {"less_than", "<"}, {"less_than_equal", "<="}, {"exists", "exists"},  {"not_exists", "!exists"},
      {"in", "in"},       {"not_in", "!in"},         {"matches", "=~"},     {"not_matches", "!~"}};
  return kWords;
}

bool is_ordering(const std::string& op) {
  return op == "<" || op == "<=" || op == ">" || op == ">=";
}

// The operators that each subject takes (section 1.3).
bool takes(const std::string& subject, const std::string& op) {
  if (subject == "attribute") return true;
  const bool is_equality = op == "==" || op == "!=";
  if (subject == "agentVersion" || subject == "registeredAt" || subject == "runningTasksCount") return is_equality || is_ordering(op);
  const bool is_text = is_equality || op == "in" || op == "!in" || op == "=~" || op == "!~";
  if (subject == "task:group") return is_text || op == "exists" || op == "!exists";
  return is_text;
}

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {}

  NodePtr parse() {
    if (text_.size() > 2000) fail("longer than 2000 characters");
    NodePtr node = parse_or();
    skip_blanks();
    if (at_ != text_.size()) fail("expected and, or, or the end");
    return node;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw Invalid("expression '" + text_ + "' at " + std::to_string(at_) + ": " + why);
  }

  [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void skip_blanks() {
    while (is_blank(peek())) ++at_;
  }

  bool take(const std::string& symbol) {
    skip_blanks();
    if (text_.compare(at_, symbol.size(), symbol) != 0) return false;
    at_ += symbol.size();
    return true;
  }

  bool take_word(const std::string& word) {
    skip_blanks();
    if (text_.compare(at_, word.size(), word) != 0) return false;
    const char next = peek(word.size());
    if (is_name_char(next) || next == ':') return false;
    at_ += word.size();
    return true;
  }

  NodePtr parse_chain(Node::Kind kind, const std::string& symbol, const std::string& word, const std::function<NodePtr()>& operand) {
    std::vector<NodePtr> operands = {operand()};
    while (take(symbol) || take_word(word)) operands.push_back(operand());
    if (operands.size() == 1) return operands[0];
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->begin = operands.front()->begin;
    node->end = at_;
    node->operands = std::move(operands);
    return node;
  }

  NodePtr parse_or() {
    return parse_chain(Node::Kind::kOr, "||", "or", [this] { return parse_and(); });
  }
  NodePtr parse_and() {
    return parse_chain(Node::Kind::kAnd, "&&", "and", [this] { return parse_unary(); });
  }

  NodePtr parse_unary() {
    skip_blanks();
    const std::size_t begin = at_;
    if (++depth_ > 64) fail("nested too deep");
    auto node = std::make_shared<Node>();
    if (take("!") || take_word("not")) {
      node->kind = Node::Kind::kNot;
      node->operands.push_back(parse_unary());
    } else if (take("(")) {
      *node = *parse_or();
      if (!take(")")) fail("expected )");
    } else {
      parse_comparison(*node);
      node->leaf_begin = begin;
      node->leaf_end = at_;
    }
    node->begin = begin;
    node->end = at_;
    --depth_;
    return node;
  }

  void parse_comparison(Node& node) {
    parse_subject(node);
    node.op = parse_operator();
    if (!takes(node.subject, node.op)) fail(node.subject + " does not take " + node.op);
    if (node.op == "exists" || node.op == "!exists") return;
    skip_blanks();
    if (node.op == "in" || node.op == "!in") {
      parse_list(node);
    } else if (node.op == "=~" || node.op == "!~") {
      node.arguments.push_back(peek() == '\'' ? parse_quoted() : parse_bare_pattern());
      compile_pattern(node);
    } else {
      node.arguments.push_back(parse_word(node.subject == "registeredAt"));
    }
    check_argument(node);
  }

  void parse_subject(Node& node) {
    for (const char* name : {"agentConnected", "agentVersion", "ec2InstanceId", "registeredAt", "runningTasksCount", "task:group"}) {
      if (take_word(name)) {
        node.subject = name;
        return;
      }
    }
    if (!take("attribute:")) fail("expected a subject");
    node.subject = "attribute";
    while (is_name_char(peek())) node.attribute += text_[at_++];
    if (node.attribute.empty() || node.attribute.size() > 128) fail("expected the name of an attribute");
  }

  std::string parse_operator() {
    skip_blanks();
    for (const char* word : {"!exists", "!in"}) {
      if (take_word(word)) return word;
    }
    for (const char* symbol : {"==", "!=", "=~", "!~", ">=", "<=", ">", "<"}) {
      if (take(symbol)) return symbol;
    }
    std::string word;
    while (is_letter(peek()) || peek() == '_') word += text_[at_++];
    const auto found = words_to_symbols().find(word);
    if (found == words_to_symbols().end()) fail("expected an operator");
    return found->second;
  }

  std::string parse_quoted() {
    ++at_;
    const std::size_t end = text_.find('\'', at_);
    if (end == std::string::npos) fail("the quote is not closed");
    std::string value = text_.substr(at_, end - at_);
    at_ = end + 1;
    return value;
  }

  // A timestamp's zone may begin with a plus (section 1.3), which no other bare word holds.
  std::string parse_word(bool is_timestamp = false) {
    skip_blanks();
    if (peek() == '\'') return parse_quoted();
    std::string word;
    while (is_value_char(peek()) || (is_timestamp && peek() == '+')) word += text_[at_++];
    if (word.empty()) fail("expected a value");
    return word;
  }

  void parse_list(Node& node) {
    if (!take("[")) fail("expected [");
    do {
      node.arguments.push_back(parse_word());
    } while (take(","));
    if (!take("]")) fail("expected , or ]");
  }

  std::string parse_bare_pattern() {
    std::string pattern;
    int parentheses = 0;
    bool is_in_class = false;
    for (; at_ < text_.size() && !is_blank(text_[at_]); ++at_) {
      const char c = text_[at_];
      if (c == '\\') {
        pattern += c;
        if (at_ + 1 < text_.size() && !is_blank(text_[at_ + 1])) pattern += text_[++at_];
        continue;
      }
      if (c == '&' && peek(1) == '&') fail("quote the pattern");
      if (c == '|' && peek(1) == '|' && !is_in_class && parentheses == 0) fail("quote the pattern");
      if (is_in_class) {
        if (c == ']') is_in_class = false;
      } else if (c == '[') {
        is_in_class = true;
      } else if (c == '(') {
        ++parentheses;
      } else if (c == ')') {
        if (parentheses == 0) break;
        --parentheses;
      }
      pattern += c;
    }
    if (pattern.empty()) fail("expected a pattern");
    return pattern;
  }

  void compile_pattern(Node& node) const {
    std::string pattern = node.arguments[0];
    auto flags = std::regex::ECMAScript;
    if (pattern.rfind("(?i)", 0) == 0) {
      flags |= std::regex::icase;
      pattern = pattern.substr(4);
    }
    try {
      node.pattern = std::regex(pattern, flags);
    } catch (const std::regex_error& error) {
      fail(std::string("malformed pattern: ") + error.what());
    }
  }

  void check_argument(const Node& node) const {
    if (node.subject == "registeredAt" && !iso8601_ms(node.arguments[0])) fail("expected a timestamp");
    if (node.subject != "runningTasksCount") return;
    if (!std::all_of(node.arguments[0].begin(), node.arguments[0].end(), is_digit)) fail("expected a count");
  }

  const std::string& text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

// -1, 0 or 1.
template <typename T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

bool holds(const std::string& op, int order) {
  if (op == "==") return order == 0;
  if (op == "!=") return order != 0;
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return order >= 0;
}

// The dotted numbers in front, and what follows them.
std::pair<std::vector<std::int64_t>, std::string> split_version(const std::string& version) {
  std::vector<std::int64_t> numbers;
  std::size_t at = 0;
  while (at < version.size() && is_digit(version[at])) {
    std::int64_t number = 0;
    while (at < version.size() && is_digit(version[at])) number = number * 10 + (version[at++] - '0');
    numbers.push_back(number);
    if (at + 1 < version.size() && version[at] == '.' && is_digit(version[at + 1])) {
      ++at;
    } else {
      break;
    }
  }
  return {numbers, version.substr(at)};
}

int order_versions(const std::string& a, const std::string& b) {
  auto [a_numbers, a_rest] = split_version(a);
  auto [b_numbers, b_rest] = split_version(b);
  const std::size_t length = std::max(a_numbers.size(), b_numbers.size());
  a_numbers.resize(length);
  b_numbers.resize(length);
  const int numbers = order(a_numbers, b_numbers);
  return numbers != 0 ? numbers : order(a_rest, b_rest);
}

bool is_decimal(const std::string& text) {
  static const std::regex kDecimal("-?[0-9]+([.][0-9]+)?");
  return std::regex_match(text, kDecimal);
}

int order_texts(const std::string& a, const std::string& b) {
  if (is_decimal(a) && is_decimal(b)) return order(std::stod(a), std::stod(b));
  return order(a, b);
}

bool pattern_matches(const Node& node, const std::string& value) {
  const auto found = node.pattern_results.find(value);
  if (found != node.pattern_results.end()) return found->second;
  const bool matches = std::regex_match(value, node.pattern);
  node.pattern_results[value] = matches;
  return matches;
}

bool is_negative(const std::string& op) {
  return op == "!=" || op == "!in" || op == "!~";
}

// The positive operator that belongs to `op`, applied to one text.
bool positively_holds(const Node& node, const std::string& value) {
  if (node.op == "=~" || node.op == "!~") return pattern_matches(node, value);
  return std::find(node.arguments.begin(), node.arguments.end(), value) != node.arguments.end();
}

bool text_holds(const Node& node, const std::string& value) {
  if (is_ordering(node.op)) return holds(node.op, order_texts(value, node.arguments[0]));
  return positively_holds(node, value) != is_negative(node.op);
}

// Rule D15: a positive operator holds if any group satisfies it, a negative one if there are groups and none does.
bool groups_hold(const Node& node, const State& state) {
  if (node.op == "exists") return !state.groups.empty();
  if (node.op == "!exists") return state.groups.empty();
  const bool any =
      std::any_of(state.groups.begin(), state.groups.end(), [&](const auto& entry) { return positively_holds(node, entry.first); });
  return is_negative(node.op) ? !state.groups.empty() && !any : any;
}

bool comparison_holds(const Node& node, const Instance& instance, const State& state) {
  if (node.subject == "task:group") return groups_hold(node, state);
  if (node.subject == "agentConnected") return text_holds(node, instance.agent_connected ? "true" : "false");
  if (node.subject == "runningTasksCount") return holds(node.op, order(state.running, std::int64_t{std::stoll(node.arguments[0])}));
  if (node.subject == "registeredAt") return holds(node.op, order(instance.registered_at_ms, *iso8601_ms(node.arguments[0])));
  if (node.subject == "agentVersion") {
    return !instance.agent_version.empty() && holds(node.op, order_versions(instance.agent_version, node.arguments[0]));
  }
  if (node.subject == "ec2InstanceId") return !instance.ec2_instance_id.empty() && text_holds(node, instance.ec2_instance_id);
  const std::string* value = instance.attribute(node.attribute);
  if (node.op == "exists") return value != nullptr;
  if (node.op == "!exists") return value == nullptr;
  if (value == nullptr) return false;
  if (value->empty() && (node.op == "==" || node.op == "in")) return false;  // A name without a value equals nothing.
  return text_holds(node, *value);
}

bool evaluate(const Node& node, const Instance& instance, const State& state) {
  const auto holds_here = [&](const NodePtr& operand) { return evaluate(*operand, instance, state); };
  switch (node.kind) {
    case Node::Kind::kAnd:
      return std::all_of(node.operands.begin(), node.operands.end(), holds_here);
    case Node::Kind::kOr:
      return std::any_of(node.operands.begin(), node.operands.end(), holds_here);
    case Node::Kind::kNot:
      return !holds_here(node.operands[0]);
    case Node::Kind::kComparison:
      break;
  }
  return comparison_holds(node, instance, state);
}

void visit_leaves(const Node& node, const std::function<void(const Node&)>& visit) {
  if (node.kind == Node::Kind::kComparison) visit(node);
  for (const NodePtr& operand : node.operands) visit_leaves(*operand, visit);
}

void collect_features(const Node& node, std::vector<std::string>& features) {
  if (node.kind == Node::Kind::kAnd) features.push_back("and");
  if (node.kind == Node::Kind::kOr) features.push_back("or");
  if (node.kind == Node::Kind::kNot) features.push_back("not");
  if (node.kind == Node::Kind::kComparison) {
    features.push_back("subject " + node.subject);
    features.push_back("operator " + node.op);
  }
  for (const NodePtr& operand : node.operands) collect_features(*operand, features);
}

}  // namespace

Expression::Expression(const std::string& text) : text_(text), root_(Parser(text_).parse()) {}

bool Expression::selects(const Instance& instance, const State& state) const {
  return evaluate(*root_, instance, state);
}

std::size_t Expression::conjunct_count() const {
  return root_->kind == Node::Kind::kAnd ? root_->operands.size() : 1;
}

std::string Expression::conjunct_text(std::size_t index) const {
  const Node& node = root_->kind == Node::Kind::kAnd ? *root_->operands[index] : *root_;
  return text_.substr(node.begin, node.end - node.begin);
}

bool Expression::selects_without_conjunct(std::size_t index, const Instance& instance, const State& state) const {
  if (root_->kind != Node::Kind::kAnd) return true;
  for (std::size_t i = 0; i < root_->operands.size(); ++i) {
    if (i != index && !evaluate(*root_->operands[i], instance, state)) return false;
  }
  return true;
}

std::vector<std::string> Expression::leaf_texts() const {
  std::vector<std::string> texts;
  visit_leaves(*root_, [&](const Node& leaf) { texts.push_back(text_.substr(leaf.leaf_begin, leaf.leaf_end - leaf.leaf_begin)); });
  return texts;
}

bool Expression::leaf_selects(std::size_t index, const Instance& instance, const State& state) const {
  bool selects = false;
  std::size_t i = 0;
  visit_leaves(*root_, [&](const Node& leaf) {
    if (i++ == index) selects = evaluate(leaf, instance, state);
  });
  return selects;
}

std::vector<std::string> Expression::features() const {
  std::vector<std::string> features;
  collect_features(*root_, features);
  return features;
}

}  // namespace berth::oracle
