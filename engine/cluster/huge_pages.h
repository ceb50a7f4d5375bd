// HugePageAllocator: memory of containers that are large and read at random, asked for in huge pages where the system has them: a miss
// of the caches then is seldom a miss of the translation buffers as well, which costs as much again.
//
// Thread rule: pure functions. Lifetime: as std::allocator.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

namespace berth::cluster {

inline constexpr std::size_t kHugePageBytes = std::size_t{1} << 21U;

// Whole huge pages, to be given back by std::free(). nullptr: out of memory. REQUIRES: a multiple of kHugePageBytes.
inline void* allocate_huge_pages(std::size_t bytes) {
  void* memory = std::aligned_alloc(kHugePageBytes, bytes);
  if (memory != nullptr) {
    // A wish: where it is not granted, everything works as before, slower.
    static_cast<void>(madvise(memory, bytes, MADV_HUGEPAGE));
  }
  return memory;
}

template <typename T>
class HugePageAllocator {
 public:
  using value_type = T;

  HugePageAllocator() = default;
  template <typename U>
  explicit HugePageAllocator(const HugePageAllocator<U>&) {}

  // Less than a huge page is asked for as usual.
  T* allocate(std::size_t count) {
    constexpr std::size_t kAlignment = alignof(T) > 64 ? alignof(T) : 64;
    const std::size_t bytes = count * sizeof(T);
    void* memory = bytes >= kHugePageBytes ? allocate_huge_pages((bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes)
                                           : std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
    if (memory == nullptr) {
      throw std::bad_alloc();
    }
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t /*count*/) { std::free(memory); }

  template <typename U>
  friend bool operator==(const HugePageAllocator&, const HugePageAllocator<U>&) {
    return true;
  }
};

template <typename T>
using HugeVector = std::vector<T, HugePageAllocator<T>>;

}  // namespace berth::cluster
