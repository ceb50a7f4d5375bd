// Table: rows of text under headers, aligned with blanks, for answers that people read (Format::kTable).
//
// Widths count UTF-8 code points. Thread rule: one thread. Lifetime: owns its cells.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace berth::ecs {

// "1 instance", "1,204 instances".
std::string counted(std::uint64_t count, std::string_view noun);

class Table {
 public:
  enum class Align : std::uint8_t { kLeft, kRight };

  // Columns in order; all are added before the first row.
  Table& column(std::string_view header, Align align = Align::kLeft);
  // One cell per column; missing cells are empty. Control characters are shown as blanks. REQUIRES: not more cells than columns.
  Table& row(std::vector<std::string> cells);

  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // Headers, then rows; columns two blanks apart, no blanks at the ends of lines, every line ends with a newline. Without rows only
  // the headers are given.
  [[nodiscard]] std::string render() const;

 private:
  struct Column {
    std::string header;
    Align align;
  };
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// "1234567" as "1,234,567".
std::string grouped_digits(std::int64_t value);

}  // namespace berth::ecs
