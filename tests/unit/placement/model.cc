#include "tests/unit/placement/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "engine/snapshot/builder.h"

namespace berth::placement::test {

std::string arn_of(const std::string& id) {
  return "arn:aws:ecs:us-east-1:123456789012:container-instance/web/" + id;
}

ModelInstance make_instance(const std::string& id, const std::string& zone, std::int32_t cpu, std::int32_t memory) {
  ModelInstance instance;
  instance.arn = arn_of(id);
  instance.cpu = cpu;
  instance.memory = memory;
  instance.attributes[kZone] = zone;
  return instance;
}

std::vector<ModelTask> tasks_of(const std::string& group, std::size_t count) {
  return {count, ModelTask{group}};
}

namespace {

void add_instance(SnapshotBuilder& builder, const ModelInstance& model) {
  const std::vector<std::uint16_t> tcp(model.tcp_used.begin(), model.tcp_used.end());
  const std::vector<std::uint16_t> udp(model.udp_used.begin(), model.udp_used.end());
  std::vector<InternedAttribute> attributes;
  for (const auto& [name, value] : model.attributes) {
    attributes.push_back({builder.intern_name(name), value.has_value() ? builder.intern_value(*value) : kAttributeNameOnly});
  }
  std::vector<std::string> gpu_ids;
  for (std::size_t slot = 0; slot < model.gpus_free.size(); ++slot) {
    gpu_ids.push_back(model.arn + "/gpu-" + std::to_string(slot));
  }
  std::vector<GpuRecord> gpus;
  for (std::size_t slot = 0; slot < model.gpus_free.size(); ++slot) {
    gpus.push_back({gpu_ids[slot], model.gpus_free[slot]});
  }
  InstanceRecord record;
  record.arn = model.arn;
  record.capacity_provider = model.capacity_provider;
  record.status = model.status;
  record.agent_connected = model.agent_connected;
  record.cpu_registered = 8192;
  record.cpu_remaining = model.cpu;
  record.memory_registered = 16384;
  record.memory_remaining = model.memory;
  record.tcp_used = tcp;
  record.udp_used = udp;
  record.eni_limit = model.eni_limit.value_or(kEniUnlimited);
  record.eni_used = model.eni_used;
  record.gpus = gpus;
  record.running_tasks_count = static_cast<std::uint32_t>(
      std::count_if(model.tasks.begin(), model.tasks.end(), [](const ModelTask& task) { return task.desired == TaskStatus::kRunning; }));
  record.attributes = attributes;
  std::vector<OwnRecord> own;
  for (const auto& [name, remaining] : model.own) {
    own.push_back({name, 1000, remaining});
  }
  record.own = own;
  const Outcome outcome = builder.add_instance(record);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  for (std::size_t index = 0; index < model.tasks.size(); ++index) {
    const std::string task_arn = model.arn + "/task-" + std::to_string(index);
    TaskRecord task;
    task.arn = task_arn;
    task.instance_arn = model.arn;
    task.group = model.tasks[index].group;
    task.desired_status = model.tasks[index].desired;
    task.last_status = model.tasks[index].last;
    const Outcome added = builder.add_task(task);
    ASSERT_TRUE(added.ok()) << added.error().message;
  }
}

}  // namespace

SnapshotPtr build(const Fleet& fleet, std::uint64_t tie_seed) {
  SnapshotBuilder builder;
  builder.set_tie_seed(tie_seed);
  builder.set_has_tasks(true);
  for (const ModelInstance& instance : fleet) {
    for (const auto& [name, remaining] : instance.own) {
      EXPECT_TRUE(builder.add_own_resource(name).ok()) << name;
    }
    add_instance(builder, instance);
  }
  Result<std::vector<std::uint8_t>> bytes = builder.finish(serial());
  if (!bytes.ok()) {
    ADD_FAILURE() << bytes.error().message;
    return nullptr;
  }
  Result<SnapshotPtr> snapshot = Snapshot::from_bytes(std::move(*bytes), serial());
  if (!snapshot.ok()) {
    ADD_FAILURE() << snapshot.error().message;
    return nullptr;
  }
  return *snapshot;
}

Strategy spread(const std::string& attribute) {
  return {Strategy::Kind::kSpreadAttribute, attribute};
}
Strategy spread_instance() {
  return {Strategy::Kind::kSpreadInstance, ""};
}
Strategy binpack_cpu() {
  return {Strategy::Kind::kBinpackCpu, ""};
}
Strategy binpack_memory() {
  return {Strategy::Kind::kBinpackMemory, ""};
}
Strategy random_choice() {
  return {Strategy::Kind::kRandom, ""};
}

Request make_request(std::uint32_t count, std::vector<Strategy> strategies) {
  Request request;
  request.demand.cpu_units = 128;
  request.demand.memory_mib = 256;
  request.count = count;
  request.group = "service:web";
  request.strategies = std::move(strategies);
  request.seed = 1;
  return request;
}

MemberOf member_of(const std::string& expression, const std::string& origin) {
  auto program = query::Program::compile(expression);
  if (!program.ok()) {
    ADD_FAILURE() << expression << ": " << program.error().message;
    return {nullptr, origin};
  }
  return {*program, origin};
}

Executor& serial() {
  static const std::unique_ptr<Executor> executor = make_executor(ExecutorKind::kSerial, 1);
  return *executor;
}

Decision decide_on(const SnapshotPtr& snapshot, const Request& request, const DecideOptions& options) {
  Result<Decision> decision = decide(snapshot, request, serial(), options);
  if (!decision.ok()) {
    ADD_FAILURE() << decision.error().message;
    return {};
  }
  return *std::move(decision);
}

Explanation explain_on(const SnapshotPtr& snapshot, const Request& request, const ExplainOptions& options) {
  Result<Explanation> explanation = explain(snapshot, request, serial(), options);
  if (!explanation.ok()) {
    ADD_FAILURE() << explanation.error().message;
    return {};
  }
  return *std::move(explanation);
}

std::string id_of(const SnapshotPtr& snapshot, std::uint32_t instance) {
  const std::string arn = snapshot->instance_arns().text(instance);
  return arn.substr(arn.rfind('/') + 1);
}

std::vector<std::string> placed_ids(const SnapshotPtr& snapshot, const Decision& decision) {
  std::vector<std::string> ids;
  for (const PlacedTask& task : decision.placed) {
    ids.push_back(id_of(snapshot, task.instance));
  }
  return ids;
}

std::map<std::string, Reason> failures_by_id(const SnapshotPtr& snapshot, const Decision& decision) {
  std::map<std::string, Reason> reasons;
  for (const InstanceFailure& failure : decision.failures) {
    reasons[id_of(snapshot, failure.instance)] = failure.reason;
  }
  return reasons;
}

}  // namespace berth::placement::test
