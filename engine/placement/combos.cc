#include "engine/placement/combos.h"

#include <array>

namespace berth::placement {

Combos::Combos(const Snapshot& snapshot, const Chain& chain, const Bitset& candidates)
    : level_count_(chain.group_level_count()), attribute_set_(snapshot.attribute_set()) {
  if (level_count_ == 0) {
    return;
  }
  if (level_count_ == 1) {
    only_column_ = &chain.group_column(0);
    count_ = only_column_->value_count();
    return;
  }
  count_ = 0;
  numbers_.resize(level_count_ - 1);
  std::array<std::uint32_t, kStrategiesMax> buffer{};
  const std::span<std::uint32_t> values = std::span(buffer).first(level_count_);
  bool any_wide = false;
  for (std::uint32_t slot = 0; slot < level_count_; ++slot) {
    any_wide = any_wide || chain.group_column(slot).is_wide();
  }
  if (any_wide) {
    by_instance_.resize(snapshot.instance_count());
    candidates.for_each([&](std::size_t instance) {
      for (std::uint32_t slot = 0; slot < level_count_; ++slot) {
        values[slot] = chain.group_column(slot).value(static_cast<std::uint32_t>(instance));
      }
      by_instance_[instance] = number(values);
    });
  } else {
    by_set_.resize(snapshot.attribute_set_count());
    for (std::uint32_t set = 0; set < by_set_.size(); ++set) {
      for (std::uint32_t slot = 0; slot < level_count_; ++slot) {
        values[slot] = chain.group_column(slot).by_set()[set];
      }
      by_set_[set] = number(values);
    }
  }
  numbers_.clear();
}

std::uint32_t Combos::number(std::span<const std::uint32_t> values) {
  std::uint32_t number = values[0];
  for (std::size_t level = 1; level < values.size(); ++level) {
    auto& known = numbers_[level - 1];
    const std::uint64_t pair = std::uint64_t{number} << 32U | values[level];
    const auto [entry, is_new] = known.try_emplace(pair, static_cast<std::uint32_t>(known.size()));
    number = entry->second;
    if (is_new && level + 1 == values.size()) {
      values_.insert(values_.end(), values.begin(), values.end());
      ++count_;
    }
  }
  return number;
}

}  // namespace berth::placement
