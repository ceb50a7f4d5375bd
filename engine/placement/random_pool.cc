#include "engine/placement/random_pool.h"

#include <bit>
#include <span>
#include <utility>

namespace berth::placement {

void RandomPool::remove(std::uint32_t instance) {
  members_.reset(instance);
  --count_;
  for (std::size_t node = std::size_t{instance} / 64 + 1; node < tree_.size(); node += node & (~node + 1)) {
    --tree_[node];
  }
}

void RandomPool::build_tree() {
  const std::span<const std::uint64_t> words = std::as_const(members_).words();
  tree_.assign(words.size() + 1, 0);
  for (std::size_t node = 1; node < tree_.size(); ++node) {
    tree_[node] += static_cast<std::uint32_t>(std::popcount(words[node - 1]));
    if (const std::size_t parent = node + (node & (~node + 1)); parent < tree_.size()) {
      tree_[parent] += tree_[node];
    }
  }
}

std::uint32_t RandomPool::at_rank(std::uint64_t rank) {
  if (tree_.empty()) {
    build_tree();
  }
  std::size_t before = 0;  // Words known to lie before the member.
  for (std::size_t step = std::bit_floor(tree_.size() - 1); step > 0; step /= 2) {
    if (before + step < tree_.size() && tree_[before + step] <= rank) {
      before += step;
      rank -= tree_[before];
    }
  }
  std::uint64_t word = std::as_const(members_).words()[before];
  for (; rank > 0; --rank) {
    word &= word - 1;
  }
  return static_cast<std::uint32_t>(before * 64 + static_cast<std::size_t>(std::countr_zero(word)));
}

}  // namespace berth::placement
