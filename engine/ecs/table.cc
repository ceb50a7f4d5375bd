#include "engine/ecs/table.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace berth::ecs {
namespace {

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void append_cell(std::string& line, std::string_view text, std::size_t width, Table::Align align) {
  const std::size_t blanks = width - std::min(width, code_points(text));
  if (align == Table::Align::kRight) {
    line.append(blanks, ' ');
  }
  line.append(text);
  if (align == Table::Align::kLeft) {
    line.append(blanks, ' ');
  }
}

}  // namespace

Table& Table::column(std::string_view header, Align align) {
  assert(rows_.empty());
  columns_.push_back({std::string(header), align});
  return *this;
}

Table& Table::row(std::vector<std::string> cells) {
  assert(cells.size() <= columns_.size());
  cells.resize(columns_.size());
  for (std::string& cell : cells) {
    std::replace_if(cell.begin(), cell.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }, ' ');
  }
  rows_.push_back(std::move(cells));
  return *this;
}

std::string Table::render() const {
  std::vector<std::size_t> widths;
  widths.reserve(columns_.size());
  for (const Column& each : columns_) {
    widths.push_back(code_points(each.header));
  }
  for (const std::vector<std::string>& cells : rows_) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], code_points(cells[i]));
    }
  }
  std::string out;
  const auto append_line = [&](const auto& cell_at) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      line.append(i == 0 ? 0 : 2, ' ');
      append_cell(line, cell_at(i), widths[i], columns_[i].align);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out.append(line).push_back('\n');
  };
  append_line([&](std::size_t i) -> const std::string& { return columns_[i].header; });
  for (const std::vector<std::string>& cells : rows_) {
    append_line([&](std::size_t i) -> const std::string& { return cells[i]; });
  }
  return out;
}

std::string grouped_digits(std::int64_t value) {
  std::string text = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return grouped_digits(static_cast<std::int64_t>(count)) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace berth::ecs
