// LiveStrings: a dictionary that begins with a snapshot's and grows. Ids of the snapshot keep their meaning; new strings get the next
// ones.
//
// Thread rule: any thread. at() and finding a string of the snapshot take no lock; a string that came later is looked up under a mutex,
// which only requests and attributes that are seen for the first time need. Lifetime: at most that of the snapshot.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

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
  mutable std::mutex mutex_;
  std::unordered_map<std::string_view, std::uint32_t> ids_;  // Of later_; the keys are its strings.
};

}  // namespace berth::cluster
