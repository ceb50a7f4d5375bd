// Axes of charts: round numbers for ticks, and how they are written.
//
// Thread rule: pure functions. Lifetime: results own their text.
#pragma once

#include <string>
#include <vector>

namespace berth::cli {

struct Axis {
  double begin = 0;
  double end = 1;
  struct Tick {
    double at;
    std::string label;
  };
  std::vector<Tick> ticks;
  std::string title;
};

// "1,250", "0.5".
std::string written_number(double value);

// From 0 to a round number that `most` does not exceed, with some four ticks. `unit` follows each number: " %".
Axis value_axis(double most, const std::string& unit);
// Time since the first row, in the unit in which few ticks are needed.
Axis time_axis(double begin_s, double end_s);
// What has been demanded, in percent of the capacity.
Axis demand_axis(double end_percent);

}  // namespace berth::cli
