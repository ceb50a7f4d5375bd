#include "engine/ecs/explain.h"

#include <algorithm>
#include <utility>

#include "engine/ecs/answer.h"
#include "engine/ecs/documents.h"
#include "engine/ecs/request_notes.h"
#include "engine/ecs/run_task.h"
#include "engine/ecs/table.h"
#include "engine/placement/reason.h"

namespace berth::ecs {
namespace {

using placement::Reason;
using placement::Relaxation;

// "256 MiB", "2 GPUs": an amount of what a resource check counts.
std::string amount_text(Reason resource, std::int64_t amount, const placement::Demand& demand) {
  switch (resource) {
    case Reason::kCpu:
      return cpu_text(amount);
    case Reason::kMemory:
      return memory_text(amount);
    case Reason::kPorts:
      return counted(static_cast<std::uint64_t>(amount), "conflicting port");
    case Reason::kGpu:
      return counted(static_cast<std::uint64_t>(amount), "GPU");
    case Reason::kEni:
      return counted(static_cast<std::uint64_t>(amount), "network interface");
    default:
      return is_own(resource) ? own_text(amount, demand.own[own_index(resource)].name) : grouped_digits(amount);
  }
}

std::string lowered(std::string_view less, std::int64_t need, std::int64_t amount) {
  return "with " + std::string(less) + " less (" + grouped_digits(need - amount) + " instead of " + grouped_digits(need) + ")";
}

// The leaves of all expressions in the order of the explanation's.
std::vector<std::optional<AttributeAdvice>> advise_on_leaves(const TaskRequest& request, const Snapshot& snapshot,
                                                             const std::vector<placement::TermCount>& leaves) {
  std::vector<std::optional<AttributeAdvice>> advice;
  for (const placement::MemberOf& member_of : request.placement.member_of) {
    for (std::uint32_t leaf = 0; leaf < member_of.program->leaf_count(); ++leaf) {
      const placement::TermCount& count = leaves[advice.size()];
      advice.push_back(advise_on_leaf(snapshot, *member_of.program, leaf, count.selected == 0 && count.failed > 0));
    }
  }
  return advice;
}

}  // namespace

std::string own_text(std::int64_t amount, std::string_view name) {
  return grouped_digits(amount) + " of " + std::string(name);
}

std::string shortfall_text(const placement::Shortfall& shortfall, const placement::Demand& demand) {
  const std::string who = counted(shortfall.instances, "instance");
  if (shortfall.resource == Reason::kPorts) {
    return who + " with " + (shortfall.least == shortfall.most ? "" : "up to ") + amount_text(Reason::kPorts, shortfall.most, demand);
  }
  const std::string most = amount_text(shortfall.resource, shortfall.most, demand);
  if (shortfall.least == shortfall.most) {
    return who + " short by " + most;
  }
  return who + " short by at most " + most + " (the nearest by " + amount_text(shortfall.resource, shortfall.least, demand) + ")";
}

std::string relaxed_change(const Relaxation& relaxation, const placement::Demand& demand) {
  switch (relaxation.kind) {
    case Relaxation::Kind::kDropConstraint:
      return "without `" + relaxation.what + "` (" + relaxation.origin + ")";
    case Relaxation::Kind::kDropDistinctInstance:
      return "without distinctInstance";
    case Relaxation::Kind::kLowerCpu:
      return lowered(cpu_text(relaxation.amount), demand.cpu_units, relaxation.amount);
    case Relaxation::Kind::kLowerMemory:
      return lowered(memory_text(relaxation.amount), demand.memory_mib, relaxation.amount);
    case Relaxation::Kind::kDropPort:
      return "without host port " + relaxation.what;
    case Relaxation::Kind::kDropAttribute:
      return "without required attribute " + relaxation.what;
    case Relaxation::Kind::kLowerGpu:
      return lowered(counted(static_cast<std::uint64_t>(relaxation.amount), "GPU"), demand.gpu_count, relaxation.amount);
    case Relaxation::Kind::kDropEni:
      return "without a network interface of its own (another networkMode than awsvpc)";
    case Relaxation::Kind::kLowerOwn: {
      const auto own = std::find_if(demand.own.begin(), demand.own.end(), [&](const auto& each) { return each.name == relaxation.what; });
      return lowered(own_text(relaxation.amount, relaxation.what), own->amount, relaxation.amount);
    }
  }
  return "";
}

std::string relaxation_text(const Relaxation& relaxation, const placement::Demand& demand) {
  return relaxed_change(relaxation, demand) + ": " + counted(relaxation.instances, "instance") + " would fit";
}

std::string instance_text(const Snapshot& snapshot, std::uint32_t instance) {
  std::string text = snapshot.ec2_instance_ids().text(instance);
  if (text.empty()) {
    const std::string arn = snapshot.instance_arns().text(instance);
    text = arn.substr(arn.rfind('/') + 1);
  }
  std::string what;
  for (const std::string_view name : {"ecs.instance-type", "ecs.availability-zone"}) {
    const std::string_view value = snapshot.attribute_text(instance, name).value_or("");
    what += (what.empty() || value.empty() ? "" : ", ") + std::string(value);
  }
  return what.empty() ? text : text + " (" + what + ")";
}

std::string demand_text(const TaskRequest& request) {
  const placement::Demand& demand = request.placement.demand;
  std::string text = cpu_text(demand.cpu_units) + ", " + memory_text(demand.memory_mib);
  if (demand.gpu_count > 0) {
    text += ", " + counted(demand.gpu_count, "GPU");
  }
  for (const placement::OwnDemand& own : demand.own) {
    text += ", " + own_text(own.amount, own.name);
  }
  const auto add_ports = [&](const std::vector<std::uint16_t>& ports, std::string_view protocol) {
    constexpr std::size_t kPortsShown = 4;
    for (std::size_t i = 0; i < std::min(ports.size(), kPortsShown); ++i) {
      text += ", host port " + std::to_string(ports[i]) + "/" + std::string(protocol);
    }
    if (ports.size() > kPortsShown) {
      text += " and " + std::to_string(ports.size() - kPortsShown) + " more";
    }
  };
  add_ports(demand.tcp_ports, "tcp");
  add_ports(demand.udp_ports, "udp");
  if (demand.uses_eni) {
    text += ", a network interface";
    for (std::size_t z = 0; z < request.placement.zones.size(); ++z) {
      text += (z == 0 ? " in " : " or ") + request.placement.zones[z];
    }
  }
  return text;
}

Result<std::string> explain(const SnapshotPtr& snapshot, std::string_view request_json, Executor& executor,
                            const DocumentOptions& options) {
  Result<JsonDocument> document = JsonDocument::parse(kRequestSource, request_json);
  if (!document.ok()) {
    return std::move(document).error();
  }
  Result<TaskRequest> request = read_run_task(document->root(), *snapshot, options);
  if (!request.ok()) {
    return std::move(request).error();
  }
  const bool is_table = options.format == Format::kTable;
  if (request->is_fargate()) {
    return is_table ? fargate_explanation_text(*request) : fargate_explanation_json(*request);
  }
  placement::ExplainOptions explaining;
  explaining.decide = {request->berth.failures_max, options.progress};
  explaining.why_here_max = request->berth.why_here_max;
  Result<placement::Explanation> explanation = placement::explain(snapshot, request->placement, executor, explaining);
  if (!explanation.ok()) {
    return std::move(explanation).error();
  }
  Explained explained;
  explained.closest_lack = closest_lack(*request, snapshot, *explanation, executor);
  explained.leaf_advice = advise_on_leaves(*request, *snapshot, explanation->leaves);
  explained.notes = request_notes(*request, *snapshot);
  explained.mends = find_mends(*request, *snapshot, *explanation);
  explained.explanation = *std::move(explanation);
  return is_table ? explanation_text(*request, *snapshot, explained) : explanation_json(*request, *snapshot, explained);
}

}  // namespace berth::ecs
