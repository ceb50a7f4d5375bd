// StableVector: a table that only grows and whose entries never move, so that readers need no lock while one writer appends.
//
// Thread rule: any number of readers of entries below size(); one append() at a time (the caller serializes writers). Lifetime: owns its
// entries.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace berth::cluster {

template <typename T>
class StableVector {
 public:
  StableVector() = default;
  StableVector(const StableVector&) = delete;
  StableVector& operator=(const StableVector&) = delete;

  [[nodiscard]] std::uint32_t size() const { return size_.load(std::memory_order_acquire); }

  // REQUIRES: index < size().
  [[nodiscard]] const T& at(std::uint32_t index) const {
    const Place place = place_of(index);
    return segments_[place.segment].load(std::memory_order_acquire)[place.offset];
  }
  // For entries that synchronize themselves. REQUIRES: index < size().
  [[nodiscard]] T& at(std::uint32_t index) {
    const Place place = place_of(index);
    return segments_[place.segment].load(std::memory_order_acquire)[place.offset];
  }

  // Returns the new entry's index.
  template <typename... Arguments>
  std::uint32_t append(Arguments&&... arguments) {
    const std::uint32_t index = size_.load(std::memory_order_relaxed);
    const Place place = place_of(index);
    if (owned_[place.segment] == nullptr) {
      owned_[place.segment] = std::make_unique<T[]>(std::size_t{kFirstSegment} << place.segment);
      segments_[place.segment].store(owned_[place.segment].get(), std::memory_order_release);
    }
    owned_[place.segment][place.offset] = T{std::forward<Arguments>(arguments)...};
    size_.store(index + 1, std::memory_order_release);
    return index;
  }

 private:
  // Segment s holds kFirstSegment << s entries.
  static constexpr std::uint32_t kFirstSegment = 64;
  static constexpr std::size_t kSegments = 26;
  struct Place {
    std::size_t segment;
    std::size_t offset;
  };
  static Place place_of(std::uint32_t index) {
    const std::uint64_t shifted = std::uint64_t{index} + kFirstSegment;
    const auto segment = static_cast<std::size_t>(std::bit_width(shifted)) - static_cast<std::size_t>(std::bit_width(kFirstSegment));
    return {segment, static_cast<std::size_t>(shifted - (std::uint64_t{kFirstSegment} << segment))};
  }

  std::atomic<std::uint32_t> size_{0};
  std::array<std::atomic<T*>, kSegments> segments_{};
  std::array<std::unique_ptr<T[]>, kSegments> owned_{};
};

}  // namespace berth::cluster
