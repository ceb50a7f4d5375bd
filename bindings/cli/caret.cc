#include "bindings/cli/caret.h"

#include <algorithm>
#include <vector>

#include "bindings/cli/utf8.h"

namespace berth::cli {
namespace {

// One character of the line as it is shown, and the columns that it takes.
struct Cell {
  std::string shown;
  std::size_t columns = 1;
  bool is_piece = false;
};

// The line that holds `offset`, cell by cell; characters that would move the cursor are shown as blanks, broken bytes as '?'.
std::vector<Cell> cells_of_line(std::string_view text, std::size_t offset, std::size_t end) {
  std::vector<Cell> cells;
  const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  std::size_t at = before == std::string_view::npos ? 0 : before + 1;
  for (; at < text.size() && text[at] != '\n';) {
    const CodePoint point = code_point_at(text, at);
    Cell cell{.shown = std::string(text.substr(at, point.bytes)), .columns = column_count(point.value)};
    if (!point.is_valid || point.value < 0x20 || (point.value >= 0x7F && point.value < 0xA0)) {
      cell = {.shown = point.is_valid ? " " : "?"};
    }
    cell.is_piece = at + point.bytes > offset && at < end;
    cells.push_back(std::move(cell));
    at += point.bytes;
  }
  return cells;
}

}  // namespace

std::string caret_picture(std::string_view text, std::size_t offset, std::size_t length) {
  offset = std::min(offset, text.size());
  std::vector<Cell> cells = cells_of_line(text, offset, offset + length);
  auto first = std::find_if(cells.begin(), cells.end(), [](const Cell& cell) { return cell.is_piece; });
  if (first == cells.end()) {
    // Nothing to underline: the piece is where the text (or its line) ends, or has no length.
    const std::size_t line = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
    std::size_t index = 0;
    for (std::size_t at = line == std::string_view::npos ? 0 : line + 1; at < offset; at += code_point_at(text, at).bytes) {
      ++index;
    }
    if (index >= cells.size()) {
      cells.push_back({.shown = "", .columns = 1});
      index = cells.size() - 1;
    }
    cells[index].is_piece = true;
    first = cells.begin() + static_cast<std::ptrdiff_t>(index);
  }
  // The window starts a third of its width before the piece, unless the line begins sooner.
  std::size_t begin = static_cast<std::size_t>(first - cells.begin());
  std::size_t total = 0;
  for (const Cell& cell : cells) {
    total += cell.columns;
  }
  if (total <= kPictureColumnsMax) {
    begin = 0;
  } else {
    for (std::size_t columns = 0; begin > 0 && columns < kPictureColumnsMax / 3; --begin) {
      columns += cells[begin - 1].columns;
    }
  }
  std::string line = begin > 0 ? "..." : "";
  std::string carets(line.size(), ' ');
  std::size_t columns = line.size();
  std::size_t at = begin;
  for (; at < cells.size() && columns + cells[at].columns <= kPictureColumnsMax; ++at) {
    line += cells[at].shown;
    carets.append(cells[at].columns, cells[at].is_piece ? '^' : ' ');
    columns += cells[at].columns;
  }
  line += at < cells.size() ? "..." : "";
  carets.erase(carets.find_last_not_of(' ') + 1);
  return line + "\n" + carets + "\n";
}

}  // namespace berth::cli
