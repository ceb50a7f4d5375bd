#include "engine/base/rng.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <limits>
#include <set>

namespace berth {
namespace {

TEST(Draw64, IsWrittenDownForEver) {
  // Replays of stored decisions rest on this definition.
  constexpr std::uint64_t kSeed = 42;
  constexpr std::uint64_t kState = mix64(mix64(kSeed + kGoldenGamma) ^ 4 * 0xD1B54A32D192ED03ULL);
  static_assert(draw64(kSeed, 3, 5) == mix64(kState + 6 * kGoldenGamma));
}

TEST(Draw64, DiffersByTaskAndDraw) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t task = 0; task < 100; ++task) {
    for (std::uint64_t draw = 0; draw < 33; ++draw) {
      seen.insert(draw64(7, task, draw));
    }
  }
  EXPECT_EQ(seen.size(), 3300U);
}

RC_GTEST_PROP(Bounded, StaysBelowItsBound, (std::uint64_t bits)) {
  const auto bound = *rc::gen::suchThat(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t value) { return value != 0; });
  RC_ASSERT(bounded(bits, bound) < bound);
  RC_ASSERT(bounded(std::numeric_limits<std::uint64_t>::max(), bound) == bound - 1);
  RC_ASSERT(bounded(0, bound) == 0U);
}

TEST(Stream, CoversSmallRangesEvenly) {
  Stream random(1);
  std::array<unsigned, 8> counts{};
  for (unsigned round = 0; round < 8000; ++round) {
    ++counts[random.below(counts.size())];
  }
  for (const unsigned count : counts) {
    // Six standard deviations around 1000.
    EXPECT_NEAR(count, 1000, 180);
  }
}

}  // namespace
}  // namespace berth
