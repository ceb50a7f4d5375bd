// Loops over instances by blocks of kBlockInstances, so that no two blocks share a word of a bitset.
//
// Thread rule: pure functions; bodies may run on several threads at once.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

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
    const std::uint32_t last = std::min(range.end, first + 64);
    std::uint64_t word = 0;
    for (std::uint32_t instance = first; instance < last; ++instance) {
      word |= std::uint64_t{predicate(instance) ? 1U : 0U} << (instance - first);
    }
    words[word_index] = word & within[word_index];
  }
}

}  // namespace berth::placement
