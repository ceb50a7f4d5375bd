// What the keys of a window's entries are made of.
//
// Thread rule: pure functions.
#pragma once

#include <cstdint>

namespace berth::cluster {

// Keeps the order of signed amounts in an unsigned key.
constexpr std::uint32_t ordered_key(std::int64_t amount) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(amount)) ^ 0x80000000U;
}
constexpr std::int64_t amount_of_key(std::uint32_t key) {
  return static_cast<std::int32_t>(key ^ 0x80000000U);
}

// Own key `slot` (0 to 2) of an entry: the first two share a word.
constexpr std::uint32_t key_at(std::uint64_t first_keys, std::uint32_t third_key, std::uint32_t slot) {
  return slot == 2 ? third_key : static_cast<std::uint32_t>(first_keys >> (slot == 0 ? 32U : 0U));
}

// Turns std's heaps, which keep the largest first, round.
template <typename Less>
constexpr auto reversed(Less less) {
  return [less](const auto& a, const auto& b) { return less(b, a); };
}

}  // namespace berth::cluster
