// ForkMemory: where a fork keeps the records of what it changed: chunks that grow with what is in them, from 4 KiB on, so that a fork which
// changes little takes little.
//
// Nothing is given back singly but what was taken last; clear() makes all of it free again and keeps the chunks.
//
// Thread rule: one thread at a time. Lifetime: outlives what was taken of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

namespace berth::cluster {

class ForkMemory {
 public:
  static constexpr std::size_t kUnit = 64;

  // Aligned to kUnit. nullptr: out of memory.
  std::byte* take(std::size_t bytes) {
    const std::size_t rounded = (bytes + kUnit - 1) / kUnit * kUnit;
    while (static_cast<std::size_t>(end_ - next_) < rounded) {
      if (used_ == chunks_.size() && !add_chunk(rounded)) {
        return nullptr;
      }
      next_ = chunks_[used_].memory.get();
      end_ = next_ + chunks_[used_].bytes;
      ++used_;
    }
    return std::exchange(next_, next_ + rounded);
  }
  // What was taken last goes back. Anything else stays until clear().
  void give_back(const std::byte* memory, std::size_t bytes) {
    const std::size_t rounded = (bytes + kUnit - 1) / kUnit * kUnit;
    if (memory + rounded == next_) {
      next_ -= rounded;
    }
  }
  void clear() {
    used_ = 0;
    next_ = end_ = nullptr;
  }

  // Taken from the system.
  [[nodiscard]] std::size_t bytes() const { return bytes_ + chunks_.capacity() * sizeof(Chunk); }

 private:
  static constexpr std::size_t kChunkMin = std::size_t{1} << 12U;
  static constexpr std::size_t kChunkMax = std::size_t{1} << 20U;
  struct Release {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  struct Chunk {
    std::unique_ptr<std::byte, Release> memory;
    std::size_t bytes;
  };

  bool add_chunk(std::size_t least) {
    const std::size_t bytes = std::max(std::clamp(bytes_, kChunkMin, kChunkMax), least);
    std::unique_ptr<std::byte, Release> memory(static_cast<std::byte*>(std::aligned_alloc(kUnit, bytes)));
    if (memory == nullptr) {
      return false;
    }
    chunks_.push_back({std::move(memory), bytes});
    bytes_ += bytes;
    return true;
  }

  std::vector<Chunk> chunks_;
  std::size_t used_ = 0;  // Chunks that something was taken from; the last of them is [.., next_, end_).
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace berth::cluster
