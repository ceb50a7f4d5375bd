#include <bit>
#include <optional>
#include <vector>

#include "engine/snapshot/builder_state.h"

namespace berth {
namespace {

// Takes the ids of a column over into a pool. Where a prefix and its format are those that split_id() would choose, the tails are
// taken as they are; other entries are written out and interned.
class IdImport {
 public:
  IdImport(const IdColumn& column, IdPool& pool) : column_(column), pool_(pool), known_(column.prefixes().size()) {
    for (std::uint32_t prefix = 0; prefix < known_.size(); ++prefix) {
      const IdFormat format = column.format_of_prefix(prefix);
      if (format == IdFormat::kText) {
        continue;
      }
      std::string sample(column.prefixes().at(prefix));
      std::array<char, kTailBytesMax> digits;
      sample.append(digits.data(), write_tail(format, IdTail{0, 0}, digits));
      const EncodedId id = pool.intern(sample);
      if (id.format == format && pool.prefixes().at(id.prefix) == column.prefixes().at(prefix)) {
        known_[prefix] = id.prefix;
      }
    }
  }

  EncodedId at(std::uint32_t index) {
    const std::uint16_t prefix = column_.prefix(index);
    if (known_[prefix]) {
      const IdTail tail = column_.tail(index);
      return {.high = tail.high, .low = tail.low, .prefix = *known_[prefix], .format = column_.format_of_prefix(prefix)};
    }
    text_.clear();
    column_.append_to(index, text_);
    return pool_.intern(text_);
  }

 private:
  const IdColumn& column_;
  IdPool& pool_;
  std::vector<std::optional<std::uint32_t>> known_;
  std::string text_;
};

void import_strings(const StringTable& table, Interner& strings) {
  for (std::uint32_t id = 0; id < table.size(); ++id) {
    strings.intern(table.at(id));
  }
}

// The builder's port set of each port set of the snapshot.
std::vector<std::uint32_t> import_port_sets(const Snapshot& base, BuilderRows& rows) {
  std::vector<std::uint32_t> sets;
  std::vector<std::uint32_t> ports;
  for (std::uint32_t set = 0; set < base.port_set_count(); ++set) {
    const PortSet from = base.port_set(set);
    ports.assign(from.tcp.begin(), from.tcp.end());
    for (const std::uint16_t port : from.udp) {
      ports.push_back(kUdpPort | port);
    }
    sets.push_back(rows.port_sets.intern(ports, kPortWord));
  }
  return sets;
}

// Dictionary ids are the builder's ids here, because a dictionary is interned in its own order first.
class AttributeImport {
 public:
  AttributeImport(const Snapshot& base, BuilderRows& rows) : base_(base), rows_(rows) {
    for (std::uint32_t set = 0; set < base.attribute_set_count() && base.wide_attributes().empty(); ++set) {
      sets_.push_back(rows.attribute_sets.intern(base.attribute_set_pairs(set), kPairWord));
    }
  }

  std::uint32_t at(std::uint32_t instance) {
    if (base_.wide_attributes().empty()) {
      return sets_[base_.attribute_set()[instance]];
    }
    // Both are sorted by name, and no name is in both.
    pairs_.clear();
    const std::span<const WideAttribute> wide = base_.wide_attributes();
    std::size_t next = 0;
    const auto add_wide_below = [&](std::uint64_t name) {
      for (; next < wide.size() && wide[next].name < name; ++next) {
        if (wide[next].values[instance] != kAttributeAbsent) {
          pairs_.push_back({wide[next].name, wide[next].values[instance]});
        }
      }
    };
    for (const AttributePair& pair : base_.attribute_set_pairs(base_.attribute_set()[instance])) {
      add_wide_below(pair.name);
      pairs_.push_back(pair);
    }
    add_wide_below(std::uint64_t{1} << 32U);
    return rows_.attribute_sets.intern(pairs_, kPairWord);
  }

