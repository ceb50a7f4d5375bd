#include "engine/query/java_pattern.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/query/java_class.h"
#include "engine/query/utf8.h"

namespace berth::query {
namespace {

using Kind = PatternNode::Kind;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The flags in force; an inline flag holds until the group around it ends.
struct Flags {
  bool ignores_case = false;
  bool dot_matches_all = false;
};

// A node and whether it holds a `$`, after which nothing may follow.
struct Part {
  std::uint32_t node = 0;
  bool ends_text = false;
};

class PatternReader {
 public:
  PatternReader(std::string_view pattern, bool is_whole) : pattern_(pattern), is_whole_(is_whole), classes_(pattern) {}

  Result<PatternTree> read() {
    Result<Part> root = alternation(0);
    if (!root) {
      return std::move(root).error();
    }
    if (!at_end()) {
      return pattern_error(StatusCode::kInvalidArgument, at_, 1, "expected a '(' before it, found ')' in the pattern");
    }
    tree_.root = root->node;
    return std::move(tree_);
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ >= pattern_.size(); }
  [[nodiscard]] bool is_next(std::string_view text) const { return pattern_.substr(at_, text.size()) == text; }

  std::uint32_t add(PatternNode node) {
    tree_.nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
  }
  std::uint32_t add(Kind kind) {
    PatternNode node;
    node.kind = kind;
    return add(std::move(node));
  }
  std::uint32_t add_set(CodePointSet set) {
    const auto known = std::find(tree_.sets.begin(), tree_.sets.end(), set);
    PatternNode node;
    node.kind = Kind::kSet;
    node.set = static_cast<std::uint32_t>(known - tree_.sets.begin());
    if (known == tree_.sets.end()) {
      tree_.sets.push_back(std::move(set));
    }
    return add(std::move(node));
  }
  std::uint32_t add_list(Kind kind, std::vector<std::uint32_t> children) {
    if (children.empty()) {
      return add(Kind::kEmpty);
    }
    if (children.size() == 1) {
      return children.front();
    }
    PatternNode node;
    node.kind = kind;
    node.children = std::move(children);
    return add(std::move(node));
  }
  std::uint32_t add_literal(char32_t code_point) {
    CodePointSet set;
    set.add(code_point, code_point);
    if (flags_.ignores_case) {
      set.add_other_ascii_case(code_point, code_point);
    }
    return add_set(std::move(set));
  }

  Result<Part> alternation(std::uint32_t depth) {
    const Flags outer = flags_;
    std::vector<std::uint32_t> branches;
    bool ends_text = false;
    for (;;) {
      Result<Part> branch = sequence(depth);
      if (!branch) {
        return branch;
      }
      branches.push_back(branch->node);
      ends_text = ends_text || branch->ends_text;
      if (at_end() || pattern_[at_] != '|') {
        break;
      }
      ++at_;
    }
    flags_ = outer;
    return Part{add_list(Kind::kAlternate, std::move(branches)), ends_text};
  }

  Result<Part> sequence(std::uint32_t depth) {
    std::vector<std::uint32_t> parts;
    bool ends_text = false;
    std::size_t dollar_at = 0;
    while (!at_end() && pattern_[at_] != '|' && pattern_[at_] != ')') {
      const std::size_t begin = at_;
      if (ends_text) {
        return unsupported_pattern(dollar_at, 1, "'$' with something behind it", "'$' must end the pattern; write \\$ for the character");
      }
      bool is_flag_group = false;
      Result<Part> part = atom(depth, is_flag_group);
      if (!part) {
        return part;
      }
      if (is_flag_group) {
        continue;
      }
      Result<Part> repeated = quantified(*part, begin);
      if (!repeated) {
        return repeated;
      }
      ends_text = repeated->ends_text;
      dollar_at = ends_text ? begin + pattern_.substr(begin, at_ - begin).rfind('$') : 0;
      parts.push_back(repeated->node);
    }
    return Part{add_list(Kind::kConcat, std::move(parts)), ends_text};
  }

