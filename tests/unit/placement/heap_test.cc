#include "engine/placement/heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/base/rng.h"

namespace berth::placement {
namespace {

TEST(Heap, KeepsItsOrderAndTellsPositionsThroughRandomChanges) {
  Stream stream(3);
  std::vector<std::uint64_t> keys(200);
  std::vector<std::size_t> positions(keys.size());
  std::vector<std::size_t> items(keys.size());
  for (std::size_t item = 0; item < items.size(); ++item) {
    keys[item] = stream.below(50);
    items[item] = item;
  }
  std::span<std::size_t> heap(items);
  const auto less = [&](std::size_t a, std::size_t b) { return keys[a] != keys[b] ? keys[a] < keys[b] : a < b; };
  const auto moved = [&](std::size_t item, std::size_t position) { positions[item] = position; };
  heapify(heap, less, moved);
  while (!heap.empty()) {
    for (std::size_t position = 0; position < heap.size(); ++position) {
      ASSERT_EQ(positions[heap[position]], position);
      if (position > 0) {
        ASSERT_TRUE(less(heap[(position - 1) / 2], heap[position]));
      }
    }
    const std::size_t item = heap[stream.below(heap.size())];
    if (stream.below(3) == 0) {
      take_out(heap, positions[item], less, moved);
      heap = heap.first(heap.size() - 1);
      ASSERT_EQ(std::count(heap.begin(), heap.end(), item), 0);
    } else {
      keys[item] = stream.below(50);
      sift(heap, positions[item], less, moved);
    }
  }
}

}  // namespace
}  // namespace berth::placement
