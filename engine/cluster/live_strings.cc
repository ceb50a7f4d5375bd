#include "engine/cluster/live_strings.h"

namespace berth::cluster {

std::optional<std::uint32_t> LiveStrings::find(std::string_view text) const {
  if (const auto id = base_.find(text); id.has_value()) {
    return id;
  }
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(text);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::uint32_t LiveStrings::intern(std::string_view text) {
  if (const auto id = base_.find(text); id.has_value()) {
    return *id;
  }
  const std::lock_guard lock(mutex_);
  if (const auto found = ids_.find(text); found != ids_.end()) {
    return found->second;
  }
  const std::uint32_t index = later_.append(text);
  const std::uint32_t id = base_.size() + index;
  ids_.emplace(later_.at(index), id);
  return id;
}

}  // namespace berth::cluster
