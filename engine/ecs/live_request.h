// What a live cluster makes of a RunTask request: the part that decides where a task may run.
//
// Thread rule: pure function. Lifetime: the result owns what it holds.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/ecs/documents.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

// `base`: the snapshot that the cluster began with, which names the clusters that there are. Errors: those of run_task(); kUnsupported for
// Fargate, whose tasks are on no instance.
Result<placement::Request> read_live_request(std::string_view request_json, const Snapshot& base, const DocumentOptions& options);

}  // namespace berth::ecs
