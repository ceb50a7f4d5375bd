#include "engine/ecs/attribute_advice.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <utility>
#include <vector>

#include "engine/ecs/json.h"
#include "engine/query/vocabulary.h"

namespace berth::ecs {
namespace {

using query::Operator;

constexpr std::string_view kBlanks = " \t\r\n";

// A comparison of an attribute with one value or pattern.
struct Comparison {
  Operator op;
  std::string_view value;  // Without quotes.
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// Reads what stands behind an attribute's name in a leaf, which the compiler has accepted: "== m5.large".
std::optional<Comparison> read_comparison(std::string_view text) {
  text = trimmed(text);
  for (const auto words : {query::symbol_operators(), query::word_operators()}) {
    for (const query::OperatorWord& word : words) {
      const bool is_wanted = word.op == Operator::kEqual || word.op == Operator::kMatches;
      if (!is_wanted || !text.starts_with(word.text)) {
        continue;
      }
      std::string_view value = trimmed(text.substr(word.text.size()));
      if (value.size() >= 2 && value.front() == '\'' && value.back() == '\'') {
        value = value.substr(1, value.size() - 2);
      }
      return Comparison{word.op, value};
    }
  }
  return std::nullopt;
}

// The values that instances have of an attribute.
std::vector<std::string_view> values_of(const Snapshot& snapshot, std::string_view name) {
  const std::optional<std::uint32_t> id = snapshot.attribute_names().find(name);
  std::set<std::uint32_t> values;
  for (std::uint32_t set = 0; id.has_value() && set < snapshot.attribute_set_count(); ++set) {
    for (const AttributePair& pair : snapshot.attribute_set_pairs(set)) {
      if (pair.name == *id) {
        values.insert(pair.value);
      }
    }
  }
  for (const WideAttribute& wide : snapshot.wide_attributes()) {
    if (id.has_value() && wide.name == *id) {
      values.insert(wide.values.begin(), wide.values.end());
    }
  }
  std::vector<std::string_view> texts;
  for (const std::uint32_t value : values) {
    if (value != kAttributeNameOnly && value != kAttributeAbsent) {
      texts.push_back(snapshot.attribute_values().at(value));
    }
  }
  return texts;
}

std::string note_on_value(const Snapshot& snapshot, std::string_view name, std::string_view value) {
  const std::vector<std::string_view> known = values_of(snapshot, name);
  const std::optional<std::string_view> nearest = nearest_name(value, known);
  if (!nearest.has_value() || *nearest == value) {
    return "";
  }
  return "no instance has \"" + std::string(value) + "\"; did you mean \"" + std::string(*nearest) + "\"?";
}

// A `*` that stands behind a letter or digit repeats it, which hardly anybody wants of a name.
std::string note_on_pattern(std::string_view pattern) {
  std::string meant;
  bool is_glob = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool repeats_plain = pattern[i] == '*' && i > 0 && std::isalnum(static_cast<unsigned char>(pattern[i - 1])) != 0;
    is_glob = is_glob || repeats_plain;
    meant.append(repeats_plain ? "." : "").push_back(pattern[i]);
  }
  return is_glob ? "`*` repeats the character before it; did you mean \"" + meant + "\"?" : "";
}

std::vector<std::string_view> known_names(const Snapshot& snapshot) {
  std::vector<std::string_view> known;
  known.reserve(snapshot.attribute_names().size());
  for (std::uint32_t id = 0; id < snapshot.attribute_names().size(); ++id) {
    known.push_back(snapshot.attribute_names().at(id));
  }
  return known;
}

// Whether `whole` is some prefix, a separator, and the name.
bool ends_in_name(std::string_view whole, std::string_view name) {
  constexpr std::string_view kSeparators = ".-_/";
  return whole.size() > name.size() && whole.ends_with(name) &&
         kSeparators.find(whole[whole.size() - name.size() - 1]) != std::string_view::npos;
}

}  // namespace

std::string AttributeAdvice::text() const {
  if (unknown.empty()) {
    return value_note;
  }
  std::string text = "no instance has the attribute \"";
  text.append(unknown).append("\"");
  if (nearest.has_value()) {
    text.append("; did you mean \"").append(*nearest).append("\"?");
  }
  return text;
}

std::optional<std::string_view> attribute_like(const Snapshot& snapshot, std::string_view name) {
  const std::vector<std::string_view> known = known_names(snapshot);
  if (const auto id = snapshot.attribute_names().find(name); id.has_value()) {
    return known[*id];
  }
  const auto ending = std::find_if(known.begin(), known.end(), [&](std::string_view whole) { return ends_in_name(whole, name); });
  return !name.empty() && ending != known.end() ? std::optional(*ending) : nearest_name(name, known);
}

std::optional<AttributeAdvice> advise_on_attribute(const Snapshot& snapshot, std::string_view name) {
  if (name.empty() || snapshot.attribute_names().find(name)) {
    return std::nullopt;
  }
  return AttributeAdvice{.unknown = name, .nearest = attribute_like(snapshot, name)};
}

std::optional<AttributeAdvice> advise_on_leaf(const Snapshot& snapshot, const query::Program& program, std::uint32_t leaf,
                                              bool selects_nothing) {
  const std::string_view name = program.leaf_subject(leaf).attribute_name;
  if (std::optional<AttributeAdvice> advice = advise_on_attribute(snapshot, name); advice.has_value() || name.empty() || !selects_nothing) {
    return advice;
  }
  const query::Piece piece = program.leaf(leaf);
  const std::string_view text = std::string_view(program.text()).substr(piece.offset, piece.length);
  const std::size_t at = text.find(name, std::min(text.find(':'), text.size()));
  const std::optional<Comparison> comparison = at == std::string_view::npos ? std::nullopt : read_comparison(text.substr(at + name.size()));
  if (!comparison.has_value()) {
    return std::nullopt;
  }
  std::string note =
      comparison->op == Operator::kEqual ? note_on_value(snapshot, name, comparison->value) : note_on_pattern(comparison->value);
  return note.empty() ? std::nullopt : std::optional(AttributeAdvice{.unknown = {}, .nearest = {}, .value_note = std::move(note)});
}

void propose_known_attribute(const Snapshot& snapshot, Error& error) {
  constexpr std::array<std::pair<std::string_view, char>, 2> kProposals = {
      {{"did you mean 'attribute:", '\''}, {"did you mean \"attribute:", '"'}}};
  for (const auto& [proposal, quote] : kProposals) {
    const std::size_t at = error.message.find(proposal);
    const std::size_t begin = at == std::string::npos ? at : at + proposal.size();
    const std::size_t end = begin == std::string::npos ? begin : error.message.find(quote, begin);
    if (end == std::string::npos) {
      continue;
    }
    if (const auto known = attribute_like(snapshot, error.message.substr(begin, end - begin)); known.has_value()) {
      error.message.replace(begin, end - begin, *known);
    }
    return;
  }
}

}  // namespace berth::ecs
