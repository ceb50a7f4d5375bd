// The two mixing functions on which decisions rest. They are part of Berth's contract: the tie order and the random draws of every
// release, binding and oracle use exactly these, so that one seed gives one decision everywhere.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace berth {

// A bijection on 64-bit words that spreads every input bit over the result (the finalizer of SplitMix64: Steele, Lea and Flood,
// "Fast splittable pseudorandom number generators", OOPSLA 2014).
constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 30U;
  x *= 0xBF58476D1CE4E5B9ULL;
  x ^= x >> 27U;
  x *= 0x94D049BB133111EBULL;
  x ^= x >> 31U;
  return x;
}

inline constexpr std::uint64_t kGoldenGamma = 0x9E3779B97F4A7C15ULL;

// Hash of a byte string under a seed: h starts as mix64(seed + gamma * (length + 1)); each group of 8 bytes, read little-endian and the
// last one padded with zeros, is folded in by h = mix64(h ^ group). The same on every machine.
constexpr std::uint64_t hash_bytes(std::uint64_t seed, std::string_view bytes) {
  std::uint64_t h = mix64(seed + kGoldenGamma * (bytes.size() + 1));
  std::size_t at = 0;
  while (at < bytes.size()) {
    std::uint64_t group = 0;
    for (unsigned shift = 0; shift < 64 && at < bytes.size(); shift += 8, ++at) {
      group |= std::uint64_t{static_cast<unsigned char>(bytes[at])} << shift;
    }
    h = mix64(h ^ group);
  }
  return h;
}

}  // namespace berth
