// First fit and first fit decreasing for vector packing: the textbook rules, against which the quality of binpack is measured. Shares
// nothing with the engine.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace berth::oracle {

using Item = std::vector<std::int64_t>;  // By dimension; not negative.

// Bins that are used when each item goes into the first bin in which it fits, a new one where there is none.
// REQUIRES: every item fits an empty bin.
std::size_t first_fit(const std::vector<Item>& items, const Item& capacity);

// The items by their largest share of the capacity in any dimension, largest first; equal ones stay in their order.
std::vector<Item> largest_first(const std::vector<Item>& items, const Item& capacity);

}  // namespace berth::oracle
