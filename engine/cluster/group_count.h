// The slots on which tasks of a group may be.
//
// Thread rule: any worker. Lifetime: the call.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/cluster/inventory.h"

namespace berth::cluster {

// Calls visit(slot) for every slot whose record may hold tasks of the group, some of them more than once; the record tells.
void for_each_slot_of_group(Inventory& inventory, std::uint32_t group, const std::function<void(std::uint32_t)>& visit);

}  // namespace berth::cluster
