#include "bench/report/print.h"

#include <fmt/format.h>

#include <cmath>

#include "bench/report/goal.h"

namespace berth::bench {
namespace {

// Enough digits to compare, no more: 1,234,567; 123.4; 100; 0.123.
std::string to_text(double value) {
  const double size = std::fabs(value);
  if (size < 1000) {
    return size >= 100 ? fmt::format("{:.4g}", value) : fmt::format("{:.3g}", value);
  }
  std::string digits = fmt::format("{:.0f}", value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

// The unit by the end of a key.
std::string_view unit_of(std::string_view key) {
  struct Unit {
    std::string_view end, text;
  };
  constexpr Unit kUnits[] = {{"_ns_per_instance", " ns"},
                             {"_us_per_placement", " us"},
                             {".us_per_placement", " us"},
                             {"_ms", " ms"},
                             {"_us", " us"},
                             {"_ns", " ns"},
                             {"_mib", " MiB"},
                             {"_percent", " %"},
                             {"_ratio", "x"},
                             {".ratio", "x"},
                             {"_speedup", "x"}};
  for (const Unit& unit : kUnits) {
    if (key.ends_with(unit.end)) {
      return unit.text;
    }
  }
  return "";
}

std::string with_unit(std::string_view key, double value) {
  return to_text(value) + std::string(unit_of(key));
}

std::string bound_text(const Goal& goal, const std::optional<double>& bound) {
  return bound.has_value() ? fmt::format("{} {}", goal.direction == Direction::kAtMost ? "<=" : ">=", to_text(*bound)) : "";
}

std::string_view reached_text(Reached reached) {
  switch (reached) {
    case Reached::kGoal:
      return "goal";
    case Reached::kMilestone:
      return "milestone";
    case Reached::kNeither:
      return "no";
    case Reached::kUnbounded:
      break;
  }
  return "";
}

constexpr const char* kLine = "{:<8}{:<50}{:>13}  {:<28}{:>12}{:>10}  {:<14}{:<12}{}";

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::string to_table(const Figures& figures) {
  std::string table;
  for (const Goal& goal : goals()) {
    const std::optional<double> value = figures.find(goal.key);
    if (!value.has_value()) {
      continue;
    }
    std::string against;
    std::string ratio;
    if (const std::optional<double> other = figures.find(goal.against_key); other.has_value()) {
      against = with_unit(goal.against_key, *other);
      ratio = *other > 0 ? to_text(*value * goal.scale / *other) + "x" : "";
    }
    table +=
        trimmed(fmt::format(kLine, goal.workload, goal.what, with_unit(goal.key, *value), against.empty() ? "" : goal.against, against,
                            ratio, bound_text(goal, goal.goal), bound_text(goal, goal.milestone), reached_text(reached(goal, *value))));
  }
  if (table.empty()) {
    return table;
  }
  return trimmed(fmt::format(kLine, "", "FIGURE", "VALUE", "HELD AGAINST", "", "RATIO", "GOAL", "MILESTONE", "REACHED")) + table;
}

std::string to_json(const Figures& figures) {
  std::string text = "{";
  for (const auto& [key, value] : figures.medians()) {
    text += fmt::format("{}\n  \"{}\": {:.9g}", text.size() == 1 ? "" : ",", key, value);
  }
  return text + "\n}\n";
}

}  // namespace berth::bench
