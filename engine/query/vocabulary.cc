#include "engine/query/vocabulary.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace berth::query {
namespace {

constexpr std::array<std::pair<std::string_view, Subject>, 6> kSubjects = {{
    {"agentConnected", Subject::kAgentConnected},
    {"agentVersion", Subject::kAgentVersion},
    {"ec2InstanceId", Subject::kEc2InstanceId},
    {"registeredAt", Subject::kRegisteredAt},
    {"runningTasksCount", Subject::kRunningTasksCount},
    {"task:group", Subject::kTaskGroup},
}};

constexpr std::array<OperatorWord, 10> kSymbols = {{
    {"!exists", Operator::kNotExists},
    {"!in", Operator::kNotIn},
    {"==", Operator::kEqual},
    {"!=", Operator::kNotEqual},
    {">=", Operator::kGreaterEqual},
    {"<=", Operator::kLessEqual},
    {"=~", Operator::kMatches},
    {"!~", Operator::kNotMatches},
    {">", Operator::kGreater},
    {"<", Operator::kLess},
}};

constexpr std::array<OperatorWord, 12> kWords = {{
    {"equals", Operator::kEqual},
    {"not_equals", Operator::kNotEqual},
    {"greater_than", Operator::kGreater},
    {"greater_than_equal", Operator::kGreaterEqual},
    {"less_than", Operator::kLess},
    {"less_than_equal", Operator::kLessEqual},
    {"exists", Operator::kExists},
    {"not_exists", Operator::kNotExists},
    {"in", Operator::kIn},
    {"not_in", Operator::kNotIn},
    {"matches", Operator::kMatches},
    {"not_matches", Operator::kNotMatches},
}};

// In the order in which they are proposed.
constexpr std::array<Operator, 12> kOperators = {
    Operator::kEqual, Operator::kNotEqual, Operator::kGreater, Operator::kGreaterEqual, Operator::kLess,   Operator::kLessEqual,
    Operator::kIn,    Operator::kNotIn,    Operator::kMatches, Operator::kNotMatches,   Operator::kExists, Operator::kNotExists,
};

// Levenshtein's distance without regard to ASCII case.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::string left = to_lower(a);
  const std::string right = to_lower(b);
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (left[i - 1] == right[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

std::string_view subject_text(Subject subject) {
  for (const auto& [text, known] : kSubjects) {
    if (known == subject) {
      return text;
    }
  }
  return kAttributePrefix.substr(0, kAttributePrefix.size() - 1);
}

std::optional<Subject> subject_from(std::string_view word) {
  for (const auto& [text, subject] : kSubjects) {
    if (text == word) {
      return subject;
    }
  }
  return std::nullopt;
}

std::string nearest_subject(std::string_view word) {
  // A word longer than any subject by more than itself cannot be a slip of the pen; the cut bounds the work.
  const std::string_view start = word.substr(0, 64);
  std::string_view best;
  std::size_t best_distance = 64;
  for (const auto& [text, subject] : kSubjects) {
    const std::size_t distance = edit_distance(start, text);
    if (distance < best_distance) {
      best = text;
      best_distance = distance;
    }
  }
  if (best_distance <= best.size() / 3) {
    return std::string(best);
  }
  // "attributes:x", "Attribute:x", "attr.x": what stands behind the separator is the name.
  const std::size_t separator = word.find_first_of(":.");
  const bool is_misspelt_prefix = separator != std::string_view::npos &&
                                  edit_distance(word.substr(0, std::min<std::size_t>(separator, 64)), "attribute") <= 5 &&
                                  to_lower(word.substr(0, 2)) == "at";
  const std::string_view name = is_misspelt_prefix ? word.substr(separator + 1) : word;
  return std::string(kAttributePrefix) + std::string(name.substr(0, 128));
}

std::string_view operator_text(Operator op) {
  for (const OperatorWord& word : kSymbols) {
    if (word.op == op) {
      return word.text;
    }
  }
  for (const OperatorWord& word : kWords) {
    if (word.op == op) {
      return word.text;
    }
  }
  return {};
}

std::span<const OperatorWord> symbol_operators() {
  return kSymbols;
}
std::span<const OperatorWord> word_operators() {
  return kWords;
}

std::string_view nearest_operator(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kSlips = {{
      {"=", "=="},
      {"=<", "<="},
      {"=>", ">="},
      {"<>", "!="},
      {"~", "=~"},
      {"~=", "=~"},
      {"===", "=="},
      {"is", "=="},
      {"eq", "=="},
      {"ne", "!="},
      {"like", "=~"},
      {"not", "not_in"},
  }};
  for (const auto& [slip, meant] : kSlips) {
    if (to_lower(word) == slip) {
      return meant;
    }
  }
  std::string_view best;
  std::size_t best_distance = 3;
  for (const OperatorWord& known : kWords) {
    const std::size_t distance = edit_distance(word.substr(0, 64), known.text);
    if (distance < best_distance && distance < known.text.size()) {
      best = known.text;
      best_distance = distance;
    }
  }
  return best;
}

bool is_allowed(Subject subject, Operator op) {
  switch (subject) {
    case Subject::kAttribute:
      return true;
    case Subject::kTaskGroup:
      return !is_ordering(op);
    case Subject::kAgentConnected:
    case Subject::kEc2InstanceId:
      return !is_ordering(op) && !is_existence(op);
    case Subject::kAgentVersion:
    case Subject::kRegisteredAt:
    case Subject::kRunningTasksCount:
      return is_ordering(op) || op == Operator::kEqual || op == Operator::kNotEqual;
  }
  return false;
}

std::string allowed_operators(Subject subject) {
  std::string out;
  for (const Operator op : kOperators) {
    if (is_allowed(subject, op)) {
      out += out.empty() ? "" : ", ";
      out += operator_text(op);
    }
  }
  return out;
}

}  // namespace berth::query