  Result<Part> atom(std::uint32_t depth, bool& is_flag_group) {
    switch (pattern_[at_]) {
      case '(':
        return group(depth, is_flag_group);
      case '[': {
        Result<CodePointSet> set = classes_.bracketed(at_, flags_.ignores_case);
        if (!set) {
          return std::move(set).error();
        }
        return Part{add_set(std::move(*set)), false};
      }
      case '\\':
        return escape();
      case '.':
        ++at_;
        return Part{add_set(dot()), false};
      case '^':
        ++at_;
        return anchor(Kind::kBeginText, at_ - 1);
      case '$':
        return dollar();
      case '*':
      case '+':
      case '?':
        return pattern_error(StatusCode::kInvalidArgument, at_, 1,
                             std::string("expected something to repeat before '") + pattern_[at_] + "', found nothing");
      case '{':
        if (at_ + 1 < pattern_.size() && is_digit(pattern_[at_ + 1])) {
          return unsupported_pattern(at_, 1, "a repetition of nothing", "write \\{ for the character");
        }
        return pattern_error(StatusCode::kInvalidArgument, at_, 1,
                             "expected something to repeat before '{', found nothing; write \\{ for the character");
      default: {
        const DecodedCodePoint decoded = decode_utf8(pattern_, at_);
        at_ += decoded.bytes;
        return Part{add_literal(decoded.code_point), false};
      }
    }
  }

  // Java's line terminators, which `.` leaves out unless (?s).
  CodePointSet dot() const {
    if (flags_.dot_matches_all) {
      return CodePointSet({{0, kCodePointMax}});
    }
    return CodePointSet({{'\n', '\n'}, {'\r', '\r'}, {0x85, 0x85}, {0x2028, 0x2029}}).complement();
  }

  Result<Part> anchor(Kind kind, std::size_t begin) {
    if (!at_end() && (pattern_[at_] == '*' || pattern_[at_] == '+' || pattern_[at_] == '?' || pattern_[at_] == '{')) {
      return unsupported_pattern(begin, at_ + 1 - begin, "a repeated anchor", "leave the repetition out");
    }
    return Part{add(kind), false};
  }

  // Java's `$` also holds before a line terminator that ends the text. At the end of a whole match it can only hold at the very end.
  Result<Part> dollar() {
    if (!is_whole_) {
      return unsupported_pattern(at_, 1, "'$', which in Java also holds before a last line terminator,", "write \\z");
    }
    ++at_;
    Result<Part> part = anchor(Kind::kEndText, at_ - 1);
    if (part) {
      part->ends_text = true;
    }
    return part;
  }

  Result<Part> escape() {
    if (is_next("\\A") || is_next("\\z")) {
      const std::size_t begin = at_;
      at_ += 2;
      return anchor(pattern_[begin + 1] == 'A' ? Kind::kBeginText : Kind::kEndText, begin);
    }
    Result<ClassItem> item = classes_.escape(at_, flags_.ignores_case);
    if (!item) {
      return std::move(item).error();
    }
    return Part{item->is_set ? add_set(std::move(item->set)) : add_literal(item->code_point), false};
  }

  Result<Part> group(std::uint32_t depth, bool& is_flag_group) {
    const std::size_t begin = at_;
    if (depth == kPatternDepthMax) {
      return pattern_error(StatusCode::kLimitExceeded, begin, 1,
                           "expected at most " + std::to_string(kPatternDepthMax) + " nested groups in the pattern, found more");
    }
    const Flags outer = flags_;
    ++at_;
    if (is_next("?")) {
      if (std::optional<Error> error = group_head(begin, is_flag_group)) {
        return *std::move(error);
      }
      if (is_flag_group) {
        return Part{};
      }
    }
    Result<Part> inner = alternation(depth + 1);
    if (!inner) {
      return inner;
    }
    if (at_end()) {
      return pattern_error(StatusCode::kInvalidArgument, begin, 1, "expected ')' to close this '(' of the pattern, found its end");
    }
    ++at_;
    flags_ = outer;
    return inner;
  }

