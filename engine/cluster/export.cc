// A live cluster written out as a snapshot.

#include <optional>
#include <span>
#include <string>

#include "engine/cluster/cluster.h"
#include "engine/cluster/live_copy.h"
#include "engine/cluster/task_names.h"
#include "engine/snapshot/builder.h"

namespace berth::cluster {
namespace {

// Slots between two questions whether to stop.
constexpr std::uint32_t kSlotsPerPoll = 1024;

class Exporter {
 public:
  Exporter(Inventory& inventory, SnapshotBuilder& builder) : inventory_(inventory), builder_(builder) {}

  // `names`: of the record's tasks.
  Outcome add(const Record& record, std::span<const LiveCopy::TaskName> names) {
    const std::string arn = inventory_.arn(record.identity);
    if (Outcome added = add_instance(record, arn); !added) {
      return added;
    }
    for (std::size_t task = 0; task < record.task_count; ++task) {
      if (Outcome added = add_task(record, record.tasks()[task], task < names.size() ? names[task] : LiveCopy::TaskName{}, arn); !added) {
        return added;
      }
    }
    return {};
  }

 private:
  std::string_view text(std::uint32_t id) const { return id == kNoId ? std::string_view() : inventory_.texts.at(id); }
  void list_gpus(const Record& record);
  void list_attributes(const Record& record);
  void list_own(const Record& record);
  void split_ports(const std::vector<std::uint32_t>& ports);
  Outcome add_instance(const Record& record, const std::string& arn);
  Outcome add_task(const Record& record, const LiveTask& task, const LiveCopy::TaskName& name, const std::string& instance_arn);

