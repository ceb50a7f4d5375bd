// The document calls: ECS JSON in, ECS JSON out. What the C ABI exposes under the same names, and what every binding and the command
// line use. Shapes are those of the AWS API; what Berth adds stands in one member named "berth" (engine/ecs/README.md lists it).
//
// The engine has no clock and no entropy: seed and time come in with the request, or by DocumentOptions.
//
// Thread rule: functions over immutable inputs, any thread. Lifetime: results own what they hold.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/progress.h"
#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

enum class Format : std::uint32_t { kJson = 1, kTable = 2 };

struct DocumentOptions {
  Format format = Format::kJson;
  std::uint64_t fresh_seed = 0;  // Taken when the request names no seed; reported in the answer either way.
  std::int64_t now_ms = 0;       // Unix milliseconds; taken when the request names no time.
  Progress* progress = nullptr;
};

// One document to import: a file, a page, or several JSON values one after another.
struct Document {
  std::string_view name;  // For errors: a path, "-" for standard input.
  std::string_view bytes;
};

struct Imported {
  SnapshotPtr snapshot;
  // {"instances": n, "tasks": n, "stoppedTasksLeftOut": n, "fargateTasksLeftOut": n, "tasksWithoutInstance": n, "duplicates": n,
  //  "otherClusters": n, "clusters": [...], "droppedFields": {"containerInstances[].tags": n, ...}, "warnings": ["...", ...]}
  std::string report;
};

// options_json: "" or {"cluster": "NAME or ARN", "tieSeed": n, "resources": ["NAME", ...], "format": "openb"}; the resources are own ones,
// which are taken from registeredResources and remainingResources. With "openb" the documents are node lists of Alibaba's openb cluster,
// which register none, and "cluster" names the cluster that the instances are of (default "openb").
// Errors: kInvalidArgument naming the document, the path of the member ("containerInstances[3].registeredResources[0].integerValue")
// or line and column for text that is no JSON, and the mend.
Result<Imported> import_documents(std::span<const Document> documents, std::string_view options_json, Executor& executor,
                                  const DocumentOptions& options);

// A realistic fleet. options_json: {"instances": n, "seed": s, "utilization": percent 0..95, "tasksPerInstance": n, "zones": 3..6,
// "resources": {"NAME": amount}}; all but instances may be absent (seed 1, utilization 60, tasksPerInstance 5, zones 3, no resources).
Result<SnapshotPtr> generate(std::string_view options_json, Executor& executor, const DocumentOptions& options);

// ListContainerInstances: {"filter": expr, "status": S}; answers {"containerInstanceArns": [...]}. Without a status every state but
// INACTIVE is listed.
Result<std::string> list_container_instances(const SnapshotPtr& snapshot, std::string_view request_json, Executor& executor,
                                             const DocumentOptions& options);

// DescribeContainerInstances: {"containerInstances": [id or ARN, ...]} (absent: all); answers {"containerInstances": [...],
// "failures": [{"arn", "reason": "MISSING"}]}. Every field that Berth keeps; engine/ecs/README.md lists those that it drops.
Result<std::string> describe_container_instances(const SnapshotPtr& snapshot, std::string_view request_json, Executor& executor,
                                                 const DocumentOptions& options);

// A summary of the snapshot: counts by status, zone and type, totals and remaining of each resource, tasks by group (largest first).
Result<std::string> inspect(const SnapshotPtr& snapshot, Executor& executor, const DocumentOptions& options);

struct RunAnswer {
  std::string document;  // {"tasks": [...], "failures": [...], "berth": {...}}
  SnapshotPtr next;      // The inventory after the decision; null unless it was asked for, or nothing was placed on an instance (Fargate).
};

// RunTask and StartTask: the request shapes of the API; "taskDefinition" holds the definition itself (an object), "berth" the rest.
Result<RunAnswer> run_task(const SnapshotPtr& snapshot, std::string_view request_json, bool want_next, Executor& executor,
                           const DocumentOptions& options);
Result<RunAnswer> start_task(const SnapshotPtr& snapshot, std::string_view request_json, bool want_next, Executor& executor,
                             const DocumentOptions& options);

// run_task's request; answers why tasks were not placed and what would have to change, and why placed ones went where they did.
Result<std::string> explain(const SnapshotPtr& snapshot, std::string_view request_json, Executor& executor, const DocumentOptions& options);

struct Simulation {
  std::string document;  // The summary: engine/ecs/README.md lists its members.
  std::string steps;     // CSV, a row for each step: engine/service/README.md lists the columns.
};

// Replays a trace (CSV, engine/service/README.md) on the snapshot. request_json: "" or {"placementConstraints", "placementStrategy",
// "departures", "compress", "until", "step", "inflate", "order", "seed"}. Errors name "trace", the line and the column, or the member.
Result<Simulation> simulate(const SnapshotPtr& snapshot, std::string_view trace, std::string_view request_json, Executor& executor,
                            const DocumentOptions& options);

// An expression against an inventory (null: syntax only): how many instances it, each conjunct and each leaf select, unknown
// attributes with the nearest known name, terms that match everything or nothing. A malformed expression is an Error, with offset.
Result<std::string> check_expression(const SnapshotPtr& snapshot, std::string_view expression, Executor& executor,
                                     const DocumentOptions& options);

}  // namespace berth::ecs
