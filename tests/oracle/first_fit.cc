#include "tests/oracle/first_fit.h"

#include <algorithm>

namespace berth::oracle {
namespace {

double share(const Item& item, const Item& capacity) {
  double largest = 0;
  for (std::size_t d = 0; d < item.size(); ++d) {
    largest = std::max(largest, static_cast<double>(item[d]) / static_cast<double>(capacity[d]));
  }
  return largest;
}

}  // namespace

std::size_t first_fit(const std::vector<Item>& items, const Item& capacity) {
  std::vector<Item> left;
  for (const Item& item : items) {
    const auto fits = [&](const Item& bin) {
      return std::equal(item.begin(), item.end(), bin.begin(), [](auto a, auto b) { return a <= b; });
    };
    auto bin = std::find_if(left.begin(), left.end(), fits);
    if (bin == left.end()) {
      bin = left.insert(left.end(), capacity);
    }
    for (std::size_t d = 0; d < item.size(); ++d) {
      (*bin)[d] -= item[d];
    }
  }
  return left.size();
}

std::vector<Item> largest_first(const std::vector<Item>& items, const Item& capacity) {
  std::vector<std::size_t> order(items.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double first = share(items[a], capacity);
    const double second = share(items[b], capacity);
    return first != second ? first > second : a < b;
  });
  std::vector<Item> sorted;
  for (const std::size_t i : order) {
    sorted.push_back(items[i]);
  }
  return sorted;
}

}  // namespace berth::oracle
