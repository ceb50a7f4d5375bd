#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "engine/ecs/arn.h"
#include "engine/ecs/import_records.h"
#include "engine/ecs/task_definition.h"
#include "engine/ecs/timestamp.h"

namespace berth::ecs {
namespace {

constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();
constexpr std::string_view kTaskStatuses =
    "PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED, DELETED";
constexpr std::string_view kHealthStatuses = "HEALTHY, UNHEALTHY, UNKNOWN";
constexpr std::string_view kLaunchTypes = "EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES";

std::optional<std::int64_t> parse_digits(std::string_view text) {
  std::int64_t size = 0;
  const std::from_chars_result end = std::from_chars(text.data(), text.data() + text.size(), size);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() ? std::optional(size) : std::nullopt;
}

// A size as the API prints it: a string, usually of digits, or with a unit ("1 vCPU", "2GB").
Outcome store_size(const JsonValue& value, std::optional<std::int64_t> (*parse)(std::string_view), std::int64_t& target) {
  const Result<std::string_view> text = value.string();
  if (!text) {
    return text.error();
  }
  const std::optional<std::int64_t> digits = parse_digits(*text);
  const std::optional<std::int64_t> size = digits ? digits : parse(*text);
  if (!size || *size < 0 || *size > kInt32Max) {
    return value.error("\"" + std::string(*text) + "\" is no size; expected digits, such as \"256\"");
  }
  target = *size;
  return {};
}

class TaskReader {
 public:
  TaskReader(const OwnNames& own_names, ImportReport& report) : own_names_(own_names), report_(report) {
    task_.own.resize(own_names.size());
  }

  Result<ImportedTask> read(const JsonValue& value) {
    if (Outcome shape = value.expect(JsonValue::Type::kObject); !shape) {
      return std::move(shape).error();
    }
    Outcome outcome = value.for_each_member(
        [&](std::string_view name, const JsonValue& member) { return member.is_null() ? Outcome() : read_member(name, member); });
    if (outcome) {
      outcome = finish(value);
    }
    if (!outcome) {
      return std::move(outcome).error();
    }
    return std::move(task_);
  }

 private:
  Outcome read_member(std::string_view name, const JsonValue& value) {
    if (std::string* text = text_member(name)) {
      return store(value.string(), *text);
    }
    if (name == "lastStatus") {
      has_last_status_ = true;
      return store_word(value, &task_status_from, kTaskStatuses, task_.last_status);
    }
    if (name == "desiredStatus") {
      return store_word(value, &task_status_from, kTaskStatuses, task_.desired_status);
    }
    if (name == "healthStatus") {
      return store_word(value, &health_status_from, kHealthStatuses, task_.health);
    }
    if (name == "launchType") {
      return store_word(value, &launch_type_from, kLaunchTypes, task_.launch_type);
    }
    if (name == "cpu") {
      return store_size(value, &parse_task_cpu, cpu_);
    }
    if (name == "memory") {
      return store_size(value, &parse_task_memory, memory_);
    }
    if (name == "startedAt") {
      return store(read_timestamp_ms(value), task_.started_at_ms);
    }
    if (name == "version") {
      return store(value.integer(0, std::numeric_limits<std::uint32_t>::max()), task_.version);
    }
    if (name == "attachments") {
      return read_attachments(value);
    }
    if (name == "berth") {
      return read_berth(value);
    }
    if (name == "containers") {
      return value.for_each([&](const JsonValue& container) { return read_container(container); });
    }
    if (holds_anything(value)) {
      report_.count_dropped("tasks[].", name);
    }
    return {};
  }

  std::string* text_member(std::string_view name) {
    if (name == "taskArn") {
      return &task_.arn;
    }
    if (name == "clusterArn") {
      return &task_.cluster_arn;
    }
    if (name == "containerInstanceArn") {
      return &task_.instance_arn;
    }
    if (name == "taskDefinitionArn") {
      return &task_.task_definition;
    }
    if (name == "group") {
      return &task_.group;
    }
    if (name == "startedBy") {
      return &task_.started_by;
    }
    return name == "capacityProviderName" ? &task_.capacity_provider : nullptr;
  }

