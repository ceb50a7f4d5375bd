// The document calls on a live cluster: ECS JSON in, ECS JSON out, and what they decide is committed.
//
// Thread rule: any thread, each with a Worker of its own. Lifetime: results own what they hold.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/stop_signal.h"
#include "engine/cluster/cluster.h"
#include "engine/ecs/documents.h"

namespace berth::ecs {

struct LiveCall {
  cluster::Cluster& cluster;
  cluster::Worker& worker;
  std::uint64_t id_base;  // Tasks' ids are made of it; of no other call.
  const StopSignal& stop;
  // The class of a request.
  std::function<Result<cluster::RequestClass*>(const placement::Request&)> prepare;
};

struct LiveAnswer {
  std::string document;
  std::uint64_t placed = 0;
  std::uint64_t not_placed = 0;
};

// RunTask. As run_task() answers, but for `berth.examined`, which is there only when some task found no place, and for notes on the
// inventory; tasks that were not tried any more when `stop` said so are told in a note. Errors: those of run_task(); what `stop` said, with
// an empty message, before anything was placed.
Result<LiveAnswer> run_task(const LiveCall& call, std::string_view request_json, const DocumentOptions& options);

// StopTask: {"task": ID or ARN, "reason": TEXT, "cluster": NAME}; answers {"task": {...}}.
Result<std::string> stop_task(const LiveCall& call, std::string_view request_json, const DocumentOptions& options);

}  // namespace berth::ecs
