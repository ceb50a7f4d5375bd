// The ARNs of a live cluster's tasks.
//
// Thread rule: any thread that keeps the task's record protected. Lifetime: a pure function.
#pragma once

#include <string>

#include "engine/cluster/inventory.h"

namespace berth::cluster {

// As the snapshot has it, or "arn:...:task/CLUSTER/" and the id that the task was given here.
std::string task_arn(Inventory& inventory, std::uint32_t task, const std::string& instance_arn);
// The latter alone.
std::string task_arn(IdTail id, const std::string& instance_arn);

}  // namespace berth::cluster
