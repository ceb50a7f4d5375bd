// Answers for people.

#include <algorithm>
#include <string>

#include "engine/ecs/answer.h"
#include "engine/ecs/table.h"

namespace berth::ecs {
namespace {

std::string after_last_slash(const std::string& arn) {
  return arn.substr(arn.rfind('/') + 1);
}

std::string instance_tasks(const Answer& answer) {
  const Snapshot& snapshot = *answer.snapshot;
  const bool has_subnets = !answer.request->network.subnets.empty();
  Table table;
  table.column("TASK").column("INSTANCE").column("EC2 ID").column("TYPE").column("ZONE");
  if (has_subnets) {
    table.column("SUBNET");
  }
  for (std::uint32_t k = 0; k < answer.tasks.size(); ++k) {
    const AnsweredTask& task = answer.tasks[k];
    std::vector<std::string> cells{task_id(answer.id_base, k), after_last_slash(snapshot.instance_arns().text(*task.instance)),
                                   snapshot.ec2_instance_ids().text(*task.instance),
                                   std::string(snapshot.attribute_text(*task.instance, "ecs.instance-type").value_or("")),
                                   std::string(snapshot.attribute_text(*task.instance, "ecs.availability-zone").value_or(""))};
    if (has_subnets) {
      cells.push_back(task.subnet.has_value() ? answer.request->network.subnets[*task.subnet].id : "");
    }
    table.row(std::move(cells));
  }
  return table.render();
}

std::string fargate_tasks(const Answer& answer) {
  Table table;
  table.column("TASK").column("PROVIDER").column("ZONE").column("SUBNET");
  for (std::uint32_t k = 0; k < answer.tasks.size(); ++k) {
    const AnsweredTask& task = answer.tasks[k];
    const Subnet& subnet = answer.request->network.subnets[*task.subnet];
    table.row({task_id(answer.id_base, k), std::string(task.capacity_provider.empty() ? "FARGATE" : task.capacity_provider), subnet.zone,
               subnet.id});
  }
  return table.render();
}

}  // namespace

std::string answer_table(const Answer& answer) {
  std::string text = "Placed " + grouped_digits(static_cast<std::int64_t>(answer.tasks.size())) + " of " +
                     grouped_digits(answer.requested) + (answer.requested == 1 ? " task" : " tasks") + " of group " +
                     answer.request->placement.group + " (seed " + std::to_string(answer.request->berth.seed) + ").\n";
  if (!answer.tasks.empty()) {
    text += "\n" + (answer.request->is_fargate() ? fargate_tasks(answer) : instance_tasks(answer));
  }
  Table failures;
  failures.column("INSTANCES", Table::Align::kRight).column("NOT TAKEN BECAUSE");
  auto lost = answer.lost;
  std::stable_sort(lost.begin(), lost.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [reason, count] : lost) {
    if (count > 0) {
      failures.row({grouped_digits(static_cast<std::int64_t>(count)), std::string(reason)});
    }
  }
  if (!failures.empty()) {
    text += "\n" + failures.render();
  } else if (answer.tasks.size() < answer.requested) {
    text += "\nNo instance was examined: none of the inventory is ACTIVE in the request's cluster.\n";
  }
  return text;
}

}  // namespace berth::ecs
