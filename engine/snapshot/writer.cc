#include "engine/snapshot/writer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/snapshot/layout.h"
#include "engine/snapshot/parallel_loops.h"

namespace berth {
namespace {

template <typename Wire>
using VectorOffset = flatbuffers::Offset<flatbuffers::Vector<Wire>>;

// Room for what is not column data: tables, vtables, lengths and the header.
constexpr std::size_t kTableBytes = 256;

// Writes columns into a FlatBufferBuilder, or, without one, adds up how many bytes they will take. Both go through the same calls, so
// that the size which is checked before the buffer is allocated is the size of what is written.
class ColumnSink {
 public:
  ColumnSink(flatbuffers::FlatBufferBuilder* target, Executor& executor) : target_(target), executor_(executor) {}

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] flatbuffers::FlatBufferBuilder* target() const { return target_; }

  // fill(begin, end, out) writes entries [begin, end) to out[begin], ...; for blocks in any order. An empty column is left out.
  template <typename Wire, typename Fill>
  VectorOffset<Wire> column(std::size_t count, Fill&& fill) {
    using Type = typename EngineType<Wire>::Type;
    bytes_ += count * sizeof(Type) + 2 * kColumnAlignment;
    if (target_ == nullptr || count == 0) {
      return 0;
    }
    target_->ForceVectorAlignment(count, sizeof(Type), kColumnAlignment);
    std::uint8_t* place = nullptr;
    const VectorOffset<Wire> offset = target_->CreateUninitializedVector(count, sizeof(Type), &place);
    Type* const out = reinterpret_cast<Type*>(place);
    for_blocks(executor_, count, [&](std::size_t begin, std::size_t end) { fill(begin, end, out); });
    return offset;
  }

  // One entry at a time: out[i] = value(i).
  template <typename Wire, typename Value>
  VectorOffset<Wire> values(std::size_t count, Value&& value) {
    using Type = typename EngineType<Wire>::Type;
    return column<Wire>(count, [&](std::size_t begin, std::size_t end, Type* out) {
      for (std::size_t at = begin; at < end; ++at) {
        out[at] = value(at);
      }
    });
  }

  template <typename Wire, typename Type>
  VectorOffset<Wire> copy(const std::vector<Type>& items) {
    return values<Wire>(items.size(), [&](std::size_t at) { return items[at]; });
  }

  // text(i) gives entry i.
  template <typename Text>
  flatbuffers::Offset<wire::StringTable> strings(std::size_t count, Text&& text) {
    bytes_ += kTableBytes;
    std::vector<std::uint64_t> begin(count + 1, 0);
    for (std::size_t at = 0; at < count; ++at) {
      begin[at + 1] = begin[at] + text(at).size();
    }
    const VectorOffset<std::uint32_t> offsets =
        values<std::uint32_t>(count == 0 ? 0 : count + 1, [&](std::size_t at) { return static_cast<std::uint32_t>(begin[at]); });
    bytes_ += begin[count] + 2 * kColumnAlignment;
    if (target_ == nullptr || count == 0) {
      return 0;
    }
    VectorOffset<std::uint8_t> bytes = 0;
    if (begin[count] != 0) {
      target_->ForceVectorAlignment(begin[count], 1, kColumnAlignment);
      std::uint8_t* place = nullptr;
      bytes = target_->CreateUninitializedVector(begin[count], 1, &place);
      for_blocks(executor_, count, [&](std::size_t first, std::size_t last) {
        for (std::size_t at = first; at < last; ++at) {
          const std::string_view entry = text(at);
          std::copy(entry.begin(), entry.end(), place + begin[at]);
        }
      });
    }
    return wire::CreateStringTable(*target_, offsets, bytes);
  }

  flatbuffers::Offset<wire::StringTable> dictionary(const Dictionary& dictionary) {
    return strings(dictionary.size(), [&](std::size_t at) { return dictionary.strings().at(dictionary.order()[at]); });
  }

