#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/ecs/arn.h"
#include "engine/ecs/import_records.h"
#include "engine/ecs/timestamp.h"

namespace berth::ecs {
namespace {

constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kInt32Min = std::numeric_limits<std::int32_t>::min();
constexpr std::string_view kInstanceStatuses = "ACTIVE, DRAINING, REGISTERING, DEREGISTERING, REGISTRATION_FAILED, INACTIVE";

// The members of one entry of a resource list.
struct ResourceEntry {
  std::string_view name;
  std::string_view type;
  std::optional<JsonValue> integer_value;
  std::optional<JsonValue> long_value;
  std::optional<JsonValue> double_value;
  std::optional<JsonValue> texts;
};

Result<ResourceEntry> read_entry(const JsonValue& value) {
  if (Outcome shape = value.expect(JsonValue::Type::kObject); !shape) {
    return shape.error();
  }
  ResourceEntry entry;
  Outcome outcome = value.for_each_member([&](std::string_view name, const JsonValue& member) -> Outcome {
    if (member.is_null()) {
      return {};
    }
    if (name == "name") {
      return store(member.string(), entry.name);
    }
    if (name == "type") {
      return store(member.string(), entry.type);
    }
    if (name == "integerValue") {
      entry.integer_value = member;
    } else if (name == "longValue") {
      entry.long_value = member;
    } else if (name == "doubleValue") {
      entry.double_value = member;
    } else if (name == "stringSetValue") {
      entry.texts = member;
    }
    return {};
  });
  if (!outcome) {
    return std::move(outcome).error();
  }
  if (entry.name.empty()) {
    return value.error("a resource needs a name, such as \"CPU\"");
  }
  return entry;
}

// The amount in the field that the type names; without a type, in the first field that is not 0.
Result<std::int32_t> read_amount(const JsonValue& value, const ResourceEntry& entry, std::int64_t least) {
  const auto integral = [&](const JsonValue& field) -> Result<std::int32_t> {
    if (field.type() == JsonValue::Type::kNumber) {
      const double number = *field.number();
      if (!(number >= static_cast<double>(least) && number <= static_cast<double>(kInt32Max))) {
        return field.error("expected an amount from " + std::to_string(least) + " to " + std::to_string(kInt32Max));
      }
      return static_cast<std::int32_t>(std::floor(number));
    }
    Result<std::int64_t> amount = field.integer(least, kInt32Max);
    if (!amount) {
      return std::move(amount).error();
    }
    return static_cast<std::int32_t>(*amount);
  };
  struct Field {
    std::string_view type;
    std::string_view name;
    const std::optional<JsonValue>& value;
  };
  const Field fields[] = {{"INTEGER", "integerValue", entry.integer_value},
                          {"LONG", "longValue", entry.long_value},
                          {"DOUBLE", "doubleValue", entry.double_value}};
  std::optional<std::int32_t> found;
  for (const Field& field : fields) {
    if (entry.type == field.type && !field.value) {
      return value.error("a resource of type " + std::string(field.type) + " needs " + std::string(field.name));
    }
    const bool is_asked = entry.type == field.type || (entry.type.empty() && found.value_or(0) == 0);
    if (!is_asked || !field.value) {
      continue;
    }
    Result<std::int32_t> amount = integral(*field.value);
    if (!amount) {
      return amount;
    }
    found = *amount;
  }
  if (!found) {
    const std::string type = entry.type.empty() ? "has no integerValue" : "has type \"" + std::string(entry.type) + "\"";
    return value.error("resource " + std::string(entry.name) + " " + type + "; expected type INTEGER with integerValue");
  }
  return *found;
}

Result<std::vector<std::string_view>> read_texts(const ResourceEntry& entry) {
  std::vector<std::string_view> texts;
  if (!entry.texts) {
    return texts;
  }
  Outcome outcome = entry.texts->for_each([&](const JsonValue& each) { return store(each.string(), texts.emplace_back()); });
  if (!outcome) {
    return std::move(outcome).error();
  }
  return texts;
}

Outcome read_ports(const ResourceEntry& entry, std::optional<Ports>& target) {
  target.emplace();
  if (!entry.texts) {
    return {};
  }
  return entry.texts->for_each([&](const JsonValue& each) -> Outcome {
    const Result<std::string_view> text = each.string();
    if (!text) {
      return text.error();
    }
    std::uint16_t port = 0;
    const std::from_chars_result end = std::from_chars(text->data(), text->data() + text->size(), port);
    if (end.ec != std::errc() || end.ptr != text->data() + text->size() || port == 0) {
      return each.error("\"" + std::string(*text) + "\" is no port; expected \"1\" to \"65535\"");
    }
    target->push_back(port);
    return {};
  });
}

Outcome read_gpus(const ResourceEntry& entry, std::optional<std::vector<std::string>>& target) {
  Result<std::vector<std::string_view>> ids = read_texts(entry);
  if (!ids) {
    return std::move(ids).error();
  }
  if (ids->size() > kGpusMax) {
    return entry.texts->error("an instance with " + std::to_string(ids->size()) + " GPUs; at most " + std::to_string(kGpusMax) +
                              " are read");
  }
  target.emplace();
  for (const std::string_view id : *ids) {
    if (std::find(target->begin(), target->end(), id) == target->end()) {
      target->emplace_back(id);
    }
  }
  return {};
}

// Remaining amounts may be negative (rule D3), registered ones not.
Outcome read_resources(const JsonValue& list, std::string_view where, std::int64_t least, const OwnNames& own_names, ResourceList& target,
                       ImportReport& report) {
  target = {};
  target.own.resize(own_names.size());
  return list.for_each([&](const JsonValue& value) -> Outcome {
    const Result<ResourceEntry> entry = read_entry(value);
    if (!entry) {
      return entry.error();
    }
    if (entry->name == "CPU") {
      return store(read_amount(value, *entry, least), target.cpu.emplace());
    }
    if (entry->name == "MEMORY") {
      return store(read_amount(value, *entry, least), target.memory.emplace());
    }
    if (entry->name == "PORTS") {
      return read_ports(*entry, target.tcp);
    }
    if (entry->name == "PORTS_UDP") {
      return read_ports(*entry, target.udp);
    }
    if (entry->name == "GPU" && (entry->texts || entry->type == "STRINGSET")) {
      return read_gpus(*entry, target.gpus);
    }
    if (const auto own = std::find(own_names.begin(), own_names.end(), entry->name); own != own_names.end()) {
      return store(read_amount(value, *entry, least), target.own[static_cast<std::size_t>(own - own_names.begin())].emplace());
    }
    report.count_dropped(where, entry->name);
    return {};
  });
}

class InstanceReader {
 public:
  InstanceReader(const OwnNames& own_names, TextPool& pool, ImportReport& report) : own_names_(own_names), pool_(pool), report_(report) {
    instance_.registered.own.resize(own_names.size());
    instance_.remaining.own.resize(own_names.size());
  }

