// Counting the tasks of a group over the whole inventory: once per group and index, for changes keep the count from then on.
//
// Thread rule: one thread at a time per `members`. Lifetime: pure functions.
#pragma once

#include "engine/cluster/group_members.h"
#include "engine/cluster/inventory.h"

namespace berth::cluster {

// The instance of a record as a member of the group.
GroupMembers::Member member_on(const Record& record, std::uint32_t group);

// Counts every task of the group anew.
void count_group(Inventory& inventory, std::uint32_t group, GroupMembers& members, WorkerSlot& self);

}  // namespace berth::cluster
