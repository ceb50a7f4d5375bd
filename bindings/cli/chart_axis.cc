#include "bindings/cli/chart_axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace berth::cli {
namespace {

constexpr double kTicksMax = 10;

// The smallest of 1, 2, 5, 10, 20, ... (and tenths of these) that `least` does not exceed.
double round_step(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) {
      return factor * power;
    }
  }
  return 10 * power;
}

void add_ticks(Axis& axis, double step, double scale, const std::string& unit) {
  for (double at = 0; at <= axis.end - axis.begin + step * 1e-6; at += step) {
    axis.ticks.push_back({axis.begin + at, written_number(at / scale) + unit});
  }
}

}  // namespace

std::string written_number(double value) {
  std::string text = fmt::format("{:.9g}", value);
  const std::size_t point = std::min(text.find('.'), text.size());
  if (text.find('e') == std::string::npos) {
    constexpr std::size_t kGroup = 3;
    for (std::size_t at = point; at > kGroup; at -= kGroup) {
      text.insert(at - kGroup, 1, ',');
    }
  }
  return text;
}

Axis value_axis(double most, const std::string& unit) {
  constexpr double kSteps = 4;
  Axis axis;
  const double step = unit.empty() ? std::max(1.0, round_step(std::max(most, 1.0) / kSteps)) : round_step(std::max(most, 0.4) / kSteps);
  // A full hundred percent reads best in quarters.
  constexpr double kQuarter = 25;
  const bool is_whole = !unit.empty() && most > 60 && most <= 100;
  const double chosen = is_whole ? kQuarter : step;
  axis.end = std::max(1.0, std::ceil(most / chosen - 1e-9)) * chosen;
  add_ticks(axis, chosen, 1, unit);
  return axis;
}

Axis time_axis(double begin_s, double end_s) {
  struct Unit {
    double seconds;
    std::string_view name;
    std::array<double, 6> steps;  // Whole multiples of the unit that read well.
  };
  static constexpr std::array<Unit, 3> kUnits = {
      {{1, "seconds", {1, 2, 5, 10, 15, 30}}, {60, "minutes", {1, 2, 5, 10, 15, 30}}, {3600, "hours", {1, 2, 3, 6, 12, 12}}}};
  constexpr double kDay = 86'400;
  Axis axis;
  axis.begin = begin_s;
  axis.end = end_s > begin_s ? end_s : begin_s + 1;
  const double span = axis.end - axis.begin;
  for (const Unit& unit : kUnits) {
    for (const double step : unit.steps) {
      if (span / (step * unit.seconds) <= kTicksMax) {
        axis.title = fmt::format("Time since the first arrival, in {}", unit.name);
        add_ticks(axis, step * unit.seconds, unit.seconds, "");
        return axis;
      }
    }
  }
  axis.title = "Time since the first arrival, in days";
  add_ticks(axis, std::max(1.0, round_step(span / kDay / kTicksMax)) * kDay, kDay, "");
  return axis;
}

Axis demand_axis(double end_percent) {
  Axis axis;
  axis.end = std::max(end_percent, 1.0);
  axis.title = "Demand of the tasks that arrived, in percent of the fleet's capacity";
  add_ticks(axis, round_step(axis.end / kTicksMax), 1, " %");
  return axis;
}

}  // namespace berth::cli
