#include "engine/cluster/attribute_pairs.h"

#include <algorithm>

namespace berth::cluster {

std::vector<AttributePair> pairs_of(Inventory& inventory, std::span<const LiveAttribute> attributes) {
  std::vector<AttributePair> pairs;
  for (const LiveAttribute& attribute : attributes) {
    const std::uint32_t name = inventory.names.intern(attribute.name);
    const std::uint32_t value = attribute.value.has_value() ? inventory.values.intern(*attribute.value) : kAttributeNameOnly;
    const auto at =
        std::lower_bound(pairs.begin(), pairs.end(), name, [](const AttributePair& pair, std::uint32_t id) { return pair.name < id; });
    if (at != pairs.end() && at->name == name) {
      at->value = value;
    } else {
      pairs.insert(at, {name, value});
    }
  }
  return pairs;
}

std::vector<AttributePair> narrow_pairs(const Inventory& inventory, std::span<const AttributePair> pairs) {
  std::vector<AttributePair> narrow(pairs.begin(), pairs.end());
  std::erase_if(narrow, [&](const AttributePair& pair) { return inventory.wide_index(pair.name).has_value(); });
  return narrow;
}

void write_wide(const Inventory& inventory, std::span<const AttributePair> pairs, Record& record) {
  const auto wide_values = record.wide_values().first(inventory.wide_count());
  std::fill(wide_values.begin(), wide_values.end(), kAttributeAbsent);
  for (const AttributePair& pair : pairs) {
    if (const auto wide = inventory.wide_index(pair.name); wide.has_value()) {
      wide_values[*wide] = pair.value;
    }
  }
}

}  // namespace berth::cluster
