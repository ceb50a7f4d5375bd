// How instances come and go.

#include <algorithm>
#include <string>
#include <vector>

#include "engine/cluster/attribute_pairs.h"
#include "engine/cluster/cluster.h"
#include "engine/cluster/task_names.h"
#include "engine/cluster/worker_change.h"

namespace berth::cluster {
namespace {

constexpr std::size_t kGpusMax = 64;

Outcome check(const Registration& registration) {
  const auto refuse = [](std::string message) { return Error{.code = StatusCode::kInvalidArgument, .message = std::move(message)}; };
  if (registration.arn.empty()) {
    return refuse("an instance to register has an empty ARN; give it one");
  }
  const std::string name = "instance " + std::string(registration.arn);
  if (registration.status != InstanceStatus::kActive && registration.status != InstanceStatus::kRegistering) {
    return refuse(name + " cannot register as " + std::string(to_text(registration.status)) + "; register it as ACTIVE or REGISTERING");
  }
  if (registration.cpu_units < 0 || registration.memory_mib < 0) {
    return refuse(name + " registers less than no CPU or memory; give what it has");
  }
  if (registration.gpu_ids.size() > kGpusMax) {
    return refuse(name + " has " + std::to_string(registration.gpu_ids.size()) + " GPUs; a live cluster takes at most 64 on one instance");
  }
  for (const LiveAttribute& attribute : registration.attributes) {
    if (attribute.name.empty()) {
      return refuse(name + " has an attribute without a name; name it or leave it out");
    }
  }
  return {};
}

std::vector<std::uint16_t> sorted(std::span<const std::uint16_t> ports) {
  std::vector<std::uint16_t> list(ports.begin(), ports.end());
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

}  // namespace

// `current`: what the slot holds, an instance that has left, or null.
Record* Worker::first_record(const Registration& registration, std::uint32_t slot, std::uint32_t identity, const Record* current,
                             std::span<const AttributePair> attributes, std::uint32_t set) {
  Record* next = self_->pool.allocate(inventory_->word_count(), 0);
  if (next == nullptr) {
    return nullptr;
  }
  next->version = registration.version;
  const std::size_t gpus = registration.gpu_ids.size();
  next->gpu_free = gpus == 0 ? 0 : ~std::uint64_t{0} >> (kGpusMax - gpus);
  next->cpu_remaining = next->cpu_registered = registration.cpu_units;
  next->memory_remaining = next->memory_registered = registration.memory_mib;
  next->slot = slot;
  next->identity = identity;
  next->attribute_set = set;
  next->agent_version = registration.agent_version.empty() ? kNoId : inventory_->texts.intern(registration.agent_version);
  next->capacity_provider = registration.capacity_provider.empty() ? kNoId : inventory_->texts.intern(registration.capacity_provider);
  next->running_tasks = 0;
  next->pending_tasks = 0;
  next->touched_group = kGroupNone;
  next->eni_used = 0;
  next->eni_limit = registration.eni_limit;
  next->status = registration.status;
  next->effect = Effect::kOther;
  next->agent_connected = registration.agent_connected;
  next->is_gone = false;
  write_wide(*inventory_, attributes, *next);
  const std::vector<std::int32_t>& own = inventory_->later(identity).own_registered;
  std::copy(own.begin(), own.end(), next->wide_values().begin() + static_cast<std::ptrdiff_t>(inventory_->wide_count()));
  next->previous = const_cast<Record*>(current);
  next->previous_fit_word = current == nullptr ? 0 : current->fit_word;
  next->previous_trait_word = current == nullptr ? 0 : current->trait_word;
  next->changes = current == nullptr ? 1 : current->changes + 1;
  set_words(*next);
  return next;
}

StatusCode Worker::enter(const Registration& registration, std::uint32_t slot, std::uint32_t identity) {
  const std::vector<AttributePair> attributes = pairs_of(*inventory_, registration.attributes);
  const Result<std::uint32_t> set = inventory_->intern_set(narrow_pairs(*inventory_, attributes));
  if (!set.ok()) {
    return set.error().code;
  }
  for (;;) {
    const std::uint64_t position = inventory_->ledger.settle(*self_);
    const Record* current = inventory_->look(slot, *self_);
    Record* next = first_record(registration, slot, identity, current, attributes, *set);
    if (next == nullptr) {
      return StatusCode::kOutOfMemory;
    }
    next->roster_change = static_cast<std::uint32_t>(2 * inventory_->ledger.roster_changes() + 1);
    Record* previous = next->previous;
    if (inventory_->ledger.commit(position, next, *self_)) {
      committed_at_ = position;
      if (previous != nullptr) {
        inventory_->ledger.retire(*self_, previous, kNoId);
      }
      return StatusCode::kOk;
    }
    self_->pool.free(next);
  }
}

Result<InstanceHandle> Worker::register_instance(const Registration& registration) {
  committed_at_.reset();
  if (Outcome outcome = check(registration); !outcome) {
    return std::move(outcome).error();
  }
  // A free slot stays free, and an ARN that is not registered stays so, for as long as nobody else registers.
  const std::lock_guard lock(inventory_->registering_mutex);
  if (const std::uint32_t known = inventory_->find_identity(registration.arn); known != kNoId) {
    const Record* record = inventory_->look(inventory_->slot_of(known), *self_);
    if (record != nullptr && !record->is_gone && record->identity == known) {
      return Error{.code = StatusCode::kAlreadyExists,
                   .message = "instance " + std::string(registration.arn) +
                              " is registered already; change it, or deregister it before it registers again"};
    }
  }
  LaterIdentity identity;
  identity.arn = registration.arn;
  identity.ec2_instance_id = registration.ec2_instance_id;
  identity.registered_at_ms = registration.registered_at_ms;
  identity.gpu_ids.assign(registration.gpu_ids.begin(), registration.gpu_ids.end());
  identity.tcp_registered = sorted(registration.tcp_ports);
  identity.udp_registered = sorted(registration.udp_ports);
  Result<std::vector<std::int32_t>> own = inventory_->own_amounts(registration.own);
  if (!own.ok()) {
    return Error{.code = own.error().code, .message = "instance " + identity.arn + " registers " + own.error().message};
  }
  identity.own_registered = *std::move(own);
  identity.slot = inventory_->find_free_slot(inventory_->tie_key_of(registration.arn), *self_);
  if (identity.slot == kNoId) {
    return Error{
        .code = StatusCode::kLimitExceeded,
        .message = "no slot is free for instance " + std::string(registration.arn) + "; make the cluster with a larger instances_max"};
  }
  const std::uint32_t slot = identity.slot;
  const std::uint32_t number = inventory_->add_identity(std::move(identity));
  if (const StatusCode status = enter(registration, slot, number); status != StatusCode::kOk) {
    return Error{.code = status, .message = "no room to register instance " + std::string(registration.arn)};
  }
  return InstanceHandle{slot, number};
}

Outcome Worker::deregister(std::uint32_t slot, bool by_force, std::vector<Orphan>& orphans, const Expected& expected) {
  std::size_t kept_by = 0;
  const StatusCode status = change(slot, expected, [&](const Record& current, std::uint32_t& freed_task) -> std::pair<StatusCode, Record*> {
    orphans.clear();
    const auto tasks = current.tasks();
    kept_by = static_cast<std::size_t>(
        std::count_if(tasks.begin(), tasks.end(), [](const LiveTask& task) { return task.last_status < TaskStatus::kStopped; }));
    if (kept_by > 0 && !by_force) {
      return {StatusCode::kInvalidArgument, nullptr};
    }
    const std::string arn = inventory_->arn(current.identity);
    for (const LiveTask& task : tasks) {
      if (task.last_status < TaskStatus::kStopped) {
        orphans.push_back({.task = {slot, task.task, inventory_->tasks.generation(task.task)},
                           .arn = task_arn(*inventory_, task.task, arn),
                           .group = std::string(inventory_->groups.at(task.group)),
                           .last_status = task.last_status,
                           .desired_status = task.desired_status});
      }
    }
    Record* next = successor(current, 0);
    if (next == nullptr) {
      return {StatusCode::kOutOfMemory, nullptr};
    }
    next->is_gone = true;
    next->status = InstanceStatus::kInactive;
    next->running_tasks = 0;
    next->pending_tasks = 0;
    next->touched_group = kGroupAll;
    next->roster_change = static_cast<std::uint32_t>(2 * inventory_->ledger.roster_changes() + 1);
    freed_task = kAllTasks;
    return {StatusCode::kOk, next};
  });
  switch (status) {
    case StatusCode::kOk:
      return {};
    case StatusCode::kInvalidArgument:
      return Error{.code = status,
                   .message = "Found running tasks on the instance: " + std::to_string(kept_by) +
                              " are not STOPPED; stop them, or deregister by force",
                   .exception = "InvalidParameterException"};
    case StatusCode::kConflict:
      return Error{.code = status,
                   .message = "the instance is at version " + std::to_string(version_found_) + ", not " +
                              std::to_string(expected.version.value_or(0)) + "; look at it again"};
    case StatusCode::kNotFound:
      return Error{.code = status, .message = "no such instance is registered"};
    default:
      return Error{.code = status, .message = "no memory for another record"};
  }
}

}  // namespace berth::cluster