  // What Berth's own answers add to a task: the own resources that it holds.
  Outcome read_berth(const JsonValue& value) {
    if (Outcome shape = value.expect(JsonValue::Type::kObject); !shape) {
      return shape;
    }
    const std::optional<JsonValue> resources = value.member("resources");
    if (!resources) {
      return {};
    }
    if (Outcome shape = resources->expect(JsonValue::Type::kObject); !shape) {
      return shape;
    }
    return resources->for_each_member([&](std::string_view name, const JsonValue& amount) -> Outcome {
      const auto own = std::find(own_names_.begin(), own_names_.end(), name);
      if (own == own_names_.end()) {
        report_.count_dropped("tasks[].berth.resources.", name);
        return {};
      }
      return store(amount.integer(0, kInt32Max), task_.own[static_cast<std::size_t>(own - own_names_.begin())]);
    });
  }

  // An attachment says that the task has an ENI of its own; its details are not kept.
  Outcome read_attachments(const JsonValue& list) {
    return list.for_each([&](const JsonValue& value) -> Outcome {
      if (Outcome shape = value.expect(JsonValue::Type::kObject); !shape) {
        return shape;
      }
      std::string_view type;
      std::string_view status;
      for (const auto& [name, target] : {std::pair("type", &type), std::pair("status", &status)}) {
        if (const std::optional<JsonValue> member = value.member(name)) {
          if (Outcome outcome = store(member->string(), *target); !outcome) {
            return outcome;
          }
        }
      }
      const bool is_interface = type == "ElasticNetworkInterface" || type == "eni";
      const bool is_gone = status == "DELETED" || status == "DETACHED";
      task_.uses_eni = task_.uses_eni || (is_interface && !is_gone);
      if (!is_interface) {
        report_.count_dropped("tasks[].attachments[]:", type);
      }
      return {};
    });
  }

  Outcome read_container(const JsonValue& value) {
    if (Outcome shape = value.expect(JsonValue::Type::kObject); !shape) {
      return shape;
    }
    std::int64_t memory = 0;
    std::int64_t reservation = 0;
    std::int64_t cpu = 0;
    Outcome outcome = value.for_each_member([&](std::string_view name, const JsonValue& member) -> Outcome {
      if (member.is_null()) {
        return {};
      }
      if (name == "networkBindings") {
        return member.for_each([&](const JsonValue& binding) { return read_binding(binding); });
      }
      if (name == "networkInterfaces") {
        task_.uses_eni = task_.uses_eni || holds_anything(member);
        return member.expect(JsonValue::Type::kArray);
      }
      if (name == "gpuIds") {
        return member.for_each([&](const JsonValue& id) { return store(id.string(), task_.gpu_ids.emplace_back()); });
      }
      if (name == "cpu") {
        return store_size(member, &parse_digits, cpu);
      }
      if (name == "memory") {
        return store_size(member, &parse_digits, memory);
      }
      if (name == "memoryReservation") {
        return store_size(member, &parse_digits, reservation);
      }
      if (holds_anything(member)) {
        report_.count_dropped("tasks[].containers[].", name);
      }
      return {};
    });
    container_cpu_ += cpu;
    container_memory_ += reservation > 0 ? reservation : memory;
    return outcome;
  }

  Outcome read_binding(const JsonValue& value) {
    if (Outcome shape = value.expect(JsonValue::Type::kObject); !shape) {
      return shape;
    }
    std::int64_t port = 0;
    std::string_view protocol = "tcp";
    if (const std::optional<JsonValue> member = value.member("hostPort")) {
      if (Outcome outcome = store(member->integer(0, 65535), port); !outcome) {
        return outcome;
      }
    }
    if (const std::optional<JsonValue> member = value.member("protocol")) {
      if (Outcome outcome = store(member->string(), protocol); !outcome) {
        return outcome;
      }
      if (protocol != "tcp" && protocol != "udp") {
        return member->error("\"" + std::string(protocol) + "\" is no protocol; expected tcp or udp");
      }
    }
    if (port > 0 && port < kDynamicPortsBegin) {
      (protocol == "udp" ? task_.udp : task_.tcp).push_back(static_cast<std::uint16_t>(port));
    }
    return {};
  }

