#include "engine/ecs/live_registration.h"

#include <set>
#include <string>
#include <utility>

#include "engine/ecs/instance_types.h"
#include "engine/ecs/json.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kDocumentSource = "document";

Result<std::vector<ImportedInstance>> read_instances(std::string_view text, const OwnNames& own_names, TextPool& pool) {
  Result<JsonDocument> document = JsonDocument::parse(kDocumentSource, text);
  if (!document.ok()) {
    return std::move(document).error();
  }
  const JsonValue root = document->root();
  if (Outcome shape = root.expect(JsonValue::Type::kObject); !shape) {
    return std::move(shape).error();
  }
  const std::optional<JsonValue> list = root.member("containerInstances");
  if (!list.has_value()) {
    return root.error("instances to register need containerInstances; give what describe-container-instances prints");
  }
  std::vector<ImportedInstance> instances;
  std::set<std::string, std::less<>> arns;
  ImportReport unused;
  Outcome read = list->for_each([&](const JsonValue& value) -> Outcome {
    Result<ImportedInstance> instance = read_instance(value, own_names, pool, unused);
    if (!instance) {
      return std::move(instance).error();
    }
    if (instance->status == InstanceStatus::kInactive) {
      return value.error("an INACTIVE instance is registered nowhere; leave it out");
    }
    if (!arns.insert(instance->arn).second) {
      return value.error("the instance stands twice in the document; leave one out");
    }
    instances.push_back(*std::move(instance));
    return {};
  });
  if (!read) {
    return std::move(read).error();
  }
  if (instances.empty()) {
    return list->error("there is no instance; give at least one");
  }
  return instances;
}

Error already_there(const std::string& arn) {
  return {.code = StatusCode::kAlreadyExists,
          .message = "instance " + arn + " is registered already; change it, or deregister it before it registers again",
          .source = std::string(kDocumentSource)};
}

}  // namespace

std::vector<cluster::LiveAttribute> live_attributes(const ImportedInstance& instance, const TextPool& pool) {
  std::vector<cluster::LiveAttribute> attributes;
  attributes.reserve(instance.attributes.size());
  for (const AttributePair& pair : instance.attributes) {
    attributes.push_back(
        {pool.at(pair.name), pair.value == kAttributeNameOnly ? std::nullopt : std::optional<std::string_view>(pool.at(pair.value))});
  }
  return attributes;
}

std::uint16_t live_eni_limit(std::span<const cluster::LiveAttribute> attributes) {
  std::string_view type;
  bool has_trunk = false;
  for (const cluster::LiveAttribute& attribute : attributes) {
    type = attribute.name == "ecs.instance-type" ? attribute.value.value_or("") : type;
    has_trunk = has_trunk || attribute.name == "ecs.awsvpc-trunk-id";
  }
  return eni_task_limit(find_instance_type(type), has_trunk);
}

LiveRegistration::LiveRegistration(const ImportedInstance& instance, const TextPool& pool, const OwnNames& own_names)
    : attributes_(live_attributes(instance, pool)),
      tcp_(instance.registered.tcp.value_or(Ports())),
      udp_(instance.registered.udp.value_or(Ports())) {
  if (instance.registered.gpus) {
    gpus_.assign(instance.registered.gpus->begin(), instance.registered.gpus->end());
  }
  for (std::size_t index = 0; index < own_names.size(); ++index) {
    own_.push_back({own_names[index], instance.registered.own[index].value_or(0)});
  }
  const bool is_active = instance.status == InstanceStatus::kActive;
  value_ = {
      .arn = instance.arn,
      .ec2_instance_id = instance.ec2_instance_id,
      .capacity_provider = instance.capacity_provider,
      .agent_version = instance.agent_version,
      .status = is_active ? InstanceStatus::kActive : InstanceStatus::kRegistering,
      .agent_connected = instance.agent_connected,
      .registered_at_ms = instance.registered_at_ms,
      .version = instance.version,
      .cpu_units = instance.registered.cpu.value_or(0),
      .memory_mib = instance.registered.memory.value_or(0),
      .eni_limit = live_eni_limit(attributes_),
      .tcp_ports = tcp_,
      .udp_ports = udp_,
      .gpu_ids = gpus_,
      .attributes = attributes_,
      .own = own_,
  };
}

Result<std::vector<cluster::InstanceHandle>> register_instances(cluster::Cluster& cluster, cluster::Worker& worker,
                                                                std::string_view document) {
  OwnNames own_names;
  for (const OwnResource& own : cluster.inventory().base().own_resources()) {
    own_names.emplace_back(own.name);
  }
  TextPool pool;
  const Result<std::vector<ImportedInstance>> read = read_instances(document, own_names, pool);
  if (!read) {
    return read.error();
  }
  for (const ImportedInstance& instance : *read) {
    if (cluster.find_instance(instance.arn, worker).has_value()) {
      return already_there(instance.arn);
    }
  }
  std::vector<cluster::InstanceHandle> handles;
  handles.reserve(read->size());
  for (const ImportedInstance& instance : *read) {
    LiveRegistration registration(instance, pool, own_names);
    if (read->size() > 1) {
      // Until all of them are there nothing is placed on any, so that each can be taken back.
      registration.value().status = InstanceStatus::kRegistering;
    }
    Result<cluster::InstanceHandle> handle = worker.register_instance(registration.value());
    if (!handle.ok()) {
      std::vector<cluster::Orphan> none;
      for (const cluster::InstanceHandle& earlier : handles) {
        (void)worker.deregister(earlier.slot, true, none, {.version = {}, .identity = earlier.identity});
      }
      return std::move(handle).error();
    }
    handles.push_back(*handle);
  }
  for (std::size_t index = 0; index < handles.size(); ++index) {
    const StatusCode status =
        worker.set_status(handles[index].slot, (*read)[index].status, {.version = {}, .identity = handles[index].identity});
    if (status == StatusCode::kOutOfMemory) {
      return Error{.code = status, .message = "no memory to finish registering instance " + (*read)[index].arn};
    }
  }
  return handles;
}

}  // namespace berth::ecs
