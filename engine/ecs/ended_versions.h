// EndedVersions: the versions at which tasks and container instances ended, so that an older event of one that comes late does not bring
// it back. Holds so many and no more: the ones that ended first are forgotten first.
//
// Names are kept as 128 bits of hash. Thread rule: one thread. Lifetime: owns what it holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "engine/base/hash.h"

namespace berth::ecs {

class EndedVersions {
 public:
  explicit EndedVersions(std::size_t count_max) : count_max_(count_max) {}

  // Of a name that is there already the greater version stays.
  void put(std::string_view arn, std::uint64_t version) {
    if (count_max_ == 0) {
      return;
    }
    const auto [at, is_new] = versions_.try_emplace(key_of(arn), version);
    if (!is_new) {
      at->second = version > at->second ? version : at->second;
      return;
    }
    order_.push_back(at->first);
    if (order_.size() > count_max_) {
      versions_.erase(order_.front());
      order_.pop_front();
    }
  }

  [[nodiscard]] std::optional<std::uint64_t> find(std::string_view arn) const {
    const auto at = versions_.find(key_of(arn));
    return at == versions_.end() ? std::nullopt : std::optional(at->second);
  }

  [[nodiscard]] std::size_t size() const { return order_.size(); }

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  struct Hash {
    std::size_t operator()(const Key& key) const { return static_cast<std::size_t>(key.first); }
  };
  static Key key_of(std::string_view arn) { return {hash_bytes(0x656E646564ULL, arn), hash_bytes(0x6172726E73ULL, arn)}; }

  std::size_t count_max_;
  std::unordered_map<Key, std::uint64_t, Hash> versions_;
  std::deque<Key> order_;  // As they ended.
};

}  // namespace berth::ecs
