#include "bindings/cli/nearest.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace berth::cli {
namespace {

// The optimal string alignment distance, by three rows of its table.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    last[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

// The nearest with at most one change per `letters_per_change` letters of the longer word.
std::optional<std::string_view> nearest_within(std::string_view word, std::span<const std::string_view> known,
                                               std::size_t letters_per_change) {
  std::optional<std::string_view> best;
  std::size_t best_distance = 0;
  for (const std::string_view candidate : known) {
    const std::size_t changes = distance(word, candidate);
    if (changes * letters_per_change <= std::max(word.size(), candidate.size()) && (!best || changes < best_distance)) {
      best = candidate;
      best_distance = changes;
    }
  }
  return best;
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known) {
  return nearest_within(word, known, 3);
}

std::optional<std::string_view> nearest_flag(std::string_view flag, std::span<const std::string_view> known) {
  constexpr std::size_t kWordLettersMin = 4;
  if (const auto near = nearest_within(flag, known, 5)) {
    return near;
  }
  std::string_view word = flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
  std::optional<std::string_view> best;
  if (word.size() >= kWordLettersMin) {
    for (const std::string_view candidate : known) {
      if (candidate.find(word) != std::string_view::npos && (!best || candidate.size() < best->size())) {
        best = candidate;
      }
    }
  }
  return best ? best : nearest(flag, known);
}

}  // namespace berth::cli
