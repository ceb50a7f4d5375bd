// Dealing kinds by shares: each kind comes up exactly as often as its share says, in random order.
//
// Thread rule: pure functions of the stream that they are given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/rng.h"

namespace berth::workloads {

// Fisher and Yates's shuffle.
template <typename T, std::size_t kExtent>
void shuffle(std::span<T, kExtent> items, Stream& stream) {
  for (std::size_t left = items.size(); left > 1; --left) {
    std::swap(items[left - 1], items[stream.below(left)]);
  }
}

// `count` kinds, each an index into `shares`, shuffled. Kind k comes up count * shares[k] / sum times; what the rounding down leaves goes
// to the largest remainders, the earlier kind first. Empty where the shares' sum is 0.
std::vector<std::uint32_t> deal(std::span<const std::uint32_t> shares, std::uint32_t count, Stream& stream);

}  // namespace berth::workloads
