#include "engine/snapshot/string_table.h"

namespace berth {

std::optional<std::uint32_t> StringTable::find(std::string_view text) const {
  std::uint32_t low = 0;
  std::uint32_t high = size();
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (at(middle) < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < size() && at(low) == text) {
    return low;
  }
  return std::nullopt;
}

}  // namespace berth