  // What follows from several members at once.
  Outcome finish(const JsonValue& value) {
    if (task_.arn.empty()) {
      constexpr std::array<std::string_view, 2> kTelling = {"taskArn", "lastStatus"};
      if (std::optional<Error> error = pascal_case_error(value, kTelling)) {
        return *std::move(error);
      }
      return value.error("a task needs taskArn; give what describe-tasks prints");
    }
    if (!has_last_status_) {
      return value.error("a task needs lastStatus; give what describe-tasks prints");
    }
    // Without task-level sizes the containers' are reserved.
    const std::int64_t cpu = cpu_ > 0 ? cpu_ : container_cpu_;
    const std::int64_t memory = memory_ > 0 ? memory_ : container_memory_;
    if (cpu > kInt32Max || memory > kInt32Max) {
      return value.error("the sizes of the task's containers add up to more than " + std::to_string(kInt32Max));
    }
    task_.cpu_units = static_cast<std::int32_t>(cpu);
    task_.memory_mib = static_cast<std::int32_t>(memory);
    if (task_.group.empty() && !task_.task_definition.empty()) {
      task_.group = std::string("family:").append(family_of(task_.task_definition));
    }
    if (task_.capacity_provider == "FARGATE" || task_.capacity_provider == "FARGATE_SPOT") {
      task_.launch_type = LaunchType::kFargate;
    }
    if (task_.cluster_arn.empty()) {
      task_.cluster_arn = cluster_arn_of(task_.arn);
    }
    if (task_.cluster_arn.empty()) {
      task_.cluster_arn = cluster_arn_of(task_.instance_arn);
    }
    if (task_.uses_eni) {
      // Host ports of a task with its own ENI are that ENI's.
      task_.tcp.clear();
      task_.udp.clear();
    }
    return {};
  }

  const OwnNames& own_names_;
  ImportReport& report_;
  ImportedTask task_;
  bool has_last_status_ = false;
  std::int64_t cpu_ = 0;
  std::int64_t memory_ = 0;
  std::int64_t container_cpu_ = 0;
  std::int64_t container_memory_ = 0;
};

}  // namespace

Result<ImportedTask> read_task(const JsonValue& value, const OwnNames& own_names, ImportReport& report) {
  return TaskReader(own_names, report).read(value);
}

Result<ImportedProtection> read_protection(const JsonValue& value, ImportReport& report) {
  if (Outcome shape = value.expect(JsonValue::Type::kObject); !shape) {
    return std::move(shape).error();
  }
  ImportedProtection protection;
  Outcome outcome = value.for_each_member([&](std::string_view name, const JsonValue& member) -> Outcome {
    if (member.is_null()) {
      return {};
    }
    if (name == "taskArn") {
      return store(member.string(), protection.task_arn);
    }
    if (name == "protectionEnabled") {
      return store(member.boolean(), protection.is_enabled);
    }
    if (name == "expirationDate") {
      const Result<std::int64_t> until_ms = read_timestamp_ms(member);
      if (!until_ms) {
        return until_ms.error();
      }
      if (*until_ms <= 0) {
        return member.error("expected a time after 1970");
      }
      protection.until_ms = static_cast<std::uint64_t>(*until_ms);
      return {};
    }
    if (holds_anything(member)) {
      report.count_dropped("protectedTasks[].", name);
    }
    return {};
  });
  if (outcome && protection.task_arn.empty()) {
    constexpr std::array<std::string_view, 2> kTelling = {"taskArn", "protectionEnabled"};
    if (std::optional<Error> error = pascal_case_error(value, kTelling)) {
      return *std::move(error);
    }
    outcome = value.error("a task's protection needs taskArn; give what get-task-protection prints");
  }
  if (!outcome) {
    return std::move(outcome).error();
  }
  return protection;
}

}  // namespace berth::ecs
