#include "tests/oracle/place.h"

#include <algorithm>
#include <functional>
#include <map>

#include "engine/base/hash.h"
#include "engine/base/rng.h"

namespace berth::oracle {
namespace {

// Runs the checks in the order of rule D7 and hands each failing reason to `report`; stops when that answers false.
void check(const Request& request, const Instance& instance, const State& state, bool is_start,
           const std::function<bool(const std::string&)>& report) {
  const Demand& demand = request.demand;
  const auto clashes = [](const std::set<int>& needed, const std::set<int>& used) {
    return std::any_of(needed.begin(), needed.end(), [&](int port) { return used.count(port) == 1; });
  };
  const auto lacks_attribute = [&](const auto& entry) {
    const auto& [name, required] = entry;
    const std::string* value = instance.attribute(name);
    if (value == nullptr && required.absent_reads_as) value = &*required.absent_reads_as;
    return value == nullptr || (required.value && *required.value != *value);
  };
  const auto rejects = [&](const MemberOf& constraint) {
    return constraint.left_out_conjunct ? !constraint.expression.selects_without_conjunct(*constraint.left_out_conjunct, instance, state)
                                        : !constraint.expression.selects(instance, state);
  };
  const std::size_t port_count = demand.tcp.size() + demand.udp.size();
  const bool has_room_for_ports = port_count == 0 || state.tcp.size() + state.udp.size() + port_count <= kReservedPortsMax;
  const auto free_gpus = std::count(state.gpu_free.begin(), state.gpu_free.end(), true);
  const std::string* zone = instance.attribute("ecs.availability-zone");

  if (is_start && instance.status != "ACTIVE" && !report("INACTIVE")) return;
  if (!instance.agent_connected && !report("AGENT")) return;
  // StartTask asks for no launch type.
  if (!is_start && request.is_external != (instance.attribute("ecs.capability.external") != nullptr) && !report("LAUNCH_TYPE")) return;
  if (request.capacity_provider && *request.capacity_provider != instance.capacity_provider && !report("CAPACITY_PROVIDER")) return;
  if (state.cpu < demand.cpu && !report("RESOURCE:CPU")) return;
  if (state.memory < demand.memory && !report("RESOURCE:MEMORY")) return;
  if ((clashes(demand.tcp, state.tcp) || clashes(demand.udp, state.udp) || !has_room_for_ports) && !report("RESOURCE:PORTS")) return;
  if (static_cast<std::size_t>(free_gpus) < demand.gpus && !report("RESOURCE:GPU")) return;
  if (demand.uses_eni && instance.eni_limit && state.enis >= *instance.eni_limit && !report("RESOURCE:ENI")) return;
  for (const auto& [name, amount] : demand.own) {
    const auto left = state.own.find(name);
    if ((left == state.own.end() ? 0 : left->second) < amount && !report("RESOURCE:" + name)) return;
  }
  if (std::any_of(demand.attributes.begin(), demand.attributes.end(), lacks_attribute) && !report("ATTRIBUTE")) return;
  if (!request.zones.empty() && (zone == nullptr || request.zones.count(*zone) == 0) && !report("LOCATION")) return;
  if (is_start) return;
  if (std::any_of(request.member_of.begin(), request.member_of.end(), rejects) && !report("MemberOf placement constraint unsatisfied.")) {
    return;
  }
  if (request.distinct_instance && state.groups.count(request.group) == 1) report("DistinctInstance placement constraint unsatisfied.");
}

int group_tasks(const State& state, const std::string& group) {
  const auto found = state.groups.find(group);
  return found == state.groups.end() ? 0 : found->second;
}

// Gives the task to the instance and answers which GPUs it got: the lowest free slots.
Placed take(const Request& request, const Instance& instance, State& state) {
  state.cpu -= request.demand.cpu;
  state.memory -= request.demand.memory;
  state.tcp.insert(request.demand.tcp.begin(), request.demand.tcp.end());
  state.udp.insert(request.demand.udp.begin(), request.demand.udp.end());
  for (const auto& [name, amount] : request.demand.own) state.own[name] -= amount;
  if (request.demand.uses_eni) ++state.enis;
  ++state.running;
  ++state.groups[request.group];
  Placed placed{instance.arn, {}};
  for (std::size_t slot = 0; slot < state.gpu_free.size() && placed.gpu_ids.size() < request.demand.gpus; ++slot) {
    if (!state.gpu_free[slot]) continue;
    state.gpu_free[slot] = false;
    placed.gpu_ids.push_back(instance.gpu_ids[slot]);
  }
  return placed;
}

// Keeps the candidates with the smallest key.
void keep_best(std::vector<std::size_t>& candidates, const std::function<std::int64_t(std::size_t)>& key) {
  std::int64_t best = key(candidates.front());
  for (const std::size_t i : candidates) best = std::min(best, key(i));
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(), [&](std::size_t i) { return key(i) != best; }), candidates.end());
}