 private:
  const Snapshot& base_;
  BuilderRows& rows_;
  std::vector<std::uint32_t> sets_;
  std::vector<AttributePair> pairs_;
};

void import_instances(const Snapshot& base, const std::vector<std::uint32_t>& port_sets, BuilderRows& rows) {
  IdImport arns(base.instance_arns(), rows.instance_arns);
  IdImport ec2_instance_ids(base.ec2_instance_ids(), rows.ec2_instance_ids);
  AttributeImport attributes(base, rows);
  rows.instances.reserve(base.instance_count());
  for (std::uint32_t at = 0; at < base.instance_count(); ++at) {
    InstanceRow row{};
    row.arn = arns.at(at);
    row.ec2_instance_id = ec2_instance_ids.at(at);
    row.registered_at_ms = base.registered_at_ms()[at];
    row.version = base.version()[at];
    row.cpu_registered = base.cpu_registered()[at];
    row.cpu_remaining = base.cpu_remaining()[at];
    row.memory_registered = base.memory_registered()[at];
    row.memory_remaining = base.memory_remaining()[at];
    row.attribute_set = attributes.at(at);
    row.ports_registered = port_sets[base.ports_registered()[at]];
    row.ports_used = port_sets[base.ports_used()[at]];
    row.agent_version = base.agent_version()[at];
    row.capacity_provider = base.capacity_provider()[at];
    row.running_tasks_count = base.running_tasks_count()[at];
    row.pending_tasks_count = base.pending_tasks_count()[at];
    row.eni_limit = base.eni_limit()[at];
    row.eni_used = base.eni_used()[at];
    row.status = base.status()[at];
    row.agent_connected = base.agent_connected()[at];
    rows.instances.push_back(row);
    rows.instance_index.insert(row.arn, at, [&rows](std::uint32_t held) -> const EncodedId& { return rows.instances[held].arn; });
  }
  for (const std::uint32_t at : base.gpu_instances()) {
    const Snapshot::GpuRange range = base.gpus(at);
    rows.instances[at].gpu_begin = static_cast<std::uint32_t>(rows.gpus.size());
    rows.instances[at].gpu_count = range.count;
    for (std::uint32_t slot = range.begin; slot < range.begin + range.count; ++slot) {
      rows.gpus.push_back({rows.gpu_ids.intern(base.gpu_ids().at(slot)), base.gpu_free()[slot]});
    }
  }
}

void import_tasks(const Snapshot& base, const std::vector<std::uint32_t>& port_sets, BuilderRows& rows) {
  std::vector<std::uint32_t> shapes;
  std::vector<std::uint64_t> words;
  for (TaskShape shape : base.task_shapes()) {
    shape.ports = port_sets[shape.ports];
    const auto fixed = std::bit_cast<ShapeWords>(shape);
    words.assign(fixed.begin(), fixed.end());
    const std::span<const std::int32_t> held = base.own_held(static_cast<std::uint32_t>(shapes.size()));
    for (std::uint64_t own = 0; own < held.size(); ++own) {
      if (held[own] != 0) {
        words.push_back(own << 32U | static_cast<std::uint32_t>(held[own]));
      }
    }
    shapes.push_back(rows.shapes.intern(words, kShapeWord));
  }
  IdImport arns(base.task_arns(), rows.task_arns);
  rows.tasks.reserve(base.task_count());
  for (std::uint32_t instance = 0; instance < base.instance_count(); ++instance) {
    const Snapshot::TaskRange range = base.tasks_of(instance);
    for (std::uint32_t at = range.begin; at < range.end; ++at) {
      TaskRow row{};
      row.arn = arns.at(at);
      row.started_at_ms = base.task_started_at_ms()[at];
      row.instance = instance;
      row.shape = shapes[base.task_shape()[at]];
      row.version = base.task_version()[at];
      row.last_status = base.task_last_status()[at];
      row.desired_status = base.task_desired_status()[at];
      row.health = base.task_health()[at];
      rows.tasks.push_back(row);
    }
  }
  for (const ProtectedTask& row : base.protected_tasks()) {
    rows.protections.push_back({row.task, row.expires_at_ms});
  }
  for (const Snapshot::TaskGpu& row : base.task_gpus()) {
    rows.task_gpus.push_back({row.task, *rows.gpu_ids.find(base.gpu_ids().at(row.slot))});
  }
}

}  // namespace

std::unique_ptr<SnapshotBuilder> SnapshotBuilder::from(const Snapshot& base) {
  auto builder = std::make_unique<SnapshotBuilder>();
  BuilderRows& rows = builder->state_->rows;
  rows.generation = base.generation() + 1;
  rows.tie_seed = base.tie_seed();
  // Only what the tasks do not say by themselves is kept as said.
  if (base.has_tasks() != (base.task_count() > 0)) {
    rows.has_tasks = base.has_tasks();
  }
  import_strings(base.attribute_names(), rows.names);
  import_strings(base.attribute_values(), rows.values);
  import_strings(base.groups(), rows.groups);
  import_strings(base.texts(), rows.texts);
  const std::vector<std::uint32_t> port_sets = import_port_sets(base, rows);
  for (const OwnResource& own : base.own_resources()) {
    rows.own_resources.push_back(
        {std::string(own.name), {own.registered.begin(), own.registered.end()}, {own.remaining.begin(), own.remaining.end()}});
  }
  import_instances(base, port_sets, rows);
  import_tasks(base, port_sets, rows);
  return builder;
}

}  // namespace berth
