// StartTask: the caller names the instances, Berth checks whether they can take the task.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/ecs/documents.h"
#include "engine/ecs/request_arn.h"
#include "engine/ecs/run_task.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kMissing = "MISSING";

// What became of one named instance.
struct Named {
  std::string_view given;
  std::optional<std::uint32_t> instance;  // nullopt: missing.
  bool is_external = false;
  const placement::PlacedTask* placed = nullptr;
  placement::Reason reason = placement::Reason::kNone;
};

std::vector<Named> find_instances(const TaskRequest& request, const Snapshot& snapshot) {
  std::vector<Named> named;
  for (const std::string_view given : request.instances) {
    Named entry;
    entry.given = given;
    entry.instance = snapshot.find_instance(given);
    if (entry.instance.has_value()) {
      if (!may_be_of_cluster(snapshot.instance_arns().text(*entry.instance), request.placement)) {
        entry.instance.reset();
      } else {
        entry.is_external = snapshot.attribute_text(*entry.instance, "ecs.capability.external").has_value();
      }
    }
    named.push_back(entry);
  }
  return named;
}

// Decides the named instances of one kind. A StartTask request names no launch type: each instance is asked for a task of its own kind.
Result<placement::Decision> decide_kind(const SnapshotPtr& snapshot, const TaskRequest& request, bool is_external,
                                        const std::vector<Named>& named) {
  std::vector<std::uint32_t> instances;
  for (const Named& entry : named) {
    if (entry.instance.has_value() && entry.is_external == is_external) {
      instances.push_back(*entry.instance);
    }
  }
  placement::Request asked = request.placement;
  asked.launch_type = is_external ? LaunchType::kExternal : LaunchType::kEc2;
  asked.count = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(instances.size()));
  if (instances.empty()) {
    return placement::Decision{};
  }
  return placement::start(snapshot, asked, instances);
}

// Deals the decision out to the entries. Both of its lists are in the order of the entries; an instance named twice is placed first and
// refused later, never the other way round, so a match in `placed` stands before one in `failures`.
void deal_out(const placement::Decision& decision, bool is_external, std::vector<Named>& named) {
  std::size_t placed = 0;
  std::size_t failed = 0;
  for (Named& entry : named) {
    if (!entry.instance.has_value() || entry.is_external != is_external) {
      continue;
    }
    if (placed < decision.placed.size() && decision.placed[placed].instance == *entry.instance) {
      entry.placed = &decision.placed[placed++];
    } else if (failed < decision.failures.size()) {
      entry.reason = decision.failures[failed++].reason;
    }
  }
}

std::string missing_arn(std::string_view given, const TaskRequest& request, const Snapshot& snapshot) {
  if (given.starts_with("arn:") || snapshot.instance_count() == 0) {
    return std::string(given);
  }
  ArnPlace place = place_of_instance(snapshot.instance_arns().text(0), request.placement.cluster.value_or(""));
  if (!request.placement.cluster_home.empty()) {
    place = {request.placement.cluster_home + ":", *request.placement.cluster};
  }
  return place.home + "container-instance/" + (place.cluster.empty() ? "" : place.cluster + "/") + std::string(given);
}

Answer start_answer(const TaskRequest& request, const Snapshot& snapshot, const std::vector<Named>& named, std::string_view request_text) {
  Answer answer = Answer::of_snapshot(request, snapshot);
  answer.id_base = task_id_base(request.berth.seed, request_text, snapshot.generation());
  answer.requested = static_cast<std::uint32_t>(named.size());
  std::uint32_t examined = 0;
  std::array<std::uint64_t, placement::kReasonCount> lost{};  // The place of kNone stands for MISSING.
  for (const Named& entry : named) {
    examined += entry.instance.has_value() ? 1U : 0U;
    if (entry.placed != nullptr) {
      add_placed_tasks(answer, {entry.placed, 1});
      answer.tasks.back().launch_type = entry.is_external ? LaunchType::kExternal : LaunchType::kEc2;
      continue;
    }
    ++lost[entry.instance.has_value() ? static_cast<std::size_t>(entry.reason) : 0];
    if (answer.failures.size() < request.berth.failures_max) {
      answer.failures.push_back(
          {entry.instance.has_value() ? snapshot.instance_arns().text(*entry.instance) : missing_arn(entry.given, request, snapshot),
           entry.instance.has_value() ? reason_text(entry.reason, request.placement.demand) : std::string(kMissing)});
    } else {
      ++answer.failures_omitted;
    }
  }
  answer.examined = examined;
  if (lost[0] > 0) {
    answer.lost.emplace_back(kMissing, lost[0]);
  }
  for (const placement::Reason reason : placement::kCheckOrder) {
    if (const std::uint64_t count = lost[static_cast<std::size_t>(reason)]; count > 0) {
      answer.lost.emplace_back(reason_text(reason, request.placement.demand), count);
    }
  }
  return answer;
}

}  // namespace

Result<RunAnswer> start_task(const SnapshotPtr& snapshot, std::string_view request_json, bool want_next, Executor& executor,
                             const DocumentOptions& options) {
  Result<JsonDocument> document = JsonDocument::parse(kRequestSource, request_json);
  if (!document.ok()) {
    return std::move(document).error();
  }
  Result<TaskRequest> request = read_start_task(document->root(), *snapshot, options);
  if (!request.ok()) {
    return std::move(request).error();
  }
  std::vector<Named> named = find_instances(*request, *snapshot);
  std::vector<placement::Decision> decisions;
  decisions.reserve(2);
  for (const bool is_external : {false, true}) {
    Result<placement::Decision> decision = decide_kind(snapshot, *request, is_external, named);
    if (!decision.ok()) {
      return std::move(decision).error();
    }
    decisions.push_back(*std::move(decision));
    deal_out(decisions.back(), is_external, named);
  }
  return finish_answer(start_answer(*request, *snapshot, named, request_json), want_next, executor, options);
}

}  // namespace berth::ecs
