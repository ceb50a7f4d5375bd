#include "engine/snapshot/dictionary.h"

#include "engine/snapshot/parallel_loops.h"

namespace berth {

Dictionary::Dictionary(const Interner& strings, const std::vector<std::uint8_t>& used, Executor& executor) : strings_(&strings) {
  for (std::uint32_t id = 0; id < strings.size(); ++id) {
    if (used[id] != 0) {
      order_.push_back(id);
    }
  }
  parallel_sort(executor, order_, [&](std::uint32_t left, std::uint32_t right) { return strings.at(left) < strings.at(right); });
  ranks_.assign(strings.size(), kNoId);
  for (std::uint32_t rank = 0; rank < order_.size(); ++rank) {
    ranks_[order_[rank]] = rank;
  }
}

}  // namespace berth
