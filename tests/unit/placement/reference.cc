#include "tests/unit/placement/reference.h"

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/base/rng.h"

namespace berth::placement::test {
namespace {

class Reference {
 public:
  Reference(Fleet fleet, const Request& request, const std::vector<Predicate>& predicates, std::uint64_t tie_seed)
      : fleet_(std::move(fleet)), request_(request), predicates_(predicates), tie_seed_(tie_seed), added_(fleet_.size()) {
    std::sort(fleet_.begin(), fleet_.end(), [](const ModelInstance& a, const ModelInstance& b) { return a.arn < b.arn; });
  }

  ReferenceDecision run() {
    ReferenceDecision decision;
    decision.is_refused =
        std::none_of(fleet_.begin(), fleet_.end(), [&](const ModelInstance& instance) { return is_of_cluster(instance); });
    for (const ModelInstance& instance : fleet_) {
      decision.examined += is_examined(instance) ? 1U : 0U;
    }
    for (std::uint32_t task = 0; task < request_.count; ++task) {
      std::vector<std::uint32_t> candidates;
      for (std::uint32_t i = 0; i < fleet_.size(); ++i) {
        if (is_examined(fleet_[i]) && failure(i) == Reason::kNone) {
          candidates.push_back(i);
        }
      }
      if (candidates.empty()) {
        for (std::uint32_t i = 0; i < fleet_.size(); ++i) {
          if (is_examined(fleet_[i])) {
            decision.failures.push_back({i, failure(i)});
          }
        }
        return decision;
      }
      const std::uint32_t chosen = choose(std::move(candidates), task);
      decision.placed.push_back({chosen, take(chosen)});
    }
    return decision;
  }

 private:
  bool is_examined(const ModelInstance& instance) const { return instance.status == InstanceStatus::kActive && is_of_cluster(instance); }
  bool is_of_cluster(const ModelInstance& instance) const {
    const std::string marker = ":container-instance/";
    const std::size_t at = instance.arn.find(marker);
    if (!request_.cluster.has_value() || at == std::string::npos) {
      return true;
    }
    const std::string rest = instance.arn.substr(at + marker.size());
    const std::size_t slash = rest.find('/');
    return slash == std::string::npos || rest.substr(0, slash) == *request_.cluster;
  }

  static std::string value_of(const ModelInstance& instance, const std::string& attribute) {
    const auto found = instance.attributes.find(attribute);
    return found == instance.attributes.end() ? "" : found->second.value_or("");
  }

  bool has_attribute(const ModelInstance& instance, const AttributeRequirement& requirement) const {
    const auto found = instance.attributes.find(requirement.name);
    if (found == instance.attributes.end() && !requirement.absent_reads_as.has_value()) {
      return false;
    }
    const std::string value = found == instance.attributes.end() ? *requirement.absent_reads_as : found->second.value_or("");
    return !requirement.value.has_value() || value == *requirement.value;
  }

  Reason failure(std::uint32_t i) const {
    const ModelInstance& instance = fleet_[i];
    const Demand& demand = request_.demand;
    const auto taken = [](const std::vector<std::uint16_t>& needed, const std::set<std::uint16_t>& used) {
      return std::any_of(needed.begin(), needed.end(), [&](std::uint16_t port) { return used.contains(port); });
    };
    const std::size_t needed_ports = demand.tcp_ports.size() + demand.udp_ports.size();
    if (!instance.agent_connected) {
      return Reason::kAgent;
    }
    if ((request_.launch_type == LaunchType::kExternal) != instance.attributes.contains("ecs.capability.external")) {
      return Reason::kLaunchType;
    }
    if (request_.capacity_provider.has_value() && instance.capacity_provider != *request_.capacity_provider) {
      return Reason::kCapacityProvider;
    }
    if (instance.cpu < demand.cpu_units) {
      return Reason::kCpu;
    }
    if (instance.memory < demand.memory_mib) {
      return Reason::kMemory;
    }
    if (taken(demand.tcp_ports, instance.tcp_used) || taken(demand.udp_ports, instance.udp_used) ||
        (needed_ports > 0 && instance.tcp_used.size() + instance.udp_used.size() + needed_ports > 100)) {
      return Reason::kPorts;
    }
    if (std::count(instance.gpus_free.begin(), instance.gpus_free.end(), true) < std::int64_t{demand.gpu_count}) {
      return Reason::kGpu;
    }
    if (demand.uses_eni && instance.eni_limit.has_value() && instance.eni_used >= *instance.eni_limit) {
      return Reason::kEni;
    }
    for (std::size_t index = 0; index < demand.own.size(); ++index) {
      const auto found = instance.own.find(demand.own[index].name);
      if ((found == instance.own.end() ? 0 : found->second) < demand.own[index].amount) {
        return own_reason(index);
      }
    }
    for (const AttributeRequirement& requirement : demand.attributes) {
      if (!has_attribute(instance, requirement)) {
        return Reason::kAttribute;
      }
    }
    if (!request_.zones.empty() && (!instance.attributes.contains(kZone) || std::find(request_.zones.begin(), request_.zones.end(),
                                                                                      value_of(instance, kZone)) == request_.zones.end())) {
      return Reason::kLocation;
    }
    for (const Predicate& predicate : predicates_) {
      if (!predicate(instance, added_[i], request_.group)) {
        return Reason::kMemberOf;
      }
    }
    if (request_.distinct_instance && group_tasks(i) > 0) {
      return Reason::kDistinctInstance;
    }
    return Reason::kNone;
  }

