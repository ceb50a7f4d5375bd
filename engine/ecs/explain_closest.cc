// What the closest instance lacks, by name: the port that is taken, the attribute, zone or term that does not hold.

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "engine/ecs/answer.h"
#include "engine/ecs/explain.h"
#include "engine/ecs/table.h"
#include "engine/query/program.h"

namespace berth::ecs {
namespace {

using placement::Reason;

constexpr std::string_view kZone = "ecs.availability-zone";

std::string joined(const std::vector<std::string>& pieces, std::string_view separator) {
  constexpr std::size_t kPiecesShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(pieces.size(), kPiecesShown); ++i) {
    text.append(i == 0 ? "" : separator).append(pieces[i]);
  }
  if (pieces.size() > kPiecesShown) {
    text += " and " + std::to_string(pieces.size() - kPiecesShown) + " more";
  }
  return text;
}

class ClosestLack {
 public:
  ClosestLack(const TaskRequest& request, SnapshotPtr snapshot, const placement::Explanation& explanation, Executor& executor)
      : request_(request),
        demand_(request.placement.demand),
        snapshot_(std::move(snapshot)),
        instance_(explanation.closest->instance),
        executor_(executor) {
    const auto& placed = explanation.decision.placed;
    added_ = std::count_if(placed.begin(), placed.end(), [&](const placement::PlacedTask& task) { return task.instance == instance_; });
  }

  std::string text(Reason reason) const {
    switch (reason) {
      case Reason::kAgent:
        return "its agent is not connected";
      case Reason::kLaunchType:
        return snapshot_->attribute_text(instance_, "ecs.capability.external").has_value() ? "it is an external instance"
                                                                                           : "it is no external instance";
      case Reason::kCapacityProvider:
        return capacity_provider();
      case Reason::kCpu:
        return amounts(snapshot_->cpu_remaining()[instance_] - added_ * demand_.cpu_units, demand_.cpu_units, "CPU units");
      case Reason::kMemory:
        return amounts(snapshot_->memory_remaining()[instance_] - added_ * demand_.memory_mib, demand_.memory_mib, "MiB");
      case Reason::kPorts:
        return ports();
      case Reason::kGpu:
        return amounts(free_gpus() - added_ * std::int64_t{demand_.gpu_count}, demand_.gpu_count, "GPUs");
      case Reason::kEni:
        return "all of the " + counted(snapshot_->eni_limit()[instance_], "network interface") + " for tasks are in use";
      case Reason::kAttribute:
        return attributes();
      case Reason::kLocation:
        return "it is in " + std::string(snapshot_->attribute_text(instance_, kZone).value_or("no zone")) + ", the subnets are in " +
               joined(request_.placement.zones, ", ");
      case Reason::kMemberOf:
        return terms();
      case Reason::kDistinctInstance:
        return "a task of group " + request_.placement.group + " is there already";
      default:
        return is_own(reason) ? own(demand_.own[own_index(reason)]) : "";
    }
  }

 private:
  std::string own(const placement::OwnDemand& demanded) const {
    const std::optional<std::uint32_t> held = snapshot_->find_own_resource(demanded.name);
    const std::int64_t has = held.has_value() ? snapshot_->own_resources()[*held].remaining[instance_] : 0;
    return amounts(has - added_ * demanded.amount, demanded.amount, "of " + demanded.name);
  }

  static std::string amounts(std::int64_t has, std::int64_t needs, std::string_view unit) {
    return grouped_digits(has) + " " + std::string(unit) + " left, " + grouped_digits(needs) + " needed";
  }

  std::string capacity_provider() const {
    const std::uint32_t provider = snapshot_->capacity_provider()[instance_];
    return (provider == kNoId ? "it has no capacity provider" : "its provider is " + std::string(snapshot_->texts().at(provider))) + ", " +
           request_.placement.capacity_provider.value_or("") + " is needed";
  }

