#include "engine/ecs/import_inventory.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "engine/ecs/arn.h"
#include "engine/ecs/instance_types.h"

namespace berth::ecs {
namespace {

constexpr std::size_t kNotTied = std::numeric_limits<std::size_t>::max();

std::int32_t clamped(std::int64_t amount) {
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(amount, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

void append(Ports& ports, const Ports& more) {
  ports.insert(ports.end(), more.begin(), more.end());
}

// The ports of `ports` that stand in `used`.
Ports ports_in_use(const Ports& ports, const Ports& used) {
  Ports found;
  std::copy_if(ports.begin(), ports.end(), std::back_inserter(found),
               [&](std::uint16_t port) { return std::find(used.begin(), used.end(), port) != used.end(); });
  return found;
}

bool contains(std::span<const std::string> ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// Keeps the newer of two records of one ARN; of equal versions the later one read.
template <typename Record>
void merge(std::vector<Record>& records, std::unordered_map<std::string, std::size_t>& index, Record record, std::uint64_t& duplicates) {
  const auto [at, is_new] = index.try_emplace(record.arn, records.size());
  if (is_new) {
    records.push_back(std::move(record));
    return;
  }
  ++duplicates;
  Record& kept = records[at->second];
  if (record.version >= kept.version) {
    kept = std::move(record);
  }
}

}  // namespace

bool ImportInventory::is_other_cluster(std::string_view cluster_arn) const {
  return !cluster_.empty() && !cluster_arn.empty() && !is_cluster(cluster_arn, cluster_);
}

void ImportInventory::add(ImportedInstance instance) {
  if (is_other_cluster(instance.cluster_arn)) {
    ++report_.other_clusters;
    report_.left_out_clusters.insert(instance.cluster_arn);
    return;
  }
  merge(instances_, instance_index_, std::move(instance), report_.duplicates);
}

void ImportInventory::add(ImportedTask task) {
  if (is_other_cluster(task.cluster_arn)) {
    ++report_.other_clusters;
    report_.left_out_clusters.insert(task.cluster_arn);
    return;
  }
  merge(tasks_, task_index_, std::move(task), report_.duplicates);
}

void ImportInventory::add(ImportedProtection protection) {
  std::string arn = protection.task_arn;
  protections_.insert_or_assign(std::move(arn), std::move(protection));
}

void ImportInventory::tie_tasks() {
  std::vector<std::size_t> instance_of(tasks_.size(), kNotTied);
  tied_begin_.assign(instances_.size() + 1, 0);
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const ImportedTask& task = tasks_[i];
    if (task.is_stopped()) {
      ++report_.stopped_tasks_left_out;
      continue;
    }
    if (task.is_fargate()) {
      ++report_.fargate_tasks_left_out;
      continue;
    }
    const auto at = instance_index_.find(task.instance_arn);
    if (at == instance_index_.end()) {
      ++report_.tasks_without_instance;
      report_.warn("tasks whose container instance is not among the documents are left out", task.arn);
      continue;
    }
    instance_of[i] = at->second;
    ++tied_begin_[at->second + 1];
    clusters_with_tasks_.insert(instances_[at->second].cluster_arn);
  }
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    tied_begin_[i + 1] += tied_begin_[i];
  }
  std::vector<std::size_t> next(tied_begin_.begin(), tied_begin_.end() - 1);
  tied_.resize(tied_begin_.back());
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    if (instance_of[i] != kNotTied) {
      tied_[next[instance_of[i]]++] = i;
    }
  }
}

ImportInventory::Usage ImportInventory::usage_of(std::size_t instance) const {
  Usage usage;
  usage.own.resize(own_names_.size());
  for (std::size_t at = tied_begin_[instance]; at < tied_begin_[instance + 1]; ++at) {
    const ImportedTask& task = tasks_[tied_[at]];
    usage.cpu_units += task.cpu_units;
    usage.memory_mib += task.memory_mib;
    append(usage.tcp, task.tcp);
    append(usage.udp, task.udp);
    usage.eni += task.uses_eni ? 1 : 0;
    usage.desired_running += task.desired_status == TaskStatus::kRunning ? 1 : 0;
    for (std::size_t own = 0; own < own_names_.size(); ++own) {
      usage.own[own] += task.own[own];
    }
  }
  return usage;
}

void ImportInventory::warn_about_counts(const ImportedInstance& instance, const Usage& usage) {
  const bool has_tasks = clusters_with_tasks_.contains(instance.cluster_arn);
  if (!has_tasks && instance.running_tasks_count > 0) {
    report_.warn(
        "no task of the cluster was imported, but instances run some: group counts, distinctInstance and task:group cannot see them",
        instance.arn);
  }
  if (has_tasks && instance.running_tasks_count != usage.desired_running) {
    report_.warn(
        "runningTasksCount differs from the number of imported tasks, which counts",
        instance.arn + " says " + std::to_string(instance.running_tasks_count) + ", imported are " + std::to_string(usage.desired_running));
  }
}

void ImportInventory::warn_about_remaining(const ImportedInstance& instance) {
  const ResourceList& remaining = instance.remaining;
  const ResourceList& registered = instance.registered;
  if (!remaining.cpu && !remaining.memory && !remaining.tcp && !remaining.udp && !remaining.gpus) {
    report_.warn("container instances without remainingResources: what their imported tasks take is subtracted", instance.arn);
    return;
  }
  std::string missing;
  const auto add = [&](bool is_missing, std::string_view name) {
    if (is_missing) {
      missing.append(missing.empty() ? "" : ", ").append(name);
    }
  };
  add(!remaining.cpu, "CPU");
  add(!remaining.memory, "MEMORY");
  add(!remaining.tcp, "PORTS");
  // Not every instance has the other two.
  add(!remaining.udp && registered.udp, "PORTS_UDP");
  add(!remaining.gpus && registered.gpus, "GPU");
  for (std::size_t own = 0; own < own_names_.size(); ++own) {
    add(!remaining.own[own] && registered.own[own], own_names_[own]);
  }
  if (!missing.empty()) {
    report_.warn("container instances whose remainingResources lack " + missing + ": there, what their imported tasks take is subtracted",
                 instance.arn);
  }
}

void ImportInventory::note_own(const ImportedInstance& instance) {
  for (std::size_t own = 0; own < own_names_.size(); ++own) {
    own_seen_[own] = own_seen_[own] || instance.registered.own[own].has_value();
  }
}

// Of own resources that an instance does not know it has 0; what it does not say of the rest follows as for CPU and memory.
std::vector<OwnRecord> ImportInventory::own_of(const ImportedInstance& instance, const Usage& usage) const {
  std::vector<OwnRecord> records;
  for (std::size_t own = 0; own < own_names_.size(); ++own) {
    const std::int32_t registered = instance.registered.own[own].value_or(0);
    const std::int32_t remaining = instance.remaining.own[own].value_or(clamped(registered - usage.own[own]));
    records.push_back({own_names_[own], registered, remaining});
  }
  return records;
}

std::uint16_t ImportInventory::eni_limit_of(const ImportedInstance& instance) {
  std::string_view type_name;
  bool has_trunk = false;
  for (const AttributePair& pair : instance.attributes) {
    const std::string_view name = pool_.at(pair.name);
    if (name == "ecs.instance-type" && pair.value != kAttributeNameOnly) {
      type_name = pool_.at(pair.value);
    }
    has_trunk = has_trunk || name == "ecs.awsvpc-trunk-id";
  }
  const std::uint16_t limit = eni_task_limit(find_instance_type(type_name), has_trunk);
  if (limit == kEniUnlimited) {
    report_.warn("instance types whose ENI limit is not known: tasks with an ENI of their own are not limited there",
                 type_name.empty() ? "no attribute ecs.instance-type" : type_name);
  }
  return limit;
}

std::vector<GpuRecord> ImportInventory::gpus_of(std::size_t instance) {
  const ImportedInstance& record = instances_[instance];
  std::vector<GpuRecord> gpus;
  if (!record.registered.gpus) {
    return gpus;
  }
  const auto holder_of = [&](std::string_view id) -> const ImportedTask* {
    for (std::size_t at = tied_begin_[instance]; at < tied_begin_[instance + 1]; ++at) {
      if (contains(tasks_[tied_[at]].gpu_ids, id)) {
        return &tasks_[tied_[at]];
      }
    }
    return nullptr;
  };
  for (const std::string& id : *record.registered.gpus) {
    const ImportedTask* holder = holder_of(id);
    const bool is_listed = !record.remaining.gpus || contains(*record.remaining.gpus, id);
    if (record.remaining.gpus && is_listed && holder != nullptr) {
      report_.warn("GPUs that remainingResources lists are held by tasks: they are not free", id);
    }
    // A GPU is pinned to one task: it is not given a second time, whatever the list means.
    gpus.push_back({id, is_listed && holder == nullptr});
  }
  return gpus;
}

void ImportInventory::intern_attributes(SnapshotBuilder& builder, std::size_t index, std::vector<InternedAttribute>& attributes) {
  const ImportedInstance& instance = instances_[index];
  attributes.clear();
  for (const AttributePair& pair : instance.attributes) {
    if (std::exchange(name_seen_on_[pair.name], index) == index) {
      report_.warn("attributes that stand twice on one container instance: the last one counts",
                   std::string(pool_.at(pair.name)) + " on " + instance.arn);
    }
    std::uint32_t& name = names_[pair.name];
    if (name == kNoId) {
      name = builder.intern_name(pool_.at(pair.name));
    }
    if (pair.value == kAttributeNameOnly) {
      attributes.push_back({name, kAttributeNameOnly});
      continue;
    }
    std::uint32_t& value = values_[pair.value];
    if (value == kNoId) {
      value = builder.intern_value(pool_.at(pair.value));
    }
    attributes.push_back({name, value});
  }
}

Outcome ImportInventory::add_tasks_to(SnapshotBuilder& builder, std::size_t instance, const Ports& tcp_used, const Ports& udp_used,
                                      std::span<const GpuRecord> gpus) {
  std::vector<std::string_view> held_before;
  for (std::size_t at = tied_begin_[instance]; at < tied_begin_[instance + 1]; ++at) {
    const ImportedTask& task = tasks_[tied_[at]];
    const Ports tcp = ports_in_use(task.tcp, tcp_used);
    const Ports udp = ports_in_use(task.udp, udp_used);
    std::vector<std::string_view> gpu_ids;
    for (const std::string& id : task.gpu_ids) {
      const bool exists = std::any_of(gpus.begin(), gpus.end(), [&](const GpuRecord& gpu) { return gpu.id == id; });
      const bool is_taken = std::find(held_before.begin(), held_before.end(), id) != held_before.end();
      if (!exists || is_taken) {
        report_.warn(exists ? "GPUs that several tasks hold: the first keeps them" : "GPUs of tasks that their instance lacks are ignored",
                     task.arn);
        continue;
      }
      gpu_ids.push_back(id);
      held_before.push_back(id);
    }
    TaskRecord record;
    record.arn = task.arn;
    record.instance_arn = task.instance_arn;
    record.task_definition = task.task_definition;
    record.group = task.group;
    record.started_by = task.started_by;
    record.capacity_provider = task.capacity_provider;
    record.launch_type = task.launch_type;
    record.cpu_units = task.cpu_units;
    record.memory_mib = task.memory_mib;
    record.tcp_ports = tcp;
    record.udp_ports = udp;
    record.uses_eni = task.uses_eni;
    record.gpu_ids = gpu_ids;
    std::vector<OwnAmount> own;
    for (std::size_t at_own = 0; at_own < own_names_.size(); ++at_own) {
      own.push_back({own_names_[at_own], task.own[at_own]});
    }
    record.own = own;
    record.last_status = task.last_status;
    record.desired_status = task.desired_status;
    record.health = task.health;
    record.started_at_ms = task.started_at_ms;
    record.version = task.version;
    if (const auto protection = protections_.find(task.arn); protection != protections_.end()) {
      record.is_protected = protection->second.is_enabled;
      record.protected_until_ms = record.is_protected ? protection->second.until_ms : 0;
    }
    if (Outcome outcome = builder.add_task(record); !outcome) {
      return outcome;
    }
  }
  return {};
}

Outcome ImportInventory::add_to(SnapshotBuilder& builder, std::size_t instance) {
  const ImportedInstance& imported = instances_[instance];
  const Usage usage = usage_of(instance);
  warn_about_counts(imported, usage);
  InstanceRecord record;
  record.arn = imported.arn;
  record.ec2_instance_id = imported.ec2_instance_id;
  record.capacity_provider = imported.capacity_provider;
  record.agent_version = imported.agent_version;
  record.status = imported.status;
  record.agent_connected = imported.agent_connected;
  record.registered_at_ms = imported.registered_at_ms;
  record.version = imported.version;
  record.cpu_registered = imported.registered.cpu.value_or(0);
  record.memory_registered = imported.registered.memory.value_or(0);
  record.cpu_remaining = imported.remaining.cpu.value_or(clamped(record.cpu_registered - usage.cpu_units));
  record.memory_remaining = imported.remaining.memory.value_or(clamped(record.memory_registered - usage.memory_mib));
  warn_about_remaining(imported);
  note_own(imported);
  const std::vector<OwnRecord> own = own_of(imported, usage);
  record.own = own;
  const bool is_overdrawn = std::any_of(own.begin(), own.end(), [](const OwnRecord& each) { return each.remaining < 0; });
  if (record.cpu_remaining < 0 || record.memory_remaining < 0 || is_overdrawn) {
    report_.warn("container instances with less than nothing remaining take no task that needs any of it", imported.arn);
  }
  const Ports tcp_registered = imported.registered.tcp.value_or(Ports());
  const Ports udp_registered = imported.registered.udp.value_or(Ports());
  Ports tcp_used = imported.remaining.tcp.value_or(usage.tcp);
  Ports udp_used = imported.remaining.udp.value_or(usage.udp);
  append(tcp_used, tcp_registered);
  append(udp_used, udp_registered);
  record.tcp_registered = tcp_registered;
  record.udp_registered = udp_registered;
  record.tcp_used = tcp_used;
  record.udp_used = udp_used;
  record.eni_limit = eni_limit_of(imported);
  record.eni_used = static_cast<std::uint16_t>(std::min<std::uint32_t>(usage.eni, kEniUnlimited - 1U));
  // Rule D4: from the tasks where any task of the cluster was imported.
  record.running_tasks_count = clusters_with_tasks_.contains(imported.cluster_arn) ? usage.desired_running : imported.running_tasks_count;
  record.pending_tasks_count = imported.pending_tasks_count;
  const std::vector<GpuRecord> gpus = gpus_of(instance);
  record.gpus = gpus;
  std::vector<InternedAttribute> attributes;
  intern_attributes(builder, instance, attributes);
  record.attributes = attributes;
  if (!imported.cluster_arn.empty()) {
    report_.clusters.insert(imported.cluster_arn);
  }
  if (Outcome outcome = builder.add_instance(record); !outcome) {
    return outcome;
  }
  return add_tasks_to(builder, instance, tcp_used, udp_used, gpus);
}

Result<SnapshotPtr> ImportInventory::build(std::uint64_t tie_seed, Executor& executor, Progress* progress) {
  constexpr std::size_t kStep = 1024;
  tie_tasks();
  names_.assign(pool_.size(), kNoId);
  values_.assign(pool_.size(), kNoId);
  name_seen_on_.assign(pool_.size(), instances_.size());
  SnapshotBuilder builder;
  builder.set_tie_seed(tie_seed);
  own_seen_.assign(own_names_.size(), false);
  for (const std::string& name : own_names_) {
    if (Outcome outcome = builder.add_own_resource(name); !outcome) {
      return std::move(outcome).error();
    }
  }
  if (progress != nullptr) {
    progress->begin(Phase::kBuilding, instances_.size());
  }
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    if (Outcome outcome = add_to(builder, i); !outcome) {
      return std::move(outcome).error();
    }
    if (progress != nullptr && (i + 1) % kStep == 0) {
      progress->advance(kStep);
    }
  }
  for (const auto& [arn, protection] : protections_) {
    if (!task_index_.contains(arn)) {
      report_.warn("protections of tasks that are not among the documents are left out");
    }
  }
  for (std::size_t own = 0; own < own_names_.size(); ++own) {
    if (!own_seen_[own]) {
      report_.warn("resources that no container instance registers: every instance has 0 of them", own_names_[own]);
    }
  }
  report_.instances = builder.instance_count();
  report_.tasks = builder.task_count();
  // The records are not needed while the snapshot is laid out.
  instances_ = {};
  tasks_ = {};
  Result<std::vector<std::uint8_t>> bytes = builder.finish(executor, progress);
  if (!bytes) {
    return std::move(bytes).error();
  }
  return Snapshot::from_bytes(*std::move(bytes), executor);
}

}  // namespace berth::ecs