  // Reads what follows "(" in "(?:", "(?<name>", "(?i)" and "(?i:".
  std::optional<Error> group_head(std::size_t begin, bool& is_flag_group) {
    struct Head {
      std::string_view text;
      std::string_view what;
      std::string_view mend;
    };
    constexpr std::array<Head, 6> kRefused = {{
        {"?=", "the look-ahead (?=", "join two comparisons with 'and'"},
        {"?!", "the negative look-ahead (?!", "join two comparisons with 'and', the second with !~"},
        {"?<=", "the look-behind (?<=", "join two comparisons with 'and'"},
        {"?<!", "the negative look-behind (?<!", "join two comparisons with 'and', the second with !~"},
        {"?>", "the independent group (?>", "write (?:"},
        {"?P", "the group (?P<name>", "Java has no such group; write (?<name>"},
    }};
    for (const Head& head : kRefused) {
      if (is_next(head.text)) {
        return unsupported_pattern(begin, 1 + head.text.size(), head.what, head.mend);
      }
    }
    if (is_next("?<")) {
      return group_name(begin);
    }
    ++at_;
    return inline_flags(begin, is_flag_group);
  }

  std::optional<Error> group_name(std::size_t begin) {
    at_ += 2;
    const std::size_t name_begin = at_;
    while (!at_end() && (is_letter(pattern_[at_]) || (at_ > name_begin && is_digit(pattern_[at_])))) {
      ++at_;
    }
    const std::string name(pattern_.substr(name_begin, at_ - name_begin));
    if (name.empty() || !is_next(">")) {
      return pattern_error(
          StatusCode::kInvalidArgument, begin, at_ - begin,
          "expected a group name of letters and digits and '>', found '" + printable(pattern_.substr(begin, at_ + 1 - begin)) + "'");
    }
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) {
      return pattern_error(StatusCode::kInvalidArgument, begin, at_ - begin,
                           "expected each group name once, found '" + name + "' again in the pattern");
    }
    names_.push_back(name);
    ++at_;
    return std::nullopt;
  }

  std::optional<Error> inline_flags(std::size_t begin, bool& is_flag_group) {
    bool value = true;
    for (; !at_end(); ++at_) {
      switch (pattern_[at_]) {
        case 'i':
          flags_.ignores_case = value;
          break;
        case 's':
          flags_.dot_matches_all = value;
          break;
        case '-':
          if (!value) {
            return pattern_error(StatusCode::kInvalidArgument, at_, 1, "expected a flag, ':' or ')', found a second '-' in the pattern");
          }
          value = false;
          break;
        case ':':
          ++at_;
          return std::nullopt;
        case ')':
          ++at_;
          is_flag_group = true;
          return std::nullopt;
        case 'd':
        case 'm':
        case 'u':
        case 'x':
        case 'U':
          return unsupported_pattern(begin, at_ + 1 - begin, std::string("the flag (?") + pattern_[at_] + ")", "only i and s are");
        default:
          return pattern_error(
              StatusCode::kInvalidArgument, begin, at_ - begin,
              "expected a group or flag that Java knows after '(?', found '" + printable(pattern_.substr(begin, at_ + 1 - begin)) + "'");
      }
    }
    return pattern_error(StatusCode::kInvalidArgument, begin, at_ - begin,
                         "expected ')' to close this group of the pattern, found its end");
  }

  // Reads the quantifier behind `part`, if there is one. Greedy and lazy do not differ in whether there is a match.
  Result<Part> quantified(Part part, std::size_t part_begin) {
    if (at_end()) {
      return part;
    }
    PatternNode node;
    node.kind = Kind::kRepeat;
    node.children = {part.node};
    node.repeat_max = kPatternUnbounded;
    const std::size_t begin = at_;
    switch (pattern_[at_]) {
      case '*':
        ++at_;
        break;
      case '+':
        ++at_;
        node.repeat_min = 1;
        break;
      case '?':
        ++at_;
        node.repeat_max = 1;
        break;
      case '{':
        if (std::optional<Error> error = counts(node)) {
          return *std::move(error);
        }
        break;
      default:
        return part;
    }
    if (part.ends_text) {
      return unsupported_pattern(part_begin, at_ - part_begin, "a repeated '$'", "'$' must end the pattern");
    }
    if (is_next("?")) {
      ++at_;
    } else if (is_next("+")) {
      return unsupported_pattern(begin, at_ + 1 - begin, "a possessive quantifier", "leave its last '+' out");
    }
    if (is_next("*") || is_next("+") || is_next("?") || is_next("{")) {
      return unsupported_pattern(begin, at_ + 1 - begin, "a quantifier behind a quantifier", "put the first repetition into (?:...)");
    }
    return Part{add(std::move(node)), false};
  }