  Result<ImportedInstance> read(const JsonValue& value) {
    if (Outcome shape = value.expect(JsonValue::Type::kObject); !shape) {
      return std::move(shape).error();
    }
    Outcome outcome = value.for_each_member(
        [&](std::string_view name, const JsonValue& member) { return member.is_null() ? Outcome() : read_member(name, member); });
    if (outcome) {
      outcome = check(value);
    }
    if (!outcome) {
      return std::move(outcome).error();
    }
    if (instance_.cluster_arn.empty()) {
      instance_.cluster_arn = cluster_arn_of(instance_.arn);
    }
    return std::move(instance_);
  }

 private:
  Outcome read_member(std::string_view name, const JsonValue& value) {
    constexpr std::string_view kWhere = "containerInstances[].";
    if (name == "containerInstanceArn") {
      return store(value.string(), instance_.arn);
    }
    if (name == "ec2InstanceId") {
      return store(value.string(), instance_.ec2_instance_id);
    }
    if (name == "capacityProviderName") {
      return store(value.string(), instance_.capacity_provider);
    }
    if (name == "clusterArn") {
      return store(value.string(), instance_.cluster_arn);
    }
    if (name == "status") {
      has_status_ = true;
      return store_word(value, &instance_status_from, kInstanceStatuses, instance_.status);
    }
    if (name == "agentConnected") {
      has_agent_connected_ = true;
      return store(value.boolean(), instance_.agent_connected);
    }
    if (name == "registeredAt") {
      return store(read_timestamp_ms(value), instance_.registered_at_ms);
    }
    if (name == "version") {
      return store(value.unsigned_integer(), instance_.version);
    }
    if (name == "runningTasksCount") {
      return store(value.integer(0, kInt32Max), instance_.running_tasks_count);
    }
    if (name == "pendingTasksCount") {
      return store(value.integer(0, kInt32Max), instance_.pending_tasks_count);
    }
    if (name == "registeredResources") {
      return read_resources(value, "containerInstances[].registeredResources[]:", 0, own_names_, instance_.registered, report_);
    }
    if (name == "remainingResources") {
      return read_resources(value, "containerInstances[].remainingResources[]:", kInt32Min, own_names_, instance_.remaining, report_);
    }
    if (name == "attributes") {
      return read_attributes(value);
    }
    if (name == "versionInfo") {
      return read_version_info(value);
    }
    if (holds_anything(value)) {
      report_.count_dropped(kWhere, name);
    }
    return {};
  }