  Inventory& inventory_;
  SnapshotBuilder& builder_;
  std::vector<GpuRecord> gpus_;
  std::vector<InternedAttribute> attributes_;
  std::vector<OwnRecord> own_;
  std::vector<std::uint32_t> ports_;
  std::vector<std::uint16_t> tcp_, udp_;
};

void Exporter::list_gpus(const Record& record) {
  gpus_.clear();
  for (std::uint32_t gpu = 0; gpu < inventory_.gpu_slots(record.identity); ++gpu) {
    gpus_.push_back({inventory_.gpu_id(record.identity, gpu), (record.gpu_free >> gpu & 1U) != 0});
  }
}

void Exporter::list_attributes(const Record& record) {
  attributes_.clear();
  const auto add = [&](std::uint32_t name, std::uint32_t value) {
    if (value != kAttributeAbsent) {
      attributes_.push_back({builder_.intern_name(inventory_.names.at(name)),
                             value == kAttributeNameOnly ? kAttributeNameOnly : builder_.intern_value(inventory_.values.at(value))});
    }
  };
  for (const AttributePair& pair : inventory_.attribute_sets.at(record.attribute_set)) {
    add(pair.name, pair.value);
  }
  for (std::size_t wide = 0; wide < inventory_.wide_count(); ++wide) {
    add(inventory_.base().wide_attributes()[wide].name, record.wide_values()[wide]);
  }
}

void Exporter::list_own(const Record& record) {
  own_.clear();
  for (std::uint32_t own = 0; own < inventory_.base().own_resources().size(); ++own) {
    const OwnResource& resource = inventory_.base().own_resources()[own];
    const std::int32_t registered =
        inventory_.is_base(record.identity) ? resource.registered[record.identity] : inventory_.later(record.identity).own_registered[own];
    own_.push_back({resource.name, registered, inventory_.own_remaining(record, own)});
  }
}

void Exporter::split_ports(const std::vector<std::uint32_t>& ports) {
  tcp_.clear();
  udp_.clear();
  for (const std::uint32_t port : ports) {
    ((port & Inventory::kUdpBit) != 0 ? udp_ : tcp_).push_back(static_cast<std::uint16_t>(port));
  }
}

Outcome Exporter::add_instance(const Record& record, const std::string& arn) {
  InstanceRecord out;
  std::string ec2_instance_id;
  out.arn = arn;
  if (inventory_.is_base(record.identity)) {
    ec2_instance_id = inventory_.base().ec2_instance_ids().text(record.identity);
    out.registered_at_ms = inventory_.base().registered_at_ms()[record.identity];
    const PortSet registered = inventory_.base().port_set(inventory_.base().ports_registered()[record.identity]);
    out.tcp_registered = registered.tcp;
    out.udp_registered = registered.udp;
  } else {
    const LaterIdentity& identity = inventory_.later(record.identity);
    ec2_instance_id = identity.ec2_instance_id;
    out.registered_at_ms = identity.registered_at_ms;
    out.tcp_registered = identity.tcp_registered;
    out.udp_registered = identity.udp_registered;
  }
  inventory_.ports_in_use(record, ports_);
  split_ports(ports_);
  list_gpus(record);
  list_attributes(record);
  list_own(record);
  out.ec2_instance_id = ec2_instance_id;
  out.capacity_provider = text(record.capacity_provider);
  out.agent_version = text(record.agent_version);
  out.status = record.status;
  out.agent_connected = record.agent_connected;
  out.version = record.version;
  out.cpu_registered = record.cpu_registered;
  out.cpu_remaining = record.cpu_remaining;
  out.memory_registered = record.memory_registered;
  out.memory_remaining = record.memory_remaining;
  out.tcp_used = tcp_;
  out.udp_used = udp_;
  out.eni_limit = record.eni_limit;
  out.eni_used = record.eni_used;
  out.running_tasks_count = record.running_tasks;
  out.pending_tasks_count = record.pending_tasks;
  out.gpus = gpus_;
  out.attributes = attributes_;
  out.own = own_;
  return builder_.add_instance(out);
}

Outcome Exporter::add_task(const Record& record, const LiveTask& task, const LiveCopy::TaskName& name, const std::string& instance_arn) {
  const Shape& shape = inventory_.shapes.at(task.shape);
  const bool is_base = task.task < inventory_.tasks.base_count();
  const std::string arn = is_base ? inventory_.base().task_arns().text(task.task) : task_arn(name.id, instance_arn);
  std::vector<std::string_view> gpu_ids;
  const std::uint64_t gpu_mask = is_base ? inventory_.gpu_mask(record, task) : name.gpu_mask;
  for (std::uint32_t gpu = 0; gpu < inventory_.gpu_slots(record.identity); ++gpu) {
    if ((gpu_mask >> gpu & 1U) != 0) {
      gpu_ids.push_back(inventory_.gpu_id(record.identity, gpu));
    }
  }
  TaskRecord out;
  out.arn = arn;
  out.instance_arn = instance_arn;
  out.task_definition = text(shape.task_definition);
  out.group = inventory_.groups.at(shape.group);
  out.started_by = text(shape.started_by);
  out.capacity_provider = text(shape.capacity_provider);
  out.launch_type = shape.launch_type;
  out.cpu_units = shape.cpu_units;
  out.memory_mib = shape.memory_mib;
  out.tcp_ports = shape.tcp_ports;
  out.udp_ports = shape.udp_ports;
  out.uses_eni = shape.uses_eni;
  out.gpu_ids = gpu_ids;
  std::vector<OwnAmount> own;
  own.reserve(shape.own.size());
  for (std::size_t index = 0; index < shape.own.size(); ++index) {
    own.push_back({inventory_.base().own_resources()[index].name, shape.own[index]});
  }
  out.own = own;
  out.last_status = task.last_status;
  out.desired_status = task.desired_status;
  out.health = task.health;
  out.started_at_ms = task.started_at_ms;
  out.version = task.version;
  out.is_protected = task.is_protected;
  out.protected_until_ms = task.protected_until_ms;
  return builder_.add_task(out);
}

}  // namespace

Result<SnapshotPtr> Cluster::to_snapshot(Worker& worker, Executor& executor, const StopSignal* stop) const {
  Inventory& inventory = *inventory_;
  const auto stopped = [&] { return stop == nullptr ? StatusCode::kOk : stop->poll(); };
  LiveCopy copy(inventory, *worker.self_, stop);
  const std::optional<std::uint64_t> position = copy.take();
  if (copy.stopped() != StatusCode::kOk) {
    return Error{.code = copy.stopped()};
  }
  if (!position.has_value()) {
    return copy.is_out_of_memory()
               ? Error{.code = StatusCode::kOutOfMemory, .message = "no memory for a copy of the cluster"}
               : Error{.code = StatusCode::kConflict,
                       .message = "the cluster changed faster than it could be copied: its log of " +
                                  std::to_string(inventory.ledger.log_capacity()) +
                                  " changes went round meanwhile; make the cluster with a larger log_capacity, or try again"};
  }
  SnapshotBuilder builder;
  builder.set_has_tasks(inventory.base().has_tasks());
  builder.set_tie_seed(inventory.base().tie_seed());
  builder.set_generation(inventory.base().generation() + *position);
  for (const OwnResource& own : inventory.base().own_resources()) {
    if (Outcome added = builder.add_own_resource(own.name); !added) {
      return std::move(added).error();
    }
  }
  Exporter exporter(inventory, builder);
  for (std::uint32_t slot = 0; slot < inventory.ledger.slot_count(); ++slot) {
    if (const StatusCode why = slot % kSlotsPerPoll == 0 ? stopped() : StatusCode::kOk; why != StatusCode::kOk) {
      return Error{.code = why};
    }
    const LiveCopy::Slot& held = copy.at(slot);
    const Record* record = held.record;
    if (record == nullptr || record->is_gone) {
      continue;
    }
    if (Outcome added = exporter.add(*record, held.names); !added) {
      return std::move(added).error();
    }
  }
  if (const StatusCode why = stopped(); why != StatusCode::kOk) {
    return Error{.code = why};
  }
  Result<std::vector<std::uint8_t>> bytes = builder.finish(executor);
  if (!bytes.ok()) {
    return std::move(bytes).error();
  }
  return Snapshot::from_bytes(*std::move(bytes), executor);
}

}  // namespace berth::cluster
