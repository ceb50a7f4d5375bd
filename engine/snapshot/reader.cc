#include "engine/snapshot/reader.h"

#include <utility>

#include "engine/snapshot/layout.h"
#include "engine/snapshot/tie_keys.h"
#include "engine/snapshot/validate.h"
#include "engine/snapshot/verify.h"

namespace berth {

std::unique_ptr<Snapshot::Storage> SnapshotReader::hold(std::vector<std::uint8_t> bytes) {
  auto storage = std::make_unique<Snapshot::Storage>();
  storage->vector = std::move(bytes);
  storage->bytes = storage->vector;
  return storage;
}

std::unique_ptr<Snapshot::Storage> SnapshotReader::hold(std::unique_ptr<std::uint8_t[]> block, std::size_t size) {
  auto storage = std::make_unique<Snapshot::Storage>();
  storage->block = std::move(block);
  storage->bytes = {storage->block.get(), size};
  return storage;
}

std::unique_ptr<Snapshot::Storage> SnapshotReader::hold(Mapping mapping) {
  auto storage = std::make_unique<Snapshot::Storage>();
  storage->mapping = std::move(mapping);
  storage->bytes = storage->mapping.bytes();
  return storage;
}

Result<std::shared_ptr<const Snapshot>> SnapshotReader::read(std::unique_ptr<Snapshot::Storage> storage, Executor& executor) {
  const Result<const wire::Snapshot*> verified = verify(storage->bytes);
  if (!verified) {
    return verified.error();
  }
  const wire::Snapshot& root = **verified;
  if (Outcome valid = validate(root, executor); !valid) {
    return std::move(valid).error();
  }
  storage->format_version = root.format_version();
  storage->generation = root.generation();
  storage->tie_seed = root.tie_seed();
  storage->attribute_set_begin = span_of(root.attribute_set_begin());
  storage->attribute_set_pairs = span_of(root.attribute_set_pairs());
  storage->tcp_begin = span_of(root.port_set_tcp_begin());
  storage->tcp = span_of(root.port_set_tcp());
  storage->udp_begin = span_of(root.port_set_udp_begin());
  storage->udp = span_of(root.port_set_udp());
  storage->gpu_begin = span_of(root.gpu_begin());

  const std::shared_ptr<Snapshot> made(new Snapshot());
  Snapshot& it = *made;
  it.storage_ = std::move(storage);
  it.has_tasks_ = root.has_tasks() != 0;
  it.instance_count_ = root.instance_count();
  it.task_count_ = root.task_count();
  it.attribute_names_ = string_table_of(root.attribute_names());
  it.attribute_values_ = string_table_of(root.attribute_values());
  it.groups_ = string_table_of(root.groups());
  it.texts_ = string_table_of(root.texts());
  it.gpu_ids_ = string_table_of(root.gpu_ids());
  if (root.wide_attributes() != nullptr) {
    for (const wire::WideAttribute* wide : *root.wide_attributes()) {
      it.wide_attributes_.push_back({wide->name(), span_of(wide->values())});
    }
  }
  it.instance_arns_ = id_column_of(root.instance_arns());
  it.ec2_instance_ids_ = id_column_of(root.ec2_instance_ids());
  it.task_shapes_ = span_of(root.task_shapes());
  it.attribute_set_ = span_of(root.attribute_set());
  it.cpu_registered_ = span_of(root.cpu_registered());
  it.cpu_remaining_ = span_of(root.cpu_remaining());
  it.memory_registered_ = span_of(root.memory_registered());
  it.memory_remaining_ = span_of(root.memory_remaining());
  it.ports_registered_ = span_of(root.ports_registered());
  it.ports_used_ = span_of(root.ports_used());
  it.eni_limit_ = span_of(root.eni_limit());
  it.eni_used_ = span_of(root.eni_used());
  it.status_ = span_of(root.status());
  it.agent_connected_ = span_of(root.agent_connected());
  it.agent_version_ = span_of(root.agent_version());
  it.capacity_provider_ = span_of(root.capacity_provider());
  it.registered_at_ms_ = span_of(root.registered_at_ms());
  it.version_ = span_of(root.version());
  it.running_tasks_count_ = span_of(root.running_tasks_count());
  it.pending_tasks_count_ = span_of(root.pending_tasks_count());
  it.gpu_instances_ = span_of(root.gpu_instances());
  it.gpu_free_ = span_of(root.gpu_free());
  it.task_begin_ = span_of(root.task_begin());
  it.task_arns_ = id_column_of(root.task_arns());
  it.task_shape_ = span_of(root.task_shape());
  it.task_last_status_ = span_of(root.task_last_status());
  it.task_desired_status_ = span_of(root.task_desired_status());
  it.task_health_ = span_of(root.task_health());
  it.task_started_at_ms_ = span_of(root.task_started_at_ms());
  it.task_version_ = span_of(root.task_version());
  it.protected_tasks_ = span_of(root.protected_tasks());
  it.task_gpus_ = span_of(root.task_gpus());
  const StringTable own_names = string_table_of(root.own_names());
  for (std::uint32_t own = 0; own < own_names.size(); ++own) {
    const wire::OwnColumn* const column = root.own_columns()->Get(own);
    it.own_resources_.push_back({own_names.at(own), span_of(column->registered()), span_of(column->remaining())});
  }
  it.own_held_ = span_of(root.own_held());
  it.tie_keys_ = make_tie_keys(it.instance_arns_, root.tie_seed(), executor);
  return std::shared_ptr<const Snapshot>(made);
}

Result<std::shared_ptr<const Snapshot>> Snapshot::from_bytes(std::vector<std::uint8_t> bytes, Executor& executor) {
  return SnapshotReader::read(SnapshotReader::hold(std::move(bytes)), executor);
}

}  // namespace berth
