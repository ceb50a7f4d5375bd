#include "engine/snapshot/id_column_plan.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace berth {

void IdColumnPlan::number_prefixes() {
  std::vector<Prefix> found;
  for (std::size_t at = 0; at < number_.size(); ++at) {
    if (number_[at] != kUnused) {
      found.push_back({static_cast<std::uint32_t>(at / kFormats), static_cast<IdFormat>(at % kFormats + 1)});
    }
  }
  const Interner& texts = pool_->prefixes();
  std::ranges::sort(found, [&](const Prefix& left, const Prefix& right) {
    return std::make_tuple(texts.at(left.id), left.format) < std::make_tuple(texts.at(right.id), right.format);
  });
  has_overflow_ = found.size() > kPrefixesMax;
  const auto is_whole = [&](const Prefix& prefix) { return prefix.format == IdFormat::kText && texts.at(prefix.id).empty(); };
  // With too many prefixes the last ones in order give way, and one place belongs to the empty prefix of whole texts.
  const std::size_t room = has_overflow_ ? kPrefixesMax - 1 : kPrefixesMax;
  bool has_whole = false;
  std::size_t taken = 0;
  for (const Prefix& prefix : found) {
    const std::size_t at = std::size_t{prefix.id} * kFormats + static_cast<std::size_t>(prefix.format) - 1;
    if (is_whole(prefix)) {
      has_whole = true;
      whole_prefix_ = static_cast<std::uint16_t>(prefixes_.size());
    } else if (taken++ >= room) {
      number_[at] = kOverflow;
      continue;
    }
    number_[at] = static_cast<std::uint32_t>(prefixes_.size());
    prefixes_.push_back(prefix);
    has_short_tails_ = has_short_tails_ && (prefix.format == IdFormat::kText || prefix.format == IdFormat::kHex16);
  }
  if (has_overflow_ && !has_whole) {
    whole_prefix_ = static_cast<std::uint16_t>(prefixes_.size());
    prefixes_.push_back({kUnused, IdFormat::kText});
  }
}

void IdColumnPlan::add_text(const EncodedId& id) {
  if (number_[key(id)] == kOverflow) {
    texts_.intern(pool_->text(id));
  } else if (id.format == IdFormat::kText) {
    texts_.intern(pool_->texts().at(static_cast<std::uint32_t>(id.low)));
  }
}

IdColumnPlan::Stored IdColumnPlan::stored(const EncodedId& id) const {
  const std::uint32_t number = number_[key(id)];
  if (number == kOverflow) {
    return {whole_prefix_, IdTail{0, texts_.find(pool_->text(id)).value_or(0)}};
  }
  const auto prefix = static_cast<std::uint16_t>(number);
  if (id.format == IdFormat::kText) {
    return {prefix, IdTail{0, texts_.find(pool_->texts().at(static_cast<std::uint32_t>(id.low))).value_or(0)}};
  }
  return {prefix, IdTail{id.high, id.low}};
}

}  // namespace berth
