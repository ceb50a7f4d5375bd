// What to tell beside the answer to a request that is right and most likely not what was meant.
//
// Thread rule: pure functions.
#pragma once

#include <string>
#include <vector>

#include "engine/ecs/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

// One sentence each: several clusters and none named, a capacity provider or an attribute to spread over that no instance has. Nothing
// for Fargate.
std::vector<std::string> request_notes(const TaskRequest& request, const Snapshot& snapshot);

}  // namespace berth::ecs