  std::optional<Error> counts(PatternNode& node) {
    const std::size_t begin = at_;
    ++at_;
    if (is_next(",")) {
      return unsupported_pattern(begin, 2, "a repetition {,m}", "Java has none; write {0,m}");
    }
    bool is_too_large = false;
    const auto number = [&]() -> std::optional<std::uint32_t> {
      const std::size_t digits_begin = at_;
      std::uint32_t value = 0;
      for (; !at_end() && is_digit(pattern_[at_]); ++at_) {
        value = std::min(value * 10 + static_cast<std::uint32_t>(pattern_[at_] - '0'), kPatternRepeatMax + 1);
      }
      is_too_large = is_too_large || value > kPatternRepeatMax;
      return at_ == digits_begin ? std::nullopt : std::optional(value);
    };
    const std::optional<std::uint32_t> least = number();
    std::optional<std::uint32_t> most = least;
    if (is_next(",")) {
      ++at_;
      most = number();
    }
    if (!least || !is_next("}")) {
      return pattern_error(StatusCode::kInvalidArgument, begin, at_ - begin,
                           "expected a repetition {n}, {n,} or {n,m}, found '" + printable(pattern_.substr(begin, at_ + 1 - begin)) +
                               "'; write \\{ for the character");
    }
    ++at_;
    if (is_too_large) {
      return unsupported_pattern(begin, at_ - begin, "a repetition count above " + std::to_string(kPatternRepeatMax));
    }
    node.repeat_min = *least;
    node.repeat_max = most.value_or(kPatternUnbounded);
    if (node.repeat_max < node.repeat_min) {
      return pattern_error(
          StatusCode::kInvalidArgument, begin, at_ - begin,
          "expected the least count before the greatest, found '" + std::string(pattern_.substr(begin, at_ - begin)) + "'");
    }
    return std::nullopt;
  }

  std::string_view pattern_;
  bool is_whole_;
  JavaClassReader classes_;
  Flags flags_;
  std::size_t at_ = 0;
  std::vector<std::string> names_;
  PatternTree tree_;
};

void append_re2(const PatternTree& tree, std::uint32_t index, std::string& out) {
  const PatternNode& node = tree.nodes[index];
  switch (node.kind) {
    case Kind::kEmpty:
      out += "(?:)";
      return;
    case Kind::kSet:
      out += tree.sets[node.set].re2_text();
      return;
    case Kind::kBeginText:
      out += "\\A";
      return;
    case Kind::kEndText:
      out += "\\z";
      return;
    case Kind::kConcat:
    case Kind::kAlternate:
      out += "(?:";
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        out += i > 0 && node.kind == Kind::kAlternate ? "|" : "";
        append_re2(tree, node.children[i], out);
      }
      out += ")";
      return;
    case Kind::kRepeat:
      break;
  }
  out += "(?:";
  append_re2(tree, node.children.front(), out);
  out += "){" + std::to_string(node.repeat_min);
  if (node.repeat_max == kPatternUnbounded) {
    out += ",";
  } else if (node.repeat_max != node.repeat_min) {
    out += "," + std::to_string(node.repeat_max);
  }
  out += "}";
}

}  // namespace

Result<PatternTree> read_java_pattern(std::string_view pattern, bool is_whole) {
  return PatternReader(pattern, is_whole).read();
}

std::string to_re2_text(const PatternTree& tree) {
  std::string out;
  append_re2(tree, tree.root, out);
  return out;
}

}  // namespace berth::query