void apply(const Request& request, const Strategy& strategy, const Fleet& fleet, std::vector<std::size_t>& candidates) {
  const std::string& group = request.group;
  const std::vector<Instance>& instances = *fleet.instances;
  const auto value_of = [&](std::size_t i) {
    const std::string* value = instances[i].attribute(strategy.attribute);
    return value == nullptr ? std::string() : *value;
  };
  switch (strategy.kind) {
    case Strategy::Kind::kSpreadInstance:
      return keep_best(candidates, [&](std::size_t i) { return group_tasks(fleet.states[i], group); });
    case Strategy::Kind::kBinpackCpu:
      return keep_best(candidates, [&](std::size_t i) { return fleet.states[i].cpu; });
    case Strategy::Kind::kBinpackMemory:
      return keep_best(candidates, [&](std::size_t i) { return fleet.states[i].memory; });
    case Strategy::Kind::kSpreadAttribute: {
      std::map<std::string, std::int64_t> counts;
      for (std::size_t i = 0; i < fleet.size(); ++i) {
        if (!is_of_cluster(request, instances[i])) continue;
        if (const int tasks = group_tasks(fleet.states[i], group); tasks > 0) counts[value_of(i)] += tasks;
      }
      return keep_best(candidates, [&](std::size_t i) {
        const auto found = counts.find(value_of(i));
        return found == counts.end() ? std::int64_t{0} : found->second;
      });
    }
    case Strategy::Kind::kRandom:
      return;
  }
}

std::size_t draw(const Request& request, std::size_t task, std::size_t fleet_size, const std::vector<std::size_t>& tied) {
  for (std::uint64_t j = 0; j < kRandomMissesMax; ++j) {
    const std::size_t i = bounded(draw64(request.seed, task, j), fleet_size);
    if (std::binary_search(tied.begin(), tied.end(), i)) return i;
  }
  return tied[bounded(draw64(request.seed, task, kRandomMissesMax), tied.size())];
}

std::size_t choose(const Request& request, std::size_t task, const Fleet& fleet, std::vector<std::size_t> candidates) {
  for (const Strategy& strategy : request.strategies) {
    if (strategy.kind == Strategy::Kind::kRandom) return draw(request, task, fleet.size(), candidates);
    apply(request, strategy, fleet, candidates);
  }
  const auto tie_key = [&](std::size_t i) { return std::pair(hash_bytes(fleet.tie_seed, (*fleet.instances)[i].arn), i); };
  return *std::min_element(candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) { return tie_key(a) < tie_key(b); });
}

}  // namespace

bool is_named(const Instance& instance, const std::string& name) {
  return instance.arn == name || (name.find('/') == std::string::npos && instance.arn.substr(instance.arn.rfind('/') + 1) == name);
}

bool is_of_cluster(const Request& request, const Instance& instance) {
  const std::string cluster = cluster_of(instance.arn);
  const std::string home = home_of(instance.arn);
  if (!request.cluster) return true;
  if (!request.cluster_home.empty() && !home.empty() && home != request.cluster_home) return false;
  return cluster.empty() || cluster == *request.cluster;
}

bool is_examined(const Request& request, const Instance& instance) {
  return instance.status == "ACTIVE" && is_of_cluster(request, instance);
}