  // id(i) gives the EncodedId of entry i.
  template <typename IdAt>
  flatbuffers::Offset<wire::IdColumn> ids(const IdColumnPlan& plan, std::size_t count, IdAt&& id) {
    bytes_ += kTableBytes;
    const std::vector<IdColumnPlan::Prefix>& prefixes = plan.prefixes();
    const auto prefix_text = [&](std::size_t at) {
      const Interner& texts = plan.pool().prefixes();
      return prefixes[at].id < texts.size() ? texts.at(prefixes[at].id) : std::string_view{};
    };
    const auto prefix_table = strings(prefixes.size(), prefix_text);
    const auto formats =
        values<std::uint8_t>(prefixes.size(), [&](std::size_t at) { return static_cast<std::uint8_t>(prefixes[at].format); });
    const auto texts = strings(plan.texts().size(), [&](std::size_t at) { return plan.texts().at(static_cast<std::uint32_t>(at)); });
    const auto prefix = values<std::uint16_t>(count, [&](std::size_t at) { return plan.stored(id(at)).prefix; });
    const bool is_short = plan.has_short_tails();
    const auto tails = values<const wire::IdTail*>(is_short ? 0 : count, [&](std::size_t at) { return plan.stored(id(at)).tail; });
    const auto short_tails = values<std::uint64_t>(is_short ? count : 0, [&](std::size_t at) { return plan.stored(id(at)).tail.low; });
    return target_ == nullptr ? 0 : wire::CreateIdColumn(*target_, prefix_table, formats, prefix, tails, short_tails, texts);
  }

 private:
  flatbuffers::FlatBufferBuilder* target_;
  Executor& executor_;
  std::size_t bytes_ = 0;
};

// The columns of one snapshot, written into a sink in a fixed order; the table that names them is made at the end.
class SnapshotWriter {
 public:
  SnapshotWriter(const BuilderRows& rows, const WritePlan& plan, ColumnSink& sink)
      : rows_(rows), plan_(plan), sink_(sink), instances_(plan.instance_order.size()), tasks_(plan.task_order.size()) {}

  flatbuffers::Offset<wire::Snapshot> write() {
    write_dictionaries();
    write_sets();
    write_instance_ids();
    write_instance_columns();
    write_gpus();
    write_tasks();
    write_own();
    return finish();
  }

 private:
  [[nodiscard]] const InstanceRow& instance(std::size_t index) const { return rows_.instances[plan_.instance_order[index]]; }
  [[nodiscard]] const TaskRow& task(std::size_t index) const { return rows_.tasks[plan_.task_order[index]]; }

  // One column per instance, or per task, out of a member of its row.
  template <typename Wire, typename Value>
  VectorOffset<Wire> per_instance(Value InstanceRow::* member) {
    return sink_.values<Wire>(instances_, [this, member](std::size_t index) { return instance(index).*member; });
  }
  template <typename Wire, typename Value>
  VectorOffset<Wire> per_task(Value TaskRow::* member) {
    return sink_.values<Wire>(tasks_, [this, member](std::size_t index) { return task(index).*member; });
  }

  void write_dictionaries();
  void write_sets();
  void write_port_sets();
  void write_instance_ids();
  void write_instance_columns();
  void write_gpus();
  void write_tasks();
  void write_own();
  flatbuffers::Offset<wire::Snapshot> finish();

  const BuilderRows& rows_;
  const WritePlan& plan_;
  ColumnSink& sink_;
  std::size_t instances_;
  std::size_t tasks_;

