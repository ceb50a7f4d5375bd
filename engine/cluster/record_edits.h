// What tasks and attributes do to the record of their instance: the arithmetic that a live cluster's workers and its forks share.
//
// Each writes to a record that nobody else sees yet; the caller moves the tasks themselves, and works the words out anew afterwards.
//
// Thread rule: pure functions of a record that one thread builds. Lifetime: the call.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/cluster/inventory.h"
#include "engine/cluster/record.h"

namespace berth::cluster {

// The lowest free GPUs that a task takes; fewer than it asks for when there are not so many.
std::uint64_t lowest_gpus(const Record& record, std::uint32_t count);

// The task has come: what it holds is taken, whether or not so much remains.
void take(const Inventory& inventory, Record& record, const LiveTask& task, std::uint64_t gpu_mask);
// The task has left; `freed_gpus`: those of its GPUs that no other task has.
void give_back(const Inventory& inventory, Record& record, const LiveTask& gone, std::uint64_t freed_gpus);
// After a change of the task: counts it where it counts now, if that is another place than before (`counted`).
void recount(Record& record, const LiveTask& task, bool counted);

// The attribute set in which the attribute has the value (kAttributeAbsent: in which it is not) and which is `set` otherwise.
// REQUIRES: it has another value in `set`, and is not wide. Errors: kLimitExceeded.
Result<std::uint32_t> set_with(Inventory& inventory, std::uint32_t set, std::uint32_t name, std::uint32_t value);

}  // namespace berth::cluster
