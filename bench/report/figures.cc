#include "bench/report/figures.h"

#include <algorithm>
#include <cmath>

namespace berth::bench {
namespace {

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

void Figures::add(std::string_view key, double value) {
  if (std::isfinite(value)) {
    samples_[std::string(key)].push_back(value);
  }
}

std::optional<double> Figures::find(std::string_view key) const {
  const auto found = samples_.find(key);
  return found == samples_.end() ? std::nullopt : std::optional(median_of(found->second));
}

std::map<std::string, double> Figures::medians() const {
  std::map<std::string, double> medians;
  for (const auto& [key, values] : samples_) {
    medians[key] = median_of(values);
  }
  return medians;
}

void Figures::derive() {
  add_ratio("W2.two_thread_speedup", "W2.z200.two_threads.placements_per_second", "W2.z200.placements_per_second");
  add_ratio("W2.z5000.two_thread_speedup", "W2.z5000.two_threads.placements_per_second", "W2.z5000.placements_per_second");
  add_ratio("W6.p99_ratio", "W6.p99_us", "W6.p99_without_us");
  add_ratio("growth.ratio", "W2.z200.us_per_placement", "growth.hundredth_us_per_placement");
  add_ratio("growth.tenth_ratio", "growth.tenth_us_per_placement", "growth.hundredth_us_per_placement");
}

void Figures::add_ratio(std::string_view key, std::string_view above, std::string_view below) {
  const std::optional<double> numerator = find(above);
  const std::optional<double> denominator = find(below);
  if (numerator.has_value() && denominator.has_value() && *denominator > 0) {
    samples_[std::string(key)] = {*numerator / *denominator};
  }
}

}  // namespace berth::bench
