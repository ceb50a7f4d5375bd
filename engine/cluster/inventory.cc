#include "engine/cluster/inventory.h"

#include <algorithm>
#include <bit>
#include <memory>

#include <boost/container/small_vector.hpp>

#include "engine/base/hash.h"
#include "engine/base/limits.h"
#include "engine/base/rng.h"
#include "engine/cluster/index.h"

namespace berth::cluster {
namespace {

constexpr std::uint32_t kSpillMin = 4096;

constexpr std::uint32_t kLogCapacityMin = 1U << 17U;
constexpr std::uint32_t kLogCapacityMax = 1U << 20U;

std::uint32_t log_capacity_of(const InventoryOptions& options, const Snapshot& snapshot) {
  return options.log_capacity != 0 ? options.log_capacity
                                   : std::clamp(std::bit_ceil(snapshot.instance_count()), kLogCapacityMin, kLogCapacityMax);
}

std::uint64_t hash_of(std::span<const AttributePair> pairs) {
  std::uint64_t hash = mix64(pairs.size());
  for (const AttributePair& pair : pairs) {
    hash = mix64(hash ^ (std::uint64_t{pair.name} << 32U | pair.value));
  }
  return hash;
}

// Room for what ECS lets an instance reserve, so that none is asked for.
using PortList = boost::container::small_vector<std::uint32_t, kReservedPortsMax>;

template <typename Ports>
void append_ports(std::span<const std::uint16_t> ports, std::uint32_t bit, Ports& out) {
  for (const std::uint16_t port : ports) {
    out.push_back(port | bit);
  }
}

template <typename Ports>
void sort_once(Ports& ports) {
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
}

}  // namespace

Result<std::unique_ptr<Inventory>> Inventory::from_snapshot(const SnapshotPtr& snapshot, const InventoryOptions& options) {
  const std::uint64_t count = snapshot->instance_count();
  const std::uint64_t wanted =
      std::max<std::uint64_t>(options.instances_max == 0 ? count + count / 4 + kSpillMin : options.instances_max, count);
  const std::uint64_t buckets = wanted / kBucketSlots + 1;
  // The spill is whole buckets as well.
  const std::uint64_t spill = std::max<std::uint64_t>(kSpillMin, wanted / 16) / kBucketSlots * kBucketSlots;
  const std::uint64_t slots = buckets * kBucketSlots + spill;
  if (slots >= (std::uint64_t{1} << kLogSlotBits)) {
    return Error{.code = StatusCode::kLimitExceeded,
                 .message = "a cluster of " + std::to_string(wanted) + " instances is more than the " +
                            std::to_string((std::uint64_t{1} << kLogSlotBits) / 2) + " that one can hold; split the inventory"};
  }
  for (const std::uint32_t instance : snapshot->gpu_instances()) {
    if (snapshot->gpus(instance).count > 64) {
      return Error{.code = StatusCode::kLimitExceeded,
                   .message = "instance " + snapshot->instance_arns().text(instance) + " has " +
                              std::to_string(snapshot->gpus(instance).count) + " GPUs; a live cluster takes at most 64 on one instance"};
    }
  }
  std::unique_ptr<Inventory> inventory(
      new Inventory(snapshot, options, static_cast<std::uint32_t>(buckets), static_cast<std::uint32_t>(slots)));
  inventory->take_tables();
  inventory->take_slots();
  if (!inventory->take_records()) {
    return Error{.code = StatusCode::kOutOfMemory, .message = "no memory for the records of " + std::to_string(count) + " instances"};
  }
  return inventory;
}

Inventory::Inventory(const SnapshotPtr& snapshot, const InventoryOptions& options, std::uint32_t bucket_count, std::uint32_t slot_count)
    : names(snapshot->attribute_names()),
      values(snapshot->attribute_values()),
      groups(snapshot->groups()),
      texts(snapshot->texts()),
      tasks(snapshot->task_count(), options.tasks_max),
      ledger(slot_count, log_capacity_of(options, *snapshot), snapshot->task_count(), options.hook),
      indexes(std::make_unique<IndexPool>()),
      base_(snapshot),
      group_tasks_(*snapshot),
      base_count_(snapshot->instance_count()),
      bucket_count_(bucket_count),
      spill_end_(slot_count - bucket_count * kBucketSlots),
      window_entries_(options.window_entries),
      index_visits_(options.index_visits),
      slot_of_base_(base_count_),
      base_of_slot_(slot_count, kNoId) {}

Inventory::~Inventory() = default;

void Inventory::take_tables() {
  for (std::uint32_t set = 0; set < base_->attribute_set_count(); ++set) {
    const std::span<const AttributePair> pairs = base_->attribute_set_pairs(set);
    attribute_sets.append(pairs.begin(), pairs.end());
    set_ids_.put(hash_of(pairs), set, [](std::uint32_t) { return false; });
  }
  std::vector<bool> has_gpus(base_->task_shapes().size());
  for (const Snapshot::TaskGpu& gpu : base_->task_gpus()) {
    has_gpus[base_->task_shape()[gpu.task]] = true;
  }
  for (const TaskShape& shape : base_->task_shapes()) {
    const PortSet ports = base_->port_set(shape.ports);
    const std::span<const std::int32_t> own = base_->own_held(static_cast<std::uint32_t>(&shape - base_->task_shapes().data()));
    shapes.append(Shape{.group = shape.group,
                        .task_definition = shape.task_definition,
                        .started_by = shape.started_by,
                        .capacity_provider = shape.capacity_provider,
                        .cpu_units = shape.cpu_units,
                        .memory_mib = shape.memory_mib,
                        .gpu_count = 0,  // Told by the tasks' own GPUs.
                        .uses_eni = shape.uses_eni != 0,
                        .launch_type = static_cast<LaunchType>(shape.launch_type),
                        .tcp_ports = {ports.tcp.begin(), ports.tcp.end()},
                        .udp_ports = {ports.udp.begin(), ports.udp.end()},
                        .has_snapshot_gpus = has_gpus[static_cast<std::size_t>(&shape - base_->task_shapes().data())],
                        .own = {own.begin(), own.end()}});
  }
}

// Tie keys ascend within each bucket and within the spill, which searches make use of.
void Inventory::take_slots() {
  const auto ties = base_->tie_keys();
  const auto by_tie = [&](std::uint32_t a, std::uint32_t b) { return ties[a] < ties[b]; };
  std::vector<std::uint8_t> filled(bucket_count_);
  std::vector<std::uint32_t> spilled;
  for (std::uint32_t instance = 0; instance < base_count_; ++instance) {
    const std::uint32_t bucket = bucket_of(ties[instance]);
    if (filled[bucket] == kBucketSlots) {
      spilled.push_back(instance);
    } else {
      base_of_slot_[bucket_begin(bucket) + filled[bucket]++] = instance;
    }
  }
  for (std::uint32_t bucket = 0; bucket < bucket_count_; ++bucket) {
    const auto begin = base_of_slot_.begin() + bucket_begin(bucket);
    std::sort(begin, begin + filled[bucket], by_tie);
  }
  std::sort(spilled.begin(), spilled.end(), by_tie);
  std::copy(spilled.begin(), spilled.end(), base_of_slot_.begin());
  for (std::uint32_t slot = 0; slot < base_of_slot_.size(); ++slot) {
    if (const std::uint32_t instance = base_of_slot_[slot]; instance != kNoId) {
      slot_of_base_[instance] = slot;
      ledger.set_tie_key(slot, ties[instance]);
    }
  }
}

std::uint32_t Inventory::bucket_of(std::uint64_t tie_key) const {
  // Monotone in the key: its high half scaled to the buckets.
  return static_cast<std::uint32_t>(bounded(tie_key, bucket_count_));
}

std::uint64_t Inventory::first_tie_key(std::uint32_t bucket) const {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(((static_cast<Wide>(bucket) << 64U) + bucket_count_ - 1) / bucket_count_);
}

std::uint64_t Inventory::tie_key(std::uint32_t identity) const {
  return is_base(identity) ? base_->tie_keys()[identity] : later(identity).tie_key;
}

std::string Inventory::arn(std::uint32_t identity) const {
  return is_base(identity) ? base_->instance_arns().text(identity) : later(identity).arn;
}

std::string Inventory::ec2_instance_id(std::uint32_t identity) const {
  return is_base(identity) ? base_->ec2_instance_ids().text(identity) : later(identity).ec2_instance_id;
}

std::string_view Inventory::gpu_id(std::uint32_t identity, std::uint32_t gpu) const {
  return is_base(identity) ? base_->gpu_ids().at(base_->gpus(identity).begin + gpu) : std::string_view(later(identity).gpu_ids[gpu]);
}

std::uint32_t Inventory::gpu_slots(std::uint32_t identity) const {
  return is_base(identity) ? base_->gpus(identity).count : static_cast<std::uint32_t>(later(identity).gpu_ids.size());
}

Result<std::vector<std::int32_t>> Inventory::own_amounts(std::span<const OwnAmount> given) const {
  std::vector<std::int32_t> amounts(base_->own_resources().size());
  for (const OwnAmount& own : given) {
    const std::optional<std::uint32_t> at = base_->find_own_resource(own.name);
    if (!at.has_value() || own.amount < 0) {
      return Error{.code = StatusCode::kInvalidArgument,
                   .message = at.has_value() ? std::to_string(own.amount) + " of resource " + std::string(own.name) + "; give 0 or more"
                                             : "resource " + std::string(own.name) + ", which the cluster does not hold; leave it out"};
    }
    amounts[*at] = own.amount;
  }
  return amounts;
}

const Record* Inventory::look(std::uint32_t slot, WorkerSlot& self) {
  const Record* record = self.protect(Hazard::kLook, ledger.record(slot));
  ledger.step(Step::kReading);
  return record;
}

bool Inventory::take_records() {
  for (std::uint32_t instance = 0; instance < base_count_; ++instance) {
    const Snapshot::TaskRange range = base_->tasks_of(instance);
    Record* record = base_records_.allocate(word_count(), range.end - range.begin);
    if (record == nullptr) {
      return false;
    }
    fill_in(slot_of_base_[instance], instance, *record);
    ledger.start_record(*record);
  }
  return true;
}

// The record of an instance as the snapshot has it.
void Inventory::fill_in(std::uint32_t slot, std::uint32_t instance, Record& record) const {
  record.previous = nullptr;
  record.roster_change = 0;
  record.version = base_->version()[instance];
  record.gpu_free = 0;
  const Snapshot::GpuRange gpus = base_->gpus(instance);
  for (std::uint32_t gpu = 0; gpu < gpus.count; ++gpu) {
    record.gpu_free |= std::uint64_t{base_->gpu_free()[gpus.begin + gpu]} << gpu;
  }
  record.cpu_remaining = base_->cpu_remaining()[instance];
  record.memory_remaining = base_->memory_remaining()[instance];
  record.cpu_registered = base_->cpu_registered()[instance];
  record.memory_registered = base_->memory_registered()[instance];
  record.slot = slot;
  record.identity = instance;
  record.attribute_set = base_->attribute_set()[instance];
  record.agent_version = base_->agent_version()[instance];
  record.capacity_provider = base_->capacity_provider()[instance];
  record.running_tasks = base_->running_tasks_count()[instance];
  record.pending_tasks = base_->pending_tasks_count()[instance];
  record.changes = 0;
  record.touched_group = kGroupNone;
  record.effect = Effect::kOther;
  record.eni_used = base_->eni_used()[instance];
  record.eni_limit = base_->eni_limit()[instance];
  record.status = static_cast<InstanceStatus>(base_->status()[instance]);
  record.agent_connected = base_->agent_connected()[instance] != 0;
  record.is_gone = false;
  for (std::size_t wide = 0; wide < wide_count(); ++wide) {
    record.wide_values()[wide] = base_->wide_attributes()[wide].values[instance];
  }
  for (std::size_t own = 0; own < base_->own_resources().size(); ++own) {
    record.wide_values()[wide_count() + own] = static_cast<std::uint32_t>(base_->own_resources()[own].remaining[instance]);
  }
  const Snapshot::TaskRange range = base_->tasks_of(instance);
  const auto protections = base_->protected_tasks();
  auto protection = std::lower_bound(protections.begin(), protections.end(), range.begin,
                                     [](const ProtectedTask& entry, std::uint32_t task) { return entry.task < task; });
  for (std::uint32_t task = range.begin; task < range.end; ++task) {
    const bool is_protected = protection != protections.end() && protection->task == task;
    const std::uint32_t shape = base_->task_shape()[task];
    record.tasks()[task - range.begin] = LiveTask{.started_at_ms = base_->task_started_at_ms()[task] & kStartedMask,
                                                  .last_status = static_cast<TaskStatus>(base_->task_last_status()[task]),
                                                  .desired_status = static_cast<TaskStatus>(base_->task_desired_status()[task]),
                                                  .health = static_cast<HealthStatus>(base_->task_health()[task]),
                                                  .is_protected = is_protected,
                                                  .protected_until_ms = is_protected ? protection->expires_at_ms : 0,
                                                  .task = task,
                                                  .shape = shape,
                                                  .group = base_->task_shapes()[shape].group,
                                                  .version = base_->task_version()[task]};
    if (is_protected) {
      ++protection;
    }
  }
  set_words(record);
}

std::optional<std::uint32_t> Inventory::wide_index(std::uint32_t name) const {
  const auto wide = base_->wide_attributes();
  const auto found =
      std::lower_bound(wide.begin(), wide.end(), name, [](const WideAttribute& entry, std::uint32_t id) { return entry.name < id; });
  if (found == wide.end() || found->name != name) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(found - wide.begin());
}

std::uint32_t Inventory::attribute_in_set(std::uint32_t set, std::uint32_t name) const {
  const std::vector<AttributePair>& pairs = attribute_sets.at(set);
  const auto found =
      std::lower_bound(pairs.begin(), pairs.end(), name, [](const AttributePair& pair, std::uint32_t id) { return pair.name < id; });
  return found == pairs.end() || found->name != name ? kAttributeAbsent : found->value;
}

std::uint32_t Inventory::attribute(const Record& record, std::uint32_t name) const {
  const auto wide = wide_index(name);
  return wide.has_value() ? record.wide_values()[*wide] : attribute_in_set(record.attribute_set, name);
}

std::uint64_t Inventory::gpu_mask(const Record& record, const LiveTask& task) {
  if (task.task >= tasks.base_count()) {
    return tasks.at(task.task).gpu_mask.load(std::memory_order_acquire);
  }
  // A task that was told to have another shape since keeps its GPUs.
  if (task.shape < base_->task_shapes().size() && !shapes.at(task.shape).has_snapshot_gpus) {
    return 0;
  }
  const auto gpus = base_->task_gpus();
  const std::uint32_t first = base_->gpus(record.identity).begin;
  std::uint64_t mask = 0;
  for (auto gpu = std::lower_bound(gpus.begin(), gpus.end(), task.task,
                                   [](const Snapshot::TaskGpu& entry, std::uint32_t number) { return entry.task < number; });
       gpu != gpus.end() && gpu->task == task.task; ++gpu) {
    mask |= std::uint64_t{1} << (gpu->slot - first);
  }
  return mask;
}

// What the snapshot says is in use, without the ports of its tasks that have been released since.
void Inventory::append_base_ports(const Record& record, std::vector<std::uint32_t>& ports) const {
  const PortSet used = base_->port_set(base_->ports_used()[record.identity]);
  append_ports(used.tcp, 0, ports);
  append_ports(used.udp, kUdpBit, ports);
  const Snapshot::TaskRange range = base_->tasks_of(record.identity);
  PortList released;
  PortList kept;
  for (std::uint32_t task = range.begin; task < range.end; ++task) {
    const Shape& shape = shapes.at(base_->task_shape()[task]);
    if (shape.tcp_ports.empty() && shape.udp_ports.empty()) {
      continue;
    }
    const bool is_there =
        std::any_of(record.tasks().begin(), record.tasks().end(), [&](const LiveTask& entry) { return entry.task == task; });
    PortList& side = is_there ? kept : released;
    append_ports(shape.tcp_ports, 0, side);
    append_ports(shape.udp_ports, kUdpBit, side);
  }
  if (released.empty()) {
    return;
  }
  const PortSet registered = base_->port_set(base_->ports_registered()[record.identity]);
  append_ports(registered.tcp, 0, kept);
  append_ports(registered.udp, kUdpBit, kept);
  sort_once(released);
  sort_once(kept);
  std::erase_if(ports, [&](std::uint32_t port) {
    return std::binary_search(released.begin(), released.end(), port) && !std::binary_search(kept.begin(), kept.end(), port);
  });
}

void Inventory::ports_in_use(const Record& record, std::vector<std::uint32_t>& ports) const {
  ports.clear();
  if (is_base(record.identity)) {
    append_base_ports(record, ports);
  } else {
    const LaterIdentity& identity = later(record.identity);
    append_ports(identity.tcp_registered, 0, ports);
    append_ports(identity.udp_registered, kUdpBit, ports);
  }
  for (const LiveTask& task : record.tasks()) {
    if (task.task < tasks.base_count() && task.shape == base_->task_shape()[task.task]) {
      continue;  // In the snapshot's own set.
    }
    const Shape& shape = shapes.at(task.shape);
    append_ports(shape.tcp_ports, 0, ports);
    append_ports(shape.udp_ports, kUdpBit, ports);
  }
  sort_once(ports);
}

Result<std::uint32_t> Inventory::intern_set(std::vector<AttributePair> pairs) {
  const std::uint64_t hash = hash_of(pairs);
  const auto is_same = [&](std::uint32_t set) {
    const std::vector<AttributePair>& other = attribute_sets.at(set);
    return std::equal(other.begin(), other.end(), pairs.begin(), pairs.end(),
                      [](const AttributePair& a, const AttributePair& b) { return a.name == b.name && a.value == b.value; });
  };
  if (const auto found = set_ids_.find(hash, is_same); found.has_value()) {
    return *found;
  }
  const std::lock_guard lock(tables_mutex);
  if (const auto found = set_ids_.find(hash, is_same); found.has_value()) {
    return *found;
  }
  if (attribute_sets.size() + 1 >= kAttributeSetsMax) {
    return Error{.code = StatusCode::kLimitExceeded,
                 .message = "the cluster has seen 16,777,216 different sets of attributes; export it and begin anew"};
  }
  const std::uint32_t set = attribute_sets.append(std::move(pairs));
  set_ids_.put(hash, set, [](std::uint32_t) { return false; });
  return set;
}

}  // namespace berth::cluster
