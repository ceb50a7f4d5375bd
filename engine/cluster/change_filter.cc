#include "engine/cluster/change_filter.h"

// One body for several processors, chosen when the program starts; clang's sanitizers run before such a choice could be made.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define BERTH_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define BERTH_VECTOR_CLONES
#endif

namespace berth::cluster {
namespace {

// Changes that are tested together.
constexpr std::uint32_t kTogether = 32;

struct Masks {
  FitRange::Words amounts;
  std::uint64_t effects;
  std::uint64_t touch_most;  // Without the last bit, so that a difference has a sign.
  std::uint64_t group_mask;
  std::uint64_t group_word;
  std::uint64_t regroups;
};

// Not 0: one of kTogether changes passes. Written without conditions, so that a compiler makes vector instructions of it.
BERTH_VECTOR_CLONES std::uint64_t any_passes(const std::uint64_t* fit, const std::uint64_t* touch, const Masks& masks) {
  std::uint64_t any = 0;
  for (std::uint32_t at = 0; at < kTogether; ++at) {
    const std::uint64_t word = touch[at];
    const std::uint64_t left = masks.amounts.borrows(fit[at]) | (~((word >> 1U) - masks.touch_most) >> 63U);
    any |= static_cast<std::uint64_t>((left == 0) & ((word & masks.effects) != 0)) |
           static_cast<std::uint64_t>((word & masks.group_mask) == masks.group_word) | (word & masks.regroups);
  }
  return any;
}

}  // namespace

std::uint32_t ChangeFilter::next(const ChangeFeed::Run& run, std::uint32_t at) const {
  const Masks masks{amounts.words(), effect_mask(), touch_most >> 1U, kGroupMask, group_word, regroup_mask()};
  while (at < run.count) {
    const std::uint32_t end = run.count - at < kTogether ? run.count : at + kTogether;
    if (end - at < kTogether || any_passes(run.fit + at, run.touch + at, masks) != 0) {
      for (std::uint32_t one = at; one < end; ++one) {
        if (passes(run.fit[one], run.touch[one])) {
          return one;
        }
      }
    }
    at = end;
  }
  return run.count;
}

}  // namespace berth::cluster
