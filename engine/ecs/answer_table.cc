// Answers for people.

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/ecs/answer.h"
#include "engine/ecs/table.h"

namespace berth::ecs {
namespace {

std::string after_last_slash(const std::string& arn) {
  return arn.substr(arn.rfind('/') + 1);
}

bool are_of_several_clusters(const Answer& answer) {
  std::set<std::string> clusters;
  for (const AnsweredTask& task : answer.tasks) {
    clusters.insert(std::string(cluster_of_instance_arn(answer.facts->arn(*task.instance))));
  }
  return clusters.size() > 1;
}

std::string instance_tasks(const Answer& answer) {
  const InstanceFacts& facts = *answer.facts;
  const bool has_subnets = !answer.request->network.subnets.empty();
  const bool has_clusters = are_of_several_clusters(answer);
  Table table;
  table.column("TASK").column("INSTANCE").column("EC2 ID").column("TYPE").column("ZONE");
  if (has_clusters) {
    table.column("CLUSTER");
  }
  if (has_subnets) {
    table.column("SUBNET");
  }
  for (std::uint32_t k = 0; k < answer.tasks.size(); ++k) {
    const AnsweredTask& task = answer.tasks[k];
    std::vector<std::string> cells{task_id(answer.id_base, k), after_last_slash(facts.arn(*task.instance)),
                                   facts.ec2_instance_id(*task.instance),
                                   std::string(facts.attribute(*task.instance, "ecs.instance-type").value_or("")),
                                   std::string(facts.attribute(*task.instance, "ecs.availability-zone").value_or(""))};
    if (has_clusters) {
      cells.emplace_back(cluster_of_instance_arn(facts.arn(*task.instance)));
    }
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
  for (const std::string& note : answer.notes) {
    text += "NOTE: " + note + "\n";
  }
  if (!answer.tasks.empty()) {
    text += "\n" + (answer.request->is_fargate() ? fargate_tasks(answer) : instance_tasks(answer));
  }
  Table failures;
  failures.column("INSTANCES", Table::Align::kRight).column("NOT TAKEN BECAUSE");
  std::vector<std::size_t> order(answer.lost.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Most instances first, equal numbers in the order of the checks.
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return std::pair(answer.lost[b].second, a) < std::pair(answer.lost[a].second, b); });
  for (const std::size_t r : order) {
    failures.row({grouped_digits(static_cast<std::int64_t>(answer.lost[r].second)), answer.lost[r].first});
  }
  if (!failures.empty()) {
    text += "\n" + failures.render();
  } else if (answer.tasks.size() < answer.requested) {
    text += "\nNo instance was examined: none of the inventory is ACTIVE in the request's cluster.\n";
  }
  return text;
}

}  // namespace berth::ecs
