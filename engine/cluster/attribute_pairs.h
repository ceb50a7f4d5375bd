// Attributes as a caller gives them, with the numbers that the inventory has for their names and values.
//
// Thread rule: any thread; takes names and values in that are new. Lifetime: the result owns what it holds.
#pragma once

#include <span>
#include <vector>

#include "engine/cluster/inventory.h"
#include "engine/cluster/registration.h"

namespace berth::cluster {

// Ascending by name id, each once: of a name given twice the last value.
std::vector<AttributePair> pairs_of(Inventory& inventory, std::span<const LiveAttribute> attributes);

// Those of them that stand in sets, which is all but the wide ones.
std::vector<AttributePair> narrow_pairs(const Inventory& inventory, std::span<const AttributePair> pairs);

// Writes the wide ones, and kAttributeAbsent for those that are not given.
void write_wide(const Inventory& inventory, std::span<const AttributePair> pairs, Record& record);

}  // namespace berth::cluster
