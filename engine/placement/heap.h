// Binary heaps over slices of somebody else's array, smallest first, that tell where each item went: heaps whose items can be found again
// and moved when their keys change.
//
// less(a, b) must be a strict total order. moved(item, position) is called for every item that a call places, also where it was.
// Thread rule: pure functions over the slice. Source: Floyd, "Algorithm 245: Treesort 3", CACM 1964 (heapify).
#pragma once

#include <cstddef>
#include <span>

namespace berth::placement {

// Moves the item at `position` towards the leaves until its children are not smaller.
template <typename Item, typename Less, typename Moved>
void sift_down(std::span<Item> heap, std::size_t position, const Less& less, const Moved& moved) {
  const Item item = heap[position];
  for (;;) {
    std::size_t child = 2 * position + 1;
    if (child >= heap.size()) {
      break;
    }
    if (child + 1 < heap.size() && less(heap[child + 1], heap[child])) {
      ++child;
    }
    if (!less(heap[child], item)) {
      break;
    }
    heap[position] = heap[child];
    moved(heap[position], position);
    position = child;
  }
  heap[position] = item;
  moved(heap[position], position);
}

// Moves the item at `position` towards the root until its parent is not larger. True when it moved.
template <typename Item, typename Less, typename Moved>
bool sift_up(std::span<Item> heap, std::size_t position, const Less& less, const Moved& moved) {
  const Item item = heap[position];
  const std::size_t start = position;
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (!less(item, heap[parent])) {
      break;
    }
    heap[position] = heap[parent];
    moved(heap[position], position);
    position = parent;
  }
  heap[position] = item;
  moved(heap[position], position);
  return position != start;
}

// Restores the order after the key of one item changed either way.
template <typename Item, typename Less, typename Moved>
void sift(std::span<Item> heap, std::size_t position, const Less& less, const Moved& moved) {
  if (!sift_up(heap, position, less, moved)) {
    sift_down(heap, position, less, moved);
  }
}

// Takes the item at `position` out; the heap is heap.first(heap.size() - 1) afterwards.
template <typename Item, typename Less, typename Moved>
void take_out(std::span<Item> heap, std::size_t position, const Less& less, const Moved& moved) {
  const std::size_t last = heap.size() - 1;
  if (position != last) {
    heap[position] = heap[last];
    sift(heap.first(last), position, less, moved);
  }
}

// Makes a heap of items in any order.
template <typename Item, typename Less, typename Moved>
void heapify(std::span<Item> heap, const Less& less, const Moved& moved) {
  for (std::size_t position = heap.size(); position-- > 0;) {
    sift_down(heap, position, less, moved);
  }
}

}  // namespace berth::placement
