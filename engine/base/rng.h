// Counter-based random numbers: draw j of task k under a seed is a pure function of (seed, k, j), so a decision can be replayed from
// any point, on any number of threads.
//
// Thread rule: pure functions.
#pragma once

#include <cstdint>

#include "engine/base/hash.h"

namespace berth {

// Draw `draw` of task `task` under `seed`: 64 random bits.
constexpr std::uint64_t draw64(std::uint64_t seed, std::uint64_t task, std::uint64_t draw) {
  std::uint64_t h = mix64(seed + kGoldenGamma);
  h = mix64(h ^ (task + 1) * 0xD1B54A32D192ED03ULL);
  return mix64(h + (draw + 1) * kGoldenGamma);
}

// Maps 64 random bits to [0, bound) by the high half of a 128-bit product; the bias is below bound / 2^64.
// REQUIRES: bound > 0.
constexpr std::uint64_t bounded(std::uint64_t bits, std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(bits) * bound) >> 64U);
}

// A small sequential generator for callers that need a stream (fleet generator, tests): the SplitMix64 sequence.
class Stream {
 public:
  explicit constexpr Stream(std::uint64_t seed) : state_(seed) {}
  constexpr std::uint64_t next() { return mix64(state_ += kGoldenGamma); }
  // REQUIRES: bound > 0. Half-open range [0, bound).
  constexpr std::uint64_t below(std::uint64_t bound) { return bounded(next(), bound); }

 private:
  std::uint64_t state_;
};

}  // namespace berth
