#include "bindings/cli/steps_table.h"

#include <algorithm>
#include <charconv>

namespace berth::cli {
namespace {

// Takes what stands before the next `separator` off the front of the text.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

}  // namespace

StepsTable::StepsTable(std::string_view csv) {
  for (std::string_view header = take_until(csv, '\n'); !header.empty();) {
    names_.emplace_back(take_until(header, ','));
  }
  columns_.resize(names_.size());
  while (!csv.empty()) {
    std::string_view line = take_until(csv, '\n');
    for (std::vector<double>& column : columns_) {
      const std::string_view field = take_until(line, ',');
      double value = 0;
      std::from_chars(field.data(), field.data() + field.size(), value);
      column.push_back(value);
    }
    ++row_count_;
  }
}

std::vector<double> StepsTable::column(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? std::vector<double>(row_count_) : columns_[static_cast<std::size_t>(found - names_.begin())];
}

std::vector<std::string> StepsTable::names_with(std::string_view prefix) const {
  std::vector<std::string> names;
  std::copy_if(names_.begin(), names_.end(), std::back_inserter(names), [&](const std::string& name) { return name.starts_with(prefix); });
  return names;
}

StepsTable StepsTable::thinned(std::size_t rows_max) const {
  StepsTable result;
  const std::size_t group = (row_count_ + rows_max - 1) / rows_max;
  if (group <= 1) {
    return *this;
  }
  result.names_ = names_;
  result.columns_.resize(columns_.size());
  for (std::size_t begin = 0; begin < row_count_; begin += group, ++result.row_count_) {
    const std::size_t end = std::min(begin + group, row_count_);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const bool is_share = names_[c].ends_with("_pct") && c > 0;
      const bool is_state = c == 0 || names_[c] == "running" || names_[c] == "instances_in_use";
      double sum = 0;
      double weights = 0;
      for (std::size_t row = begin; row < end; ++row) {
        const double weight = !is_share ? 1 : row == 0 ? 0 : ends()[row] - ends()[row - 1];
        sum += weight * columns_[c][row];
        weights += weight;
      }
      const double last = columns_[c][end - 1];
      result.columns_[c].push_back(is_state || weights <= 0 ? last : is_share ? sum / weights : sum);
    }
  }
  return result;
}

}  // namespace berth::cli
