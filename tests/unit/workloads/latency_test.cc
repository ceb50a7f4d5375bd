// Percentiles of recorded latencies against the sorted values themselves.
#include "bench/workloads/latency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "engine/base/rng.h"

namespace berth::workloads {
namespace {

// The nearest-rank quantile.
std::uint64_t exact(const std::vector<std::uint64_t>& sorted, std::uint64_t parts_per_million) {
  const std::uint64_t rank = (sorted.size() * parts_per_million + 999'999) / 1'000'000;
  return sorted[std::max<std::uint64_t>(rank, 1) - 1];
}

TEST(LatencyRecorder, EmptyIsZero) {
  const LatencyRecorder recorder;
  EXPECT_EQ(recorder.count(), 0U);
  EXPECT_EQ(recorder.max_ns(), 0U);
  EXPECT_EQ(recorder.p50_ns(), 0U);
}

TEST(LatencyRecorder, SmallValuesAreExact) {
  LatencyRecorder recorder;
  std::vector<std::uint64_t> values;
  for (std::uint64_t ns = 0; ns < 256; ++ns) {
    recorder.record(ns);
    values.push_back(ns);
  }
  for (std::uint32_t ppm = 0; ppm <= 1'000'000; ppm += 1000) {
    EXPECT_EQ(recorder.quantile_ns(ppm), exact(values, ppm)) << ppm;
  }
}

// Every value is reported as itself or at most 1/128 above, alone and beside a larger one that keeps the maximum out of the way.
TEST(LatencyRecorder, EveryMagnitudeIsWithinOnePercent) {
  for (unsigned power = 0; power < 40; ++power) {
    for (const std::uint64_t offset :
         {std::uint64_t{0}, std::uint64_t{1}, (std::uint64_t{1} << power) / 3, (std::uint64_t{1} << power) - 1}) {
      const std::uint64_t ns = (std::uint64_t{1} << power) + std::min(offset, (std::uint64_t{1} << power) - 1);
      LatencyRecorder recorder;
      recorder.record(ns);
      EXPECT_EQ(recorder.p50_ns(), ns) << "the maximum is exact";
      recorder.record(std::uint64_t{1} << 41U);
      EXPECT_GE(recorder.p50_ns(), ns);
      EXPECT_LE(recorder.p50_ns() - ns, ns / 128);
    }
  }
}

TEST(LatencyRecorder, PercentilesOfALongTailAreWithinOnePercent) {
  Stream stream(17);
  LatencyRecorder recorder;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t ns = 300 + (stream.next() >> (24 + stream.below(36)));
    recorder.record(ns);
    values.push_back(ns);
  }
  std::sort(values.begin(), values.end());
  EXPECT_EQ(recorder.count(), values.size());
  EXPECT_EQ(recorder.max_ns(), values.back());
  for (const std::uint32_t ppm : {1U, 100'000U, 500'000U, 900'000U, 990'000U, 999'000U, 999'999U, 1'000'000U}) {
    const std::uint64_t truth = std::min(exact(values, ppm), LatencyRecorder::kRangeEndNs - 1);
    EXPECT_GE(recorder.quantile_ns(ppm), truth) << ppm;
    EXPECT_LE(static_cast<double>(recorder.quantile_ns(ppm)), static_cast<double>(truth) * 1.01) << ppm;
  }
  EXPECT_EQ(recorder.p99_ns(), recorder.quantile_ns(990'000));
  EXPECT_EQ(recorder.p999_ns(), recorder.quantile_ns(999'000));
}

TEST(LatencyRecorder, BeyondTheRangeTheMaximumStands) {
  LatencyRecorder recorder;
  recorder.record(LatencyRecorder::kRangeEndNs * 5);
  EXPECT_EQ(recorder.max_ns(), LatencyRecorder::kRangeEndNs * 5);
  EXPECT_EQ(recorder.p50_ns(), LatencyRecorder::kRangeEndNs * 5);
}

TEST(LatencyRecorder, MergedPartsAreTheWhole) {
  Stream stream(23);
  const auto whole = std::make_unique<LatencyRecorder>();
  const auto first = std::make_unique<LatencyRecorder>();
  const auto second = std::make_unique<LatencyRecorder>();
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t ns = stream.below(1 << 20U);
    whole->record(ns);
    (i % 3 == 0 ? first : second)->record(ns);
  }
  first->merge(*second);
  EXPECT_EQ(first->count(), whole->count());
  EXPECT_EQ(first->max_ns(), whole->max_ns());
  for (std::uint32_t ppm = 0; ppm <= 1'000'000; ppm += 500) {
    EXPECT_EQ(first->quantile_ns(ppm), whole->quantile_ns(ppm));
  }
  first->clear();
  EXPECT_EQ(first->count(), 0U);
  EXPECT_EQ(first->quantile_ns(1'000'000), 0U);
}

}  // namespace
}  // namespace berth::workloads
