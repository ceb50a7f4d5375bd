#include "engine/placement/attribute_column.h"

#include <algorithm>
#include <optional>

namespace berth::placement {

AttributeColumn::AttributeColumn(const Snapshot& snapshot, std::string_view name) : attribute_set_(snapshot.attribute_set()) {
  const std::optional<std::uint32_t> name_id = snapshot.attribute_names().find(name);
  if (name_id.has_value()) {
    for (const WideAttribute& wide : snapshot.wide_attributes()) {
      if (wide.name == *name_id) {
        wide_ = wide.values;
        return;
      }
    }
  }
  const std::uint32_t set_count = snapshot.attribute_set_count();
  by_set_.assign(set_count, kAttributeAbsent);
  if (!name_id.has_value()) {
    return;
  }
  for (std::uint32_t set = 0; set < set_count; ++set) {
    const std::span<const AttributePair> pairs = snapshot.attribute_set_pairs(set);
    const auto found = std::lower_bound(pairs.begin(), pairs.end(), *name_id,
                                        [](const AttributePair& pair, std::uint32_t wanted) { return pair.name < wanted; });
    if (found != pairs.end() && found->name == *name_id) {
      by_set_[set] = found->value;
    }
  }
}

}  // namespace berth::placement