std::string first_reason(const Request& request, const Instance& instance, const State& state, bool is_start) {
  std::string reason;
  check(request, instance, state, is_start, [&](const std::string& failed) {
    reason = failed;
    return false;
  });
  return reason;
}

std::vector<std::string> all_reasons(const Request& request, const Instance& instance, const State& state) {
  std::vector<std::string> reasons;
  check(request, instance, state, false, [&](const std::string& failed) {
    reasons.push_back(failed);
    return true;
  });
  return reasons;
}

Answer run(const Fleet& fleet, const Request& request, Recheck recheck) {
  Answer answer;
  answer.next = fleet;
  const std::vector<Instance>& instances = *fleet.instances;
  // INACTIVE instances are no longer registered; the exception is for a cluster without any other (D11).
  const auto is_registered = [&](const Instance& instance) { return instance.status != "INACTIVE" && is_of_cluster(request, instance); };
  if (std::none_of(instances.begin(), instances.end(), is_registered)) {
    throw Invalid("No Container Instances were found in your cluster.");
  }

  std::vector<std::size_t> examined;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    if (is_examined(request, instances[i])) examined.push_back(i);
  }
  answer.examined = examined.size();

  std::vector<std::string> reasons(instances.size());
  const auto look_at = [&](std::size_t i) { reasons[i] = first_reason(request, instances[i], answer.next.states[i]); };
  std::for_each(examined.begin(), examined.end(), look_at);
  for (std::size_t task = 0; task < request.count; ++task) {
    std::vector<std::size_t> candidates;
    for (const std::size_t i : examined) {
      if (reasons[i].empty()) candidates.push_back(i);
    }
    if (candidates.empty()) {
      for (const std::size_t i : examined) {
        if (answer.failures.size() < request.failures_max) answer.failures.push_back({instances[i].arn, reasons[i]});
        ++answer.failure_count;
      }
      return answer;
    }
    const std::size_t taken = choose(request, task, answer.next, candidates);
    answer.placed.push_back(take(request, instances[taken], answer.next.states[taken]));
    if (recheck == Recheck::kAll) {
      std::for_each(examined.begin(), examined.end(), look_at);
    } else {
      look_at(taken);
    }
  }
  return answer;
}

Answer run_task(const Fleet& fleet, const Json& request, Recheck recheck) {
  try {
    return run(fleet, read_request(fleet, request, false), recheck);
  } catch (const Invalid& invalid) {
    Answer answer;
    answer.next = fleet;
    answer.error = invalid.what();
    return answer;
  }
}

Answer start_task(const Fleet& fleet, const Json& json) {
  Answer answer;
  answer.next = fleet;
  try {
    const Request request = read_request(fleet, json, true);
    const Json& named = list_member(json, "containerInstances");
    if (named.empty() || named.size() > kStartInstancesMax) throw Invalid("1 to 10 container instances");
    for (const Json& entry : named) {
      const std::string name = entry.get<std::string>();
      const auto& instances = *fleet.instances;
      const auto found = std::find_if(instances.begin(), instances.end(), [&](const Instance& each) { return is_named(each, name); });
      if (found == instances.end() || !is_of_cluster(request, *found)) {
        answer.failures.push_back({name, "MISSING"});
        continue;
      }
      State& state = answer.next.states[static_cast<std::size_t>(found - instances.begin())];
      const std::string reason = first_reason(request, *found, state, true);
      if (reason.empty()) {
        answer.placed.push_back(take(request, *found, state));
      } else {
        answer.failures.push_back({found->arn, reason});
      }
    }
  } catch (const Invalid& invalid) {
    answer.error = invalid.what();
  }
  answer.failure_count = answer.failures.size();
  return answer;
}

std::vector<std::string> list_container_instances(const Fleet& fleet, const std::string& filter) {
  const Expression expression(filter);
  std::vector<std::string> arns;
  for (std::size_t i = 0; i < fleet.size(); ++i) {
    const Instance& instance = (*fleet.instances)[i];
    if (instance.status != "INACTIVE" && expression.selects(instance, fleet.states[i])) arns.push_back(instance.arn);
  }
  return arns;
}

}  // namespace berth::oracle
