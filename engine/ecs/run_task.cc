#include "engine/ecs/run_task.h"

#include <utility>

#include "engine/ecs/request_notes.h"
#include "engine/placement/reason.h"

namespace berth::ecs {

Answer answer_of(const TaskRequest& request, const Snapshot& snapshot, const placement::Decision& decision, std::string_view request_text) {
  Answer answer = Answer::of_snapshot(request, snapshot);
  answer.id_base = task_id_base(request.berth.seed, request_text, snapshot.generation());
  answer.requested = decision.requested;
  answer.examined = decision.examined;
  answer.notes = request_notes(request, snapshot);
  answer.failures_omitted = decision.failure_count - decision.failures.size();
  add_placed_tasks(answer, decision.placed);
  answer.failures.reserve(decision.failures.size());
  for (const placement::InstanceFailure& failure : decision.failures) {
    answer.failures.push_back({snapshot.instance_arns().text(failure.instance), reason_text(failure.reason, request.placement.demand)});
  }
  for (const placement::Reason reason : placement::kCheckOrder) {
    if (const std::uint64_t lost = decision.lost[static_cast<std::size_t>(reason)]; lost > 0) {
      answer.lost.emplace_back(reason_text(reason, request.placement.demand), lost);
    }
  }
  return answer;
}

Answer fargate_answer(const TaskRequest& request, const Snapshot& snapshot, std::string_view request_text) {
  Answer answer = Answer::of_snapshot(request, snapshot);
  answer.id_base = task_id_base(request.berth.seed, request_text, snapshot.generation());
  answer.requested = request.placement.count;
  for (const FargatePlace& place : spread_fargate(request.placement.count, request.fargate_providers, request.network)) {
    AnsweredTask task;
    task.subnet = place.subnet;
    task.capacity_provider = request.fargate_providers[place.provider].name;
    task.launch_type = LaunchType::kFargate;
    answer.tasks.push_back(task);
  }
  return answer;
}

Result<RunAnswer> finish_answer(const Answer& answer, bool want_next, Executor& executor, const DocumentOptions& options) {
  RunAnswer result;
  if (want_next) {
    Result<SnapshotPtr> next = next_snapshot(answer, executor, options.progress);
    if (!next.ok()) {
      return std::move(next).error();
    }
    result.next = *std::move(next);
  }
  result.document = options.format == Format::kTable ? answer_table(answer) : answer_json(answer);
  return result;
}

Result<RunAnswer> run_task(const SnapshotPtr& snapshot, std::string_view request_json, bool want_next, Executor& executor,
                           const DocumentOptions& options) {
  Result<JsonDocument> document = JsonDocument::parse(kRequestSource, request_json);
  if (!document.ok()) {
    return std::move(document).error();
  }
  Result<TaskRequest> request = read_run_task(document->root(), *snapshot, options);
  if (!request.ok()) {
    return std::move(request).error();
  }
  if (request->is_fargate()) {
    return finish_answer(fargate_answer(*request, *snapshot, request_json), want_next, executor, options);
  }
  Result<placement::Decision> decision =
      placement::decide(snapshot, request->placement, executor, {request->berth.failures_max, options.progress});
  if (!decision.ok()) {
    return std::move(decision).error();
  }
  return finish_answer(answer_of(*request, *snapshot, *decision, request_json), want_next, executor, options);
}

}  // namespace berth::ecs
