// AttributeColumn: one attribute as a column over instances, wherever the snapshot keeps it (in attribute sets, or one value each).
//
// Thread rule: immutable. Lifetime: at most that of the snapshot.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/snapshot/snapshot.h"

namespace berth::placement {

class AttributeColumn {
 public:
  AttributeColumn(const Snapshot& snapshot, std::string_view name);

  // A value id, kAttributeNameOnly or kAttributeAbsent.
  [[nodiscard]] std::uint32_t value(std::uint32_t instance) const {
    return wide_.empty() ? by_set_[attribute_set_[instance]] : wide_[instance];
  }
  // Wide: the value belongs to the instance. Otherwise it is the same for all instances of an attribute set.
  [[nodiscard]] bool is_wide() const { return !wide_.empty(); }
  // REQUIRES: !is_wide(). The value of each attribute set.
  [[nodiscard]] std::span<const std::uint32_t> by_set() const { return by_set_; }

 private:
  std::span<const std::uint32_t> attribute_set_;
  std::span<const std::uint32_t> wide_;
  std::vector<std::uint32_t> by_set_;
};

}  // namespace berth::placement
