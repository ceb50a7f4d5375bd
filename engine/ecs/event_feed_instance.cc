// What events tell of container instances.

#include <algorithm>
#include <utility>

#include "engine/ecs/event_batch.h"
#include "engine/ecs/live_registration.h"

namespace berth::ecs {
namespace {

EventReport::Event refused(const Error& error) {
  return {EventFate::kRefused, error.message};
}

}  // namespace

std::optional<std::uint64_t> EventFeed::known_version(std::string_view arn) const {
  const std::uint32_t identity = cluster_.inventory().find_identity(arn);
  if (identity == kNoId) {
    return inactive_.find(arn);
  }
  const std::uint64_t next = identity < versions_.size() ? versions_[identity] : 0;
  return next == 0 ? std::nullopt : std::optional(next - 1);
}

void EventFeed::remember(std::uint32_t identity, std::uint64_t version) {
  if (identity >= versions_.size()) {
    versions_.resize(std::max<std::size_t>(identity + std::size_t{1}, cluster_.inventory().identity_count()));
  }
  versions_[identity] = std::max(version + 1, version);
}

EventFeed::Told EventFeed::apply_instance(const JsonValue& detail, Batch& batch) {
  Result<ImportedInstance> read = read_instance(detail, own_names_, batch.pool, batch.unused);
  if (!read) {
    return refused(read.error());
  }
  const ImportedInstance& instance = *read;
  if (is_other_cluster(instance.cluster_arn)) {
    return {EventFate::kIgnored, "the instance belongs to another cluster, " + instance.cluster_arn};
  }
  if (const std::optional<std::uint64_t> known = known_version(instance.arn)) {
    if (const std::optional<Told> old = outdated(*known, instance.version)) {
      return *old;
    }
  }
  const std::optional<cluster::InstanceHandle> handle = cluster_.find_instance(instance.arn, worker_);
  if (instance.status == InstanceStatus::kInactive) {
    if (const auto waiting = waiting_.find(instance.arn); waiting != waiting_.end()) {
      waiting_count_ -= waiting->second.size();
      for (const ImportedTask& task : waiting->second) {
        forget(task.arn, task.version);
      }
      waiting_.erase(waiting);
    }
    if (handle.has_value()) {
      return leave(*handle, instance, batch);
    }
    if (const std::uint32_t identity = cluster_.inventory().find_identity(instance.arn); identity != kNoId) {
      remember(identity, instance.version);
    } else {
      inactive_.put(instance.arn, instance.version);
    }
    return {EventFate::kIgnored, "the instance is INACTIVE and not registered here"};
  }
  return handle.has_value() ? tell(*handle, instance, detail, batch) : enter(instance, batch);
}

EventFeed::Told EventFeed::enter(const ImportedInstance& instance, Batch& batch) {
  // What is neither ACTIVE nor REGISTERING comes as REGISTERING.
  const bool is_active = instance.status == InstanceStatus::kActive;
  LiveRegistration registration(instance, batch.pool, own_names_);
  const Result<cluster::InstanceHandle> handle = worker_.register_instance(registration.value());
  if (!handle.ok()) {
    return refused(handle.error());
  }
  remember(handle->identity, instance.version);
  if (!is_active) {
    worker_.set_status(handle->slot, instance.status, {.version = {}, .identity = handle->identity});
  }
  return {EventFate::kApplied, place_waiting(instance.arn)};
}

// Those that waited for the instance, now that it is here. Returns what became of those that found no place, or nothing.
std::string EventFeed::place_waiting(const std::string& instance_arn) {
  const auto waiting = waiting_.find(instance_arn);
  if (waiting == waiting_.end()) {
    return {};
  }
  std::vector<ImportedTask> tasks = std::move(waiting->second);
  waiting_.erase(waiting);
  waiting_count_ -= tasks.size();
  std::string lost;
  for (ImportedTask& task : tasks) {
    const Told told = place(std::move(task));
    if (told.fate != EventFate::kApplied) {
      lost.append(lost.empty() ? "a task that waited: " : "; ").append(told.reason);
    }
  }
  return lost;
}

EventFeed::Told EventFeed::tell(const cluster::InstanceHandle& handle, const ImportedInstance& instance, const JsonValue& detail,
                                Batch& batch) {
  const std::vector<cluster::LiveAttribute> attributes = live_attributes(instance, batch.pool);
  cluster::InstanceState state;
  // Members that the event lacks leave things as they are; an instance without capacityProviderName has no provider.
  const auto tells = [&](std::string_view member) { return detail.member(member).has_value(); };
  if (tells("status")) {
    state.status = instance.status;
  }
  if (tells("agentConnected")) {
    state.agent_connected = instance.agent_connected;
  }
  if (tells("versionInfo")) {
    state.agent_version = instance.agent_version;
  }
  if (tells("attributes")) {
    state.attributes = attributes;
  }
  state.capacity_provider = instance.capacity_provider;
  state.cpu_units = instance.registered.cpu;
  state.memory_mib = instance.registered.memory;
  state.version = instance.version;
  if (const std::uint16_t limit = live_eni_limit(attributes); limit != kEniUnlimited) {
    state.eni_limit = limit;
  }
  switch (worker_.set_instance_state(handle.slot, state, {.version = {}, .identity = handle.identity})) {
    case StatusCode::kOk:
      remember(handle.identity, instance.version);
      return {};
    case StatusCode::kNotFound:
      return {EventFate::kIgnored, "the instance was deregistered meanwhile"};
    case StatusCode::kInvalidArgument:
      return {EventFate::kRefused, "registeredResources of instance " + instance.arn + ": what remains is no 32-bit amount then"};
    case StatusCode::kLimitExceeded:
      return {EventFate::kRefused, "the cluster has seen 16,777,216 different sets of attributes; export it and begin anew"};
    default:
      return {EventFate::kRefused, "no memory to change instance " + instance.arn};
  }
}

EventFeed::Told EventFeed::leave(const cluster::InstanceHandle& handle, const ImportedInstance& instance, Batch& batch) {
  std::vector<cluster::Orphan> orphans;
  const Outcome outcome = worker_.deregister(handle.slot, true, orphans, {.version = {}, .identity = handle.identity});
  if (!outcome.ok() && outcome.error().code != StatusCode::kNotFound) {
    return refused(outcome.error());
  }
  remember(handle.identity, instance.version);
  for (const cluster::Orphan& orphan : orphans) {
    forget(orphan.arn, 0);
  }
  std::move(orphans.begin(), orphans.end(), std::back_inserter(batch.report.orphans));
  return {};
}

}  // namespace berth::ecs
