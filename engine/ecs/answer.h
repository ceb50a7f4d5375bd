// Answer: the tasks and failures of one RunTask or StartTask call, before they are written as JSON, as a table, or into an inventory.
//
// Thread rule: a plain value; writing is a pure function. Lifetime: looks into the request, the snapshot and the decision it was made of,
// which must outlive it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/progress.h"
#include "engine/base/result.h"
#include "engine/ecs/instance_facts.h"
#include "engine/ecs/json_writer.h"
#include "engine/ecs/request.h"
#include "engine/ecs/request_arn.h"
#include "engine/parallel/executor.h"
#include "engine/placement/decision.h"
#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

struct AnsweredTask {
  std::optional<std::uint32_t> instance;  // nullopt on Fargate.
  std::span<const std::uint32_t> gpu_slots;
  std::optional<std::uint32_t> subnet;  // Index into the request's network.
  std::string_view capacity_provider;   // Empty: none.
  LaunchType launch_type = LaunchType::kEc2;
};

struct AnsweredFailure {
  std::string arn;
  std::string reason;
};

struct Answer {
  // Of a snapshot, which must outlive the answer.
  static Answer of_snapshot(const TaskRequest& request, const Snapshot& snapshot);

  const TaskRequest* request = nullptr;
  std::shared_ptr<const InstanceFacts> facts;
  const Snapshot* snapshot = nullptr;  // Null of an answer that a live cluster gave.
  std::uint64_t id_base = 0;           // What task ids are derived from, beside their index.
  std::vector<AnsweredTask> tasks;
  std::vector<AnsweredFailure> failures;
  // Failures per reason that occurred, before the bound, in the order of the checks; StartTask has MISSING in front.
  std::vector<std::pair<std::string, std::uint64_t>> lost;
  std::uint64_t failures_omitted = 0;
  std::uint32_t requested = 0;
  std::optional<std::uint32_t> examined = 0;  // nullopt: not counted.
  std::vector<std::string> notes;             // request_notes(); RunTask only.
};

// Task ids are 32 hexadecimal digits derived from (seed, request text, snapshot generation, index): the same call on the same inventory
// gives the same ids.
std::uint64_t task_id_base(std::uint64_t seed, std::string_view request_text, std::uint64_t generation);
std::string task_id(std::uint64_t id_base, std::uint32_t index);

// The names of an answer's tasks: every task knows where it lives and hence its ARN.
class TaskNames {
 public:
  explicit TaskNames(const Answer& answer);
  // Where task `index` lives; the reference is good until the next call.
  const ArnPlace& place(std::uint32_t index);
  std::string task_arn(std::uint32_t index);
  // As given with the definition, or made from its family and revision.
  std::string definition_arn(std::uint32_t index);

 private:
  const Answer& answer_;
  ArnPlace place_;
  std::string cluster_;  // Of the request, for ARNs that name none.
};

// Appends the tasks that a decision placed, each with its subnet.
void add_placed_tasks(Answer& answer, std::span<const placement::PlacedTask> placed);
// Deals subnets out to tasks on instances, one at a time: one in the instance's zone, of these the one with the fewest tasks of this
// request, then the first.
class SubnetDealer {
 public:
  explicit SubnetDealer(const Answer& answer);
  std::optional<std::uint32_t> deal(std::uint32_t instance);

 private:
  const Answer& answer_;
  std::vector<std::uint64_t> taken_;
};

// {"tasks": [...], "failures": [...], "berth": {...}} in the API's shapes.
std::string answer_json(const Answer& answer);
// The same for people: a line per task, then the failures by reason.
std::string answer_table(const Answer& answer);

// REQUIRES: answer.snapshot. The inventory after the answer: each task PENDING on its instance, with what it takes. null when no task is on
// an instance.
Result<SnapshotPtr> next_snapshot(const Answer& answer, Executor& executor, Progress* progress);

// Writes a parsed value as it stands in its document.
void write_value(JsonWriter& writer, simdjson::dom::element value);

// "1.5 GiB" style texts are not ECS's: amounts are printed in its own units. "2,048 CPU units", "512 MiB".
std::string cpu_text(std::int64_t units);
std::string memory_text(std::int64_t mib);

}  // namespace berth::ecs