  std::int64_t free_gpus() const {
    const Snapshot::GpuRange range = snapshot_->gpus(instance_);
    const auto slots = snapshot_->gpu_free().subspan(range.begin, range.count);
    return std::count_if(slots.begin(), slots.end(), [](std::uint8_t is_free) { return is_free != 0; });
  }

  std::string ports() const {
    const PortSet used = snapshot_->port_set(snapshot_->ports_used()[instance_]);
    std::vector<std::string> taken;
    const auto add = [&](std::span<const std::uint16_t> needed, std::span<const std::uint16_t> in_use, std::string_view protocol) {
      for (const std::uint16_t port : needed) {
        if (added_ > 0 || std::binary_search(in_use.begin(), in_use.end(), port)) {
          taken.push_back(std::to_string(port) + "/" + std::string(protocol));
        }
      }
    };
    add(demand_.tcp_ports, used.tcp, "tcp");
    add(demand_.udp_ports, used.udp, "udp");
    if (taken.empty()) {
      return "its reserved ports and the task's are more than an instance can have";
    }
    return std::string(taken.size() == 1 ? "host port " : "host ports ") + joined(taken, ", ") + (taken.size() == 1 ? " is" : " are") +
           " in use";
  }

  std::string attributes() const {
    std::vector<std::string> lacks;
    for (const placement::AttributeRequirement& wanted : demand_.attributes) {
      const std::optional<std::string_view> found = snapshot_->attribute_text(instance_, wanted.name);
      const std::optional<std::string> has = found.has_value() ? std::optional<std::string>(*found) : wanted.absent_reads_as;
      if (!has.has_value()) {
        lacks.push_back("it has no attribute " + wanted.name + (wanted.value.has_value() ? " = " + *wanted.value : ""));
      } else if (wanted.value.has_value() && *has != *wanted.value) {
        lacks.push_back(wanted.name + " is " + *has + ", " + *wanted.value + " is needed");
      }
    }
    return joined(lacks, "; ");
  }

  // The conjuncts that do not hold; where one is a single comparison of an attribute, what the instance has instead.
  std::string terms() const {
    std::vector<std::string> failing;
    const query::LiveFacts facts{.added_tasks = static_cast<std::uint32_t>(added_), .added_group = request_.placement.group};
    for (const placement::MemberOf& member_of : request_.placement.member_of) {
      const query::Program& program = *member_of.program;
      const query::Binding binding(member_of.program, snapshot_, executor_);
      for (std::uint32_t i = 0; i < program.conjunct_count(); ++i) {
        if (!binding.conjunct_matches(i, instance_, facts)) {
          const query::Piece piece = program.conjunct(i);
          failing.push_back("`" + program.text().substr(piece.offset, piece.length) + "` does not hold" + found_instead(program, piece));
        }
      }
    }
    return joined(failing, "; ");
  }

  std::string found_instead(const query::Program& program, query::Piece piece) const {
    for (std::uint32_t i = 0; i < program.leaf_count(); ++i) {
      const std::string_view name = program.leaf_subject(i).attribute_name;
      if (name.empty() || program.leaf(i).offset != piece.offset || program.leaf(i).length != piece.length) {
        continue;
      }
      const std::optional<std::string_view> value = snapshot_->attribute_text(instance_, name);
      if (!value.has_value()) {
        return " (it has no attribute " + std::string(name) + ")";
      }
      return value->empty() ? " (it has the attribute without a value)" : " (it has " + std::string(*value) + ")";
    }
    return "";
  }

  const TaskRequest& request_;
  const placement::Demand& demand_;
  SnapshotPtr snapshot_;
  std::uint32_t instance_;
  Executor& executor_;
  std::int64_t added_ = 0;  // Tasks of the request that the instance took.
};

}  // namespace

std::string closest_lack(const TaskRequest& request, const SnapshotPtr& snapshot, const placement::Explanation& explanation,
                         Executor& executor) {
  return explanation.closest.has_value() ? ClosestLack(request, snapshot, explanation, executor).text(explanation.closest->reason) : "";
}

}  // namespace berth::ecs
