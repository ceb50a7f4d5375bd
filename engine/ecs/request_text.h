// Requests of the document calls as text: what list, describe and check share.
//
// Thread rule: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/ecs/json.h"
#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

// Parses a request, "" as {}, and refuses members that are none of `known`.
Result<JsonDocument> parse_request(std::string_view call, std::string_view json, std::span<const std::string_view> known);

// Tasks whose desired status is RUNNING when the snapshot has tasks, else what the instance itself reported (rule D4).
std::uint32_t running_tasks_of(const Snapshot& snapshot, std::uint32_t instance);

}  // namespace berth::ecs
