#include "engine/snapshot/id_column.h"

#include <array>
#include <compare>

#include "engine/snapshot/id_encoding.h"

namespace berth {
namespace {

RenderedId render(const IdColumn& column, std::uint32_t index) {
  const std::uint16_t prefix = column.prefix(index);
  const std::string_view head = column.prefixes().at(prefix);
  const IdFormat format = column.format_of_prefix(prefix);
  return format == IdFormat::kText ? RenderedId(head, column.text_tail(index)) : RenderedId(head, format, column.tail(index));
}

}  // namespace

std::strong_ordering IdColumn::compare(std::uint32_t left, std::uint32_t right) const {
  if (prefix_[left] == prefix_[right] && format(left) != IdFormat::kText) {
    // Lower-case digits of equal number sort as the numbers do, dashes at equal places or not.
    const IdTail a = tail(left);
    const IdTail b = tail(right);
    return a.high != b.high ? a.high <=> b.high : a.low <=> b.low;
  }
  return render(*this, left) <=> render(*this, right);
}

void IdColumn::append_to(std::uint32_t index, std::string& out) const {
  const RenderedId id = render(*this, index);
  out.append(id.prefix()).append(id.tail());
}

std::string IdColumn::text(std::uint32_t index) const {
  std::string out;
  append_to(index, out);
  return out;
}

std::uint32_t IdColumn::lower_bound(std::string_view id) const {
  const RenderedId wanted(id, std::string_view{});
  std::uint32_t low = 0;
  std::uint32_t high = size();
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if ((render(*this, middle) <=> wanted) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace berth
