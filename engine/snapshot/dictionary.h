// A sorted dictionary made of those strings of an Interner that are in use, and the way from the interner's ids to the sorted ones.
//
// Thread rule: built by one thread, then immutable. Lifetime: refers to the interner.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/parallel/executor.h"
#include "engine/snapshot/interner.h"
#include "engine/snapshot/snapshot.h"

namespace berth {

class Dictionary {
 public:
  Dictionary() = default;
  // Keeps the ids whose entry in `used` is not 0. REQUIRES: used.size() == strings.size().
  Dictionary(const Interner& strings, const std::vector<std::uint8_t>& used, Executor& executor);

  // The interner's ids in ascending order of their text.
  [[nodiscard]] const std::vector<std::uint32_t>& order() const { return order_; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(order_.size()); }
  // Ids that are no interner's, such as kNoId and kAttributeNameOnly, are kept.
  [[nodiscard]] std::uint32_t rank(std::uint32_t id) const { return id < ranks_.size() ? ranks_[id] : id; }
  [[nodiscard]] const Interner& strings() const { return *strings_; }

 private:
  const Interner* strings_ = nullptr;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> ranks_;  // kNoId where not in use.
};

}  // namespace berth
