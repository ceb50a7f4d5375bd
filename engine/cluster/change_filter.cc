#include "engine/cluster/change_filter.h"

#include <array>
#include <cstring>

// One body for several processors, chosen when the program starts; clang's sanitizers run before such a choice could be made.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define BERTH_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define BERTH_VECTOR_CLONES
#endif

namespace berth::cluster {
namespace {

static_assert(ChangeFilter::kTogether == 64);

struct Masks {
  FitRange::Words amounts;
  std::uint64_t effects;
  std::uint64_t touch_most;  // Without the last bit, so that a difference has a sign.
  std::uint64_t group_mask;
  std::uint64_t group_word;
  std::uint64_t regroups;
};

// Writes 1 for each of kTogether changes that passes, and 0 for the others. Without conditions, so that a compiler makes vector
// instructions of it.
BERTH_VECTOR_CLONES void test(const std::uint64_t* fit, const std::uint64_t* touch, const Masks& masks, std::uint8_t* passes) {
  for (std::uint32_t at = 0; at < ChangeFilter::kTogether; ++at) {
    const std::uint64_t word = touch[at];
    const std::uint64_t outside = masks.amounts.borrows(fit[at]) | (~((word >> 1U) - masks.touch_most) >> 63U);
    const bool is_better = (outside == 0) & ((word & masks.effects) != 0);
    const bool counts = ((word & masks.group_mask) == masks.group_word) | ((word & masks.regroups) != 0);
    passes[at] = static_cast<std::uint8_t>(is_better | counts);
  }
}

}  // namespace

std::uint64_t ChangeFilter::passing(const ChangeFeed::Run& run, std::uint32_t at) const {
  const Masks masks{amounts.words(), std::uint64_t{effects} << kLogTagBits, touch_most >> 1U, kGroupMask, group_word, regroup_mask()};
  std::array<std::uint8_t, kTogether> passes;
  test(run.fit + at, run.touch + at, masks, passes.data());
  std::uint64_t bits = 0;
  for (std::uint32_t byte = 0; byte < kTogether; byte += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, passes.data() + byte, sizeof(eight));
    // The lowest bits of eight bytes side by side.
    bits |= (eight * 0x0102040810204080ULL >> 56U) << byte;
  }
  const std::uint32_t left = run.count - at;
  return left < kTogether ? bits & ((std::uint64_t{1} << left) - 1) : bits;
}

}  // namespace berth::cluster
