// The nearest of some known words to one that is not known, for "did you mean".
//
// Thread rule: pure function. Lifetime: the result is one of `known`.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace berth::cli {

// By the number of letters to insert, drop, change or swap; nullopt when more than a third of the longer word would change.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

// The same for flags ("--strategy"), whose names people shorten: unless a name is very near, the shortest that holds the flag's words
// whole ("--placement-strategy") comes first.
std::optional<std::string_view> nearest_flag(std::string_view flag, std::span<const std::string_view> known);

}  // namespace berth::cli
