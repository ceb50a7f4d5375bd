#include "engine/base/bitset.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace berth {
namespace {

Bitset make(const std::vector<bool>& from) {
  Bitset bits(from.size());
  for (std::size_t at = 0; at < from.size(); ++at) {
    bits.assign(at, from[at]);
  }
  return bits;
}

std::vector<bool> read(const Bitset& bits) {
  std::vector<bool> out(bits.size());
  for (std::size_t at = 0; at < bits.size(); ++at) {
    out[at] = bits.test(at);
  }
  return out;
}

TEST(Bitset, KeepsBitsPastItsSizeZero) {
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 130U}) {
    Bitset full(size, true);
    EXPECT_EQ(full.count(), size);
    EXPECT_EQ(full.any(), size != 0);
    full.flip();
    EXPECT_FALSE(full.any());
    full.flip();
    EXPECT_EQ(full.count(), size);
    EXPECT_EQ(full, Bitset(size, true));
  }
}

RC_GTEST_PROP(Bitset, BehavesAsAVectorOfBools, (std::vector<bool> from)) {
  Bitset bits = make(from);
  RC_ASSERT(read(bits) == from);
  std::vector<std::size_t> members;
  bits.for_each([&](std::size_t at) { members.push_back(at); });
  std::vector<std::size_t> expected;
  for (std::size_t at = 0; at < from.size(); ++at) {
    if (from[at]) {
      expected.push_back(at);
    }
  }
  RC_ASSERT(members == expected);
  RC_ASSERT(bits.count() == expected.size());
  if (!from.empty()) {
    const std::size_t at = *rc::gen::inRange<std::size_t>(0, from.size());
    bits.set(at);
    RC_ASSERT(bits.test(at));
    bits.reset(at);
    RC_ASSERT(!bits.test(at));
  }
}

RC_GTEST_PROP(Bitset, CombinesBitByBit, (std::vector<bool> left)) {
  const auto right = *rc::gen::container<std::vector<bool>>(left.size(), rc::gen::arbitrary<bool>());
  Bitset both = make(left);
  both &= make(right);
  Bitset either = make(left);
  either |= make(right);
  for (std::size_t at = 0; at < left.size(); ++at) {
    RC_ASSERT(both.test(at) == (left[at] && right[at]));
    RC_ASSERT(either.test(at) == (left[at] || right[at]));
  }
}

}  // namespace
}  // namespace berth
