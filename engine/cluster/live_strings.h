// LiveStrings: a dictionary that begins with a snapshot's and grows. Ids of the snapshot keep their meaning; new strings get the next
// ones.
//
// Thread rule: any thread. at() and finding take no lock; only a string that nobody has interned before is appended under a mutex.
// Lifetime: at most that of the snapshot.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/cluster/live_index.h"
#include "engine/cluster/stable_vector.h"
#include "engine/snapshot/string_table.h"

namespace berth::cluster {

class LiveStrings {
 public:
  explicit LiveStrings(StringTable base) : base_(base) {}

  // REQUIRES: id was given by this dictionary.
  [[nodiscard]] std::string_view at(std::uint32_t id) const { return id < base_.size() ? base_.at(id) : later_.at(id - base_.size()); }
  [[nodiscard]] std::uint32_t base_size() const { return base_.size(); }
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text) const;
  std::uint32_t intern(std::string_view text);

 private:
  StringTable base_;
  StableVector<std::string> later_;
  [[nodiscard]] std::optional<std::uint32_t> find_later(std::uint64_t hash, std::string_view text) const;
  std::mutex mutex_;
  LiveIndex ids_;  // Of later_.
};

}  // namespace berth::cluster
