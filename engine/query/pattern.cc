#include "engine/query/pattern.h"

#include <re2/re2.h>

#include <optional>
#include <utility>

#include "engine/query/automaton.h"
#include "engine/query/java_class.h"
#include "engine/query/java_pattern.h"

namespace berth::query {

struct Pattern::State {
  bool is_whole = true;
  std::optional<Automaton> automaton;
  std::unique_ptr<RE2> re2;
};

Pattern::Pattern() : state_(std::make_unique<State>()) {}
Pattern::~Pattern() = default;

Result<std::shared_ptr<const Pattern>> Pattern::make(std::string_view text, bool is_whole) {
  Result<PatternTree> tree = read_java_pattern(text, is_whole);
  if (!tree) {
    return std::move(tree).error();
  }
  const std::shared_ptr<Pattern> pattern(new Pattern);
  State& state = *pattern->state_;
  state.is_whole = is_whole;
  state.automaton = Automaton::make(*tree);
  if (!state.automaton) {
    return pattern_error(StatusCode::kLimitExceeded, 0, text.size(),
                         "expected a pattern of at most " + std::to_string(kPatternProgramMax) +
                             " steps with its repetitions written out, found more; use smaller counts or '*'");
  }
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingUTF8);
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(kPatternMemoryBytesMax);
  state.re2 = std::make_unique<RE2>(to_re2_text(*tree), options);
  if (!state.re2->ok()) {
    if (state.re2->error_code() == RE2::ErrorRepeatSize) {
      return unsupported_pattern(0, text.size(), "nested repetitions that multiply to more than " + std::to_string(kPatternRepeatMax));
    }
    const bool is_too_large = state.re2->error_code() == RE2::ErrorPatternTooLarge;
    return pattern_error(is_too_large ? StatusCode::kLimitExceeded : StatusCode::kUnsupported, 0, text.size(),
                         "expected a pattern that RE2 can run within its memory, found one that it refuses: " + state.re2->error());
  }
  return std::shared_ptr<const Pattern>(pattern);
}

bool Pattern::matches(std::string_view value) const {
  const re2::StringPiece piece(value.data(), value.size());
  const RE2::Anchor anchor = state_->is_whole ? RE2::ANCHOR_BOTH : RE2::UNANCHORED;
  return state_->re2->Match(piece, 0, value.size(), anchor, nullptr, 0);
}

bool Pattern::matches_without_allocation(std::string_view value) const {
  return state_->automaton->matches(value, state_->is_whole);
}

const std::string& Pattern::re2_text() const {
  return state_->re2->pattern();
}

}  // namespace berth::query
