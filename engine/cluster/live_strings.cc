#include "engine/cluster/live_strings.h"

#include "engine/base/hash.h"

namespace berth::cluster {
namespace {

constexpr std::uint64_t kTextSeed = 0x7465787473ULL;

}  // namespace

std::optional<std::uint32_t> LiveStrings::find_later(std::uint64_t hash, std::string_view text) const {
  const auto index = ids_.find(hash, [&](std::uint32_t other) { return later_.at(other) == text; });
  return index.has_value() ? std::optional(base_.size() + *index) : std::nullopt;
}

std::optional<std::uint32_t> LiveStrings::find(std::string_view text) const {
  if (const auto id = base_.find(text); id.has_value()) {
    return id;
  }
  return find_later(hash_bytes(kTextSeed, text), text);
}

std::uint32_t LiveStrings::intern(std::string_view text) {
  if (const auto id = find(text); id.has_value()) {
    return *id;
  }
  const std::uint64_t hash = hash_bytes(kTextSeed, text);
  const std::lock_guard lock(mutex_);
  if (const auto id = find_later(hash, text); id.has_value()) {
    return *id;
  }
  const std::uint32_t index = later_.append(text);
  ids_.put(hash, index, [&](std::uint32_t other) { return later_.at(other) == text; });
  return base_.size() + index;
}

}  // namespace berth::cluster
