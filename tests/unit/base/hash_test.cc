#include "engine/base/hash.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace berth {
namespace {

TEST(Mix64, IsTheFinalizerOfSplitMix64) {
  // The published first outputs of SplitMix64 for the seed 1234567, whose states are the seed plus multiples of the golden gamma.
  EXPECT_EQ(mix64(1234567 + kGoldenGamma), 6457827717110365317ULL);
  EXPECT_EQ(mix64(1234567 + 2 * kGoldenGamma), 3203168211198807973ULL);
  EXPECT_EQ(mix64(0), 0U);
}

TEST(HashBytes, IsWrittenDownForEver) {
  // Tie orders of stored snapshots rest on these; a change here changes decisions.
  static_assert(hash_bytes(0, "") == mix64(kGoldenGamma));
  static_assert(hash_bytes(5, "a") == mix64(mix64(5 + 2 * kGoldenGamma) ^ 0x61U));
  static_assert(hash_bytes(5, "abcdefgh") == mix64(mix64(5 + 9 * kGoldenGamma) ^ 0x6867666564636261ULL));
  static_assert(hash_bytes(5, "abcdefghi") == mix64(mix64(mix64(5 + 10 * kGoldenGamma) ^ 0x6867666564636261ULL) ^ 0x69U));
}

RC_GTEST_PROP(HashBytes, TellsSeedsLengthsAndBytesApart, (std::uint64_t seed, std::string text)) {
  RC_ASSERT(hash_bytes(seed, text) == hash_bytes(seed, std::string(text)));
  RC_ASSERT(hash_bytes(seed, text) != hash_bytes(seed + 1, text));
  RC_ASSERT(hash_bytes(seed, text) != hash_bytes(seed, text + std::string(1, '\0')));
  if (!text.empty()) {
    std::string other = text;
    other.back() = static_cast<char>(other.back() ^ 1);
    RC_ASSERT(hash_bytes(seed, text) != hash_bytes(seed, other));
  }
}

}  // namespace
}  // namespace berth
