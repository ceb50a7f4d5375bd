// StepsTable: the steps of a simulation as the library gives them in CSV, read back for the chart.
//
// Thread rule: a plain value. Lifetime: owns its numbers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace berth::cli {

class StepsTable {
 public:
  // REQUIRES: CSV of numbers below one header, as berth_snapshot_simulate() writes it.
  explicit StepsTable(std::string_view csv);

  [[nodiscard]] std::size_t row_count() const { return row_count_; }
  // Whether the rows follow time; else they follow the demand of an inflation.
  [[nodiscard]] bool is_in_time() const { return !names_.empty() && names_.front() == "time_s"; }
  // The first column: where each row ends.
  [[nodiscard]] const std::vector<double>& ends() const { return columns_.front(); }
  // All zeros when there is no such column.
  [[nodiscard]] std::vector<double> column(std::string_view name) const;
  // The names that begin with `prefix`, in their order.
  [[nodiscard]] std::vector<std::string> names_with(std::string_view prefix) const;
  // So many rows at most: neighbours become one. Counts are added, shares are means (in time, weighted by it).
  [[nodiscard]] StepsTable thinned(std::size_t rows_max) const;

 private:
  StepsTable() = default;

  std::vector<std::string> names_;
  std::vector<std::vector<double>> columns_;
  std::size_t row_count_ = 0;
};

}  // namespace berth::cli
