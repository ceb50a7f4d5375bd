#include "engine/query/parser.h"

#include <optional>
#include <utility>

#include "engine/base/limits.h"
#include "engine/query/leaf.h"
#include "engine/query/lexer.h"
#include "engine/query/utf8.h"
#include "engine/query/vocabulary.h"

namespace berth::query {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const Policy& policy) : policy_(policy), lexer_(text, policy) {}

  Result<Tree> parse() {
    Result<std::uint32_t> root = expression();
    if (!root) {
      return std::move(root).error();
    }
    if (!lexer_.at_end()) {
      return no_connective("the end of the expression");
    }
    tree_.root = *root;
    return std::move(tree_);
  }

 private:
  using NodeResult = Result<std::uint32_t>;

  std::uint32_t add(Node node) {
    tree_.nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
  }

  std::uint32_t join(Node::Kind kind, std::vector<std::uint32_t> children) {
    if (children.size() == 1) {
      return children.front();
    }
    const Piece first = tree_.nodes[children.front()].piece;
    const Piece last = tree_.nodes[children.back()].piece;
    Node node;
    node.kind = kind;
    node.piece = {first.offset, last.offset + last.length - first.offset};
    node.children = std::move(children);
    return add(std::move(node));
  }

  NodeResult expression() { return policy_.precedence == Policy::Precedence::kAndBindsTighter ? chain_of_or() : chain_left_to_right(); }

  NodeResult chain_of_or() {
    std::vector<std::uint32_t> alternatives;
    std::vector<std::uint32_t> conjuncts;
    for (;;) {
      NodeResult operand = unary();
      if (!operand) {
        return operand;
      }
      conjuncts.push_back(*operand);
      const std::optional<Connective> connective = lexer_.take_connective();
      if (connective == Connective::kAnd) {
        continue;
      }
      alternatives.push_back(join(Node::Kind::kAnd, std::exchange(conjuncts, {})));
      if (!connective) {
        return join(Node::Kind::kOr, std::move(alternatives));
      }
    }
  }

  NodeResult chain_left_to_right() {
    NodeResult first = unary();
    if (!first) {
      return first;
    }
    std::vector<std::uint32_t> operands = {*first};
    std::optional<Connective> joined_by;
    for (;;) {
      const std::optional<Connective> connective = lexer_.take_connective();
      if (joined_by && connective != joined_by) {
        operands = {join(*joined_by == Connective::kAnd ? Node::Kind::kAnd : Node::Kind::kOr, std::move(operands))};
      }
      if (!connective) {
        return operands.front();
      }
      NodeResult operand = unary();
      if (!operand) {
        return operand;
      }
      operands.push_back(*operand);
      joined_by = connective;
    }
  }

  NodeResult unary() {
    lexer_.skip_blanks();
    const std::uint32_t begin = lexer_.at();
    const bool is_not = lexer_.take_not();
    if (!is_not && lexer_.peek() != '(') {
      return comparison();
    }
    if (depth_ == kExpressionDepthMax) {
      Error error;
      error.code = StatusCode::kLimitExceeded;
      error.message = "expected at most " + std::to_string(kExpressionDepthMax) + " parentheses and nots inside one another, found more";
      error.offset = begin;
      error.length = is_not ? lexer_.last_end() - begin : 1;
      return error;
    }
    ++depth_;
    NodeResult node = is_not ? negation(begin) : parenthesized(begin);
    --depth_;
    return node;
  }

  NodeResult negation(std::uint32_t begin) {
    NodeResult operand = unary();
    if (!operand) {
      return operand;
    }
    Node node;
    node.kind = Node::Kind::kNot;
    node.children = {*operand};
    node.piece = {begin, lexer_.last_end() - begin};
    return add(std::move(node));
  }

  NodeResult parenthesized(std::uint32_t begin) {
    lexer_.take('(');
    NodeResult inner = expression();
    if (!inner) {
      return inner;
    }
    if (!lexer_.take(')')) {
      return no_connective("')' to close the '(' at byte " + std::to_string(begin));
    }
    tree_.nodes[*inner].piece = {begin, lexer_.last_end() - begin};
    return inner;
  }

  // What stands here is neither a connective nor `end`.
  Error no_connective(const std::string& end) const {
    const std::string_view word = lexer_.peek_word();
    std::string mend = lexer_.case_mend(word);
    if (lexer_.peek() == '&' || lexer_.peek() == '|') {
      mend = lexer_.peek() == '&' ? "did you mean '&&'?" : "did you mean '||'?";
    } else if (mend.empty() && is_after_bare_value_ && !lexer_.at_end() && lexer_.peek() != ')') {
      mend = "put a value with blanks or special characters into single quotes";
    }
    return lexer_.expected("'and', 'or' or " + end, mend);
  }

  NodeResult comparison() {
    Leaf leaf;
    const std::uint32_t begin = lexer_.at();
    if (Outcome read = subject(leaf); !read) {
      return std::move(read).error();
    }
    const std::string subject_written(lexer_.text_between(begin, lexer_.last_end()));
    Result<OperatorToken> token = lexer_.comparison_operator(subject_written);
    if (!token) {
      return std::move(token).error();
    }
    leaf.op = token->op;
    if (!is_allowed(leaf.subject, leaf.op)) {
      return not_allowed(leaf, *token);
    }
    if (Outcome read = read_argument(lexer_, policy_, leaf); !read) {
      return std::move(read).error();
    }
    leaf.piece = {begin, lexer_.last_end() - begin};
    is_after_bare_value_ =
        !is_existence(leaf.op) && !is_list(leaf.op) && lexer_.text_between(lexer_.last_end() - 1, lexer_.last_end()) != "'";
    Node node;
    node.leaf = static_cast<std::uint32_t>(tree_.leaves.size());
    node.piece = leaf.piece;
    tree_.leaves.push_back(std::move(leaf));
    return add(std::move(node));
  }

  Outcome subject(Leaf& leaf) {
    const std::string_view word = lexer_.peek_word();
    if (word.starts_with(kAttributePrefix)) {
      Result<std::string_view> name = lexer_.attribute_name();
      if (!name) {
        return std::move(name).error();
      }
      leaf.subject = Subject::kAttribute;
      leaf.attribute_name = *name;
      return {};
    }
    if (const std::optional<Subject> known = subject_from(word)) {
      lexer_.take_word();
      leaf.subject = *known;
      return {};
    }
    return unknown_subject(word);
  }

  Error unknown_subject(std::string_view word) const {
    constexpr std::string_view kWhat = "a comparison that begins with a subject such as 'attribute:NAME' or 'task:group'";
    if (word.empty()) {
      return lexer_.expected(kWhat, lexer_.peek() == '"' || lexer_.peek() == '\'' ? "write the expression without quotes around it" : "");
    }
    const std::string mend = lexer_.case_mend(word);
    if (!mend.empty()) {
      return lexer_.expected(kWhat, mend);
    }
    if (word == "and" || word == "or") {
      return lexer_.expected(kWhat);
    }
    if (to_lower(word) == "memberof") {
      return lexer_.expected(kWhat, "write only what stands inside memberOf( )");
    }
    return lexer_.expected("a subject", "did you mean '" + nearest_subject(word) + "'?");
  }

  const Policy& policy_;
  Lexer lexer_;
  Tree tree_;
  std::uint32_t depth_ = 0;
  bool is_after_bare_value_ = false;
};

}  // namespace

Result<Tree> parse(std::string_view text, const Policy& policy) {
  return Parser(text, policy).parse();
}

}  // namespace berth::query