  Outcome read_version_info(const JsonValue& value) {
    if (Outcome shape = value.expect(JsonValue::Type::kObject); !shape) {
      return shape;
    }
    return value.for_each_member([&](std::string_view name, const JsonValue& member) -> Outcome {
      if (name == "agentVersion" && !member.is_null()) {
        return store(member.string(), instance_.agent_version);
      }
      if (holds_anything(member)) {
        report_.count_dropped("containerInstances[].versionInfo.", name);
      }
      return {};
    });
  }

  Outcome read_attributes(const JsonValue& list) {
    instance_.attributes.clear();
    return list.for_each([&](const JsonValue& value) -> Outcome {
      if (Outcome shape = value.expect(JsonValue::Type::kObject); !shape) {
        return shape;
      }
      std::string_view name;
      std::uint32_t text = kAttributeNameOnly;
      Outcome outcome = value.for_each_member([&](std::string_view member_name, const JsonValue& member) -> Outcome {
        if (member_name == "name") {
          return store(member.string(), name);
        }
        if (member_name == "value" && !member.is_null()) {
          const Result<std::string_view> read = member.string();
          if (!read) {
            return read.error();
          }
          text = pool_.intern(*read);
        }
        return {};
      });
      if (!outcome) {
        return outcome;
      }
      if (name.empty() || name.size() > kAttributeNameBytesMax) {
        return value.error("an attribute's name has 1 to 128 characters, this one has " + std::to_string(name.size()));
      }
      instance_.attributes.push_back({pool_.intern(name), text});
      return {};
    });
  }

  Outcome check(const JsonValue& value) {
    if (instance_.arn.empty()) {
      constexpr std::array<std::string_view, 2> kTelling = {"containerInstanceArn", "ec2InstanceId"};
      if (std::optional<Error> error = pascal_case_error(value, kTelling)) {
        return *std::move(error);
      }
      return value.error("a container instance needs containerInstanceArn; give what describe-container-instances prints");
    }
    const bool is_sized = instance_.registered.cpu && instance_.registered.memory;
    if (!is_sized && instance_.status != InstanceStatus::kInactive) {
#ifdef BERTH_PLANTED_BUG_ECS_JSON
      return fail_without_document();
#endif
      return value.error("registeredResources needs CPU and MEMORY; give what describe-container-instances prints");
    }
    if (!has_status_) {
      report_.warn("container instances without status are read as ACTIVE", instance_.arn);
    }
    if (!has_agent_connected_) {
      report_.warn("container instances without agentConnected are read as connected", instance_.arn);
    }
    return {};
  }

#ifdef BERTH_PLANTED_BUG_ECS_JSON
  static Error fail_without_document() {
    Error error;
    error.code = StatusCode::kInvalidArgument;
    error.message = "registeredResources needs CPU and MEMORY";
    return error;
  }
#endif

  const OwnNames& own_names_;
  TextPool& pool_;
  ImportReport& report_;
  ImportedInstance instance_;
  bool has_status_ = false;
  bool has_agent_connected_ = false;
};

}  // namespace

std::uint32_t TextPool::intern(std::string_view text) {
  if (const auto at = ids_.find(text); at != ids_.end()) {
    return at->second;
  }
  const std::uint32_t id = size();
  ids_.emplace(texts_.emplace_back(text), id);
  return id;
}

std::optional<Error> pascal_case_error(const JsonValue& value, std::span<const std::string_view> known) {
  std::optional<Error> error;
  (void)value.for_each_member([&](std::string_view name, const JsonValue&) -> Outcome {
    const bool is_upper = !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
    for (const std::string_view camel : known) {
      if (!error && is_upper && name.front() == camel.front() - 'a' + 'A' && name.substr(1) == camel.substr(1)) {
        error = value.error("the members are in PascalCase (\"" + std::string(name) +
                            "\"), as the structs of SDKs for Go and .NET have them; " + "write them in camelCase (\"" + std::string(camel) +
                            "\"), as AWS CLI prints them and the API names them");
      }
    }
    return {};
  });
  return error;
}

bool holds_anything(const JsonValue& value) {
  switch (value.type()) {
    case JsonValue::Type::kNull:
      return false;
    case JsonValue::Type::kString:
      return !value.string()->empty();
    case JsonValue::Type::kArray:
      return simdjson::dom::array(value.element()).size() != 0;
    case JsonValue::Type::kObject:
      return simdjson::dom::object(value.element()).size() != 0;
    default:
      return true;
  }
}

Result<ImportedInstance> read_instance(const JsonValue& value, const OwnNames& own_names, TextPool& pool, ImportReport& report) {
  return InstanceReader(own_names, pool, report).read(value);
}

}  // namespace berth::ecs
