#include <array>
#include <string>
#include <utility>

#include "engine/ecs/json_writer.h"
#include "engine/ecs/live_documents.h"
#include "engine/ecs/request.h"
#include "engine/ecs/request_arn.h"
#include "engine/ecs/request_members.h"
#include "engine/ecs/request_shape.h"
#include "engine/ecs/run_task.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kInvalidParameter = "InvalidParameterException";
constexpr std::array kMembers{text_member("cluster"), required(text_member("task")), text_member("reason")};
constexpr Shape kStopTask{"StopTask", kMembers};

// Members of which nothing is known (the definition of a task that was placed by a live cluster) are left out.
std::string task_json(const cluster::Inventory& inventory, const cluster::Worker::TaskFacts& task, std::string_view cluster,
                      std::string_view reason) {
  const auto text = [&](std::uint32_t id) { return id == kNoId ? std::string_view() : inventory.texts.at(id); };
  JsonWriter out;
  const auto member = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) {
      out.member(name, value);
    }
  };
  const std::string instance_arn = inventory.arn(task.identity);
  out.begin_object().key("task").begin_object();
  member("capacityProviderName", text(task.shape.capacity_provider));
  out.member("clusterArn", place_of_instance(instance_arn, cluster).cluster_arn());
  out.member("containerInstanceArn", instance_arn);
  out.member("cpu", std::to_string(task.shape.cpu_units));
  out.member("desiredStatus", to_text(task.state.desired_status));
  out.member("group", inventory.groups.at(task.shape.group));
  out.member("healthStatus", to_text(task.state.health));
  out.member("lastStatus", to_text(task.state.last_status));
  out.member("launchType", to_text(task.shape.launch_type));
  out.member("memory", std::to_string(task.shape.memory_mib));
  member("startedBy", text(task.shape.started_by));
  out.member("stopCode", "UserInitiated");
  member("stoppedReason", reason);
  out.member("taskArn", task.arn);
  member("taskDefinitionArn", text(task.shape.task_definition));
  out.member_integer("version", task.state.version);
  out.end_object().end_object();
  return out.take();
}

}  // namespace

Result<std::string> stop_task(const LiveCall& call, std::string_view request_json, const DocumentOptions& /*options*/) {
  const Result<JsonDocument> document = JsonDocument::parse(kRequestSource, request_json);
  if (!document.ok()) {
    return document.error();
  }
  const JsonValue root = document->root();
  if (Outcome checked = check_shape(root, kStopTask, kInvalidParameter); !checked) {
    return std::move(checked).error();
  }
  const cluster::Inventory& inventory = call.cluster.inventory();
  placement::Request where;
  if (Outcome checked = read_cluster(root, inventory.base(), where); !checked) {
    return std::move(checked).error();
  }
  const JsonValue named = *root.member("task");
  const std::string_view arn = *named.string();
  const auto not_found = [&] {
    return named.error("The referenced task was not found: \"" + std::string(arn) + "\"; give the id or the ARN of a task of the cluster",
                       kInvalidParameter);
  };
  const std::optional<cluster::KnownTask> known = call.worker.find_task(arn);
  if (!known.has_value()) {
    return not_found();
  }
  const std::optional<cluster::Worker::TaskFacts> before = call.worker.task_facts(known->task);
  if (!before.has_value() || !may_be_of_cluster(inventory.arn(before->identity), where)) {
    return not_found();
  }
  const StatusCode status = call.worker.stop(known->task);
  if (status == StatusCode::kOutOfMemory) {
    return Error{.code = status, .message = "no memory for another record"};
  }
  if (status != StatusCode::kOk) {
    return not_found();
  }
  // What it is now; when it has left since, what it was, but stopped.
  cluster::Worker::TaskFacts stopped = call.worker.task_facts(known->task).value_or(*before);
  stopped.state.desired_status = TaskStatus::kStopped;
  return task_json(inventory, stopped, where.cluster.value_or(""), text_of(root, "reason"));
}

}  // namespace berth::ecs