  flatbuffers::Offset<wire::StringTable> names_, values_, groups_, texts_, gpu_ids_;
  flatbuffers::Offset<wire::IdColumn> instance_arns_, ec2_instance_ids_, task_arns_;
  VectorOffset<std::uint32_t> set_begin_, tcp_begin_, udp_begin_;
  VectorOffset<const wire::AttributePair*> set_pairs_;
  VectorOffset<flatbuffers::Offset<wire::WideAttribute>> wide_;
  VectorOffset<std::uint16_t> tcp_, udp_;
  VectorOffset<const wire::TaskShape*> shapes_;
  VectorOffset<std::uint32_t> attribute_set_, ports_registered_, ports_used_, agent_version_, capacity_provider_;
  VectorOffset<std::uint32_t> running_tasks_count_, pending_tasks_count_, gpu_instances_, gpu_begin_, task_begin_, task_shape_;
  VectorOffset<std::uint32_t> task_version_;
  VectorOffset<std::int32_t> cpu_registered_, cpu_remaining_, memory_registered_, memory_remaining_;
  VectorOffset<std::uint16_t> eni_limit_, eni_used_;
  VectorOffset<std::uint8_t> status_, agent_connected_, gpu_free_, task_last_status_, task_desired_status_, task_health_;
  VectorOffset<std::int64_t> registered_at_ms_, task_started_at_ms_;
  VectorOffset<std::uint64_t> version_;
  VectorOffset<const wire::ProtectedTask*> protected_tasks_;
  VectorOffset<const wire::TaskGpu*> task_gpus_;
  flatbuffers::Offset<wire::StringTable> own_names_;
  VectorOffset<flatbuffers::Offset<wire::OwnColumn>> own_columns_;
  VectorOffset<std::int32_t> own_held_;
};

void SnapshotWriter::write_dictionaries() {
  names_ = sink_.dictionary(plan_.names);
  values_ = sink_.dictionary(plan_.values);
  groups_ = sink_.dictionary(plan_.groups);
  texts_ = sink_.dictionary(plan_.texts);
}

void SnapshotWriter::write_port_sets() {
  std::vector<std::uint32_t> tcp_begin = {0};
  std::vector<std::uint32_t> udp_begin = {0};
  std::vector<std::uint16_t> tcp;
  std::vector<std::uint16_t> udp;
  for (const std::uint32_t set : plan_.port_sets.order()) {
    for (const std::uint32_t port : rows_.port_sets.at(set)) {
      (port < kUdpPort ? tcp : udp).push_back(static_cast<std::uint16_t>(port & 0xFFFFU));
    }
    tcp_begin.push_back(static_cast<std::uint32_t>(tcp.size()));
    udp_begin.push_back(static_cast<std::uint32_t>(udp.size()));
  }
  tcp_begin_ = sink_.copy<std::uint32_t>(tcp_begin);
  tcp_ = sink_.copy<std::uint16_t>(tcp);
  udp_begin_ = sink_.copy<std::uint32_t>(udp_begin);
  udp_ = sink_.copy<std::uint16_t>(udp);
}

void SnapshotWriter::write_sets() {
  set_begin_ = sink_.copy<std::uint32_t>(plan_.attributes.begin);
  set_pairs_ = sink_.copy<const wire::AttributePair*>(plan_.attributes.pairs);
  std::vector<flatbuffers::Offset<wire::WideAttribute>> wide;
  for (const std::uint32_t name : plan_.attributes.wide_names) {
    const auto values = sink_.values<std::uint32_t>(instances_, [&](std::size_t index) {
      return plan_.values.rank(value_in_set(rows_.attribute_sets.at(instance(index).attribute_set), name));
    });
    if (sink_.target() != nullptr) {
      wide.push_back(wire::CreateWideAttribute(*sink_.target(), plan_.names.rank(name), values));
    }
  }
  if (!wide.empty()) {
    wide_ = sink_.target()->CreateVector(wide);
  }
  write_port_sets();
  shapes_ = sink_.values<const wire::TaskShape*>(plan_.shapes.order().size(), [&](std::size_t at) {
    ShapeWords words;
    std::ranges::copy(rows_.shapes.at(plan_.shapes.order()[at]).first(words.size()), words.begin());
    auto shape = std::bit_cast<TaskShape>(words);
    shape.group = plan_.groups.rank(shape.group);
    shape.task_definition = plan_.texts.rank(shape.task_definition);
    shape.started_by = plan_.texts.rank(shape.started_by);
    shape.capacity_provider = plan_.texts.rank(shape.capacity_provider);
    shape.ports = plan_.port_sets.of(shape.ports);
    return shape;
  });
}

void SnapshotWriter::write_instance_ids() {
  instance_arns_ = sink_.ids(plan_.instance_arns, instances_, [&](std::size_t index) -> const EncodedId& { return instance(index).arn; });
  ec2_instance_ids_ =
      sink_.ids(plan_.ec2_instance_ids, instances_, [&](std::size_t index) -> const EncodedId& { return instance(index).ec2_instance_id; });
}

void SnapshotWriter::write_instance_columns() {
  attribute_set_ = sink_.copy<std::uint32_t>(plan_.attributes.set_of);
  cpu_registered_ = per_instance<std::int32_t>(&InstanceRow::cpu_registered);
  cpu_remaining_ = per_instance<std::int32_t>(&InstanceRow::cpu_remaining);
  memory_registered_ = per_instance<std::int32_t>(&InstanceRow::memory_registered);
  memory_remaining_ = per_instance<std::int32_t>(&InstanceRow::memory_remaining);
  ports_registered_ =
      sink_.values<std::uint32_t>(instances_, [&](std::size_t index) { return plan_.port_sets.of(instance(index).ports_registered); });
  ports_used_ = sink_.values<std::uint32_t>(instances_, [&](std::size_t index) { return plan_.port_sets.of(instance(index).ports_used); });
  eni_limit_ = per_instance<std::uint16_t>(&InstanceRow::eni_limit);
  eni_used_ = per_instance<std::uint16_t>(&InstanceRow::eni_used);
  status_ = per_instance<std::uint8_t>(&InstanceRow::status);
  agent_connected_ = per_instance<std::uint8_t>(&InstanceRow::agent_connected);
  agent_version_ =
      sink_.values<std::uint32_t>(instances_, [&](std::size_t index) { return plan_.texts.rank(instance(index).agent_version); });
  capacity_provider_ =
      sink_.values<std::uint32_t>(instances_, [&](std::size_t index) { return plan_.texts.rank(instance(index).capacity_provider); });
  registered_at_ms_ = per_instance<std::int64_t>(&InstanceRow::registered_at_ms);
  version_ = per_instance<std::uint64_t>(&InstanceRow::version);
  running_tasks_count_ = per_instance<std::uint32_t>(&InstanceRow::running_tasks_count);
  pending_tasks_count_ = per_instance<std::uint32_t>(&InstanceRow::pending_tasks_count);
}

void SnapshotWriter::write_gpus() {
  gpu_instances_ = sink_.copy<std::uint32_t>(plan_.gpu_instances);
  gpu_begin_ = sink_.copy<std::uint32_t>(plan_.gpu_begin);
  gpu_ids_ = sink_.strings(plan_.gpus.size(), [&](std::size_t slot) { return rows_.gpu_ids.at(plan_.gpus[slot].id); });
  gpu_free_ = sink_.values<std::uint8_t>(plan_.gpus.size(), [&](std::size_t slot) { return plan_.gpus[slot].is_free; });
}

void SnapshotWriter::write_tasks() {
  task_begin_ = sink_.copy<std::uint32_t>(plan_.task_begin);
  task_arns_ = sink_.ids(plan_.task_arns, tasks_, [&](std::size_t index) -> const EncodedId& { return task(index).arn; });
  task_shape_ = sink_.values<std::uint32_t>(tasks_, [&](std::size_t index) { return plan_.shapes.of(task(index).shape); });
  task_last_status_ = per_task<std::uint8_t>(&TaskRow::last_status);
  task_desired_status_ = per_task<std::uint8_t>(&TaskRow::desired_status);
  task_health_ = per_task<std::uint8_t>(&TaskRow::health);
  task_started_at_ms_ = per_task<std::int64_t>(&TaskRow::started_at_ms);
  task_version_ = per_task<std::uint32_t>(&TaskRow::version);
  protected_tasks_ = sink_.copy<const wire::ProtectedTask*>(plan_.protected_tasks);
  task_gpus_ = sink_.copy<const wire::TaskGpu*>(plan_.task_gpus);
}

// An inventory without own resources leaves all of it out, down to the bytes of format version 1.
void SnapshotWriter::write_own() {
  if (plan_.own_order.empty()) {
    return;
  }
  std::vector<flatbuffers::Offset<wire::OwnColumn>> columns;
  for (const std::uint32_t own : plan_.own_order) {
    const auto registered = sink_.values<std::int32_t>(
        instances_, [&](std::size_t index) { return rows_.own_amounts(own, plan_.instance_order[index]).first; });
    const auto remaining = sink_.values<std::int32_t>(
        instances_, [&](std::size_t index) { return rows_.own_amounts(own, plan_.instance_order[index]).second; });
    if (sink_.target() != nullptr) {
      columns.push_back(wire::CreateOwnColumn(*sink_.target(), registered, remaining));
    }
  }
  own_names_ = sink_.strings(plan_.own_order.size(),
                             [&](std::size_t at) { return std::string_view(rows_.own_resources[plan_.own_order[at]].name); });
  own_held_ = sink_.copy<std::int32_t>(plan_.own_held);
  if (sink_.target() != nullptr) {
    own_columns_ = sink_.target()->CreateVector(columns);
  }
}

flatbuffers::Offset<wire::Snapshot> SnapshotWriter::finish() {
  if (sink_.target() == nullptr) {
    return 0;
  }
  const std::uint32_t format_version = plan_.own_order.empty() ? kFormatWithoutOwnResources : kFormatVersion;
  return wire::CreateSnapshot(*sink_.target(), format_version, static_cast<std::uint32_t>(instances_), static_cast<std::uint32_t>(tasks_),
                              plan_.has_tasks ? 1 : 0, rows_.generation, rows_.tie_seed, names_, values_, groups_, texts_, set_begin_,
                              set_pairs_, wide_, tcp_begin_, tcp_, udp_begin_, udp_, shapes_, instance_arns_, ec2_instance_ids_,
                              attribute_set_, cpu_registered_, cpu_remaining_, memory_registered_, memory_remaining_, ports_registered_,
                              ports_used_, eni_limit_, eni_used_, status_, agent_connected_, agent_version_, capacity_provider_,
                              registered_at_ms_, version_, running_tasks_count_, pending_tasks_count_, gpu_instances_, gpu_begin_, gpu_ids_,
                              gpu_free_, task_begin_, task_arns_, task_shape_, task_last_status_, task_desired_status_, task_health_,
                              task_started_at_ms_, task_version_, protected_tasks_, task_gpus_, own_names_, own_columns_, own_held_);
}

}  // namespace

