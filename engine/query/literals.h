// The literals that are more than text: dates, agent versions, whole and decimal numbers, and how each compares.
//
// Thread rule: plain values and pure functions. Lifetime: a Version views the text that it was read from.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace berth::query {

// A point in time that may lie between two milliseconds, which no stored time equals.
struct Instant {
  std::int64_t ms = 0;  // Unix milliseconds, rounded down.
  bool has_remainder = false;

  // How a stored time compares to this literal.
  [[nodiscard]] std::strong_ordering compare(std::int64_t stored_ms) const;
};

// 2018-06-18, 2018-06-18T22:28:28, either of Z or +hh:mm after it, and a fraction of up to nine digits after the seconds. Without a
// zone it is UTC; a date alone is its midnight.
std::optional<Instant> read_instant(std::string_view text);

// Digits in dotted groups, then any text: "1.70.2", "1.2.0-rc1".
struct Version {
  std::string_view numbers;  // The dotted groups. Groups that are missing are 0, so 1.14 is 1.14.0.
  std::string_view suffix;
};

// nullopt when the text does not begin with a digit. Neither reading nor comparing allocates.
std::optional<Version> read_version(std::string_view text);
std::strong_ordering compare(Version left, Version right, bool with_suffix);

// A whole number of at most 18 digits, with or without a minus sign.
std::optional<std::int64_t> read_whole_number(std::string_view text);

// How two texts compare as decimal numbers of any length ([+-]digits[.digits]); nullopt unless both are such.
std::optional<std::strong_ordering> compare_decimal(std::string_view left, std::string_view right);

}  // namespace berth::query
