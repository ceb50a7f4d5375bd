// Loops over instances by blocks of kBlockInstances, so that no two blocks share a word of a bitset.
//
// Thread rule: pure functions; bodies may run on several threads at once.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/base/bitset.h"
#include "engine/base/limits.h"
#include "engine/parallel/executor.h"

namespace berth::placement {

inline constexpr std::size_t kBlockWords = kBlockInstances / 64;

constexpr std::size_t block_count(std::uint32_t instance_count) {
  return (std::size_t{instance_count} + kBlockInstances - 1) / kBlockInstances;
}

// Half-open range of instances.
struct BlockRange {
  std::uint32_t begin;
  std::uint32_t end;
};

constexpr BlockRange block_range(std::size_t block, std::uint32_t instance_count) {
  const std::uint32_t begin = static_cast<std::uint32_t>(block) * kBlockInstances;
  return {begin, std::min(instance_count, begin + kBlockInstances)};
}

// Calls visit(instance) for every member in the range, ascending. REQUIRES: range.begin is a multiple of 64.
template <typename Visit>
void for_each_bit(const Bitset& set, BlockRange range, const Visit& visit) {
  for (std::uint32_t first = range.begin; first < range.end; first += 64) {
    std::uint64_t word = set.words()[first / 64];
    if (range.end - first < 64) {
      word &= (std::uint64_t{1} << (range.end - first)) - 1;
    }
    for (; word != 0; word &= word - 1) {
      visit(first + static_cast<std::uint32_t>(std::countr_zero(word)));
    }
  }
}

// Calls body(block, range) for every block.
template <typename Body>
void for_each_block(std::uint32_t instance_count, Executor& executor, const Body& body) {
  executor.run(block_count(instance_count), [&](std::size_t block) { body(block, block_range(block, instance_count)); });
}

// Bit k of the result: byte k of `bytes`, each 0 or 1, lowest first.
constexpr std::uint64_t bits_of_bytes(std::uint64_t bytes) {
  // Byte k is carried to bit 56 + k, and no two partial products meet in one bit (H. Warren, "Hacker's Delight").
  return (bytes * 0x0102040810204080ULL) >> 56U;
}

// Packs predicate(instance) of [begin, end) into words, bit 0 of words[0] being `begin`; words where `within` is zero are not asked.
// REQUIRES: begin is a multiple of 64.
template <typename Predicate>
void pack_words(BlockRange range, const std::uint64_t* within, std::uint64_t* words, const Predicate& predicate) {
  std::size_t word_index = 0;
  for (std::uint32_t first = range.begin; first < range.end; first += 64, ++word_index) {
    if (within[word_index] == 0) {
      words[word_index] = 0;
      continue;
    }
    // Bytes first: compilers make wide comparisons of this loop, and shifts of the other would make them single ones.
    std::array<std::uint8_t, 64> holds{};
    if (range.end - first >= 64) {
      for (std::uint32_t offset = 0; offset < 64; ++offset) {
        holds[offset] = predicate(first + offset) ? 1 : 0;
      }
    } else {
      for (std::uint32_t offset = 0; offset < range.end - first; ++offset) {
        holds[offset] = predicate(first + offset) ? 1 : 0;
      }
    }
    std::uint64_t word = 0;
    for (std::size_t group = 0; group < 8; ++group) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, holds.data() + group * 8, sizeof(bytes));  // Little-endian, as the snapshots are.
      word |= bits_of_bytes(bytes) << (group * 8);
    }
    words[word_index] = word & within[word_index];
  }
}

}  // namespace berth::placement
