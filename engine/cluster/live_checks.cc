#include "engine/cluster/live_checks.h"

#include <algorithm>
#include <bit>

#include "engine/base/limits.h"
#include "engine/cluster/live_view.h"
#include "engine/placement/filter.h"

namespace berth::cluster {

using placement::Reason;

bool LiveChecks::is_of_cluster(std::uint32_t identity) const {
  if (!class_.request.cluster.has_value()) {
    return true;
  }
  if (inventory_.is_base(identity)) {
    return class_.cluster_members.size() == 0 || class_.cluster_members.test(identity);
  }
  return placement::is_of_cluster(inventory_.later(identity).arn, class_.request);
}

bool LiveChecks::is_examined(const Record& record) const {
  return !record.is_gone && record.status == InstanceStatus::kActive && is_of_cluster(record.identity);
}

std::uint8_t LiveChecks::work_out(std::uint32_t set) {
  if (set >= sets_.size()) {
    sets_.resize(std::max<std::size_t>(set + 1, inventory_.attribute_sets.size()));
  }
  std::uint8_t failures = 0;
  const auto value = [&](const LiveRequirement& requirement) { return inventory_.attribute_in_set(set, requirement.name); };
  if (!class_.external.wide.has_value() &&
      (value(class_.external) != kAttributeAbsent) != (class_.request.launch_type == LaunchType::kExternal)) {
    failures |= kLaunchType;
  }
  for (const LiveRequirement& requirement : class_.requirements) {
    if (!requirement.wide.has_value() && !requirement.holds(value(requirement))) {
      failures |= kAttribute;
    }
  }
  if (class_.zones.has_value() && !class_.zones->wide.has_value() && !class_.zones->holds(value(*class_.zones))) {
    failures |= kLocation;
  }
  const LiveView view(inventory_, set);
  for (const Conjunct& conjunct : class_.set_conjuncts) {
    if (!conjunct.program->conjunct_matches(conjunct.index, view)) {
      failures |= kMemberOf;
      break;
    }
  }
  sets_[set] = failures | kKnown;
  return failures;
}

bool LiveChecks::wide_rules_fail(const Record& record, SetFailure rule) const {
  if (!class_.has_wide_rules) {
    return false;
  }
  const auto fails = [&](const LiveRequirement& requirement) {
    return requirement.wide.has_value() && !requirement.holds(record.wide_values()[*requirement.wide]);
  };
  switch (rule) {
    case kLaunchType:
      return class_.external.wide.has_value() &&
             (record.wide_values()[*class_.external.wide] != kAttributeAbsent) != (class_.request.launch_type == LaunchType::kExternal);
    case kAttribute:
      return std::any_of(class_.requirements.begin(), class_.requirements.end(), fails);
    case kLocation:
      return class_.zones.has_value() && fails(*class_.zones);
    default:
      return false;
  }
}

bool LiveChecks::ports_fail(const Record& record) {
  const placement::Demand& demand = class_.request.demand;
  const std::size_t needed = demand.tcp_ports.size() + demand.udp_ports.size();
  if (needed == 0 || ports_surely_pass(record)) {
    return false;
  }
  inventory_.ports_in_use(record, ports_);
  const auto is_used = [&](std::uint32_t port) { return std::binary_search(ports_.begin(), ports_.end(), port); };
  return ports_.size() + needed > kReservedPortsMax || std::any_of(demand.tcp_ports.begin(), demand.tcp_ports.end(), is_used) ||
         std::any_of(demand.udp_ports.begin(), demand.udp_ports.end(),
                     [&](std::uint32_t port) { return is_used(port | Inventory::kUdpBit); });
}

// Without listing the ports in use: none of those that the snapshot names for the instance, nor of those of later tasks, is needed.
bool LiveChecks::ports_surely_pass(const Record& record) {
  if (!inventory_.is_base(record.identity)) {
    return false;
  }
  const placement::Demand& demand = class_.request.demand;
  const auto overlap = [](std::span<const std::uint16_t> used, std::span<const std::uint16_t> needed) {
    return std::any_of(needed.begin(), needed.end(),
                       [&](std::uint16_t port) { return std::binary_search(used.begin(), used.end(), port); });
  };
  const Snapshot& base = inventory_.base();
  const std::uint32_t set = base.ports_used()[record.identity];
  if (port_sets_.empty()) {
    port_sets_.resize(base.port_set_count());
  }
  const PortSet used = base.port_set(set);
  if (port_sets_[set] == PortVerdict::kUnknown) {
    port_sets_[set] =
        overlap(used.tcp, demand.tcp_ports) || overlap(used.udp, demand.udp_ports) ? PortVerdict::kOverlaps : PortVerdict::kApart;
  }
  if (port_sets_[set] == PortVerdict::kOverlaps) {
    return false;
  }
  std::size_t count = used.tcp.size() + used.udp.size() + demand.tcp_ports.size() + demand.udp_ports.size();
  for (const LiveTask& task : record.tasks()) {
    if (task.task < inventory_.tasks.base_count()) {
      continue;
    }
    const Shape& shape = inventory_.shapes.at(task.shape);
    count += shape.tcp_ports.size() + shape.udp_ports.size();
    if (overlap(shape.tcp_ports, demand.tcp_ports) || overlap(shape.udp_ports, demand.udp_ports)) {
      return false;
    }
  }
  return count <= kReservedPortsMax;
}

bool LiveChecks::member_of_fails(const Record& record) {
  if (class_.agent_conjuncts.empty() && class_.live_conjuncts.empty()) {
    return false;
  }
  const LiveView view(inventory_, record, id_);
  const auto fails = [&](const Conjunct& conjunct) { return !conjunct.program->conjunct_matches(conjunct.index, view); };
  if (!class_.agent_conjuncts.empty()) {
    // No version has the first place.
    const std::size_t place =
        2 * (record.agent_version == kNoId ? 0 : std::size_t{record.agent_version} + 1) + (record.agent_connected ? 1 : 0);
    if (place >= agents_.size()) {
      agents_.resize(2 * place + 2, AgentVerdict::kUnknown);
    }
    if (agents_[place] == AgentVerdict::kUnknown) {
      agents_[place] =
          std::any_of(class_.agent_conjuncts.begin(), class_.agent_conjuncts.end(), fails) ? AgentVerdict::kFails : AgentVerdict::kPasses;
    }
    if (agents_[place] == AgentVerdict::kFails) {
      return true;
    }
  }
  return std::any_of(class_.live_conjuncts.begin(), class_.live_conjuncts.end(), fails);
}

Reason LiveChecks::resource_failure(const Record& record) {
  const placement::Demand& demand = class_.request.demand;
  if (record.cpu_remaining < demand.cpu_units) {
    return Reason::kCpu;
  }
  if (record.memory_remaining < demand.memory_mib) {
    return Reason::kMemory;
  }
  if (ports_fail(record)) {
    return Reason::kPorts;
  }
  if (static_cast<std::uint32_t>(std::popcount(record.gpu_free)) < demand.gpu_count) {
    return Reason::kGpu;
  }
  if (demand.uses_eni && !has_spare_eni(record.eni_used, record.eni_limit)) {
    return Reason::kEni;
  }
  for (std::size_t own = 0; own < class_.own_needs.size(); ++own) {
    if (inventory_.own_remaining(record, class_.own_needs[own].own) < class_.own_needs[own].amount) {
      return placement::own_reason(own);
    }
  }
  return Reason::kNone;
}

Reason LiveChecks::first_failure(const Record& record, bool is_start) {
  if (is_start && record.status != InstanceStatus::kActive) {
    return Reason::kInactive;
  }
  if (!record.agent_connected) {
    return Reason::kAgent;
  }
  const std::uint8_t set = set_facts(record.attribute_set);
  if ((set & kLaunchType) != 0 || wide_rules_fail(record, kLaunchType)) {
    return Reason::kLaunchType;
  }
  if (class_.request.capacity_provider.has_value() && record.capacity_provider != class_.capacity_provider) {
    return Reason::kCapacityProvider;
  }
  if (const Reason resource = resource_failure(record); resource != Reason::kNone) {
    return resource;
  }
  if ((set & kAttribute) != 0 || wide_rules_fail(record, kAttribute)) {
    return Reason::kAttribute;
  }
  if ((set & kLocation) != 0 || wide_rules_fail(record, kLocation)) {
    return Reason::kLocation;
  }
  if (is_start) {
    return Reason::kNone;
  }
  if ((set & kMemberOf) != 0 || member_of_fails(record)) {
    return Reason::kMemberOf;
  }
  if (class_.request.distinct_instance && Inventory::count_of(record, class_.group) > 0) {
    return Reason::kDistinctInstance;
  }
  return Reason::kNone;
}

}  // namespace berth::cluster
