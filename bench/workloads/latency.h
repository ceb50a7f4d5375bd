// LatencyRecorder: a log-linear histogram of nanoseconds in fixed memory, for percentiles of recorded latencies.
//
// Values below 256 ns are kept exactly; above, each power of two is cut into 128 buckets, so a percentile is never below the recorded
// value that it stands for and at most 1/128 (0.8 %) above it. The layout is the one of HdrHistogram (G. Tene).
//
// Thread rule: one thread records into one recorder; merge() when the threads are done. Lifetime: a plain value of 34 KiB.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace berth::workloads {

class LatencyRecorder {
 public:
  // Values from here on (18 minutes) share one bucket, which stands for max_ns().
  static constexpr std::uint64_t kRangeEndNs = std::uint64_t{1} << 40U;

  void record(std::uint64_t ns) {
    ++buckets_[bucket_of(ns)];
    ++count_;
    max_ns_ = std::max(max_ns_, ns);
  }

  void merge(const LatencyRecorder& other) {
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      buckets_[bucket] += other.buckets_[bucket];
    }
    count_ += other.count_;
    max_ns_ = std::max(max_ns_, other.max_ns_);
  }

  void clear() { *this = LatencyRecorder(); }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t max_ns() const { return max_ns_; }  // 0 when nothing was recorded.
  [[nodiscard]] std::uint64_t p50_ns() const { return quantile_ns(500'000); }
  [[nodiscard]] std::uint64_t p99_ns() const { return quantile_ns(990'000); }
  [[nodiscard]] std::uint64_t p999_ns() const { return quantile_ns(999'000); }

  // The value that `parts_per_million` of the recorded ones do not exceed (nearest rank: the smallest with at least that many at or below
  // it); 0 when nothing was recorded. Parts are whole numbers so that ranks are exact.
  [[nodiscard]] std::uint64_t quantile_ns(std::uint32_t parts_per_million) const;

 private:
  static constexpr unsigned kBucketBits = 7;  // 128 buckets per power of two.
  static constexpr std::size_t kPerPower = std::size_t{1} << kBucketBits;
  static constexpr std::size_t kBuckets = (40 - kBucketBits + 1) * kPerPower + 1;  // The last one: beyond the range.

  static constexpr std::size_t bucket_of(std::uint64_t ns) {
    const std::uint64_t value = std::min(ns, kRangeEndNs);
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > kBucketBits + 1 ? width - (kBucketBits + 1) : 0;
    return shift * kPerPower + static_cast<std::size_t>(value >> shift);
  }
  // The largest value of a bucket.
  static constexpr std::uint64_t last_of(std::size_t bucket) {
    if (bucket < 2 * kPerPower) {
      return bucket;
    }
    const std::size_t shift = bucket / kPerPower - 1;
    return ((std::uint64_t{bucket % kPerPower + kPerPower + 1}) << shift) - 1;
  }

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ns_ = 0;
};

}  // namespace berth::workloads