Result<std::vector<std::uint8_t>> write_snapshot(const BuilderRows& rows, const WritePlan& plan, Executor& executor, Progress* progress) {
  ColumnSink measure(nullptr, executor);
  SnapshotWriter(rows, plan, measure).write();
  const std::size_t table_bytes = (plan.attributes.wide_names.size() + plan.own_order.size()) * kTableBytes;
  const std::size_t bytes_max = measure.bytes() + table_bytes + 4 * kTableBytes;
  if (progress != nullptr) {
    progress->begin(Phase::kWriting, bytes_max);
  }
  if (bytes_max >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return Error{.code = StatusCode::kLimitExceeded,
                 .message = "the snapshot of " + std::to_string(rows.instances.size()) + " instances and " +
                            std::to_string(rows.tasks.size()) + " tasks would take " + std::to_string(bytes_max) +
                            " bytes; one snapshot ends below 2 GiB (2147483647 bytes). Split the instances over at least " +
                            std::to_string(bytes_max / FLATBUFFERS_MAX_BUFFER_SIZE + 1) +
                            " snapshots, each with the tasks of its instances, for example one per cluster"};
  }
  flatbuffers::FlatBufferBuilder target(bytes_max);
  ColumnSink sink(&target, executor);
  wire::FinishSnapshotBuffer(target, SnapshotWriter(rows, plan, sink).write());
  if (progress != nullptr) {
    progress->advance(bytes_max);
  }
  return std::vector<std::uint8_t>(target.GetBufferPointer(), target.GetBufferPointer() + target.GetSize());
}

}  // namespace berth
