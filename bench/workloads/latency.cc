#include "bench/workloads/latency.h"

namespace berth::workloads {

std::uint64_t LatencyRecorder::quantile_ns(std::uint32_t parts_per_million) const {
  constexpr std::uint64_t kMillion = 1'000'000;
  if (count_ == 0) {
    return 0;
  }
  // Split so that the product stays within 64 bits for any count.
  const std::uint64_t whole = count_ / kMillion * parts_per_million;
  const std::uint64_t rest = (count_ % kMillion * parts_per_million + kMillion - 1) / kMillion;
  const std::uint64_t rank = std::clamp<std::uint64_t>(whole + rest, 1, count_);
  std::uint64_t below = 0;
  for (std::size_t bucket = 0; bucket + 1 < kBuckets; ++bucket) {
    below += buckets_[bucket];
    if (below >= rank) {
      return std::min(last_of(bucket), max_ns_);
    }
  }
  return max_ns_;
}

}  // namespace berth::workloads
