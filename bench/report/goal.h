// Goal: one line of the table of `./dev bench`: a figure, what it is held against in the same run, and how far it is meant to get.
//
// Thread rule: constant data and pure functions. Lifetime: keys and texts are literals.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace berth::bench {

enum class Direction : std::uint8_t { kAtMost, kAtLeast };

struct Goal {
  std::string_view workload;  // "W1".
  std::string_view what;
  std::string_view key;           // Of Figures; its end tells the unit.
  std::string_view against = {};  // What it is held against; empty: nothing.
  std::string_view against_key = {};
  double scale = 1;  // Units of what it is held against in one unit of the figure.
  Direction direction = Direction::kAtMost;
  std::optional<double> goal = {};
  std::optional<double> milestone = {};  // What must hold first; no stricter than the goal.
};

// Every line of the table, in order.
std::span<const Goal> goals();

enum class Reached : std::uint8_t { kUnbounded, kGoal, kMilestone, kNeither };
// How far a value gets; bounds themselves are reached. kUnbounded: nothing is asked of the figure.
Reached reached(const Goal& goal, double value);

}  // namespace berth::bench