  std::int64_t group_tasks(std::uint32_t i) const {
    return added_[i] + std::count_if(fleet_[i].tasks.begin(), fleet_[i].tasks.end(), [&](const ModelTask& task) {
             return task.group == request_.group && task.desired == TaskStatus::kRunning;
           });
  }

  // Over all instances of the cluster, examined or not.
  std::map<std::string, std::int64_t> count_values(const Strategy& strategy) const {
    std::map<std::string, std::int64_t> counts;
    if (strategy.kind == Strategy::Kind::kSpreadAttribute) {
      for (std::uint32_t i = 0; i < fleet_.size(); ++i) {
        counts[value_of(fleet_[i], strategy.attribute)] += is_of_cluster(fleet_[i]) ? group_tasks(i) : 0;
      }
    }
    return counts;
  }

  std::int64_t key(const Strategy& strategy, const std::map<std::string, std::int64_t>& value_counts, std::uint32_t i) const {
    switch (strategy.kind) {
      case Strategy::Kind::kSpreadInstance:
        return group_tasks(i);
      case Strategy::Kind::kSpreadAttribute:
        return value_counts.at(value_of(fleet_[i], strategy.attribute));
      case Strategy::Kind::kBinpackCpu:
        return fleet_[i].cpu;
      case Strategy::Kind::kBinpackMemory:
        return fleet_[i].memory;
      case Strategy::Kind::kRandom:
        break;
    }
    return 0;
  }

  std::uint32_t choose(std::vector<std::uint32_t> left, std::uint32_t task) const {
    for (const Strategy& strategy : request_.strategies) {
      if (strategy.kind == Strategy::Kind::kRandom) {
        return draw(left, task);
      }
      const std::map<std::string, std::int64_t> value_counts = count_values(strategy);
      std::vector<std::int64_t> keys;
      for (const std::uint32_t i : left) {
        keys.push_back(key(strategy, value_counts, i));
      }
      const std::int64_t best = *std::min_element(keys.begin(), keys.end());
      std::vector<std::uint32_t> kept;
      for (std::size_t at = 0; at < left.size(); ++at) {
        if (keys[at] == best) {
          kept.push_back(left[at]);
        }
      }
      left = std::move(kept);
    }
    return *std::min_element(left.begin(), left.end(), [&](std::uint32_t a, std::uint32_t b) {
      const std::uint64_t tie_a = hash_bytes(tie_seed_, fleet_[a].arn);
      const std::uint64_t tie_b = hash_bytes(tie_seed_, fleet_[b].arn);
      return tie_a != tie_b ? tie_a < tie_b : a < b;
    });
  }

  // `tied` is ascending.
  std::uint32_t draw(const std::vector<std::uint32_t>& tied, std::uint32_t task) const {
    for (std::uint64_t j = 0; j <= 31; ++j) {
      const auto i = static_cast<std::uint32_t>(bounded(draw64(request_.seed, task, j), fleet_.size()));
      if (std::binary_search(tied.begin(), tied.end(), i)) {
        return i;
      }
    }
    return tied[bounded(draw64(request_.seed, task, 32), tied.size())];
  }

  std::vector<std::uint32_t> take(std::uint32_t i) {
    ModelInstance& instance = fleet_[i];
    const Demand& demand = request_.demand;
    instance.cpu -= static_cast<std::int32_t>(demand.cpu_units);
    instance.memory -= static_cast<std::int32_t>(demand.memory_mib);
    instance.tcp_used.insert(demand.tcp_ports.begin(), demand.tcp_ports.end());
    instance.udp_used.insert(demand.udp_ports.begin(), demand.udp_ports.end());
    instance.eni_used = static_cast<std::uint16_t>(instance.eni_used + (demand.uses_eni ? 1 : 0));
    for (const OwnDemand& own : demand.own) {
      instance.own[own.name] -= static_cast<std::int32_t>(own.amount);
    }
    std::vector<std::uint32_t> slots;
    for (std::uint32_t slot = 0; slot < instance.gpus_free.size() && slots.size() < demand.gpu_count; ++slot) {
      if (instance.gpus_free[slot]) {
        instance.gpus_free[slot] = false;
        slots.push_back(slot);
      }
    }
    ++added_[i];
    return slots;
  }

  Fleet fleet_;
  const Request& request_;
  const std::vector<Predicate>& predicates_;
  std::uint64_t tie_seed_;
  std::vector<std::uint32_t> added_;
};

}  // namespace

ReferenceDecision decide_by_definition(Fleet fleet, const Request& request, const std::vector<Predicate>& predicates,
                                       std::uint64_t tie_seed) {
  return Reference(std::move(fleet), request, predicates, tie_seed).run();
}

}  // namespace berth::placement::test
