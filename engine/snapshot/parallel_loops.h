// The loops over columns that building and loading share, on top of the executor: block-wise visits and a sort.
//
// Thread rule: as Executor::run(). Results do not depend on the number of workers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/parallel/executor.h"

namespace berth {

// Entries that one parallel step of a column loop looks at: large enough to hide the hand-over, small enough to share the work.
inline constexpr std::size_t kColumnBlock = 65536;

constexpr std::size_t column_blocks(std::size_t count) {
  return (count + kColumnBlock - 1) / kColumnBlock;
}

// Calls body(begin, end) for consecutive ranges that cover [0, count).
template <typename Body>
void for_blocks(Executor& executor, std::size_t count, Body&& body) {
  executor.run(column_blocks(count), [&](std::size_t block) { body(block * kColumnBlock, std::min(count, (block + 1) * kColumnBlock)); });
}

// Sorts by blocks and merges neighbours in rounds. `less` must be a strict order without ties for the result to be unique.
template <typename T, typename Less>
void parallel_sort(Executor& executor, std::vector<T>& items, Less&& less) {
  const std::size_t count = items.size();
  for_blocks(executor, count, [&](std::size_t begin, std::size_t end) {
    std::sort(items.begin() + static_cast<std::ptrdiff_t>(begin), items.begin() + static_cast<std::ptrdiff_t>(end), less);
  });
  std::vector<T> merged(count > kColumnBlock ? count : 0);
  for (std::size_t width = kColumnBlock; width < count; width *= 2) {
    executor.run((count + 2 * width - 1) / (2 * width), [&](std::size_t pair) {
      const auto begin = static_cast<std::ptrdiff_t>(pair * 2 * width);
      const auto middle = static_cast<std::ptrdiff_t>(std::min(count, pair * 2 * width + width));
      const auto end = static_cast<std::ptrdiff_t>(std::min(count, (pair + 1) * 2 * width));
      std::merge(items.begin() + begin, items.begin() + middle, items.begin() + middle, items.begin() + end, merged.begin() + begin, less);
    });
    items.swap(merged);
  }
}

}  // namespace berth
